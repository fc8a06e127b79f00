"""Search measured over a large archive: ten kinds of query, one and eight clients, beside the bare engine.

    python -m bench.search [--folder DIR] [--articles N] [--queries N] [--elasticsearch [--heap 2g]]

The archive is made news (`bench.stream`: Zipf's words, set phrases, edited copies), 400,000 articles in 300,000
stories unless told otherwise. Making it takes many minutes; it is kept in `--folder` and found there again. Ours is
all of a page of 20: the query read from its text, the search, and the place of the next page; first of articles, which
is what the engine answers, then with copies folded into their stories, each with all of those that match, which takes a
second look. Bare is the engine's own answer to the same compiled query, with the same
weights: its 20 best articles, and their ids. The two take turns. Wall-clock time is told, the ratio of its medians, and
the ratio of all processor time of this process (on Elasticsearch that is the client's only). With more clients than
cores the times tell how the machine is shared, not what a query costs.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import tantivy
from elasticsearch import Elasticsearch

from bench.stream import START, Made, _Words, stream
from pipeline.types import Document, Grade
from search.base import Index, Order, ranking
from search.elastic_index import open_index as open_elastic
from search.elastic_query import ranked, unranked
from search.parse import parse
from search.tantivy_index import open_index
from search.tantivy_schema import article_query, make_schema
from tests.services.elasticsearch import elasticsearch
from workers.indexer import CHUNK

NOW = START + timedelta(days=31)
LIMIT = 20
COUNTRIES = ("GB", "US", "SG", "FR", "DE", "JP", "AU", "IN")
Ask = Callable[[str], object]


def document(made: Made) -> Document:
    """An article of the stream as the index gets it."""
    one = made.article
    assert one.first_seen
    outlet = int(one.source_id.rsplit("-", 1)[-1])
    return Document(
        article_id=one.id,
        story_id=f"s{made.report}",
        title=one.title,
        text=one.text,
        summary="",
        url=f"https://www.{one.source_id}.example/news/{made.number}",
        source_id=one.source_id,
        outlet=one.source_id.replace("-", " ").title(),
        country=COUNTRIES[outlet % len(COUNTRIES)],
        language="en",
        authors=(f"Jane Smith {outlet % 50}",),
        wire="Reuters" if made.number != made.report else "",
        topics=("ai-safety", "autonomous-weapons")[: made.number % 3],
        entities=("org:anthropic", "Anthropic") if made.number % 5 == 0 else (),
        published=one.first_seen,
        first_seen=one.first_seen,
        relevance=0.5,
        grade=Grade.FULL,
    )


def fill(index: Index, count: int) -> None:
    """The whole archive, in the indexer's batches; goes on where a run before was stopped."""
    done = index.position()
    begin = time.perf_counter()
    made = islice(stream(count), done, None)
    at = done
    while some := [document(one) for one in islice(made, CHUNK)]:
        at += len(some)
        index.apply(some, [], at)
        if at % (100 * CHUNK) == 0:
            print(f"         {at} articles, {(at - done) / (time.perf_counter() - begin):.0f} a second", flush=True)
    index.refresh()


def kinds(each: int) -> dict[str, list[str]]:
    """Queries by kind, of words as common or as rare as the kind wants, phrases from texts that are there."""
    chance = random.Random(5)
    written = _Words(1).written
    texts = [one.article.text.split() for one in stream(4000)][::4]

    def word(first: int, last: int) -> str:
        return written[chance.randrange(first, last)]

    def said(count: int) -> list[str]:
        words = chance.choice(texts)
        at = chance.randrange(len(words) - count)
        return [one.strip(".,") for one in words[at : at + count]]

    def near() -> str:
        words = said(6)
        return f"{words[0]} NEAR/5 {words[4]}"

    def window() -> str:
        day = START + timedelta(days=chance.randrange(20))
        return f"{word(500, 3000)} seen:{day:%Y-%m-%d}..{day + timedelta(days=6):%Y-%m-%d}"

    made: dict[str, Callable[[], str]] = {
        "common word": lambda: word(150, 500),
        "rare word": lambda: word(20_000, 80_000),
        "both words": lambda: f"{word(200, 2000)} {word(200, 2000)}",
        "any of three": lambda: " OR ".join(word(500, 5000) for _ in range(3)),
        "phrase": lambda: '"' + " ".join(said(3)) + '"',
        "prefix": lambda: word(500, 5000)[:5] + "*",
        "without": lambda: f"{word(150, 1000)} -{word(150, 1000)}",
        "fields": lambda: f"country:{chance.choice(COUNTRIES)} wire:reuters topic:ai-safety",
        "window": window,
        "near": near,
    }
    return {kind: [ask() for _ in range(each)] for kind, ask in made.items()}


def ours(index: Index, *, folded: bool) -> Ask:
    """A page as an answer needs it: of stories with their copies or, as the bare engine gives it, of articles."""
    return lambda text: index.search(parse(text, now=NOW), limit=LIMIT, folded=folded)


def bare_tantivy(folder: Path) -> Callable[[str], Callable[[], object]]:
    """The engine's own answer to the compiled query."""
    opened = tantivy.Index.open(str(folder))
    opened.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    searcher, schema = opened.searcher(), make_schema()

    def prepared(text: str) -> Callable[[], object]:
        node = parse(text, now=NOW)
        query = article_query(schema, node)
        how: dict[str, Any] = {"weight_by_field": "recency"}
        if ranking(node, Order.RELEVANCE) is Order.NEWEST:
            how = {"order_by_field": "seen"}

        def ask() -> object:
            found = searcher.search(query, LIMIT, **how)
            return [searcher.doc(address).get_first("id") for _, address in found.hits]

        return ask

    return prepared


def bare_elastic(client: Elasticsearch, prefix: str) -> Callable[[str], Callable[[], object]]:
    """The client's own search with the same body."""

    def prepared(text: str) -> Callable[[], object]:
        node = parse(text, now=NOW)
        newest = ranking(node, Order.RELEVANCE) is Order.NEWEST
        sort = [{"seen": "desc"} if newest else {"_score": "desc"}, {"id": "asc"}]
        body: dict[str, Any] = {"query": unranked(node) if newest else ranked(node), "sort": sort, "size": LIMIT}
        return lambda: client.search(
            index=prefix,
            **body,
            docvalue_fields=[{"field": "story"}],
            stored_fields="_none_",
            track_total_hits=True,
            search_type="dfs_query_then_fetch",
        )

    return prepared


def latencies(calls: Sequence[Callable[[], object]], clients: int) -> list[Taken]:
    """What each call took, made by so many clients at once."""
    taken: list[Taken] = []
    waiting = iter(calls)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                call = next(waiting, None)
            if call is None:
                return
            begin, spent = time.perf_counter(), time.thread_time()
            call()
            taken.append(Taken(1000 * (time.perf_counter() - begin), 1000 * (time.thread_time() - spent)))

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def compare(name: str, our: Ask, bare: Callable[[str], Callable[[], object]], asked: dict[str, list[str]]) -> None:
    """A line for each kind of query and number of clients."""
    for clients in (1, 8):
        print(f"{name}, {clients} client{'s' if clients > 1 else ''}: p50 / p95 / p99 in ms; ratios wall, CPU")
        whole: tuple[list[Taken], list[Taken]] = ([], [])
        for kind, queries in asked.items():
            mine = [lambda text=text: our(text) for text in queries]  # type: ignore[misc]
            its = [bare(text) for text in queries]
            latencies(mine[:10] + its[:10], clients)  # warms up
            got: tuple[list[Taken], list[Taken]] = ([], [])
            for round_ in range(ROUNDS):
                for part in range(0, len(queries), 10):  # they take turns
                    pairs = [(0, mine), (1, its)] if round_ % 2 else [(1, its), (0, mine)]
                    for which, calls in pairs:
                        got[which].extend(latencies(calls[part : part + 10], clients))
            for which in (0, 1):
                whole[which].extend(got[which])
            print(f"  {kind:13} ours {shown(got[0])}   bare {shown(got[1])}   {ratio(*got)}", flush=True)
        print(f"  {'all':13} ours {shown(whole[0])}   bare {shown(whole[1])}   {ratio(*whole)}", flush=True)


class Taken(NamedTuple):
    """Milliseconds of one call."""

    wall: float
    cpu: float


ROUNDS = 5


def ratio(ours: list[Taken], bare: list[Taken]) -> str:
    """Of the medians, and of the sums of processor time."""
    middles = [sorted(one.wall for one in some)[len(some) // 2] for some in (ours, bare)]
    spent = [sum(one.cpu for one in some) for some in (ours, bare)]
    return f"{middles[0] / middles[1]:.2f}, {spent[0] / spent[1]:.2f}"


def shown(taken: list[Taken]) -> str:
    """Percentiles, in columns."""
    ordered = sorted(one.wall for one in taken)
    return " / ".join(f"{ordered[min(len(ordered) - 1, int(part * len(ordered)))]:6.2f}" for part in (0.5, 0.95, 0.99))


def deep(index: Index) -> None:
    """What a page costs, and where it lies."""
    for order in Order:
        after, pages = None, 0
        taken: list[float] = []
        while True:
            begin = time.perf_counter()
            page = index.search(parse("said OR would"), limit=1000, order=order, after=after)
            taken.append(1000 * (time.perf_counter() - begin))
            pages, after = pages + 1, page.next
            if after is None or pages == 200:
                break
        at = [0, len(taken) // 2, len(taken) - 1]
        print(
            f"paging   {order:9} {pages} pages of 1,000 stories: "
            + ", ".join(f"page {n + 1} {taken[n]:.0f} ms" for n in at)
        )


def beside(index: Index) -> None:
    """What is told beside a page."""
    from search.facets import FACETS
    from search.over_time import Interval, over_time

    node = parse("said")
    for what, work in (
        ("facets, all eight", lambda: index.facets(node, FACETS)),
        ("histogram by day", lambda: over_time(index, node, "seen", Interval.DAY, NOW)),
    ):
        calls = latencies([work] * 20, 1)
        print(f"beside   {what:18} of {index.search(node, limit=1).total} articles: {shown(calls)} ms")


@contextmanager
def kept(folder: Path | None) -> Iterator[Path]:
    """The folder given, or a temporary one."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="wirewatch-bench-", ignore_cleanup_errors=True) as temporary:
            yield Path(temporary)


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--articles", type=int, default=400_000)
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--elasticsearch", action="store_true")
    parser.add_argument("--heap", default="2g")
    options = parser.parse_args()
    with kept(options.folder) as folder:
        asked = kinds(options.queries)
        if options.elasticsearch:
            with elasticsearch(folder / "node", heap=options.heap, quick=False) as cluster:
                index: Index = open_elastic(cluster.url, "bench", replicas=0)
                fill(index, options.articles)
                with Elasticsearch(cluster.url, request_timeout=60) as client:
                    for folded in (False, True):
                        name = f"elasticsearch, {'folded' if folded else 'articles'}"
                        compare(name, ours(index, folded=folded), bare_elastic(client, "bench"), asked)
                deep(index)
                beside(index)
                index.close()
            return
        index = open_index(folder / "tantivy")
        fill(index, options.articles)
        print(f"archive  {index.count()} articles in the index")
        for folded in (False, True):
            name = f"tantivy, {'folded' if folded else 'articles'}"
            compare(name, ours(index, folded=folded), bare_tantivy(folder / "tantivy"), asked)
        deep(index)
        beside(index)
        index.close()


if __name__ == "__main__":
    main()
