"""One shape for every list that can grow: `limit` and `after` in, the rows and `next` out.

`next` is what to ask `after` for the next page, "" at the end. It names the last row by what the list is ordered by, so
that what comes or goes meanwhile shifts nothing.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import BadInput

MOST = 1000
Row = TypeVar("Row")
Key = tuple[str | int, ...]


class Paged(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=100, ge=1, le=MOST, description="So many at most.")
    after: str = Field(default="", max_length=2000, description="The `next` of the page before.")


Limit = Annotated[int, Query(ge=1, le=MOST, description="So many at most.")]
After = Annotated[str, Query(max_length=2000, description="The `next` of the page before.")]
PagedQuery = Annotated[Paged, Query()]


def sliced(rows: Iterable[Row], key: Callable[[Row], Key], asked: Paged) -> tuple[list[Row], str]:
    """One page of rows that are held in memory, in the order of their key. Raise BadInput for a strange cursor."""
    ordered = sorted(rows, key=key)
    if asked.after:
        last = from_text(asked.after, key(ordered[0]) if ordered else ())
        ordered = [one for one in ordered if key(one) > last]
    return cut(ordered, key, asked.limit)


def following(rows: Sequence[Row], name: Callable[[Row], str], asked: Paged) -> tuple[list[Row], str]:
    """One page of rows in an order of their own. Raise BadInput when the row that the cursor names is gone."""
    begin = 0
    if asked.after:
        (last,) = from_text(asked.after, ("",))
        begin = next((place for place, one in enumerate(rows, 1) if name(one) == last), 0)
        if not begin:
            raise BadInput(f"{last!r}, after which the page begins, is gone: begin anew")
    return cut(list(rows[begin:]), lambda one: (name(one),), asked.limit)


def cut(rows: list[Row], key: Callable[[Row], Key], limit: int) -> tuple[list[Row], str]:
    """The first of them, and the cursor to the rest: of one more than `limit` asked for, say."""
    shown = rows[:limit]
    return shown, to_text(key(shown[-1])) if len(rows) > limit else ""


def to_text(key: Key) -> str:
    """A cursor for addresses; it grants nothing, so it is not signed."""
    return urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def from_text(cursor: str, like: Key) -> Key:
    """The key, of the same types as `like` (whose length tells nothing when it is empty). Raise BadInput."""
    try:
        read = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(read, list) or not all(map(_storable, read)):
            raise ValueError
        if like and [type(one) for one in read] != [type(one) for one in like]:
            raise ValueError
    except ValueError:
        raise BadInput("`after` is the `next` of the page before, and of this list") from None
    return tuple(read)


def _storable(one: object) -> bool:
    """Whether a database takes it. Raise ValueError for what is no text at all."""
    if type(one) is int:
        return abs(one) < 2**63
    if not isinstance(one, str):
        return False
    one.encode()
    return "\0" not in one
