"""Provenance measured on what the syndication tool makes: agencies, edges, cut and added words, new information.

    python -m bench.provenance [PATH-OF-SHARED] [--seeds N …]

`agency`: documents of wire stories that name the right agency, alone and by their story. `edges`: every copy of the
tool derives from the original, so an edge to another outlet is wrong. `chains`: of nine copies one is padded, trimmed
or only restyled, and a tenth is made of it: how often it is found to derive from that one. `words`: of paragraphs
really added or dropped, told as such. `new`: copies that tell nothing new against those that do. Under a minute.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.fold import ROOT, read
from pipeline.attribute import attribute
from pipeline.edits import Act, compare
from pipeline.novelty import Told
from pipeline.provenance import AGENCY, Carried, provenance
from pipeline.types import Article
from pipeline.words import read_words

START = datetime(2026, 2, 23, tzinfo=UTC)
Item = dict[str, Any]


def carried(id: str, outlet: str, title: str, text: str, when: datetime) -> Carried:
    """A copy as the desk would have it."""
    told = Article(id, "", "", outlet, title, text=text, published=when, published_how="feed", published_confidence=0.9)
    return Carried(attribute(told), outlet)


def stories(folder: Path) -> dict[str, list[tuple[Carried, Item]]]:
    """The pieces of reporting of a set, each copy with its gold."""
    found: dict[str, list[tuple[Carried, Item]]] = defaultdict(list)
    for item, gold in zip(read(folder / "docs.jsonl"), read(folder / "gold.jsonl"), strict=True):
        if gold["kind"] not in ("followup", "template", "roundup"):
            when = datetime.fromisoformat(item["published"])
            found[gold["cluster"]].append(
                (carried(item["id"], item["outlet"], item["title"], item["text"], when), gold)
            )
    return found


def trees(name: str, told: dict[str, list[tuple[Carried, Item]]]) -> None:
    """Agencies and edges."""
    wired = alone = together = wrong = astray = edges = false = 0
    begin = time.process_time()
    for copies in told.values():
        found = provenance([copy for copy, _ in copies])
        wire = copies[0][1]["wire"]
        named = found.origin.agency if found.origin else ""
        if wire:
            wired += len(copies)
            alone += sum(copy.article.wire == wire for copy, _ in copies)
            together += len(copies) * (named == wire)
            wrong += len(copies) * (named not in ("", wire))
        else:
            false += bool(named)
        originals = {copy.article.id for copy, gold in copies if gold["kind"] == "original"} | {AGENCY, ""}
        edges += len(copies) - 1
        astray += sum(one.parent not in originals for one in found.copies)
    spent = (time.process_time() - begin) / sum(map(len, told.values()))
    print(f"{name:8s} agency  {alone / wired:.3f} alone, {together / wired:.3f} by story, {wrong / wired:.3f} wrong; "
          f"{false} stories without an agency were given one")  # fmt: skip
    print(f"         edges   {astray} of {edges} to another outlet; {1000 * spent:.1f} ms a copy")


def news(told: dict[str, list[tuple[Carried, Item]]]) -> None:
    """Copies by kind: how many bring anything new, and how many score .5 or more."""
    any_new, much_new, seen = Counter[str](), Counter[str](), Counter[str]()
    for copies in told.values():
        original = next(copy for copy, gold in copies if gold["kind"] == "original")
        known = Told()
        known.add(original.article)
        for copy, gold in copies:
            if gold["kind"] != "original":
                score = known.look(copy.article).score
                known.add(copy.article)
                seen[gold["kind"]] += 1
                any_new[gold["kind"]] += score > 0
                much_new[gold["kind"]] += score >= 0.5
    for kind in sorted(seen):
        print(f"         new     {kind:7s} {any_new[kind]} of {seen[kind]}, scored .5 or more {much_new[kind]}")


def chains(tool: Any, base: list[Item], draw: random.Random) -> None:
    """A copy made of another outlet's copy, among nine of the agency's."""
    spare, base = base[:20], base[20:]
    for kind in ("padded", "cut", "copy"):
        parents = Counter[str]()
        for one in base:
            title, paragraphs = one["title"], one["paragraphs"]
            made = [paragraphs]
            for at in range(8):
                how = kind if at == 3 else draw.choice(["copy", "cut", "padded", "cut", "copy", "brief"])
                made.append(tool.republish(draw, title, paragraphs, draw.sample(spare, 5), "Reuters", how)[1])
            source = [text for text in made[4] if text not in tool.BANNERS]
            made.append(tool.republish(draw, title, source, spare, None, draw.choice(["copy", "copy", "cut"]))[1])
            copies = [
                carried(f"a{at}", f"outlet {at}", title, "\n\n".join(text), START + timedelta(minutes=at))
                for at, text in enumerate(made)
            ]
            parents[provenance(copies).copies[-1].parent] += 1
        others = parents.total() - parents["a4"] - parents[AGENCY]
        print(f"chains   {kind:6s} found {parents['a4']} of {parents.total()}, "
              f"{parents[AGENCY]} to the agency, {others} to another")  # fmt: skip


def passages(tool: Any, base: list[Item], draw: random.Random) -> None:
    """Words of paragraphs put in or dropped, and words told as added or cut."""
    stock = {paragraph for one in base[:20] for paragraph in one["paragraphs"]}
    totals = {Act.ADDED: Counter[str](), Act.CUT: Counter[str]()}
    for one in base[20:]:
        paragraphs = one["paragraphs"]
        old = "\n\n".join(paragraphs)
        _, padded = tool.republish(draw, one["title"], paragraphs, draw.sample(base[:20], 5), None, "padded")
        _count(totals[Act.ADDED], Act.ADDED, old, "\n\n".join(padded), [text for text in padded if text in stock])
        kept = [text for at, text in enumerate(paragraphs) if at < 2 or draw.random() < 0.6]
        new = tool.reflow(draw, tool.paraphrase(draw, tool.restyle(draw, kept), 0.4))
        _count(totals[Act.CUT], Act.CUT, old, "\n\n".join(new), [text for text in paragraphs if text not in kept])
    for act, found in totals.items():
        precision, recall = found["both"] / found["told"], found["both"] / found["gold"]
        print(f"words    {act:6s} precision {precision:.3f}, recall {recall:.3f} of {found['gold']}")


def _count(total: Counter[str], act: Act, old: str, new: str, gold: list[str]) -> None:
    side = new if act is Act.ADDED else old
    places = [(at, at + len(text)) for text in gold if (at := side.find(text)) >= 0]
    found = [(one.b, one.b_end) if act is Act.ADDED else (one.a, one.a_end) for one in compare(old, new).passages(act)]
    for start in read_words(side).starts.tolist():
        real = any(first <= start < last for first, last in places)
        told = any(first <= start < last for first, last in found)
        total.update(gold=real, told=told, both=real and told)


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--seeds", type=int, nargs="*", default=[2, 3])
    options = parser.parse_args()
    path, data = options.shared / "tools/syndicate.py", options.shared / "data/copies/base.jsonl"
    with tempfile.TemporaryDirectory() as directory:
        folders = {"copies": data.parent}
        for seed in options.seeds:
            folders[f"seed {seed}"] = out = Path(directory) / str(seed)
            command = [sys.executable, str(path), str(data), str(out), "--seed", str(seed)]
            subprocess.run(command, check=True, capture_output=True)
        for name, folder in folders.items():
            told = stories(folder)
            trees(name, told)
            news(told)
    spec = importlib.util.spec_from_file_location("syndicate", path)
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    draw = random.Random(5)
    base = [one for one in map(json.loads, data.read_text(encoding="utf-8").splitlines()) if len(one["paragraphs"]) > 3]
    draw.shuffle(base)
    chains(tool, base, draw)
    passages(tool, base, draw)


if __name__ == "__main__":
    main()
