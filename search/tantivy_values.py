"""What the facets' columns of a tantivy index hold: numbers, each of which stands for a value.

An aggregation over text decompresses the dictionary of each segment, however few articles match, and one over numbers
from here and there fills a hash table; over small numbers it is an array (`PagedTermMap` of tantivy's terms
aggregation). So values are numbered in the order in which they come, one numbering for all facets. It is part of the
index: each article brings with it what its numbers stand for, as terms of the field VALUE, and the row of the position
says which number is the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tantivy import Searcher

VALUE = "value"
REMEMBERED = 200_000  # values


def terms(number: int, value: str) -> tuple[str, str]:
    """The terms by which the value of a number is found, and the number of a value."""
    return f"{_beginning(number)}{value}", f"={value}\0{number}"


def _beginning(number: int) -> str:
    return f"#{number:08x}"


class Numbers:
    """The numbers of values, for one writer: those that the index has, and new ones from `next` on."""

    def __init__(self, searcher: Callable[[], Searcher | None] = lambda: None, begin: int = 0) -> None:
        self._searcher = searcher  # of the last commit
        self._known: dict[str, int] = {}
        self.next = begin

    def __len__(self) -> int:
        """How many it remembers."""
        return len(self._known)

    def of(self, value: str) -> int:
        """The number of a value, always the same as long as the index has it."""
        number = self._known.get(value)
        if number is None:
            number = self._known[value] = self._found(value)
        return number

    def _found(self, value: str) -> int:
        searcher = self._searcher()
        found = searcher.terms_with_prefix(VALUE, f"={value}\0", limit=1) if searcher else []
        if found:
            return int(found[0][0].rpartition("\0")[2])
        self.next += 1
        return self.next - 1


class Values:
    """What the numbers of one commit stand for; remembered."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self._known: dict[int, str] = {}

    def of(self, numbers: Iterable[int]) -> dict[int, str]:
        """The values of numbers that the commit holds."""
        found: dict[int, str] = {}
        for number in numbers:
            value = self._known.get(number)
            if value is None:
                begin = _beginning(number)
                value = self.searcher.terms_with_prefix(VALUE, begin, limit=1)[0][0].removeprefix(begin)
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                self._known[number] = value
            found[number] = value
        return found
