"""What the matcher finds in a batch is what search finds of it once it is indexed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from pipeline.types import Document
from pipeline.watch import Subscription
from search.ast import Near, Node, Phrase, Word, resolve
from search.base import Index
from search.batch import SCHEMA, Batch
from search.format import format_query
from search.match import LiveMatcher
from search.required import required
from search.tantivy_schema import article_query
from tests.contract.index_backends import BACK_ENDS, NOON, PARAMS, PREFIXES, VALUES, WORDS, made_articles
from tests.queries import nodes

NODES = nodes(WORDS, PREFIXES, VALUES, relative=True)
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # which takes minutes; the failure tells its query
Batches = list[list[Document]]


def batches() -> Batches:
    """New articles, then some of them edited, moved to another story, and with one in their midst twice."""
    chance = random.Random(3)
    first, second = made_articles(40, seed=1), made_articles(64, seed=2)
    edited = [replace(one, title=other.text, text=other.title) for one, other in zip(first, second, strict=False)]
    moved = [replace(one, story_id=f"s{chance.randint(900, 910)}") for one in second]
    grown = [replace(one, copies=7, changed=NOON - timedelta(hours=3), dateline=("Oslo",)) for one in moved[:20]]
    return [first, [second[0]], second, [*edited, edited[0]], moved, grown]


BATCHES = batches()


@pytest.fixture(scope="module", params=PARAMS)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Index]]:
    """An index for each batch, as it was when that batch had been applied."""
    folder = tmp_path_factory.mktemp("live")
    opened = [BACK_ENDS[request.param](folder / str(number)) for number in range(len(BATCHES))]
    for number, index in enumerate(opened):
        for position, batch in enumerate(BATCHES[: number + 1], 1):
            index.apply(batch, [], position)
        index.refresh()
    yield opened
    for index in opened:
        index.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=NO_SHRINKING)
@example(asked=[Phrase("技术 技术", slop=1), Near(Word("技术"), Word("人工"), 2)], late=0)  # pairs are two places wide
@given(asked=st.lists(NODES, min_size=1, max_size=12), late=st.integers(0, 90))
def test_matches_what_a_later_search_finds(filled: list[Index], asked: list[Node], late: int) -> None:
    now = NOON + timedelta(days=late)
    matcher = LiveMatcher(subscription(number, node) for number, node in enumerate(asked))
    assert not matcher.broken
    for index, batch in zip(filled, BATCHES, strict=True):
        matched = matcher.match(batch, now)
        ids = {one.article_id for one in batch}
        for number, node in enumerate(asked):
            hits = {hit.article_id for _, hits in index.walk(resolve(node, now)) for hit in hits}
            told = matched.get(str(number), [])
            assert set(told) == hits & ids, format_query(node)
            assert len(told) == len(set(told))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(node=nodes(WORDS, PREFIXES, VALUES))
def test_what_is_required_of_an_article_is_had_by_all_that_match(node: Node) -> None:
    for batch, opened in READY:
        matching = set(opened.find(article_query(SCHEMA, node)))
        may = batch.may(required(node))
        allowed = {one.article_id for place, one in enumerate(batch.documents) if may >> place & 1}
        assert matching <= allowed, format_query(node)


READY = [(batch, batch.opened()) for batch in (Batch(BATCHES[0]), Batch(BATCHES[2]))]


def subscription(number: int, node: Node) -> Subscription:
    return Subscription(f"number {number}", format_query(node), id=str(number))
