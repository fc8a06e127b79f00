"""Tagging measured against hand labels, beside the keyword rule of their guide; and its speed.

    python -m bench.tag [PATH-OF-SHARED] [--misses]

Topics are scored on the guide's sixteen topics alone: ours beyond them have no label to be right or wrong by.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.fold import ROOT, read
from bench.tag_speed import measure
from pipeline.tag import Tagger
from pipeline.taxonomy import load_taxonomy
from pipeline.types import Article
from web.tagging import RELEVANT, tagging_json

AI = re.compile(r"\b(AI|artificial intelligence|autonomous|drones?|unmanned)\b", re.I)
DEFENCE = re.compile(r"\b(military|defen[cs]e|army|navy|air force|pentagon|weapons?)\b", re.I)
TOPICS = frozenset(
    """autonomous-weapons drones-unmanned counter-drone military-ai-procurement ai-policy-law ai-models-companies
    ethics-safety surveillance command-control-targeting cyber space export-controls-chips training-simulation logistics
    research nuclear""".split()  # noqa: SIM905
)


def score(folder: Path, predictions: list[dict[str, Any]]) -> str:
    """What the scoring script of the set prints."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(prediction) + "\n" for prediction in predictions)
        file.flush()
        command = [sys.executable, str(folder / "score.py"), file.name, str(folder / "dev.jsonl")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip()


def main() -> None:
    """Print both scores and the speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--misses", action="store_true", help="list every item judged otherwise than by hand")
    options = parser.parse_args()
    begin = time.perf_counter()
    taxonomy = load_taxonomy()
    tagger = Tagger(taxonomy)
    print(f"taxonomy of {len(taxonomy.entries)} entries, ready in {time.perf_counter() - begin:.2f} s")
    folder = options.shared / "data/tagging"
    with_names = Tagger(taxonomy, names=True)
    ours, theirs, keywords = [], [], []
    for item in read(folder / "dev.jsonl"):
        text = f"{item['title']} {item['description']}"
        article = Article(item["id"], "", "", "", item["title"], item["description"])
        found, more = tagger.tag(article), with_names.tag(article)
        ours.append(tagging_json(item["id"], found, TOPICS) | {"relevant": found.relevance})  # scored as a number
        theirs.append({"id": item["id"], "entities": [one.name for one in more.entities]})
        keywords.append({"id": item["id"], "relevant": bool(AI.search(text) and DEFENCE.search(text))})
        if options.misses and (found.relevance >= RELEVANT) != (item["relevant"] == 2):
            print(f"    {item['relevant']} judged {found.relevance:.2f}: {item['id']} {found.reasons}")
    print("ours, the taxonomy alone\n" + score(folder, ours))
    print("with names outside the taxonomy, as shipped\n" + score(folder, theirs))
    print("keyword rule\n" + score(folder, keywords))
    measure(options.shared)


if __name__ == "__main__":
    main()
