"""The index against the records, on every back end: what differs is told, mended, or made anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from records.base import Records
from search.base import Differences, Index, Order, content_hash
from search.parse import parse
from tests.contract.index_backends import BACK_ENDS, PARAMS, article, found, made_articles
from tests.contract.index_truth import file, file_months
from workers.indexer import CHUNK, catch_up, rebuild
from workers.verify import repair, verify


@pytest.fixture(params=PARAMS)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    opened = BACK_ENDS[request.param](tmp_path / "index")
    yield opened
    opened.close()


def test_what_is_caught_up_agrees(records: Records, index: Index) -> None:
    assert verify(records, index) == Differences()
    file_months(records, CHUNK + 200)
    assert verify(records, index).behind == CHUNK + 200
    catch_up(records, index)
    heard: list[int] = []
    assert verify(records, index, heard.append) == Differences()
    assert (index.count(), heard) == (CHUNK + 200, [CHUNK, CHUNK + 200])


def test_each_difference_is_told_and_mended(records: Records, index: Index) -> None:
    file_months(records, 60)
    catch_up(records, index)
    ids = [view.article.id for view in records.articles("", 1000)]
    lost, old, strange = ids[3], ids[40], "a0000"
    (stale,) = records.documents([old])
    index.apply([replace(stale, text="an older text"), article(0, "drone")], [lost], index.position())
    file(records, range(60, 70))
    index.refresh()
    differences = verify(records, index)
    assert differences == Differences((lost,), (old,), (strange,), (), behind=10)
    repair(records, index, differences)
    assert verify(records, index) == Differences(behind=10)
    catch_up(records, index)
    assert (verify(records, index), index.count()) == (Differences(), 70)


def test_an_article_that_goes_and_comes_again_stands_once(records: Records, index: Index) -> None:
    """Its second life may begin in another month, and the index may hear only of the end of it all."""
    file_months(records, 30)
    catch_up(records, index)
    document = records.documents([records.articles("", 1)[0].article.id])[0]
    for number, month in enumerate((3, 7, 3), 1):
        index.apply([replace(document, first_seen=document.first_seen.replace(month=month))], [], 1000 + number)
        assert index.count() == 30
        assert len([id for id, _ in index.contents() if id == document.article_id]) == 1


def test_rebuilding(records: Records, index: Index) -> None:
    file_months(records, 60)
    index.apply([article(1, "drone")], [], 5000)  # a position beyond the log's end, and a stranger
    rebuild(records, index)
    assert (verify(records, index), index.count(), index.position()) == (
        Differences(),
        60,
        records.totals().last_change,
    )
    assert not index.outdated


def test_a_rebuild_that_fails_may_be_repeated(records: Records, index: Index) -> None:
    file_months(records, 60)

    def stop(position: int) -> None:
        raise RuntimeError("stopped")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="stopped"):
            rebuild(records, index, stop)
    rebuild(records, index)
    assert verify(records, index) == Differences()


def test_contents(index: Index) -> None:
    made = made_articles(50)
    index.apply(made, [], 1)
    held = {one.article_id: content_hash(one) for one in made}
    assert list(index.contents()) == sorted(held.items())
    assert list(index.contents(["a0007", "unknown", "a0003", "a0007"])) == [
        ("a0003", held["a0003"]),
        ("a0007", held["a0007"]),
    ]
    assert list(index.contents([])) == []
    assert len(set(held.values())) == 50


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("query", ["*", "drone OR missile", "-drone", "nothing-of-the-kind"])
def test_a_walk_gives_what_a_search_gives(index: Index, order: Order, query: str) -> None:
    index.apply(made_articles(300), [], 1)
    whole = index.search(parse(query), limit=1000, order=order)
    for batch in (1, 7, 1000):
        assert tuple(index.walk(parse(query), order=order, batch=batch)) == whole.stories


def test_everything_is_kept_unless_told_otherwise(index: Index) -> None:
    made = made_articles(20)
    index.apply(made, [], 1)
    assert index.expire(made[0].first_seen.replace(year=2099)) == []
    assert all(index.keeps(one) for one in made) and len(found(index, "*")) == 20
