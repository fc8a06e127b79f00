"""How fast tagging is, beside bare ahocorasick-rs on the same text and phrases.

    python -m bench.tag_speed [PATH-OF-SHARED] [--rounds N]

With the shipped table, and with 20,000 names. CPU seconds of one core. Names beyond those of the table are made up:
half of invented syllables, half beginning with a word that the texts have, so that the automaton looks further.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import ahocorasick_rs

from bench.fold import ROOT, read
from pipeline.tag import Tagger
from pipeline.taxonomy import ENTITY_KINDS, Entry, Taxonomy, load_taxonomy
from pipeline.types import Article

MANY = 20_000
SYLLABLES = "ba cor del fen gil har ist jor kal lum mon nor ost pel quor rin sul tam ur vex wol yar zen".split()  # noqa: SIM905


def main() -> None:
    """Print a line for each table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    measure(options.shared, options.rounds)


def measure(shared: Path, rounds: int = 5) -> None:
    """The same, for `bench.tag` too."""
    articles = [
        Article(str(number), "", "", "", item["title"], "\n\n".join(item["paragraphs"]))
        for number, item in enumerate(read(shared / "data/copies/base.jsonl"))
    ]
    size = sum(len(one.title) + len(one.text) for one in articles)
    print(
        f"speed on {len(articles)} news texts of {size / len(articles):,.0f} characters each, CPU seconds of one core"
    )
    shipped = load_taxonomy()
    named = sum(entry.kind in ENTITY_KINDS for entry in shipped.entries.values())
    for taxonomy, words in ((shipped, f"{named} names"), (_larger(shipped, articles, MANY - named), f"{MANY} names")):
        begin = time.process_time()
        tagger = Tagger(taxonomy)
        ready = time.process_time() - begin
        patterns = [pattern.strip().replace("  ", " ") for pattern in tagger._phrases.patterns]
        bare = ahocorasick_rs.AhoCorasick(patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
        lowered = [f"{one.title}\n\n{one.text}".lower() for one in articles]
        alone = _seconds(lambda: [bare.find_matches_as_indexes(text) for text in lowered], rounds)  # noqa: B023
        ours = _seconds(lambda: [tagger.tag(one) for one in articles], rounds)  # noqa: B023
        with_names = Tagger(taxonomy, names=True)
        theirs = _seconds(lambda: [with_names.tag(one) for one in articles], rounds)  # noqa: B023
        print(
            f"    {words}, {len(patterns)} phrases (ready in {ready:.2f} s): {len(articles) / ours:,.0f} articles/s, "
            f"{size / ours / 1e6:.1f} MB/s; bare automaton {size / alone / 1e6:.1f} MB/s, ratio {alone / ours:.2f}; "
            f"with names outside the table {len(articles) / theirs:,.0f} articles/s"
        )


def _seconds(work: Callable[[], object], rounds: int) -> float:
    work()
    begin = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - begin) / rounds


def _larger(taxonomy: Taxonomy, articles: list[Article], more: int) -> Taxonomy:
    """That taxonomy with made-up organisations."""
    chance = random.Random(20)
    said = sorted({word for one in articles for word in re.findall(r"\b[A-Z][a-z]{3,}\b", one.text)})
    extra: dict[str, Entry] = {}
    while len(extra) < more:
        last = "".join(chance.choices(SYLLABLES, k=3)).title()
        first = chance.choice(said) if chance.random() < 0.5 else "".join(chance.choices(SYLLABLES, k=2)).title()
        entry = Entry(f"org:{first}-{last}".lower(), f"{first} {last}", aliases=(f"{last} Group",))
        extra[entry.id] = entry
    return Taxonomy({**taxonomy.entries, **extra})


if __name__ == "__main__":
    main()
