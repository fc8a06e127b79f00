"""What an index told is remembered as long as it holds the same, and no longer than a minute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from search.base import Index
from search.parse import parse
from search.tantivy_index import open_index
from tests.contract.index_backends import article
from web.remembering import MOST, remembering

EVERYTHING = parse("")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """With one article."""
    with closing(open_index(tmp_path / "index")) as index:
        index.apply([article(1)], [], 1)
        yield index


class Asked:
    """Counts how often the index itself is asked."""

    def __init__(self, index: Index) -> None:
        self.index, self.times = index, 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.index, name)

        def noting(*given: object, **named: object) -> object:
            self.times += name in ("count", "facets", "counts")
            return real(*given, **named)

        return noting


def test_the_same_is_asked_once_until_the_index_moves_on(index: Index) -> None:
    now = [datetime(2026, 3, 1).astimezone()]
    asked = Asked(index)
    told = remembering(asked, lambda: now[0])  # type: ignore[arg-type]
    for _ in range(3):
        assert told.count() == 1
        assert told.facets(EVERYTHING, ["country"]) == index.facets(EVERYTHING, ["country"])
        assert told.counts(EVERYTHING, "seen") == index.counts(EVERYTHING, "seen")
    assert asked.times == 3
    assert told.facets(EVERYTHING, ["country"], top=3) and asked.times == 4
    index.apply([article(2)], [], 2)
    assert told.count() == 2
    now[0] += timedelta(seconds=59)
    assert told.count() == 2 and asked.times == 5
    now[0] += timedelta(seconds=1)
    assert told.count() == 2 and asked.times == 6


def test_it_remembers_no_more_than_it_may(index: Index) -> None:
    asked = Asked(index)
    told = remembering(asked, lambda: datetime(2026, 3, 1).astimezone())  # type: ignore[arg-type]
    for top in range(1, MOST + 2):
        told.facets(EVERYTHING, ["country"], top=top)
    told.facets(EVERYTHING, ["country"], top=MOST)
    assert asked.times == MOST + 1
    told.facets(EVERYTHING, ["country"], top=1)
    assert asked.times == MOST + 2
    assert told.position() == 1
