"""The index measured: documents per second into Elasticsearch beside the client's own bulk helper, and how long
queries take on both back ends.

    python -m bench.index [PATH-OF-SHARED] [--documents N] [--rounds N] [--heap 1g]

A node is started for it, as the tests do. Each round writes the same documents (made from real words, about 400 each)
into a new index of the same mapping, made beforehand: by us, from articles, with all the analysis, in the indexer's
batches; and by `elasticsearch.helpers.bulk` from rows made beforehand, without it. The rounds take turns and the
medians are compared.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch, helpers

from bench.fold import ROOT, made_articles, read
from pipeline.types import Document, Grade
from search.base import Index, Order
from search.elastic_index import open_index as open_elastic
from search.elastic_index import remove_index
from search.elastic_schema import article_row, mappings, month_of
from search.parse import parse
from search.tantivy_index import open_index as open_tantivy
from tests.services.elasticsearch import elasticsearch
from workers.indexer import CHUNK

PEER_BATCH = 500  # the helper's own default
SPREAD = timedelta(minutes=5)  # between two articles: 20,000 of them are over two months


def documents(shared: Path, count: int) -> list[Document]:
    """Made articles as the index gets them."""
    made = made_articles(read(shared / "data/copies/base.jsonl"), count)
    begin = made[0].first_seen
    assert begin
    return [
        Document(
            article_id=one.id,
            story_id=f"s{number}",
            title=one.title,
            text=one.text,
            summary="",
            url=f"https://www.{one.source_id}.example/news/{number}",
            source_id=one.source_id,
            outlet=one.source_id.title(),
            country="GB",
            language="en",
            authors=("Jane Smith",),
            wire="Reuters" if number % 3 == 0 else "",
            topics=("ai-safety", "autonomous-weapons")[: number % 3],
            entities=("org:anthropic", "anthropic") if number % 5 == 0 else (),
            published=begin + number * SPREAD,
            first_seen=begin + number * SPREAD,
            relevance=0.5,
            grade=Grade.FULL,
        )
        for number, one in enumerate(made)
    ]


def ours(url: str, told: list[Document]) -> float:
    """Seconds for all of them, from articles to acknowledged."""
    remove_index(url, "ours")
    index = open_elastic(url, "ours", replicas=0)
    index.apply(list({month_of(one.first_seen): one for one in told}.values()), [], 0)  # makes the months' indices
    begin = time.perf_counter()
    fill(index, told)
    seconds = time.perf_counter() - begin
    index.refresh()
    assert index.count() == len(told)
    index.close()
    return seconds


def fill(index: Index, told: list[Document]) -> None:
    """In the indexer's batches."""
    for position, at in enumerate(range(0, len(told), CHUNK), 1):
        index.apply(told[at : at + CHUNK], [], position)


def bare(url: str, rows: list[dict[str, Any]]) -> float:
    """Seconds for the rows made of the same articles, into one index of the same mapping."""
    with Elasticsearch(url, request_timeout=60) as client:
        client.indices.delete(index="bare", ignore_unavailable=True)
        settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "2s"}
        client.indices.create(index="bare", settings=settings, mappings=mappings())

        def actions() -> Iterator[dict[str, Any]]:
            for row in rows:
                yield {"_index": "bare", "_id": row["id"], "_source": row}

        begin = time.perf_counter()
        done, _ = helpers.bulk(client, actions(), chunk_size=PEER_BATCH)
        seconds = time.perf_counter() - begin
        client.indices.refresh(index="bare")
        assert done == client.count(index="bare")["count"] == len(rows)
    return seconds


def queries(told: list[Document], count: int) -> list[str]:
    """One to three words of some article each, some in quotes, some with a field."""
    chance = random.Random(3)
    made = []
    for _ in range(count):
        words = [word for word in chance.choice(told).text.split() if word.isalpha() and len(word) > 3]
        at = chance.randrange(len(words) - 3)
        text = " ".join(words[at : at + chance.randint(1, 3)])
        made.append(chance.choice([text, text, text, f'"{text}"', f"{text} country:GB", f"{text} -wire:reuters"]))
    return made


def latency(ask: Callable[[str], object], asked: list[str]) -> str:
    """Median and 95th percentile, in milliseconds, after one round to warm up."""
    taken = []
    for round_ in range(2):
        for query in asked:
            begin = time.perf_counter()
            ask(query)
            if round_:
                taken.append(1000 * (time.perf_counter() - begin))
    taken.sort()
    return f"median {statistics.median(taken):.1f} ms, 95 % {taken[int(0.95 * len(taken))]:.1f} ms"


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--heap", default="1g")
    options = parser.parse_args()
    told = documents(options.shared, options.documents)
    rows = [json.loads(article_row(one)) for one in told]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        folder = Path(directory)
        with elasticsearch(folder / "node", heap=options.heap, quick=False) as cluster:
            ours(cluster.url, told), bare(cluster.url, rows)  # warms the server up
            taken: dict[str, list[float]] = {"ours": [], "bare": []}
            for _ in range(options.rounds):
                taken["bare"].append(bare(cluster.url, rows))
                taken["ours"].append(ours(cluster.url, told))
            rates = {name: len(told) / statistics.median(some) for name, some in taken.items()}
            shown = {name: ", ".join(f"{len(told) / one:.0f}" for one in some) for name, some in taken.items()}
            print(f"bulk     {len(told)} documents, per second: ours {rates['ours']:.0f} ({shown['ours']})")
            ratio = rates["ours"] / rates["bare"]
            print(f"         helpers.bulk {rates['bare']:.0f} ({shown['bare']}); ratio {ratio:.2f}")
            elastic = open_elastic(cluster.url, "ours", read_only=True)
            tantivy = open_tantivy(folder / "tantivy")
            begin = time.perf_counter()
            fill(tantivy, told)
            print(f"tantivy  {len(told) / (time.perf_counter() - begin):.0f} documents per second")
            asked = queries(told, options.queries)
            for order in Order:
                for name, index in (("elasticsearch", elastic), ("tantivy", tantivy)):
                    how = latency(lambda query, to=index, by=order: to.search(parse(query), order=by), asked)  # type: ignore[misc]
                    print(f"queries  {order:9} {name:13} {how}")
            elastic.close()
            tantivy.close()


if __name__ == "__main__":
    main()
