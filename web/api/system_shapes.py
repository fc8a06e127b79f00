"""What is told of the house; see `web.api.shapes`."""

from __future__ import annotations

from pydantic import Field

from web.api.shapes import Told


class FindingTold(Told):
    """One part, and how it stands."""

    part: str
    good: bool
    words: str


class DoctorTold(Told):
    """All parts, in the order in which a run needs them."""

    sound: bool
    checks: list[FindingTold]


class IndexTold(Told):
    """The search index beside the change log of the records."""

    articles: int
    position: int
    last_change: int
    behind: int = Field(description="Changes that it does not know yet.")
    outdated: bool = Field(description="Another release made it: `wirewatch index migrate` makes it anew.")


class IdsTold(Told):
    """How many, and the first of them."""

    count: int
    ids: list[str]


class ComparedTold(Told):
    """Articles that differ between index and records."""

    same: bool
    behind: int = Field(description="Articles that are not indexed yet, which is no difference.")
    missing: IdsTold
    stale: IdsTold
    extra: IdsTold
    doubled: IdsTold


class RetagTold(Told):
    """How far `wirewatch retag` has come with the rules as they are now."""

    rules: str = Field(description="The digest of taxonomy and rules.")
    done: bool
    articles: int
    seen: int
    changed: int
    kept: int = Field(description="Articles whose text is not ours to keep: their tags stay.")
