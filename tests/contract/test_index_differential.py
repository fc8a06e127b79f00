"""Generated queries over made articles: an index finds what a plain reading of each article finds, no more, no less."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.errors import BadQuery
from pipeline.types import Document
from search.analysis import is_english, is_unspaced, stem, terms
from search.ast import And, Count, Everything, Is, Near, Node, Not, Or, Phrase, Prefix, Range, Word
from search.base import Index, Order
from search.format import format_query
from search.highlight import snippets
from search.parse import parse
from tests.contract.index_backends import BACK_ENDS, PARAMS, PREFIXES, VALUES, WORDS, article, ids_of, made_articles
from tests.queries import leaf_texts, nodes, spread

DOCUMENTS = made_articles(200)
BY_ID = {document.article_id: document for document in DOCUMENTS}


# --- the plain reading ----------------------------------------------------------------------


Unit = tuple[str, bool]  # a word, or one character of an unspaced script and whether the next one touches it


def units(text: str) -> list[Unit]:
    """What a text is made of, in order."""
    return [(term[0], len(term) == 2) if is_unspaced(term) else (term, False) for term in terms(text)]


def stands(asked: list[Unit], text: list[Unit], *, prefix: bool = False) -> bool:
    """Whether the units stand in the text one after another, the last word perhaps going on."""
    return bool(places(asked, text, prefix=prefix))


def places(asked: list[Unit], text: list[Unit], *, prefix: bool = False) -> list[int]:
    """Where they stand."""

    def same(wanted: Unit, here: Unit, may_go_on: bool) -> bool:
        begins = here[0].startswith(wanted[0]) if may_go_on else here[0] == wanted[0]
        return begins and wanted[1] <= here[1]

    last = len(asked) - 1
    return [
        place
        for place in range(len(text) - last)
        if all(same(wanted, text[place + at], prefix and at == last) for at, wanted in enumerate(asked))
    ]


def loosely(words: list[list[Unit]], text: list[Unit], slop: int, start: int | None = None) -> bool:
    """Whether the words stand in this order with at most so many units in all between them."""
    if not words:
        return True
    return any(
        loosely(words[1:], text, slop - (place - (place if start is None else start)), place + len(words[0]))
        for place in places(words[0], text)
        if start is None or 0 <= place - start <= slop
    )


def matches(node: Node, document: Document) -> bool:
    match node:
        case Everything():
            return True
        case And(parts):
            return all(matches(part, document) for part in parts)
        case Or(parts):
            return any(matches(part, document) for part in parts)
        case Not(part):
            return not matches(part, document)
        case Word(text, field, exact) | Phrase(text, field, exact, 0):
            return any(has([units(text)], shown, document, exact=exact) for shown in texts(field, document))
        case Phrase(text, field, exact, slop):
            asked = [units(word) for word in text.split()]
            return any(has(asked, shown, document, exact=exact, slop=slop) for shown in texts(field, document))
        case Near(left, right, within):
            pair = [units(left.text), units(right.text)]
            return any(
                has(order, shown, document, exact=left.exact, slop=within)
                for order in (pair, pair[::-1])
                for shown in texts(left.field, document)
            )
        case Prefix(text, field):
            return any(stands(units(text), units(shown), prefix=True) for shown in texts(field, document))
        case Is(field, value, prefix):
            return holds(field, value, document, prefix=prefix)
        case Range(field, since, until):
            moments = {"date": document.published, "seen": document.first_seen, "changed": document.changed}
            moment = moments[field]
            assert not isinstance(since, str) and isinstance(until, datetime | None)
            return moment is not None and (since is None or moment >= since) and (until is None or moment < until)
        case Count(_, least, most):
            return (least is None or document.copies >= least) and (most is None or document.copies <= most)
    raise AssertionError(node)


def texts(field: str, document: Document) -> list[str]:
    told = {"title": document.title, "body": document.text or document.summary}
    return [told[field]] if field else list(told.values())


def has(asked: list[list[Unit]], text: str, document: Document, *, exact: bool, slop: int = 0) -> bool:
    if loosely(asked, units(text), slop):
        return True
    stemmed = is_english(document.language) and not exact
    return stemmed and loosely([stems(word) for word in asked], stems(units(text)), slop)


def stems(read: list[Unit]) -> list[Unit]:
    return [(stem(word), goes_on) for word, goes_on in read]


def flat(text: str) -> str:
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")


def holds(field: str, value: str, document: Document, *, prefix: bool) -> bool:
    if field == "outlet" and fits(flat(value), flat(document.source_id), prefix=prefix):
        return True
    if field in ("outlet", "author", "dateline"):
        names = {"outlet": (document.outlet,), "author": document.authors, "dateline": document.dateline}[field]
        return any(stands(units(value), units(name), prefix=prefix) for name in names)
    if field == "url":
        address, asked = (re.sub(r"^(https?://)?(www\.)?", "", url.lower()) for url in (document.url, value))
        return fits(asked if prefix else asked.rstrip("/"), address.rstrip("/"), prefix=prefix)
    if field == "site":
        host = urlsplit(document.url).hostname or ""
        return f".{host}".endswith(f".{value}")
    stored = {
        "country": (document.country,),
        "lang": (document.language.split("-")[0],),
        "wire": (document.wire,),
        "topic": document.topics,
        "entity": document.entities,
        "grade": (document.grade,),
    }[field]
    return any(fits(flat(value), flat(one), prefix=prefix) for one in stored if one)


def fits(asked: str, stored: str, *, prefix: bool) -> bool:
    return stored.startswith(asked) if prefix else stored == asked


# --- the comparison -------------------------------------------------------------------------


@pytest.fixture(scope="module", params=PARAMS)
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The articles in several commits, some of them written over and some deleted on the way."""
    opened = BACK_ENDS[request.param](tmp_path_factory.mktemp("made") / "index")
    opened.apply(made_articles(260, seed=8), [], 1)
    opened.apply(DOCUMENTS[:50], [f"a{number:04}" for number in range(200, 260)], 2)
    for position, start in enumerate(range(50, 200, 30), 3):
        opened.apply(DOCUMENTS[start : start + 30], [], position)
    yield opened
    opened.close()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(node=nodes(WORDS, PREFIXES, VALUES))
def test_finds_what_a_plain_reading_finds(index: Index, node: Node) -> None:
    expected = {document.article_id for document in DOCUMENTS if matches(node, document)}
    for order in Order:
        page = index.search(node, limit=1000, order=order)
        ids = ids_of(page)
        assert (set(ids), len(ids), page.total) == (expected, len(expected), len(expected)), format_query(node)
        assert all(BY_ID[hit.article_id].story_id == story for story, hits in page.stories for hit in hits)
        firsts = [hits[0] for _, hits in page.stories]
        if order is Order.NEWEST:
            keys = [(-BY_ID[hit.article_id].first_seen.timestamp(), hit.article_id) for hit in firsts]
            assert keys == sorted(keys)
        else:
            assert all(one.score >= other.score for one, other in pairwise(firsts))
    few = index.search(node, limit=3, offset=2)
    assert few.stories == index.search(node, limit=1000).stories[2:5]


# Few words that come often, so that they stand near each other, over and over, in every order.
_FEW = ("drone", "drones", "navy", "人工智能", "技术 AI", "F-35", "軍", "naval drone")
NEARBY = [
    article(
        1000 + number,
        " ".join(chance.choices([*_FEW, "of", "智"], k=chance.randint(0, 4))),
        " ".join(chance.choices([*_FEW, "of", "the", "智"], k=chance.randint(2, 9))),
        language=chance.choice(["en", "zh"]),
    )
    for chance in [random.Random(3)]
    for number in range(120)
]


@pytest.fixture(scope="module", params=PARAMS)
def nearby(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    opened = BACK_ENDS[request.param](tmp_path_factory.mktemp("nearby") / "index")
    opened.apply(NEARBY, [], 1)
    yield opened
    opened.close()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(node=spread(_FEW))
def test_near_and_loose_phrases(nearby: Index, node: Node) -> None:
    """As told in `search.sought`: by places, without overlap, in the given order or in both; and marked so."""
    expected = {document.article_id for document in NEARBY if matches(node, document)}
    assert set(ids_of(nearby.search(node, limit=1000))) == expected, format_query(node)
    for document in NEARBY[:40]:
        shown = snippets(node, document.title, document.text, language=document.language)
        marked = any(piece.spans for piece in (shown.title, *shown.fragments))
        assert marked == (document.article_id in expected), (format_query(node), document.title, document.text)


def test_a_character_that_begins_very_many_words(nearby: Index, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Beside other words it is found, or refused: Lucene tries so many words only as its heap allows."""
    opened = BACK_ENDS[request.node.callspec.params["nearby"]](tmp_path / "index")
    opened.apply([article(1, text=" ".join(f"中{chr(code)}" for code in range(0x4F00, 0x8F00)) + " AI 军舰")], [], 1)
    for query in ("中", "中*", "军 NEAR/2 AI", '"AI 军"'):
        assert ids_of(opened.search(parse(query))) == ["a0001"]
    for query in ('"AI 中"', "中 NEAR/3 AI"):
        try:
            assert ids_of(opened.search(parse(query))) == (["a0001"] if "NEAR" in query else [])
        except BadQuery as error:
            assert "put the next character behind it" in str(error)
    opened.close()


@pytest.mark.parametrize("word", [*WORDS, *PREFIXES])
def test_every_word_is_found_and_as_written(index: Index, word: str) -> None:
    for query in (word, f"={word}", f'"{word}"', f"title:{word}"):
        expected = {document.article_id for document in DOCUMENTS if matches(parse(query), document)}
        assert set(ids_of(index.search(parse(query), limit=1000))) == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(node=leaf_texts(WORDS, PREFIXES))
def test_what_matches_is_marked_and_nothing_else(node: Node) -> None:
    for document in DOCUMENTS[:100]:
        shown = snippets(node, document.title, document.text or document.summary, language=document.language)
        marked = any(piece.spans for piece in (shown.title, *shown.fragments))
        assert marked == matches(node, document), (format_query(node), document.title, document.text)


def test_saved_queries_and_relative_times_are_to_be_fixed_first(index: Index) -> None:
    for query, right in (("a search:x", "expand"), ("-(search:x)", "expand"), ("a changed:>P1D", "resolve")):
        with pytest.raises(ValueError, match=right):
            index.search(parse(query))


def test_the_plain_reading_tells_articles_apart() -> None:
    """The comparison would prove nothing if queries found all or none."""
    sizes = [sum(matches(parse(query), document) for document in DOCUMENTS) for query in WORDS]
    assert all(0 < size < 150 for size in sizes)
