"""How fast subscriptions are matched, beside tantivy running each of their queries on the same articles.

    python -m bench.match [--stories 500] [--words 500] [--subscriptions 10000 100000]

Seconds of one core. Stories are made (`bench.stream`), grown to the same length. The subscriptions are made too, of
the words that such stories are made of: names of a topic, telling words, phrases, alternatives, exclusions, prefixes,
fields, times; a fifth of them asks what another one asks.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice

import tantivy
from tantivy import TextAnalyzerBuilder, Tokenizer

from bench.stream import START, stream
from bench.window import resident
from pipeline.types import Article, Document, Grade
from pipeline.watch import Subscription
from search.analysis import terms
from search.ast import resolve
from search.batch import HEAP, SCHEMA
from search.match import LiveMatcher
from search.parse import parse
from search.tantivy_schema import article_query, article_row
from search.tantivy_values import Numbers

NOW = START + timedelta(days=30)
COUNTRIES, WIRES = ("SG", "US", "GB", "FR", "DE", "IN", "JP", "AU"), ("", "", "", "Reuters", "AP", "AFP")
TOPICS = ("autonomous-weapons", "drones-unmanned", "cyber", "space", "nuclear", "logistics", "research", "ai-policy")
SAME = 0.2  # share of subscriptions that ask what another one asks
ROUNDS = 5
SMALL = (1, 64)  # articles of the batches that a desk usually brings


def main() -> None:
    """Print a block for each number of subscriptions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=500)
    parser.add_argument("--words", type=int, default=500)
    parser.add_argument("--subscriptions", type=int, nargs="+", default=[10_000, 100_000])
    options = parser.parse_args()
    stories = list(made_stories(options.stories, options.words))
    words = sum(len(one.text.split()) for one in stories) / len(stories)
    print(f"{len(stories)} made stories of {words:,.0f} words, one core")
    for count in options.subscriptions:
        measure(stories, list(made_subscriptions(count)))


def measure(stories: list[Document], asked: list[Subscription]) -> None:
    """Learn, match, and run each query plainly."""
    before = resident() / 1e6
    watch = _Watch()
    matcher = LiveMatcher(asked)
    print(f"{len(asked):,} subscriptions: learnt in {watch}, {resident() / 1e6 - before:,.0f} MB more")
    assert not matcher.broken, next(iter(matcher.broken.items()))
    watch = _Watch()
    found = matcher.match(stories, NOW)
    print(f"  all stories as one batch, first time: {watch}; {resident() / 1e6 - before:,.0f} MB more in all")
    print(f"  the same again: {_least(lambda: matcher.match(stories, NOW))}")
    pairs = sum(map(len, found.values()))
    print(f"  {len(found):,} subscriptions match, {pairs:,} pairs of article and subscription")
    for size in SMALL:
        batches = [stories[at : at + size] for at in range(0, len(stories) - size + 1, max(size, len(stories) // 10))]
        each = _least(lambda: [matcher.match(batch, NOW) for batch in batches], 1 / len(batches))  # noqa: B023
        print(f"  a batch of {size}: {each}")
    queries = [article_query(SCHEMA, resolve(parse(one.query), NOW)) for one in asked]
    searcher = bare(stories)
    plain = {
        one.id: count
        for one, query in zip(asked, queries, strict=True)
        if (count := len(searcher.search(query, len(stories), count=False).hits))
    }
    assert plain == {id: len(ids) for id, ids in found.items()}, "they find something else"
    print(f"  plainly: the index in {_least(lambda: bare(stories))}, ", end="")
    print(f"each query in {_least(lambda: [searcher.search(one, len(stories), count=False) for one in queries])}")


def _least(work: Callable[[], object], scale: float = 1.0) -> str:
    """CPU and wall milliseconds of the quickest of some rounds: what other processes do to it is least in that."""
    watches = []
    for _ in range(ROUNDS):
        watch = _Watch()
        work()
        watches.append((watch.cpu * scale * 1e3, watch.wall * scale * 1e3))
    cpu, wall = min(watches)
    return f"{cpu:.1f} ms (wall {wall:.1f} ms)"


def bare(stories: list[Document]) -> tantivy.Searcher:
    """The same rows in an index in memory."""
    index = tantivy.Index(SCHEMA)
    index.register_tokenizer("whitespace", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    writer = index.writer(HEAP, 1)
    numbers = Numbers()
    for one in stories:
        writer.add_document(article_row(one, numbers))
    writer.commit()
    index.reload()
    return index.searcher()


def made_stories(count: int, words: int, seed: int = 1) -> Iterator[Document]:
    """Of that many words, those of the next one added where one is too short."""
    draw = random.Random(seed)
    made = [one.article for one in islice(stream(count + 1, seed), count + 1)]
    for number in range(count):
        text = made[number].text + "\n\n" + made[number + 1].text
        yield document(draw, made[number], " ".join(text.split(" ")[:words]))


def document(draw: random.Random, one: Article, text: str) -> Document:
    """As the records would give it."""
    return Document(
        article_id=one.id, story_id="s" + one.id[1:], title=one.title, text=text, summary="",
        url=f"https://news.{one.source_id}.example/{one.id}", source_id=one.source_id, outlet=one.source_id.title(),
        country=draw.choice(COUNTRIES), language=draw.choice(("en", "en", "en", "de")), authors=("Jane Miller",),
        wire=draw.choice(WIRES), topics=tuple(draw.sample(TOPICS, 2)), entities=("org:anthropic",),
        published=one.first_seen, first_seen=NOW - timedelta(minutes=draw.randint(0, 3000)), relevance=0.5,
        grade=Grade.FULL,
    )  # fmt: skip


def made_subscriptions(count: int, seed: int = 2) -> Iterator[Subscription]:
    """Of the words that other stories than those matched are made of."""
    draw = random.Random(seed)
    titles, telling, pairs = [], [], []
    for one in islice(stream(4000, seed + 100), 4000):
        said = terms(one.article.text)
        at = draw.randrange(len(said) - 1)
        pairs.append(" ".join(said[at : at + 2]))
        telling += [word for word in draw.sample(said, 12) if len(word) > 4 and word.isalpha()]
        titles.append(" ".join(terms(one.article.title)[:2]))

    def word() -> str:
        return telling[int(len(telling) * draw.random())]

    kinds = (
        (20, lambda: f"{word()} {word()}"),
        (12, lambda: f'"{draw.choice(titles)}"'),
        (12, lambda: f'"{draw.choice(titles)}" {word()}'),
        (15, lambda: f"({word()} OR {word()} OR {word()}) {word()}"),
        (12, lambda: f"({word()} OR {word()}) {word()} -{word()}"),
        (5, lambda: f'"{draw.choice(pairs)}"'),
        (5, lambda: f"title:{word()}"),
        (6, lambda: f"{word()[:5]}* {word()}"),
        (4, lambda: f"={word()} country:{draw.choice(COUNTRIES)}"),
        (4, lambda: f"topic:{draw.choice(TOPICS)} {word()} {word()}"),
        (3, lambda: f"{word()} wire:reuters seen:P1D"),
        (2, lambda: f"outlet:outlet-{draw.randrange(200)} {word()}"),
    )
    weights = [weight for weight, _ in kinds]
    asked: list[str] = []
    for number in range(count):
        if asked and draw.random() < SAME:
            query = draw.choice(asked)
        else:
            query = draw.choices(kinds, weights)[0][1]()
            asked.append(query)
        yield Subscription(f"number {number}", query, id=str(number))


class _Watch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    @property
    def cpu(self) -> float:
        """Of this process."""
        return time.process_time() - self._cpu

    @property
    def wall(self) -> float:
        """By the clock."""
        return time.perf_counter() - self._wall

    def __str__(self) -> str:
        return f"{self.cpu:.2f} s (wall {self.wall:.2f} s)"


if __name__ == "__main__":
    main()
