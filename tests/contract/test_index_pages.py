"""Pages by a cursor: no story twice, none missed, however deep; folded and not, by relevance and by time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.base import Index, Order, Page, Place
from search.parse import parse
from tests.contract.index_backends import BACK_ENDS, NOON, PARAMS, article, made_articles

QUERIES = (
    "drone",
    "drone OR missile OR navy",
    "",
    "country:SG",
    "miss*",
    '"F-35" OR 智能',
    "-weapons",
    "nothing-at-all",
)


@pytest.fixture(scope="module", params=PARAMS)
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Made articles with copies and with ties in time, in several batches."""
    opened = BACK_ENDS[request.param](tmp_path_factory.mktemp("pages") / "index")
    made = made_articles(400)
    for at in range(0, len(made), 90):
        opened.apply(made[at : at + 90], [], at + 90)
    yield opened
    opened.close()


@pytest.fixture(params=PARAMS)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    opened = BACK_ENDS[str(request.param)](tmp_path / "index")
    yield opened
    opened.close()


def pages(index: Index, query: str, limit: int, order: Order, *, folded: bool) -> list[Page]:
    """All pages, one after another."""
    made, after = [], None
    while True:
        page = index.search(parse(query, now=NOON), limit=limit, order=order, after=after, folded=folded)
        made.append(page)
        after = page.next
        if after is None:
            return made
        assert len(page.stories) == limit, "a page with more behind it is full"


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("query", QUERIES)
def test_pages_are_the_whole_cut_in_pieces(index: Index, query: str, order: Order, folded: bool) -> None:
    whole = index.search(parse(query, now=NOON), limit=1000, order=order, folded=folded)
    assert whole.next is None
    for limit in (1, 7, 50) if len(whole.stories) < 100 else (7, 50):
        made = pages(index, query, limit, order, folded=folded)
        assert tuple(story for page in made for story in page.stories) == whole.stories
        assert {page.total for page in made} == {whole.total}
    assert tuple(index.walk(parse(query, now=NOON), order=order, batch=13, folded=folded)) == whole.stories


def test_unfolded_each_article_comes_by_itself(index: Index) -> None:
    page = index.search(parse(""), limit=1000, folded=False)
    assert len(page.stories) == page.total == 400
    assert all(len(hits) == 1 and hits[0].story_id == story for story, hits in page.stories)
    folded = index.search(parse(""), limit=1000)
    assert {hit for _, hits in folded.stories for hit in hits} == {hit for _, hits in page.stories for hit in hits}


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("order", Order)
def test_many_that_tie_are_paged_all_the_same(fresh: Index, order: Order, folded: bool) -> None:
    fresh.apply([article(n, "drone", story_id=f"s{n % 40:04}") for n in range(120)], [], 1)
    made = pages(fresh, "drone", 3, order, folded=folded)
    ids = [hits[0].article_id for page in made for _, hits in page.stories]
    assert ids == [f"a{n:04}" for n in range(40 if folded else 120)]


def test_what_comes_meanwhile_stands_before_every_place(fresh: Index) -> None:
    """Newest first, in an index that grows: what was there comes once, whatever is added."""
    fresh.apply([article(n, "drone", first_seen=NOON.replace(minute=n)) for n in range(30)], [], 1)
    seen: list[str] = []
    after: Place | None = None
    for turn in range(6):
        page = fresh.search(parse("drone"), limit=5, order=Order.NEWEST, after=after)
        seen += [story for story, _ in page.stories]
        after = page.next
        later = [article(100 + turn * 10 + n, "drone", first_seen=NOON.replace(hour=13, minute=n)) for n in range(10)]
        fresh.apply(later, [f"a{100 + turn * 10 - 1:04}"], turn + 2)
    assert (seen, after) == ([f"s{n:04}" for n in reversed(range(30))], None)


def test_by_relevance_a_growing_index_neither_repeats_nor_loses_what_it_ranks_alike(fresh: Index) -> None:
    """Scores drift with every article that comes; a place goes by the score that its article has now."""
    long = "harbour " * 3
    fresh.apply([article(n, "", "drone " + long * (n + 1)) for n in range(30)], [], 1)
    whole = [story for story, _ in fresh.search(parse("drone"), limit=100).stories]
    seen: list[str] = []
    after: Place | None = None
    for turn in range(6):
        page = fresh.search(parse("drone"), limit=5, after=after)
        seen += [story for story, _ in page.stories]
        after = page.next
        fresh.apply([article(100 + turn * 50 + n, "", "navy") for n in range(50)], [], turn + 2)
    assert (seen, after) == (whole, None)


@pytest.mark.parametrize("order", Order)
def test_a_place_whose_article_is_gone_is_a_place_still(fresh: Index, order: Order) -> None:
    fresh.apply([article(n, "", "drone " + "harbour " * n) for n in range(20)], [], 1)
    fresh.apply([article(n, "", "navy") for n in range(100, 300)], [], 2)
    page = fresh.search(parse("drone"), limit=4, order=order)
    assert page.next
    fresh.apply([], [page.next.article_id], 3)
    rest = fresh.search(parse("drone"), limit=100, order=order, after=page.next)
    shown = [story for story, _ in (*page.stories, *rest.stories)]
    assert len(set(shown)) == len(shown) == 20


def test_a_place_nobody_gave_is_taken_for_what_it_says(index: Index) -> None:
    """Cursors are not signed: an odd place is no error, and gives what ranks behind it."""
    assert index.search(parse("drone"), after=Place(-1.0, "a", 10**6)).stories == ()
    everything = index.search(parse("drone"), limit=500, after=Place(1e9, "a", 10**6)).stories
    assert everything == index.search(parse("drone"), limit=500).stories
