"""What the numbers in the facets' columns of the index on disk stand for, whoever wrote them and whatever went."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from search import tantivy_index, tantivy_values
from search.base import Index
from search.facets import FACETS
from search.parse import parse
from search.tantivy_index import open_index
from search.tantivy_values import Numbers
from tests.contract.index_backends import article


def by(number: int, *authors: str) -> object:
    return replace(article(number, "drone"), authors=authors)


def authors(index: Index) -> dict[str, int]:
    return dict(index.facets(parse(""), ["author"], top=50)["author"])


def numbers_of(path: Path) -> int:
    """The next number, as the next writer finds it."""
    return open_index(path, read_only=True)._last_row()[1]


def test_values_keep_their_numbers_from_writer_to_writer(tmp_path: Path) -> None:
    path = tmp_path / "index"
    for turn in range(3):
        index = open_index(path)
        index.apply([by(10 * turn + n, "Ann", f"Ben {n}") for n in range(4)], [], turn + 1)
        index.close()
    assert authors(open_index(path)) == {"Ann": 12, **{f"Ben {n}": 3 for n in range(4)}}
    first = numbers_of(path)
    index = open_index(path)
    index.apply([by(100, "Ann", "Ben 3"), by(101, "New")], [], 9)
    assert numbers_of(path) == first + 1, "only what is new has a new number"


def test_what_went_and_came_again_is_one_value(tmp_path: Path) -> None:
    path = tmp_path / "index"
    index = open_index(path)
    index.apply([by(1, "Ann"), by(2, "Ben")], [], 1)
    index.apply([by(2, "Ben")], ["a0001"], 2)
    index.apply([by(3, "Ann"), by(4, "Ann", "Ben")], [], 3)
    index.close()
    index = open_index(path)
    index.apply([by(5, "Ann")], [], 4)
    assert authors(index) == {"Ann": 3, "Ben": 2}


def test_a_reader_sees_the_numbers_of_the_index_that_is_there(tmp_path: Path) -> None:
    """Emptied and filled anew in another order, by another process, the same numbers stand for other values."""
    path = tmp_path / "index"
    index, reader = open_index(path), open_index(path)
    index.apply([by(1, "Ann"), by(2, "Ben"), by(3, "Ben")], [], 1)
    assert authors(reader) == {"Ben": 2, "Ann": 1}
    index.clear()
    index.close()
    assert authors(reader) == {}
    index = open_index(path)
    index.apply([by(2, "Ben"), by(3, "Cid"), by(1, "Ann"), by(4, "Cid")], [], 1)
    assert authors(reader) == {"Cid": 2, "Ann": 1, "Ben": 1}


def test_a_batch_that_fails_takes_its_numbers_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "index"
    index = open_index(path)
    index.apply([by(1, "Ann")], [], 1)
    with monkeypatch.context() as broken:
        broken.setattr(tantivy_index, "position_row", _refuse)
        with pytest.raises(ZeroDivisionError):
            index.apply([by(2, "Lost")], [], 2)
    index.apply([by(3, "Ben"), by(4, "Lost")], [], 2)
    assert authors(index) == {"Ann": 1, "Ben": 1, "Lost": 1}


def _refuse(*_: object) -> None:
    raise ZeroDivisionError


def test_more_values_than_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tantivy_values, "REMEMBERED", 5)
    monkeypatch.setattr(tantivy_index, "REMEMBERED", 5)
    index = open_index(tmp_path / "index")
    for turn in range(4):
        index.apply([by(20 * turn + n, f"Ann {n}") for n in range(20)], [], turn + 1)
    assert authors(index) == {f"Ann {n}": 4 for n in range(20)}
    told = index.facets(parse(""), FACETS, top=3)
    assert told["outlet"] == ((article(1, "").outlet, 80),) and len(told["author"]) == 3


def test_values_that_begin_alike_are_told_apart() -> None:
    numbers = Numbers()
    assert [numbers.of(value) for value in ("Ann", "Ann B", "An", "=Ann", "#0000", "Ann")] == [0, 1, 2, 3, 4, 0]
