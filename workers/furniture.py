"""What the reading stage leaves out at each outlet: the records' furniture, held in memory, looked up now and then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from records.base import Records

EVERY = timedelta(minutes=5)  # what is learned, or what a person says is text, reaches every reader within this time


class Furniture:
    """The keys of the paragraphs that are no text, by source."""

    def __init__(self, records: Records, clock: Callable[[], datetime], every: timedelta = EVERY) -> None:
        self._records, self._clock, self._every = records, clock, every
        self._looked: datetime | None = None
        self._keys: dict[str, frozenset[int]] = {}

    def of(self, source_id: str) -> frozenset[int]:
        """As last looked up; does not ask the records."""
        return self._keys.get(source_id, frozenset())

    def fresh(self, source_id: str) -> frozenset[int]:
        """The same, looked up again when that was long ago. Raise Away or Busy."""
        if self.stale:
            self.look()
        return self.of(source_id)

    @property
    def stale(self) -> bool:
        """Whether it is time to look again."""
        return self._looked is None or self._clock() - self._looked >= self._every

    def look(self) -> None:
        """Ask the records. Raise Away or Busy."""
        found: dict[str, set[int]] = defaultdict(set)
        for one in self._records.furniture():
            if one.dropped:
                found[one.source_id].add(one.key)
        self._keys = {source_id: frozenset(keys) for source_id, keys in found.items()}
        self._looked = self._clock()
