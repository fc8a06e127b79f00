"""Events measured: B-cubed F1 against gold, documents per second, bytes per story.

    python -m bench.events [PATH-OF-SHARED] [--stories N] [--orders N] [--folds]

Folds `stories-ecb` and `stories-uci` with the story desk and groups the stories with the event desk, in the order of
the file and in `--orders` shuffled ones (documents of `stories-uci` stand in the file event by event, so that its
order flatters; times stay). `--folds` prints the score of every topic. Then fills the window with N made stories
(300,000 unless told otherwise: a minute and a half) and prints the speed early and late.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench.fold import ROOT, START, article, fold, read, resident, score
from pipeline.events import EventDesk
from pipeline.terms import terms
from pipeline.types import Article, Assignment

SETS = ("stories-ecb", "stories-uci")
VOCABULARY, EXPONENT = 400_000, 1.05  # words of the made stories, and how steeply their frequency falls (Zipf)


def group(articles: list[Article]) -> list[Assignment]:
    """Every article with the event of its story in place of the story."""
    desk = EventDesk()
    events: dict[str, str] = {}
    grouped = []
    marked = [replace(one, id=f"a{one.id}") for one in articles]  # a story's id is its article's without the "a"
    for one, assigned in zip(articles, fold(marked), strict=True):
        if assigned.story_id not in events:
            assert one.first_seen is not None
            seen = one.first_seen.timestamp()
            events[assigned.story_id] = desk.assign(assigned.story_id, seen, terms(one)).event_id
        grouped.append(replace(assigned, article_id=one.id, story_id=events[assigned.story_id]))
    return grouped


def b_cubed(assigned: list[Assignment], gold: dict[str, str]) -> float:
    """B-cubed F1 of the documents that `gold` names, as the scoring script has it."""
    pairs = [(one.story_id, gold[one.article_id]) for one in assigned if one.article_id in gold]
    ours, theirs, both = Counter(a for a, _ in pairs), Counter(b for _, b in pairs), Counter(pairs)
    precision = sum(n * n / ours[a] for (a, _), n in both.items()) / len(pairs)
    recall = sum(n * n / theirs[b] for (_, b), n in both.items()) / len(pairs)
    return 2 * precision * recall / (precision + recall)


def quality(shared: Path, name: str, orders: int, folds: bool) -> None:
    """Print the scores on one set."""
    folder = shared / "data" / name
    articles = [
        replace(article(item, n), url=item.get("url", "")) for n, item in enumerate(read(folder / "docs.jsonl"))
    ]
    assigned = group(articles)
    print(f"{name}  {score(shared, folder, assigned)}")
    lines = read(folder / "gold.jsonl")
    gold = {line["id"]: line["cluster"] for line in lines}
    shuffled = []
    for seed in range(orders):
        order = random.Random(seed).sample(articles, len(articles))
        shuffled.append(b_cubed(group(order), gold))
    if shuffled:
        print(f"    shuffled {orders} times: mean {np.mean(shuffled):.3f}, {min(shuffled):.3f} to {max(shuffled):.3f}")
    if folds:
        for fold_name, ids in parts(lines).items():
            print(f"    {fold_name}: {b_cubed(assigned, {i: gold[i] for i in ids}):.3f}")


def parts(lines: list[dict[str, Any]], count: int = 5) -> dict[str, list[str]]:
    """The ids of five parts of the gold, each of whole topics."""
    topics = sorted({line.get("topic", line["cluster"]) for line in lines})
    random.Random(1).shuffle(topics)
    part = {topic: n % count for n, topic in enumerate(topics)}
    return {
        f"part {n + 1}": [line["id"] for line in lines if part[line.get("topic", line["cluster"])] == n]
        for n in range(count)
    }


def made_stories(count: int, seed: int = 1) -> list[Article]:
    """Stories of 120 words with words of Zipf's frequencies, a third of them names; two in five report on an event.

    Reports on one event share a dozen of its words. 20,000 stories a day.
    """
    draw = np.random.default_rng(seed)
    ranks = np.arange(1, VOCABULARY + 1)
    share = np.cumsum(ranks**-EXPONENT)
    share /= share[-1]
    made: list[Article] = []
    recent: list[list[str]] = []
    for number in range(count):
        words = [_word(int(rank)) for rank in share.searchsorted(draw.random(130))]
        if recent and draw.random() < 0.4:
            about = recent[int(draw.integers(len(recent)))]
        else:
            about = [_word(int(rank)) for rank in 100 + draw.integers(VOCABULARY // 8, size=12)]
            recent = [*recent[-2000:], about]
        for at, word in zip(draw.integers(60, size=12).tolist(), about, strict=True):
            words[at] = word
        made.append(
            Article(
                id=f"a{number:08d}",
                url=f"https://outlet.example/2026/02/{'-'.join(words[:7])}-{number}",
                canonical_url="",
                source_id=f"outlet-{number % 40}",
                title=" ".join(words[:10]),
                text=" ".join(words[10:]),
                first_seen=START + timedelta(seconds=4.3 * number),
            )
        )
    return made


def _word(rank: int) -> str:
    """A made word of a rank: letters only, one in three a name."""
    letters = ""
    value = rank
    while value:
        value, letter = divmod(value, 20)
        letters += "bcdfghjklmnpqrstvwxz"[letter] + "aeiou"[letter % 5]
    return letters.capitalize() if rank % 3 == 0 else letters


def speed(count: int, sample: int = 5_000) -> None:
    """Print documents per CPU second with few and with all stories in the window, and what the desk holds."""
    desk, before = EventDesk(window=timedelta(days=30)), resident()
    held, events, done, size = 0, set[str](), 0, 0
    marks = {max(0, 10_000 - sample), max(0, count - sample)}
    while done < count:
        articles = made_stories(sample, seed=done)
        begin = time.process_time()
        packed = [terms(one) for one in articles]
        between = time.process_time()
        for number, its in enumerate(packed, start=done):
            events.add(desk.assign(f"s{number:08d}", START.timestamp() + 4.3 * number, its).event_id)
        end = time.process_time()
        size += sum(map(len, packed))
        if done in marks:
            print(f"speed   at {done + sample} stories, per CPU second: terms {sample / (between - begin):.0f}, "
                  f"desk {sample / (end - between):.0f}, both {sample / (end - begin):.0f}")  # fmt: skip
        done += sample
        del articles, packed
    held = resident() - before
    print(f"memory  {held / count:.0f} bytes a story, of them {size / count:.0f} terms; {len(events)} events")


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--stories", type=int, default=300_000)
    parser.add_argument("--orders", type=int, default=5)
    parser.add_argument("--folds", action="store_true", help="the score of every topic or fold")
    options = parser.parse_args()
    for name in SETS:
        quality(options.shared, name, options.orders, options.folds)
    if options.stories:
        speed(options.stories)


if __name__ == "__main__":
    main()
