"""What every index promises, on every back end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.types import Document, Grade
from search.base import Index, Order, Page
from search.parse import parse
from tests.contract.index_backends import BACK_ENDS, NOON, PARAMS, article, found, ids_of


@pytest.fixture(params=PARAMS)
def back_end(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def index(back_end: str, tmp_path: Path) -> Iterator[Index]:
    opened = BACK_ENDS[back_end](tmp_path / "index")
    yield opened
    opened.close()


# --- what it holds --------------------------------------------------------------------------


def test_new_index_is_empty(index: Index) -> None:
    assert (index.position(), index.count()) == (0, 0)
    assert index.search(parse("")) == index.search(parse("drone")) == Page((), 0, of=0)


def test_applied_articles_are_found_and_the_position_is_kept(index: Index, back_end: str, tmp_path: Path) -> None:
    index.apply([article(1, "Navy drone"), article(2, "Army")], [], 17)
    assert found(index, "drone") == ["a0001"]
    index.close()
    again = BACK_ENDS[back_end](tmp_path / "index")
    assert (again.position(), again.count(), found(again, "army")) == (17, 2, ["a0002"])
    again.close()


def test_a_later_version_replaces(index: Index) -> None:
    index.apply([article(1, "Navy drone")], [], 1)
    index.apply([article(1, "Navy missile", story_id="s9")], [], 2)
    assert (index.count(), found(index, "drone")) == (1, [])
    ((story, (hit,)),) = index.search(parse("missile")).stories
    assert (story, hit.story_id, hit.article_id) == ("s9", "s9", "a0001")


def test_the_last_of_a_batch_counts(index: Index) -> None:
    index.apply([article(1, "drone"), article(1, "missile")], ["a0001"], 1)
    assert (index.count(), found(index, "drone"), found(index, "missile")) == (1, [], ["a0001"])


def test_deleting(index: Index) -> None:
    index.apply([article(1, "drone"), article(2, "drone")], [], 1)
    index.apply([], ["a0001", "unknown"], 2)
    assert (index.count(), found(index, "drone"), found(index, "-missile"), index.position()) == (
        1,
        ["a0002"],
        ["a0002"],
        2,
    )


def test_the_same_batch_twice_changes_nothing(index: Index) -> None:
    batch = [article(number, "drone") for number in range(20)]
    index.apply(batch, ["a0100"], 5)
    before = index.search(parse("drone"), limit=100)
    index.apply(batch, ["a0100"], 5)
    assert (index.count(), index.position()) == (20, 5)
    assert ids_of(index.search(parse("drone"), limit=100)) == ids_of(before)


def test_an_empty_batch_moves_the_position(index: Index) -> None:
    index.apply([article(1, "drone")], [], 3)
    index.apply([], [], 9)
    assert (index.position(), index.count()) == (9, 1)


def test_clear(index: Index) -> None:
    index.apply([article(1, "drone")], [], 3)
    index.clear()
    assert (index.position(), index.count(), found(index, "")) == (0, 0, [])
    index.apply([article(2, "drone")], [], 1)
    assert (index.position(), found(index, "drone")) == (1, ["a0002"])


def test_close_may_be_followed_by_more(index: Index) -> None:
    index.apply([article(1, "drone")], [], 1)
    index.close()
    index.close()
    index.apply([article(2, "drone")], [], 2)
    assert (index.position(), index.count()) == (2, 2)


def test_odd_values_are_taken(index: Index) -> None:
    odd = article(
        1,
        "\x00 \ud800 drone",
        "x" * 200_000 + " " + "é" * 70_000,
        url="http://[broken/\ud800" + "y" * 70_000,
        outlet="",
        country="",
        language="",
        authors=("", "?!"),
        topics=("",),
        entities=("e" * 70_000,),
        published=datetime(1, 1, 1, tzinfo=UTC),
        first_seen=datetime(9999, 12, 31, tzinfo=UTC),
    )
    index.apply([odd, article(2, "drone")], [], 1)
    assert sorted(found(index, "drone")) == ["a0001", "a0002"]
    assert found(index, "date:..2000") == ["a0001"]
    assert found(index, "seen:2200..") == ["a0001"]


def test_searching_while_writing(index: Index) -> None:
    failures: list[BaseException] = []
    done = threading.Event()

    def look() -> None:
        try:
            while not done.is_set():
                page = index.search(parse("drone"), limit=100)
                assert page.total == len(ids_of(page)) and page.total % 5 == 0
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for batch in range(10):
        index.apply([article(batch * 5 + number, "drone") for number in range(5)], [], batch + 1)
    done.set()
    for thread in threads:
        thread.join()
    assert not failures and index.count() == 50


# --- folding, order, paging -----------------------------------------------------------------


def copies(story: int, numbers: range, title: str, **changes: object) -> list[Document]:
    return [article(number, title, story_id=f"s{story}", **changes) for number in numbers]


def test_copies_fold_into_their_story(index: Index) -> None:
    index.apply([*copies(1, range(5), "drone"), *copies(2, range(5, 8), "missile"), article(9, "drone")], [], 1)
    page = index.search(parse("drone OR missile"), limit=10)
    assert page.total == 9
    assert sorted((story, len(hits)) for story, hits in page.stories) == [("s0009", 1), ("s1", 5), ("s2", 3)]
    assert index.search(parse("drone")).total == 6


def test_a_story_shows_only_copies_that_match_and_all_of_them(index: Index) -> None:
    """The second copy ranks far below hundreds of other stories; it is shown with its story all the same."""
    others = [article(number, "report", "drone drone navy") for number in range(10, 400)]
    weak = article(2, "report", "word " * 500 + "drone", story_id="s1")
    index.apply([article(1, "drone drone", story_id="s1"), weak, article(3, "navy", story_id="s1"), *others], [], 1)
    page = index.search(parse("drone"), limit=1)
    assert page.total == 392
    assert [(story, [hit.article_id for hit in hits]) for story, hits in page.stories] == [("s1", ["a0001", "a0002"])]


@pytest.mark.parametrize("order", Order)
def test_pages_join_into_the_whole(index: Index, order: Order) -> None:
    """Also where all tie: same words, same time."""
    documents = [article(number, "drone", story_id=f"s{number % 70:03}") for number in range(150)]
    for part in range(3):
        index.apply(documents[part::3], [], part + 1)
    whole = index.search(parse("drone"), limit=1000, order=order)
    assert (len(whole.stories), whole.total) == (70, 150)
    pages = [index.search(parse("drone"), limit=8, offset=offset, order=order) for offset in range(0, 80, 8)]
    assert tuple(story for page in pages for story in page.stories) == whole.stories
    assert {page.total for page in pages} == {150}
    assert [hits[0].article_id for _, hits in whole.stories] == sorted(hits[0].article_id for _, hits in whole.stories)


def test_paging_beyond_the_end(index: Index) -> None:
    index.apply([article(1, "drone")], [], 1)
    assert index.search(parse("drone"), offset=1) == Page((), 1, of=1)
    assert index.search(parse("drone"), limit=0) == Page((), 1, of=1)
    with pytest.raises(ValueError, match="not negative"):
        index.search(parse("drone"), offset=-1)


def test_newest_first(index: Index) -> None:
    times = [3, 1, 2, 1]
    index.apply([article(n, "drone", first_seen=NOON + timedelta(microseconds=t)) for n, t in enumerate(times)], [], 1)
    assert found(index, "drone", Order.NEWEST) == ["a0000", "a0002", "a0001", "a0003"]
    assert found(index, "country:SG") == ["a0000", "a0002", "a0001", "a0003"]


def test_a_story_is_as_new_as_its_newest_match(index: Index) -> None:
    later = NOON + timedelta(hours=1)
    index.apply(
        [
            article(1, "drone", story_id="s1"),
            article(2, "drone", first_seen=later + timedelta(hours=1), story_id="s2"),
            article(3, "drone", first_seen=later + timedelta(hours=2), story_id="s1"),
        ],
        [],
        1,
    )
    page = index.search(parse("drone"), order=Order.NEWEST)
    assert [(story, [hit.article_id for hit in hits]) for story, hits in page.stories] == [
        ("s1", ["a0003", "a0001"]),
        ("s2", ["a0002"]),
    ]


def test_relevance_prefers_titles_then_the_frequent_then_the_young(index: Index) -> None:
    filler = [article(number, "navy", "harbour " * 20) for number in range(100, 130)]
    index.apply(
        [
            article(1, "army", "word " * 20 + "drone"),
            article(2, "drone report", "word " * 20),
            article(3, "army", "drone drone drone " + "word " * 18),
            article(4, "army", "word " * 20 + "drone", published=NOON - timedelta(days=700)),
            *filler,
        ],
        [],
        1,
    )
    assert found(index, "drone") == ["a0002", "a0003", "a0001", "a0004"]
    scores = [hit.score for _, hits in index.search(parse("drone")).stories for hit in hits]
    assert scores == sorted(scores, reverse=True) and scores[-1] > 0


# --- every field and operator ---------------------------------------------------------------

ENGLISH = article(
    1,
    "U.S. Navy’s drones",
    "Autonomous weapons were tested by Müller. The F-35 flew.",
    authors=("Jane Q. Smith", "Bo Jones"),
    wire="Reuters",
    topics=("autonomous-weapons",),
    entities=("org:us-navy", "us navy"),
    published=datetime(2026, 1, 14, 23, 59, 59, 999999, tzinfo=UTC),
)
FRENCH = article(
    2,
    "Les armes de l’armée",
    "",
    summary="Un drone à l'école",
    language="fr",
    source_id="quai",
    outlet="Le Quai",
    country="FR",
    url="http://news.quai.example/a/B?x=1",
    published=None,
    first_seen=NOON - timedelta(days=3),
    grade=Grade.HEADLINE,
)
CHINESE = article(3, "人工智能与军队", "AI技术。无人机2027年试飞", language="zh", country="CN", topics=("ai",), url="")
KOREAN = article(4, "국방부 무인기 시험", "", language="ko", country="KR", url="https://quai.example/")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "1234"),
        ("*", "1234"),
        ("drone", "12"),
        ("drones", "1"),
        ("DRONE", "12"),
        ("=drone", "2"),
        ("=drones", "1"),
        ("weapon", "1"),
        ("=weapon", ""),
        ("test", "1"),
        ("arme", ""),
        ("armes", "2"),
        ("armee", "2"),
        ("ecole", "2"),
        ("École", "2"),
        ("muller", "1"),
        ("US", "1"),
        ("u.s.", "1"),
        ("navy's", "1"),
        ("F-35", "1"),
        ('"f 35"', "1"),
        ("f35", ""),
        ("35-f", ""),
        ('"autonomous weapon"', "1"),
        ('="autonomous weapon"', ""),
        ('="autonomous weapons"', "1"),
        ('"weapons autonomous"', ""),
        ('"drones autonomous"', ""),
        ("auton*", "1"),
        ("arm*", "2"),
        ("title:auton*", ""),
        ("body:drone", "2"),
        ("title:drone", "1"),
        ("title:(drone -navy)", ""),
        ("drone navy", "1"),
        ("drone AND armes", "2"),
        ("weapon OR armes", "12"),
        ("drone -navy", "2"),
        ("-drone", "34"),
        ("-drone -人工", "4"),
        ("NOT (drone OR 人工)", "4"),
        ("(weapon OR armes) AND NOT navy", "2"),
        ("weapon OR -drone", "134"),
        ("--drone", "12"),
        ("-*", ""),
        ("人工智能", "3"),
        ("智能", "3"),
        ("工能", ""),
        ("军", "3"),
        ("队", "3"),
        ("技术", "3"),
        ("AI技术", "3"),
        ('"军队 AI"', ""),
        ("无人*", "3"),
        ("2027年", "3"),
        ("무인기", "4"),
        ("무인", "4"),
        ("방부 OR 军队", "34"),
        ("outlet:harbour-post", "134"),
        ('outlet:"harbour post"', "134"),
        ("outlet:post", "134"),
        ("outlet:quai", "2"),
        ("outlet:qua*", "2"),
        ("outlet:harbour-po*", "134"),
        ("author:smith", "1"),
        ('author:"q smith"', "1"),
        ('author:"smith bo"', ""),
        ("author:smi*", "1"),
        ("country:fr", "2"),
        ("country:(SG OR KR)", "14"),
        ("-country:SG", "234"),
        ("lang:en", "1"),
        ("lang:zh", "3"),
        ("wire:reuters", "1"),
        ("wire:reut*", "1"),
        ("-wire:reuters", "234"),
        ("topic:autonomous-weapons", "1"),
        ('topic:"Autonomous weapons"', "1"),
        ("topic:auto*", "1"),
        ("topic:autonomous", ""),
        ("topic:ai", "3"),
        ("entity:org:us-navy", "1"),
        ('entity:"US Navy"', "1"),
        ("entity:navy", ""),
        ("url:https://www.harbour-post.example/2026/story", "1"),
        ("url:harbour-post.example/2026/story/", "1"),
        ("url:harbour-post.example/2026", ""),
        ("url:harbour-post.example/*", "1"),
        ("url:https://news.quai.example/a/b?x=1", "2"),
        ("url:news.quai.example/a/b?*", "2"),
        ("url:https://quai.example", "4"),
        ("site:quai.example", "24"),
        ("site:news.quai.example", "2"),
        ("site:example", "124"),
        ("site:ai.example", ""),
        ("grade:headline", "2"),
        ("grade:full", "134"),
        ("date:2026", "134"),
        ("date:2026-01-14", "1"),
        ("date:2026-01-15", "34"),
        ("date:..2026-01-14", "1"),
        ("date:2026-01-15..", "34"),
        ("-date:2026", "2"),
        ("date:2026-01-14T23:59:59.999999Z..2026-01-15", "134"),
        ("date:2026-01-14..2026-01-14T23:59:59.999999Z", ""),
        ("seen:P1D", "134"),
        ("seen:..P1D", "2"),
        ("seen:P4D..P2D", "2"),
        ("seen:2026-01-12", "2"),
        ("drone country:SG seen:P1D", "1"),
    ],
)
def test_language(fields_index: Index, query: str, expected: str) -> None:
    assert sorted(found(fields_index, query)) == [f"a000{number}" for number in expected]
    assert fields_index.search(parse(query, now=NOON)).total == len(expected)


@pytest.fixture(scope="module", params=PARAMS)
def fields_index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Four articles, with the undated and the addressless among them; one commit each, so that parts are joined."""
    index = BACK_ENDS[request.param](tmp_path_factory.mktemp("fields") / "index")
    for position, document in enumerate((ENGLISH, FRENCH, CHINESE, KOREAN), 1):
        index.apply([document], [], position)
    yield index
    index.close()
