"""Folding measured: B-cubed F1 and ARI against gold, documents per second, bytes per document.

    python -m bench.fold [PATH-OF-SHARED] [--documents N] [--seeds N …] [--orders N] [--misses]

Scores `copies` and five other seeds of the syndication tool in stream order and in `--orders` shuffled ones, tells how
many documents' kinds are told right, and lists every merge on `stories-ecb` with what the two texts share; then folds N
made documents (20,000 unless told otherwise) and prints the speed. Takes under a minute.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.align import align
from pipeline.assign import StoryDesk
from pipeline.fingerprint import fingerprint
from pipeline.types import Article, Assignment

ROOT = Path(__file__).resolve().parent.parent
START = datetime(2026, 2, 23, tzinfo=UTC)


def read(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def article(item: dict[str, Any], number: int) -> Article:
    """An article of a line of `docs.jsonl`."""
    when = datetime.fromisoformat(item["published"]) if item.get("published") else START + timedelta(minutes=number)
    return Article(
        id=item["id"],
        url="",
        canonical_url="",
        source_id=item.get("outlet", ""),
        title=item["title"],
        text=item["text"],
        first_seen=when,
    )


def fold(articles: list[Article], batch: int = 50) -> list[Assignment]:
    """Every article's assignment, in batches; the ids of merged stories followed."""
    desk = StoryDesk()
    done: list[Assignment] = []
    into: dict[str, str] = {}
    for at in range(0, len(articles), batch):
        for one in desk.assign([(one, fingerprint(one)) for one in articles[at : at + batch]]):
            done.append(one)
            into = {old: one.story_id if new in one.merged else new for old, new in into.items()}
            into.update(dict.fromkeys(one.merged, one.story_id))
    return [replace(one, story_id=into.get(one.story_id, one.story_id)) for one in done]


def score(shared: Path, folder: Path, assigned: list[Assignment]) -> str:
    """What the scoring script prints."""
    with tempfile.TemporaryDirectory() as directory:
        predicted = Path(directory) / "predicted.jsonl"
        predicted.write_text("\n".join(json.dumps({"id": a.article_id, "cluster": a.story_id}) for a in assigned))
        command = [
            sys.executable,
            str(shared / "tools/score_clusters.py"),
            "clusters",
            str(predicted),
            str(folder / "gold.jsonl"),
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def kinds(folder: Path, assigned: list[Assignment]) -> str:
    """Of the documents that were joined to their piece of reporting, how many are told to be what they are."""
    gold = {line["id"]: line for line in read(folder / "gold.jsonl")}
    names = {"original": "first", "followup": "first", "template": "first", "roundup": "first"}
    told = [(gold[one.article_id]["kind"], one.kind) for one in assigned]
    return f"kinds {sum(names.get(a, a) == b for a, b in told) / len(told):.3f}"


def show_misses(folder: Path, assigned: list[Assignment]) -> None:
    """Every document matched with another piece of reporting, and every one left alone that has company in the gold."""
    gold = {line["id"]: line for line in read(folder / "gold.jsonl")}
    first: dict[str, str] = {}
    for one in assigned:
        mine = gold[one.article_id]
        if one.like and gold[one.like]["cluster"] != mine["cluster"]:
            other = gold[one.like]
            print(f"    wrong  {one.article_id} {mine.get('kind')} with {one.like} {other.get('kind')} {one.score:.2f}")
        elif not one.like and mine["cluster"] in first:
            print(f"    missed {one.article_id} {mine.get('kind')} of {first[mine['cluster']]}")
        first.setdefault(mine["cluster"], one.article_id)


def _evidence(texts: dict[str, str], one: Assignment) -> str:
    """What two texts share, word by word: the share of the shorter, and the longest passage."""
    text, other = texts[one.article_id], texts[one.like]
    found = align(text, other)
    longest = max((len(text[span.a : span.a_end].split()) for span in found.spans), default=0)
    return (
        f"{max(found.a_in_b, found.b_in_a):.0%} of the shorter's words in common, the longest passage {longest} words"
    )


def made_articles(base: list[dict[str, Any]], count: int) -> list[Article]:
    """Documents of about 400 words: three in four of its own, shuffled from real words; the rest edited copies."""
    draw = random.Random(1)
    words = [word for item in base for paragraph in item["paragraphs"] for word in paragraph.split()]
    made: list[Article] = []
    texts: list[list[str]] = []
    for number in range(count):
        if texts and draw.random() < 0.25:
            original = draw.choice(texts[-2000:])
            text = [w for w in original[: draw.randint(100, 400)] if draw.random() > 0.03]
        else:
            text = []
            while len(text) < 400:
                at = draw.randrange(len(words) - 8)
                text += words[at : at + draw.randint(3, 8)]
            texts.append(text)
        made.append(
            Article(
                id=f"a{number:08d}",
                url="",
                canonical_url="",
                source_id=f"outlet-{number % 40}",
                title=" ".join(text[:9]),
                text=" ".join(text),
                first_seen=START + timedelta(seconds=number),
            )
        )
    return made


def resident() -> int:
    """Bytes of memory this process holds (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def speed(base: list[dict[str, Any]], count: int) -> None:
    """Print documents per CPU second of fingerprinting and of the desk, and what the desk holds."""
    articles = made_articles(base, count)
    begin = time.process_time()
    prints = [fingerprint(one) for one in articles]
    between = time.process_time()
    desk, before = StoryDesk(), resident()
    halves = []
    for at in range(0, count, 50):
        desk.assign(list(zip(articles[at : at + 50], prints[at : at + 50], strict=True)))
        if at + 50 == count // 2:
            halves.append(time.process_time())
    end = time.process_time()
    print(f"speed   {count} documents, per CPU second: fingerprint {count / (between - begin):.0f}, "
          f"desk {count / (end - between):.0f}, both {count / (end - begin):.0f}; "
          f"second half of the desk {count / 2 / (end - halves[0]):.0f}")  # fmt: skip
    print(f"memory  {(resident() - before) / count:.0f} bytes a document")


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, nargs="*", default=[2, 3, 5, 11, 13])
    parser.add_argument("--orders", type=int, default=2)
    parser.add_argument("--misses", action="store_true", help="list every wrong and missed document")
    options = parser.parse_args()
    data, base = options.shared / "data", options.shared / "data/copies/base.jsonl"
    with tempfile.TemporaryDirectory() as directory:
        folders = {"copies": data / "copies"}
        for seed in options.seeds:
            folders[f"seed {seed}"] = out = Path(directory) / str(seed)
            tool = options.shared / "tools/syndicate.py"
            subprocess.run(
                [sys.executable, str(tool), str(base), str(out), "--seed", str(seed)], check=True, capture_output=True
            )
        for name, folder in folders.items():
            assigned = fold([article(item, n) for n, item in enumerate(read(folder / "docs.jsonl"))])
            print(f"{name:7s} {score(options.shared, folder, assigned)}  {kinds(folder, assigned)}")
            for order in range(options.orders):
                shuffled = [article(item, n) for n, item in enumerate(read(folder / "docs.jsonl"))]
                random.Random(order).shuffle(shuffled)
                print(f"  order {order} {score(options.shared, folder, fold(shuffled))}")
            if options.misses:
                show_misses(folder, assigned)
    ecb = read(data / "stories-ecb/docs.jsonl")
    assigned = fold([article(item, n) for n, item in enumerate(ecb)])
    gold = {line["id"]: line["cluster"] for line in read(data / "stories-ecb/gold.jsonl")}
    texts = {item["id"]: item["text"] for item in ecb}
    methods = dict(Counter(a.method for a in assigned))
    print(f"ecb     {sum(1 for a in assigned if a.like)} of {len(ecb)} joined: {methods}")
    for one in assigned:
        if one.like:
            event = "same event" if gold[one.like] == gold[one.article_id] else "OTHER EVENT"
            print(f"        {one.article_id} with {one.like}: {one.method}, {event}; {_evidence(texts, one)}")
    speed(read(base), options.documents)


if __name__ == "__main__":
    main()
