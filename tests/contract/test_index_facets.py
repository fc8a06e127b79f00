"""Facets and counts over time: exact, by comparison with counting in Python, on every back end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from search import facets as f
from search.base import Index, Order
from search.like import Like
from search.parse import parse
from tests.contract.index_backends import BACK_ENDS, NOON, PARAMS, article, elastic, found, made_articles

MADE = made_articles(300, seed=11)
QUERIES = ("", "drone", "drone OR missile", "country:SG", "seen:2026-01-10..2026-01-14", "-lang:en", "nothing-at-all")


@pytest.fixture(scope="module", params=PARAMS)
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    opened = BACK_ENDS[request.param](tmp_path_factory.mktemp("facets") / "index")
    for at in range(0, len(MADE), 70):
        opened.apply(MADE[at : at + 70], [], at + 70)
    opened.apply([replace(MADE[3], authors=("Gone",))], [], 1000)
    opened.apply([MADE[3]], [], 1001)  # what was replaced counts no longer
    yield opened
    opened.close()


@pytest.fixture(params=PARAMS)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    opened = BACK_ENDS[str(request.param)](tmp_path / "index")
    yield opened
    opened.close()


@pytest.mark.parametrize("query", QUERIES)
def test_facets_count_what_matches(index: Index, query: str) -> None:
    matching = set(found(index, query))
    told = index.facets(parse(query), f.FACETS, top=4)
    assert tuple(told) == f.FACETS
    for name, facet in told.items():
        values = Counter(
            value for one in MADE if one.article_id in matching for value in f.columns(one)[f.COLUMN.format(name)]
        )
        assert facet == f.highest(values, 4), name


def test_values_are_as_printed(index: Index) -> None:
    told = index.facets(parse(""), f.FACETS, top=50)
    shown = {name: {value for value, _ in facet} for name, facet in told.items()}
    assert shown["outlet"] == {"The Harbour Post", "Morning Wire", "Évening Post & Wire"}
    assert shown["country"] == {"SG", "INT", "FR"}
    assert shown["lang"] == {"en", "de", "zh"}
    assert shown["wire"] == {"Reuters", "AP", "AFP"}
    assert shown["author"] == {"Jane Smith", "Jones Müller", "J. Smith", "Smith Jones"}
    assert shown["entity"] == {"anthropic", "us air force"}, "by name, not by id"
    assert shown["source"] == {"harbour-post", "morning-wire", "post-wire"}


def test_ties_at_the_end_go_by_value(fresh: Index) -> None:
    """However many have the same count: those that come first in the alphabet are shown."""
    fresh.apply([article(n, "drone", authors=(f"Name {(n * 7919) % 500:03}",)) for n in range(500)], [], 1)
    fresh.apply([article(600, "drone", authors=("Zoë", "Zoë", " ", "Name 499"))], [], 2)
    [facet] = fresh.facets(parse("drone"), ["author"], top=3).values()
    assert facet == (("Name 499", 2), ("Name 000", 1), ("Name 001", 1))


def test_counts_are_exact_over_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three shards that send two values each at first: what they cut off is asked for."""
    monkeypatch.setattr("search.elastic_read.SHARD_VALUES", 2)
    index = elastic(tmp_path / "index", shards=3)
    made = [article(n, authors=tuple(f"Name {k}" for k in range(12) if n % (k + 2))) for n in range(120)]
    index.apply(made, [], 1)
    [facet] = index.facets(parse(""), ["author"], top=2).values()
    assert facet == f.highest(Counter(name for one in made for name in one.authors), 2)
    index.close()


def test_odd_values_are_taken(fresh: Index) -> None:
    fresh.apply([article(1, outlet="A\x00B\ud800\n C " + "x" * 5000, wire=" ", authors=("", "\t"))], [], 1)
    told = fresh.facets(parse(""), ["outlet", "wire", "author"])
    ((outlet, count),) = told["outlet"]
    assert (outlet[:8], len(outlet), count) == ("A B C xx", 1000, 1)
    assert told["wire"] == told["author"] == ()


def test_an_unknown_facet_is_told(index: Index) -> None:
    with pytest.raises(ValueError, match="'colour' is no facet; these are: outlet, country"):
        index.facets(parse(""), ["colour"])
    with pytest.raises(ValueError, match="one value or more"):
        index.facets(parse(""), ["outlet"], top=0)


def test_an_empty_index_has_none(fresh: Index) -> None:
    assert fresh.facets(parse(""), ["outlet", "author"]) == {"outlet": (), "author": ()}
    assert fresh.counts(parse(""), "seen") == {}
    assert fresh.frequencies(["drone"]) == {"drone": 0}


@pytest.mark.parametrize("hourly", [True, False])
@pytest.mark.parametrize("field", ["seen", "date"])
@pytest.mark.parametrize("query", QUERIES)
def test_counts_over_time(index: Index, query: str, field: str, hourly: bool) -> None:
    matching = set(found(index, query))
    moments = [one.first_seen if field == "seen" else one.published for one in MADE if one.article_id in matching]
    cut = {"minute": 0, "second": 0, "microsecond": 0} | ({} if hourly else {"hour": 0})
    expected = Counter(moment.replace(**cut) for moment in moments if moment)  # type: ignore[arg-type]
    told = index.counts(parse(query), field, hourly=hourly)
    assert told == expected and list(told) == sorted(told)


def test_counts_at_the_edges_of_an_hour_and_before_1970(fresh: Index) -> None:
    edge = datetime(1969, 12, 31, 23, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    moments = [edge - tick, edge, edge + timedelta(hours=1) - tick, edge + timedelta(hours=1), NOON]
    fresh.apply([article(n, first_seen=moment) for n, moment in enumerate(moments)], [], 1)
    hour = timedelta(hours=1)
    expected = {edge - hour: 1, edge: 2, edge + hour: 1, NOON: 1}
    assert fresh.counts(parse(""), "seen", hourly=True) == expected


# --- more like this -------------------------------------------------------------------------
def test_frequencies_are_of_articles(fresh: Index) -> None:
    fresh.apply([article(1, text="drone drone drones"), article(2, text="Drohne drones", language="de")], [], 1)
    assert fresh.frequencies(["drone", "drones", "navy", "drohne"]) == {"drone": 1, "drones": 2, "navy": 0, "drohne": 1}
    assert fresh.frequencies(["drone", "drones"], english=True) == {"drone": 1, "drones": 0}


def test_like_needs_the_least_of_its_terms_and_leaves_its_own_story_out(fresh: Index) -> None:
    fresh.apply(
        [
            article(1, "Navy drone", "missile harbour", story_id="s1"),
            article(2, "Navy drones", "missile"),
            article(3, "navy"),
            article(4, "drone", "The missiles", country="FR"),
            article(5, "Navy drone", "missile harbour", language="de"),
        ],
        [],
        1,
    )
    terms = ("navi", "drone", "missil")
    asked = Like(terms, 2, english=True, without="s1", within=parse(""))
    page = fresh.search(asked)
    assert [story for story, _ in page.stories] == ["s0002", "s0004"], "the German one has no stems"
    all_three = Like(terms, 3, english=True, without="", within=parse(""))
    assert [story for story, _ in fresh.search(all_three).stories] == ["s0002", "s1"], "the shorter text first"
    within = Like(terms, 2, english=True, without="s1", within=parse("country:FR"))
    assert [story for story, _ in fresh.search(within).stories] == ["s0004"]
    assert fresh.facets(within, ["country"]) == {"country": (("FR", 1),)}
    assert fresh.search(Like((), 1, english=True, without="s1", within=parse(""))).total == 0
    plain = Like(("navy", "drone", "missile"), 3, english=False, without="s1", within=parse(""))
    assert [story for story, _ in fresh.search(plain).stories] == ["s0005"]


# --- stories --------------------------------------------------------------------------------
DAYS = tuple((NOON + timedelta(days=n), NOON + timedelta(days=n, hours=18)) for n in range(-8, 8))


@pytest.mark.parametrize("query", QUERIES)
def test_stories_are_counted_once_each(index: Index, query: str) -> None:
    matching = set(found(index, query))
    of = [one for one in MADE if one.article_id in matching]
    assert index.stories(parse(query)) == [len({one.story_id for one in of})]
    in_each = [len({one.story_id for one in of if begin <= one.first_seen < end}) for begin, end in DAYS]
    assert index.stories(parse(query), DAYS) == in_each
    assert query == "nothing-at-all" or sum(in_each) > 0


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("query", QUERIES)
def test_a_page_of_few_that_are_counted_knows_their_stories(index: Index, query: str, order: Order) -> None:
    """The same page as without the count, whatever that says: it may be of a moment ago."""
    node = parse(query)
    total, stories = index.survey(node).total, index.stories(node)[0]
    plain = index.search(node, limit=5, order=order)
    assert plain.total == total and plain.of == (stories if stories <= 5 else None)
    for matching in (0, max(0, total - 1), total, total + 1, 1_000_000):
        page = index.search(node, limit=5, order=order, matching=matching)
        assert replace(page, of=None) == replace(plain, of=None)
        assert page.of in (None, stories) and (matching != total or page.of == stories)
    if plain.next:
        behind = index.search(node, limit=5, order=order, after=plain.next, matching=total)
        assert behind == index.search(node, limit=5, order=order, after=plain.next) and behind.of is None
    assert index.search(node, limit=5, folded=False, matching=total).of is None


@pytest.mark.parametrize("query", QUERIES)
def test_the_largest_stories_come_first(index: Index, query: str) -> None:
    matching = set(found(index, query))
    sizes = Counter(one.story_id for one in MADE if one.article_id in matching)
    told = index.largest(parse(query), 5)
    assert [count for _, count in told] == [count for _, count in sizes.most_common(5)]
    assert all(sizes[story] == count for story, count in told) and len(dict(told)) == len(told)


def test_an_empty_index_has_no_stories(fresh: Index) -> None:
    assert (fresh.stories(parse("")), fresh.stories(parse(""), DAYS[:2]), fresh.largest(parse(""), 3)) == (
        [0],
        [0, 0],
        [],
    )
