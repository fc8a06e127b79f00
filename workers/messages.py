"""What travels on the queues: versioned JSON, never pickle.

A message is {"schema": SCHEMA, "order": {…}}. A page's body is not in it: that lies on the spool, and the message names
its row. So a lost message costs time, never a page, and Redis stays small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from cattrs.preconf.json import make_converter

from pipeline import errors
from pipeline.errors import StageFailed, Trouble, WirewatchError
from pipeline.types import Entry, FeedState, FetchTask, Read, Span
from workers.reading import Done

SCHEMA = 1
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FetchOrder:
    """Scheduler to crawler: an address to fetch. `state` is what is remembered of a polled one, None for a page."""

    task: FetchTask
    state: FeedState | None = None


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """Crawler to worker: a page on the spool. `again` when an earlier message may have been lost with its worker."""

    spool_id: int
    trace: str = ""  # id of the entry: the same in every log line about this page
    again: bool = False


@dataclass(frozen=True, slots=True)
class HeadlineOrder:
    """Scheduler to worker: an entry whose page cannot be had or has not come."""

    entry: Entry
    source_id: str
    seen: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One of our errors, as it travels: `kind` is its class."""

    kind: str
    message: str
    source_id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class FileOrder:
    """Worker to desk: what the stages made of a page. Exactly one of `read` and `problem` is there."""

    spool_id: int | None
    entry_id: str
    read: Read | None = None
    problem: Problem | None = None


def file_order(done: Done) -> FileOrder:
    """A finished page as it travels to the desk."""
    if isinstance(done.result, WirewatchError):
        error = done.result
        problem = Problem(type(error).__name__, error.message, error.source_id, error.url)
        return FileOrder(done.spool_id, done.entry_id, problem=problem)
    return FileOrder(done.spool_id, done.entry_id, read=done.result)


def done_of(order: FileOrder) -> Done:
    """And back again. An error of a kind that this release does not know is a StageFailed."""
    if order.read is not None:
        return Done(order.read, order.spool_id, order.entry_id)
    problem = order.problem or Problem("StageFailed", "the message held neither an article nor an error")
    kind = getattr(errors, problem.kind, None)
    known = isinstance(kind, type) and issubclass(kind, WirewatchError) and kind is not errors.BadQuery
    made = (kind if known and kind else StageFailed)(problem.message, source_id=problem.source_id, url=problem.url)
    return Done(made, order.spool_id, order.entry_id)


def pack(order: object) -> dict[str, Any]:
    """An order as the keyword arguments of its task: plain JSON values."""
    return {"schema": SCHEMA, "order": _converter.unstructure(order)}


def unpack(kind: type[T], message: Mapping[str, Any]) -> T:
    """The order in a message. Raise Trouble when another release wrote it, or it is none."""
    if message.get("schema") != SCHEMA:
        words = f"a message of schema {message.get('schema')!r} reached a release that knows schema {SCHEMA}"
        raise Trouble(f"{words}: upgrade all services together; what it asked for is asked again later")
    try:
        order: T = _converter.structure(message["order"], kind)
    except Exception as error:  # the converter raises groups of whatever was wrong
        raise Trouble(f"a message is no {kind.__name__}: {error}") from error
    return order


def _make_converter() -> Any:
    converter = make_converter()
    microsecond = timedelta(microseconds=1)
    converter.register_unstructure_hook(timedelta, lambda span: span // microsecond)
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(microseconds=value))
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    converter.register_unstructure_hook(Span, list)
    converter.register_structure_hook(Span, lambda value, _: Span(*value))
    return converter


_converter = _make_converter()
