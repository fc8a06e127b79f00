"""An index that remembers what it told of all that matches, for as long as it holds the same articles.

Pages of one search, and searches of one window, ask again and again for the same counts.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from search.base import Asked, Index, Span, Survey
from search.facets import Facet

MOST = 500  # answers
LONGEST = timedelta(minutes=1)  # a service may show what it applied a moment after it told its position
T = TypeVar("T")


def remembering(index: Index, clock: Callable[[], datetime]) -> Index:
    """The same index with a memory, as its readers see it; safe for many threads."""
    return cast(Index, _Remembering(index, clock))


class _Remembering:
    def __init__(self, index: Index, clock: Callable[[], datetime]) -> None:
        self._index, self._clock = index, clock
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, tuple[datetime, Any]] = OrderedDict()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def count(self) -> int:
        return self._told(("count",), self._index.count)

    def facets(self, query: Asked, names: Sequence[str], *, top: int = 10) -> Mapping[str, Facet]:
        key = ("facets", query, tuple(names), top)
        return self._told(key, lambda: self._index.facets(query, names, top=top))

    def counts(self, query: Asked, field: str, *, hourly: bool = False) -> Mapping[datetime, int]:
        key = ("counts", query, field, hourly)
        return self._told(key, lambda: self._index.counts(query, field, hourly=hourly))

    def survey(
        self, query: Asked, names: Sequence[str] = (), *, top: int = 10, by: str = "", hourly: bool = False
    ) -> Survey:
        key = ("survey", query, tuple(names), top, by, hourly)
        return self._told(key, lambda: self._index.survey(query, names, top=top, by=by, hourly=hourly))

    def stories(self, query: Asked, spans: Sequence[Span] = ()) -> list[int]:
        return list(self._told(("stories", query, tuple(spans)), lambda: self._index.stories(query, spans)))

    def _told(self, key: Hashable, ask: Callable[[], T]) -> T:
        now, key = self._clock(), (self._index.position(), key)
        with self._lock:
            known = self._known.get(key)
            if known and timedelta() <= now - known[0] < LONGEST:
                self._known.move_to_end(key)
                return cast(T, known[1])
        told = ask()
        with self._lock:
            self._known[key] = now, told
            self._known.move_to_end(key)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return told
