"""Column types that mean the same on every database.

Text is any text but two kinds of character: NUL, which PostgreSQL cannot keep, and halves of surrogate pairs, which
are no characters and cannot be written as UTF-8. Neither means anything to a reader; every column leaves them out.

Times are whole microseconds since 1970-01-01 UTC in a BIGINT: exact, eight bytes, ordered as numbers, the same on
SQLite (which has no time type and would keep naive text) and PostgreSQL (whose answers depend on the session's zone).
To read one by hand: `datetime(first_seen / 1000000, 'unixepoch')`, or `to_timestamp(first_seen / 1e6)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, Row, Text
from sqlalchemy.types import TypeDecorator

from pipeline.types import Span, Tag

AnyRow = Row[*tuple[Any, ...]]  # of a SELECT whose columns the type checker need not know
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def storable(text: str) -> str:
    """Without NUL and lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "ignore").decode()
    return text


def all_storable(value: Any) -> Any:
    """The same of every text inside lists, tuples and dicts."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list | tuple):
        return type(value)(all_storable(one) for one in value)
    if isinstance(value, dict):
        return {storable(name): all_storable(one) for name, one in value.items()}
    return value


class Words(TypeDecorator[str]):
    """Text of any length."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """As it can be kept."""
        return None if value is None else storable(value)


class Values(TypeDecorator[dict[str, Any]]):
    """A JSON object."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> Any:
        """As it can be kept."""
        return all_storable(value)


class Instant(TypeDecorator[datetime]):
    """An aware datetime; a naive one is a TypeError, for nobody can know what it means."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Microseconds since the epoch."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Duration(TypeDecorator[timedelta]):
    """A timedelta as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """Microseconds."""
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> timedelta | None:
        """Back again."""
        return None if value is None else timedelta(microseconds=value)


class Names(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings as a JSON array."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> list[str]:
        """None is an empty one."""
        return [storable(one) for one in value or ()]

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[str, ...]:
        """A tuple, so that rows compare equal to the values they came from."""
        return tuple(value or ())


class Tags(TypeDecorator[tuple[Tag, ...]]):
    """Tags as a JSON array of [id, name, count, in title, places, kind].

    Places are [start, end, in title]. What is empty at the end is left out, as in rows written before it was kept.
    """

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Sequence[Tag] | None, dialect: Dialect) -> list[list[object]]:
        """None is an empty one."""
        return [_tag_row(tag) for tag in value or ()]

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[Tag, ...]:
        """Back again."""
        return tuple(_tag(*one) for one in value or ())


def _tag_row(tag: Tag) -> list[object]:
    row: list[object] = [storable(tag.id), storable(tag.name), tag.count, tag.in_title]
    if tag.spans or tag.kind:
        row.append([[span.start, span.end, int(span.in_title)] for span in tag.spans])
    if tag.kind:
        row.append(tag.kind)
    return row


def _tag(
    id: str, name: str, count: int, in_title: bool, spans: Sequence[Sequence[int]] = (), kind: str = "", *_: object
) -> Tag:
    placed = tuple(Span(start, end, bool(headline)) for start, end, headline in spans)
    return Tag(id, name, count, in_title, placed, kind)
