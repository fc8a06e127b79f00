"""The back ends that every index test runs on, and made articles for them. Adding a back end is one line."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.types import Document, Grade
from search import elastic_index
from search.base import Index, Order, Page
from search.elastic_index import ElasticIndex
from search.parse import parse
from search.tantivy_index import open_index
from tests.services.elasticsearch import shared_url


def elastic(path: Path, shards: int = 1) -> ElasticIndex:
    """An index of its own on the node that the tests share; the path names it, as it does on disk."""
    prefix = "t" + hashlib.sha256(str(path).encode()).hexdigest()[:16]
    OPENED.add(prefix)
    return elastic_index.open_index(shared_url(), prefix, shards=shards, replicas=0, refresh_seconds=0)


OPENED: set[str] = set()  # prefixes on the shared node
BACK_ENDS: dict[str, Callable[[Path], Index]] = {
    "tantivy": open_index,
    "elasticsearch": elastic,
}
# One process has the node: its tests stay together.
PARAMS = list(BACK_ENDS)

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)

BLANK = Document(
    article_id="a0",
    story_id="s0",
    title="",
    text="",
    summary="",
    url="https://www.harbour-post.example/2026/story",
    source_id="harbour-post",
    outlet="The Harbour Post",
    country="SG",
    language="en",
    authors=(),
    wire="",
    topics=(),
    entities=(),
    published=NOON,
    first_seen=NOON,
    relevance=0.5,
    grade=Grade.FULL,
)


def article(number: int, title: str = "", text: str = "", **changes: object) -> Document:
    """An article of its own story unless `story_id` says otherwise."""
    ids = {"article_id": f"a{number:04}", "story_id": f"s{number:04}"}
    return replace(BLANK, title=title, text=text, **{**ids, **changes})  # type: ignore[arg-type]


def found(index: Index, query: str, order: Order = Order.RELEVANCE) -> list[str]:
    """Ids of all matching articles, in the order of the page."""
    return ids_of(index.search(parse(query, now=NOON), limit=1000, order=order))


def ids_of(page: Page) -> list[str]:
    """Ids of a page's articles."""
    return [hit.article_id for _, hits in page.stories for hit in hits]


_VOCABULARY = (
    "drone drones Drone's missile missiles autonomous autonomously weapon weapons Pentagon Müller muller "
    "navy naval army arms arm U.S. us AI A.I. F-35 F 35 general generals generally policy policies test "
    "tested testing naïve école ecole Ёлка елка 人工智能 智能技术 技术 AI技术 무인기 무인 ปืนใหญ่ "
    "ガンダム 軍"
)
WORDS = tuple(_VOCABULARY.split())
PREFIXES = (
    "dro",
    "missile",
    "auto",
    "aut",
    "wea",
    "mul",
    "gen",
    "na",
    "人工",
    "智",
    "무인",
    "f-35",
    "35",
    "pol",
    "ÉCO",
)
VALUES = (
    ("outlet", "harbour-post"),
    ("outlet", "post"),
    ("outlet", "Morning Wire"),
    ("outlet", "wire"),
    ("author", "smith"),
    ("author", "Jane Smith"),
    ("author", "smith jones"),
    ("author", "müller"),
    ("dateline", "kyiv"),
    ("dateline", "New York"),
    ("dateline", "york"),
    ("country", "SG"),
    ("country", "int"),
    ("lang", "en"),
    ("lang", "zh"),
    ("wire", "reuters"),
    ("wire", "AP"),
    ("topic", "ai"),
    ("topic", "ai-safety"),
    ("topic", "Autonomous Weapons"),
    ("entity", "org:anthropic"),
    ("entity", "anthropic"),
    ("entity", "us-air-force"),
    ("url", "https://www.harbour-post.example/2026/1"),
    ("url", "morning-wire.example/News/"),
    ("site", "example"),
    ("site", "harbour-post.example"),
    ("site", "www.harbour-post.example"),
    ("grade", "full"),
    ("grade", "headline"),
)
_AUTHORS = ("Jane Smith", "Jones Müller", "J. Smith", "Smith Jones")
_OUTLETS = (
    ("harbour-post", "The Harbour Post", "SG", "https://www.harbour-post.example/2026"),
    ("morning-wire", "Morning Wire", "INT", "http://morning-wire.example/News"),
    ("post-wire", "Évening Post & Wire", "FR", "https://news.post.example"),
)


def made_articles(count: int, seed: int = 7) -> list[Document]:
    """Articles of the vocabulary above: several languages, copies, ties in time, missing values."""
    chance = random.Random(seed)
    later = random.Random(seed + 1)  # for what came later, so that the rest stays as it was
    made = []
    for number in range(count):
        source, outlet, country, base = chance.choice(_OUTLETS)
        seen = NOON + timedelta(hours=chance.randint(-600, 300), microseconds=chance.choice([0, 0, 1]))
        made.append(
            article(
                number,
                " ".join(chance.choices(WORDS, k=chance.randint(0, 4))),
                chance.choice([" ", ", ", "\n\n"]).join(chance.choices(WORDS, k=chance.randint(0, 12))),
                summary=" ".join(chance.choices(WORDS, k=3)),
                story_id=f"s{chance.randint(0, count // 3):04}",
                url=f"{base}/{number if chance.random() < 0.9 else ''}",
                source_id=source,
                outlet=outlet,
                country=country,
                language=chance.choice(["en", "en-GB", "de", "zh", ""]),
                authors=tuple(
                    chance.sample(["Jane Smith", "Jones Müller", "J. Smith", "Smith Jones"], k=chance.randint(0, 2))
                ),
                wire=chance.choice(["", "Reuters", "AP", "AFP"]),
                topics=tuple(chance.sample(["ai", "ai-safety", "autonomous-weapons"], k=chance.randint(0, 2))),
                entities=tuple(chance.choice([(), ("org:anthropic", "anthropic"), ("org:usaf", "us air force")])),
                published=chance.choice([None, seen, seen - timedelta(days=chance.randint(0, 40))]),
                first_seen=seen,
                grade=chance.choice(list(Grade)),
                dateline=later.choice([(), ("KYIV",), ("New York", "Kyiv"), ("York",)]),
                copies=later.choice([1, 1, 2, 3, 5, 8, 13]),
                changed=later.choice([None, None, seen, seen + timedelta(hours=later.randint(1, 600))]),
            )
        )
    return made
