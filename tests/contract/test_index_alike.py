"""Both back ends over the same real texts: the same hits, in the same order by time; nearly the same by relevance."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.types import Document, Grade
from search.analysis import terms
from search.ast import Node
from search.base import Index, Order, Page, ranking
from search.format import format_query
from search.parse import parse
from tests.contract.index_backends import BACK_ENDS, article, ids_of
from tests.queries import nodes
from tests.shared import shared_data

pytestmark = [pytest.mark.shared, pytest.mark.slow]

QUERIES = 1_000
DEEP = 20  # stories whose order by relevance is compared
BEGIN = datetime(2025, 12, 1, tzinfo=UTC)


def real_articles() -> list[Document]:
    """Headlines, wire reports with their copies, and pages in many languages; the times are ours, over three months."""
    chance = random.Random(5)
    rows: list[dict[str, Any]] = []
    for folder in ("stories-uci", "stories-ecb", "copies"):
        rows += lines(shared_data(folder, "docs.jsonl"))
    for row in lines(shared_data("pages-fundus", "gold.jsonl")):
        rows.append({"title": row["title"] or "", "text": row["articleBody"] or "", "language": "und"})
    made = []
    for number, row in enumerate(rows):
        seen = BEGIN + timedelta(minutes=chance.randint(0, 80 * 24 * 60))
        made.append(
            article(
                number,
                row["title"],
                row["text"],
                story_id=f"s{number if chance.random() < 0.7 else chance.randint(0, number):05}",
                url=row.get("url", f"https://news.example/{number}"),
                outlet=row.get("outlet", ""),
                source_id=f"outlet-{number % 40}",
                language=row.get("language") or ("en" if chance.random() < 0.9 else ""),
                country=chance.choice(["SG", "GB", "INT", ""]),
                wire=chance.choice(["", "", "Reuters", "AP"]),
                topics=tuple(chance.sample(["ai", "ai-safety", "autonomous-weapons"], k=chance.randint(0, 2))),
                published=chance.choice([None, seen, seen - timedelta(days=chance.randint(0, 300))]),
                first_seen=seen,
                grade=chance.choice(list(Grade)),
                dateline=chance.choice([(), ("LONDON",), ("PARIS", "BERLIN")]),
                copies=chance.choice([1, 1, 2, 3, 5, 9]),
                changed=chance.choice([None, seen + timedelta(days=chance.randint(0, 30))]),
            )
        )
    return made


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines() if line.strip()]


def vocabulary(documents: list[Document]) -> tuple[list[str], list[str]]:
    """Words from the most frequent to the rarest, and beginnings of words."""
    counted = Counter(term for one in documents for term in terms(f"{one.title} {one.text}") if len(term) > 1)
    ordered = [term for term, _ in counted.most_common()]
    words = ordered[:150] + ordered[150:3000:20] + ordered[3000::400]
    prefixes = sorted({word[: random.Random(word).randint(2, 6)] for word in words if len(word) > 2})
    return words, prefixes


VALUES = (
    *(("outlet", f"outlet-{number}") for number in (1, 7, 33)),
    ("outlet", "reuters"),
    ("outlet", "Huffington Post"),
    *(("country", value) for value in ("SG", "INT")),
    ("lang", "en"),
    ("wire", "AP"),
    ("topic", "ai"),
    ("topic", "ai-safety"),
    ("site", "com"),
    ("site", "example"),
    ("url", "news.example/1"),
    ("grade", "full"),
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, Index, list[Document]]]:
    """Both back ends with all texts; written in batches, in different orders, some of them twice."""
    documents = real_articles()
    assert len(documents) >= 2000 and sum(len(one.text) > 500 for one in documents) > 500
    folder = tmp_path_factory.mktemp("alike")
    opened = [BACK_ENDS[name](folder / name) for name in ("tantivy", "elasticsearch")]
    for seed, index in enumerate(opened):
        shuffled = random.Random(seed).sample(documents, len(documents))
        for position, at in enumerate(range(0, len(shuffled), 500), 1):
            index.apply(shuffled[max(0, at - 50) : at + 500], [], position)
        assert index.count() == len(documents)
    yield opened[0], opened[1], documents
    for index in opened:
        index.close()


def gain(page: Page, scores: dict[str, float]) -> float:
    """Discounted cumulative gain of the stories of a page, each worth what its best article is worth to the other."""
    return sum(scores.get(story, 0.0) / math.log2(place + 2) for place, (story, _) in enumerate(page.stories))


def ndcg(judge: Index, judged: Index, query: Node) -> tuple[float, bool]:
    """How well one ranks by the scores of the other, and whether the first ten are the same; 1.0 when all tie."""
    whole = judge.search(query, limit=10 * DEEP)  # what it ranks lower than that is worth nothing
    scores = {story: hits[0].score for story, hits in whole.stories}
    ideal = Page(whole.stories[:DEEP], whole.total)
    given = judged.search(query, limit=DEEP)
    same = [story for story, _ in ideal.stories[:10]] == [story for story, _ in given.stories[:10]]
    best = gain(ideal, scores)
    return gain(given, scores) / best if best else float(same), same


def test_the_same_hits_and_nearly_the_same_ranking(pair: tuple[Index, Index, list[Document]]) -> None:
    tantivy, elastic, documents = pair
    words, prefixes = vocabulary(documents)
    compared: list[tuple[float, bool]] = []
    tried: list[int] = []

    @settings(
        max_examples=QUERIES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(node=nodes(words, prefixes, VALUES))
    def compare(node: Node) -> None:
        one, other = (index.search(node, limit=10_000, order=Order.NEWEST) for index in (tantivy, elastic))
        assert one == other, format_query(node)
        tried.append(one.total)
        if one.total > 1 and ranking(node, Order.RELEVANCE) is Order.RELEVANCE:
            compared.append(ndcg(tantivy, elastic, node))

    compare()
    assert len(tried) >= QUERIES and sum(0 < total < len(documents) for total in tried) > QUERIES // 2
    judge(compared, "generated queries")


def test_what_people_type_ranks_alike(pair: tuple[Index, Index, list[Document]]) -> None:
    """One to four words that stand together in some article, without fields: what searches mostly are."""
    tantivy, elastic, documents = pair
    chance = random.Random(11)
    compared = []
    while len(compared) < 300:
        found = terms(chance.choice(documents).title)
        if len(found) < 5:
            continue
        at, count = chance.randrange(len(found) - 3), chance.randint(1, 4)
        text = " ".join(found[at : at + count])
        node = parse(f'"{text}"' if chance.random() < 0.2 else chance.choice([" ", " OR "]).join(text.split()))
        one, other = (index.search(node, limit=10_000, order=Order.NEWEST) for index in (tantivy, elastic))
        assert one == other and one.total
        compared.append(ndcg(tantivy, elastic, node))
    judge(compared, "typed queries")


def judge(compared: list[tuple[float, bool]], what: str) -> None:
    mean = sum(value for value, _ in compared) / len(compared)
    worst = min(value for value, _ in compared)
    same = sum(equal for _, equal in compared) / len(compared)
    print(f"\n{len(compared)} {what}: nDCG@{DEEP} {mean:.4f} (worst {worst:.4f}), same first ten {same:.1%}")
    assert len(compared) >= 200 and mean >= 0.98


def test_a_long_walk_is_one_moment(pair: tuple[Index, Index, list[Document]]) -> None:
    """Everything, story by story, while the newest articles go and others come: neither is seen to."""
    tantivy, elastic, documents = pair
    newest = sorted(documents, key=lambda one: one.first_seen, reverse=True)[:30]
    for index in (tantivy, elastic):
        before = index.search(parse("*"), limit=10_000, order=Order.NEWEST)
        walk = index.walk(parse("*"), batch=50)
        walked = [next(walk) for _ in range(60)]
        index.apply([article(90_001, "later", first_seen=newest[0].first_seen)], [one.article_id for one in newest], 99)
        index.refresh()
        walked += walk
        assert tuple(walked) == before.stories and ids_of(before) != []
        assert index.count() == len(documents) - 29
        index.apply(newest, ["a90001"], 100)
        index.refresh()
        assert index.search(parse("*"), limit=10_000, order=Order.NEWEST) == before
