"""Search measured over a large archive: ten kinds of query, one and eight clients, beside the bare engine.

    python -m bench.search [--folder DIR] [--articles N] [--queries N] [--elasticsearch [--heap 2g]]

The archive is made news (`bench.stream`: Zipf's words, set phrases, edited copies), 400,000 articles in 300,000
stories unless told otherwise. Making it takes many minutes; it is kept in `--folder` and found there again. Ours is
all of a page of 20: the query read from its text, the search, and the place of the next page; first of articles, which
is what the engine answers, then with copies folded into their stories, each with all of those that match.
Bare is the engine's own answer to the same compiled query, with the same weights: its 20 best articles, and their ids.
Folding is the bare engine made to answer the folded question: Elasticsearch by collapsing with inner hits, tantivy,
which cannot, by the least that its caller can do. They take turns. Every client is a process of its own. Wall-clock
time is told, the ratio of its medians, and that of all processor time of the clients (Elasticsearch's own not in it).
With more clients than cores the times tell how the machine is shared, not what a query costs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import tantivy
from elasticsearch import Elasticsearch
from tantivy import Occur, Query

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
PREFIX = "bench"  # of the indexes on Elasticsearch


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


class Place(NamedTuple):
    """Where the archive is: a folder of tantivy's, or an Elasticsearch."""

    folder: str = ""
    url: str = ""

    def open(self, *, read_only: bool) -> Index:
        """It, as ours."""
        return (
            open_elastic(self.url, PREFIX, replicas=0)
            if self.url
            else open_index(Path(self.folder), read_only=read_only)
        )


def bare_tantivy(folder: str) -> Callable[[str, bool], Callable[[], object]]:
    """The engine's own answer to the compiled query: the 20 best. It folds nothing; folded is the least that its
    caller can do with it: three times as many with their story's number, then all that match of the 20 stories."""
    opened = tantivy.Index.open(folder)
    opened.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    searcher, schema = opened.searcher(), make_schema()

    def ids(hits: Sequence[tuple[Any, tantivy.DocAddress]]) -> list[Any]:
        return [searcher.doc(address).get_first("id") for _, address in hits]

    def prepared(text: str, folded: bool) -> Callable[[], object]:
        node = parse(text, now=NOW)
        query = article_query(schema, node)
        how: dict[str, Any] = {"weight_by_field": "recency"}
        if ranking(node, Order.RELEVANCE) is Order.NEWEST:
            how = {"order_by_field": "seen"}

        def stories() -> object:
            hits = searcher.search(query, 3 * LIMIT, **how).hits
            folds = searcher.fast_field_values("fold", [address for _, address in hits])
            first = dict(zip(reversed(folds), reversed(hits), strict=True))
            shown = [
                str(searcher.doc(first[fold][1]).get_first("story")) for fold in list(dict.fromkeys(folds))[:LIMIT]
            ]
            of = [(Occur.Should, Query.term_query(schema, "story", story, "basic")) for story in shown]
            within = Query.const_score_query(Query.boolean_query(of), 0.0)
            both = Query.boolean_query([(Occur.Must, query), (Occur.Must, within)])
            return ids(searcher.search(both, 10 * LIMIT, **how).hits)

        return stories if folded else lambda: ids(searcher.search(query, LIMIT, **how).hits)

    return prepared


def bare_elastic(url: str) -> Callable[[str, bool], Callable[[], object]]:
    """The client's own search with the same body; folded by the server, which collapses and finds the inner hits."""
    client = Elasticsearch(url, request_timeout=60)

    def prepared(text: str, folded: bool) -> Callable[[], object]:
        node = parse(text, now=NOW)
        newest = ranking(node, Order.RELEVANCE) is Order.NEWEST
        sort = [{"seen": "desc"} if newest else {"_score": "desc"}, {"id": "asc"}]
        body: dict[str, Any] = {"query": unranked(node) if newest else ranked(node), "sort": sort, "size": LIMIT}
        if folded:
            columns: dict[str, Any] = {"docvalue_fields": ["id"], "_source": False, "sort": sort}
            body["collapse"] = {"field": "story", "inner_hits": {"name": "copies", "size": 100} | columns}
        return lambda: client.search(
            index=PREFIX,
            **body,
            docvalue_fields=[{"field": "story"}],
            stored_fields="_none_",
            track_total_hits=True,
            search_type="dfs_query_then_fetch",
        )

    return prepared


# --- clients --------------------------------------------------------------------------------
OURS, BARE, FOLDING = "ours", "bare", "bare, folding"


class Taken(NamedTuple):
    """Milliseconds of one call."""

    wall: float
    cpu: float


def client(pipe: Connection, place: Place, folded: bool) -> None:
    """One client, in a process of its own: makes the calls that it is told, and tells what each took."""
    index = place.open(read_only=True)
    prepared = bare_elastic(place.url) if place.url else bare_tantivy(place.folder)
    known: dict[tuple[str, str], Callable[[], object]] = {}

    def call(which: str, text: str) -> Callable[[], object]:
        if which == OURS:  # a page as an answer needs it: of stories with their copies or, like the engine, of articles
            return lambda: index.search(parse(text, now=NOW), limit=LIMIT, folded=folded)
        if (which, text) not in known:
            known[which, text] = prepared(text, which == FOLDING)
        return known[which, text]

    while told := pipe.recv():
        which, texts = told
        pipe.send([timed(one) for one in [call(which, text) for text in texts]])


@contextmanager
def clients_of(place: Place, count: int, *, folded: bool) -> Iterator[Callable[[str, Sequence[str]], list[Taken]]]:
    """So many clients. What is given makes all of them ask all of these at once, each beginning with another one."""
    spawn = multiprocessing.get_context("spawn")
    pipes = [spawn.Pipe() for _ in range(count)]
    processes = [spawn.Process(target=client, args=(its, place, folded), daemon=True) for _, its in pipes]
    for process in processes:
        process.start()

    def ask(which: str, texts: Sequence[str]) -> list[Taken]:
        for number, (pipe, _) in enumerate(pipes):
            at = number * len(texts) // count
            pipe.send((which, [*texts[at:], *texts[:at]]))
        return [taken for pipe, _ in pipes for taken in pipe.recv()]

    yield ask
    for pipe, _ in pipes:
        pipe.send(None)
    for process in processes:
        process.join()


def compare(name: str, place: Place, asked: dict[str, list[str]], *, folded: bool) -> None:
    """A line for each kind of query and number of clients."""
    peers = (BARE, FOLDING) if folded else (BARE,)
    for count in (1, 8):
        with clients_of(place, count, folded=folded) as ask:
            print(f"{name}, {count} client{'s' if count > 1 else ''}: p50 / p95 / p99 in ms; ratios of wall, of CPU")
            whole: dict[str, list[Taken]] = {which: [] for which in (OURS, *peers)}
            for kind, queries in asked.items():
                got: dict[str, list[Taken]] = {which: [] for which in whole}
                for which in whole:
                    ask(which, queries[:10])  # warms up
                for round_ in range(ROUNDS):
                    for part in range(0, len(queries), 10):  # they take turns
                        for which in (list(whole), list(whole)[::-1])[round_ % 2]:
                            got[which].extend(ask(which, queries[part : part + 10]))
                for which in whole:
                    whole[which].extend(got[which])
                print(f"  {kind:13} {told(got)}", flush=True)
            print(f"  {'all':13} {told(whole)}", flush=True)


ROUNDS = 5


def told(got: dict[str, list[Taken]]) -> str:
    """Percentiles of each, and the ratios of ours to each peer."""
    ours = got[OURS]
    rest = [f"{which} {shown(its)}   {ratio(ours, its)}" for which, its in got.items() if which != OURS]
    return "   ".join([f"{OURS} {shown(ours)}", *rest])


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


def timed(work: Callable[[], object]) -> Taken:
    """What one call took."""
    begin, spent = time.perf_counter(), time.process_time()
    work()
    return Taken(1000 * (time.perf_counter() - begin), 1000 * (time.process_time() - spent))


def beside(index: Index) -> None:
    """What is told beside a page."""
    from search.facets import FACETS
    from search.over_time import Interval, over_time

    node = parse("said")
    for what, work in (
        ("facets, all eight", lambda: index.facets(node, FACETS)),
        ("histogram by day", lambda: over_time(index, node, "seen", Interval.DAY, NOW)),
    ):
        calls = [timed(work) for _ in range(20)]
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


def measure(name: str, place: Place, articles: int, asked: dict[str, list[str]]) -> None:
    """Fill it, and print what is told of it."""
    index = place.open(read_only=False)
    fill(index, articles)
    index.close()
    print(f"archive  {index.count()} articles in the index")
    for folded in (False, True):
        compare(f"{name}, {'folded' if folded else 'articles'}", place, asked, folded=folded)
    deep(index)
    beside(index)
    index.close()


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
                measure("elasticsearch", Place(url=cluster.url), options.articles, asked)
        else:
            measure("tantivy", Place(folder=str(folder / "tantivy")), options.articles, asked)


if __name__ == "__main__":
    main()
