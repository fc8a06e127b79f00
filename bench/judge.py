"""Train the trees of `pipeline.judge` anew, and say how well they do on outlets they never saw.

    python -m bench.judge [PATH-OF-SHARED] [--repeats N] [--write]

Needs LightGBM (pip install lightgbm), which Wirewatch itself does not. The pages are the development halves of
extraction-aeb, extraction-fundus and pages-fundus. A block belongs to the story when at least half of its 4-word
shingles (all of its words, if fewer) stand in the gold. Scores are those of score_extraction.py over six folds by
outlet: no page is judged by trees that saw its outlet. With --write, trees of all pages go into pipeline/judge.json.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import importlib.util
import json
import random
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from pipeline import body
from pipeline.blocks import blocks
from pipeline.headline import without_site
from pipeline.html import parse, strip
from pipeline.judge import ALL_LEAVES, NAMES, Claims, Numbers, Survey, keep, measure, survey
from pipeline.metadata import read_metadata
from tests.shared import ROOT

SETS = {"extraction-aeb": 2.0, "extraction-fundus": 1.0, "pages-fundus": 1.0}  # and how much a page of it weighs
TREES = 200
SETTING = {
    "objective": "binary", "num_leaves": 5, "learning_rate": 0.1, "min_data_in_leaf": 30, "feature_fraction": 0.5,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 2.0, "verbose": -1, "num_threads": 1,
    "deterministic": True,
}  # fmt: skip
FOLDS = 6
ADVICES = {"alone": ("alone",), "advised": ("fast", "full")}  # by judge


@dataclass
class Page:
    """One page of a set, measured."""

    set: str
    outlet: str
    title: str
    gold: list[str]
    survey: Survey
    numbers: dict[str, Numbers]  # by whose advice
    belongs: Any  # of each block: 0..1
    weight: Any


def pages(shared: Path, scorer: Any) -> Iterator[Page]:
    """All pages that have a gold body."""
    for name, weight in SETS.items():
        folder = shared / "data" / name
        for line in (folder / "gold.jsonl").read_text(encoding="utf8").splitlines():
            gold = json.loads(line)
            if not gold.get("articleBody"):
                continue
            texts = gold["articleBody"] if isinstance(gold["articleBody"], list) else [gold["articleBody"]]
            [path] = list((folder / "html").glob(f"{scorer.page(gold['id'])}.*"))
            raw = path.read_bytes()
            tree = parse(gzip.decompress(raw) if path.suffix == ".gz" else raw)
            meta = read_metadata(tree)
            strip(tree)
            title = without_site(meta.title, meta.site)
            page = survey(blocks(tree))
            opinions = {"alone": None, "fast": body.first_opinion(tree, fast=True)}
            opinions["full"] = body.first_opinion(tree, fast=False)
            numbers = {
                advice: measure(page, Claims(opinion, title, meta.description, meta.body))
                for advice, opinion in opinions.items()
            }
            first = opinions["full"] or ""
            best = max(texts, key=lambda text: sum((scorer.shingles(text) & scorer.shingles(first)).values()))
            belongs = np.array([share(scorer, block.text, best) for block in page.found])
            size = np.array([max(1, len(block.text.split())) for block in page.found], float) ** 0.8
            weights = weight * np.minimum(1, size / max(1.0, size[belongs >= 0.5].sum()))
            yield Page(name, outlet(name, gold), title, texts, page, numbers, belongs, weights)


def share(scorer: Any, text: str, gold: str) -> float:
    """How much of a block stands in the gold."""
    words = re.findall(r"\w+", text)
    if len(words) < 4:
        whole = re.findall(r"\w+", gold)
        return float(bool(words) and f" {' '.join(words)} " in f" {' '.join(whole)} ")
    shingles = scorer.shingles(text)
    return float(sum((shingles & scorer.shingles(gold)).values()) / sum(shingles.values()))


def outlet(name: str, gold: dict[str, Any]) -> str:
    """What folds are made by."""
    if name == "pages-fundus":
        return str(gold["publisher"]).lower()
    host = urlsplit(gold["url"]).hostname or ""
    return re.sub(r"[^a-z]", "", host.removeprefix("www.").split(".")[0])


def train(chosen: Sequence[Page], judge: str, seed: int) -> Any:
    """Trees of these pages."""
    advices = ADVICES[judge]
    lightgbm = importlib.import_module("lightgbm")
    data = lightgbm.Dataset(
        np.vstack([page.numbers[advice] for advice in advices for page in chosen]),
        np.concatenate([page.belongs >= 0.5 for page in chosen] * len(advices)).astype(int),
        weight=np.concatenate([page.weight for page in chosen] * len(advices)) / len(advices),
    )
    return lightgbm.train(SETTING | {"seed": seed}, data, TREES)


def crossed(all_pages: Sequence[Page], scorer: Any, seed: int) -> dict[str, str]:
    """F1 by set, each page judged as `pipeline.body` does it, by trees that never saw its outlet."""
    outlets = sorted({page.outlet for page in all_pages})
    random.Random(seed).shuffle(outlets)
    fold = {name: at % FOLDS for at, name in enumerate(outlets)}
    scores: dict[str, list[tuple[float | None, float]]] = {name: [] for name in SETS}
    asked: Counter[tuple[str, str]] = Counter()
    for number in range(FOLDS):
        rest = [page for page in all_pages if fold[page.outlet] != number]
        trees = {judge: train(rest, judge, seed) for judge in ("alone", "advised")}
        for page in (page for page in all_pages if fold[page.outlet] == number):
            for advice, judge, enough in (
                ("alone", "alone", body.SURE), ("fast", "advised", body.SURE_ADVISED), ("full", "advised", 0)
            ):  # fmt: skip
                numbers = page.numbers[advice]
                kept, expected = keep(page.survey, numbers, trees[judge].predict(numbers))
                if expected >= enough:
                    break
            asked[page.set, advice] += 1
            shingles = scorer.shingles(
                body.text_of([b for b, k in zip(page.survey.found, kept, strict=True) if k], page.title)
            )
            both = [scorer.overlap(scorer.shingles(text), shingles) for text in page.gold]
            scores[page.set].append(max(both, key=lambda one: harmonic(one[0] or 0, one[1])))
    told = {}
    for name, some in scores.items():
        precision, recall = statistics.mean(p for p, _ in some if p is not None), statistics.mean(r for _, r in some)
        told[name] = (
            f"F1 {harmonic(precision, recall):.4f} (of {len(some)} pages, trafilatura's quick advice was asked on "
            f"{asked[name, 'fast'] + asked[name, 'full']}, its whole one on {asked[name, 'full']})"
        )
    return told


def harmonic(precision: float, recall: float) -> float:
    """F1."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def flat(model: Any) -> dict[str, Any]:
    """Trees as `pipeline.judge` reads them: their tests from top to bottom, their leaves from left to right."""

    def walk(node: dict[str, Any], tests: list[Any], leaves: list[float]) -> None:
        if "split_feature" not in node:
            leaves.append(float(f"{node['leaf_value']:.5g}"))
            return
        at, first = len(tests), len(leaves)
        tests.append(None)
        walk(node["left_child"], tests, leaves)
        out = (1 << len(leaves)) - (1 << first)
        tests[at] = (node["split_feature"], float(f"{node['threshold']:.6g}"), ALL_LEAVES - out)
        walk(node["right_child"], tests, leaves)

    whole: dict[str, list[Any]] = {"feature": [], "limit": [], "mask": [], "value": []}
    for tree in model.dump_model()["tree_info"]:
        tests: list[tuple[int, float, int]] = []
        leaves: list[float] = []
        walk(tree["tree_structure"], tests, leaves)
        for place, name in enumerate(("feature", "limit", "mask")):
            whole[name].append([test[place] for test in tests])
        whole["value"].append(leaves)
    return whole


def main() -> None:
    """Cross-validate, and write the trees of all pages when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if importlib.util.find_spec("lightgbm") is None:
        parser.error("LightGBM is missing: pip install lightgbm")
    spec = importlib.util.spec_from_file_location("scorer", options.shared / "tools" / "score_extraction.py")
    assert spec and spec.loader
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    all_pages = list(pages(options.shared, scorer))
    print(
        f"{len(all_pages)} pages, {sum(len(page.survey.found) for page in all_pages)} blocks, {len(NAMES)} numbers each"
    )
    for seed in range(options.repeats):
        for name, score in crossed(all_pages, scorer, seed).items():
            print(f"  folds {seed}  {name:18} {score}")
    if options.write:
        trees = {judge: flat(train(all_pages, judge, 0)) for judge in ("alone", "advised")}
        path = Path(body.__file__).with_name("judge.json")
        path.write_text(json.dumps({"names": NAMES} | trees, separators=(",", ":")) + "\n", encoding="utf8")
        print(f"written: {path.name}, {path.stat().st_size // 1000} KB")


if __name__ == "__main__":
    main()
