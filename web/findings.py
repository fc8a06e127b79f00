"""What was looked at for whoever runs this, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it is sound, and a sentence."""

    part: str
    good: bool
    words: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The index beside the records: ids of articles that differ. What it was not told yet is no difference."""

    missing: tuple[str, ...] = ()  # in the records, not in the index
    stale: tuple[str, ...] = ()  # another state of the article is in the index
    extra: tuple[str, ...] = ()  # in the index, not in the records
    doubled: tuple[str, ...] = ()  # more than once in the index
    behind: int = 0  # articles that are not indexed yet

    def ids(self) -> set[str]:
        """All articles that differ."""
        return {*self.missing, *self.stale, *self.extra, *self.doubled}
