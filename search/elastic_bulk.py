"""Writing in bulk: each item is looked after by itself.

Items carry external versions, so that order and repetition do not matter: a version conflict means that the index
has this state or a later one, and counts as written.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from search.elastic_errors import cause_of, is_block, ours

CHUNK_BYTES = 800_000  # of one request: a batch of the indexer is five or six, made and sent side by side
CHUNK_ITEMS = 1000
# Seconds in which the sender gets a request out before this thread makes the next one: once this one computes, the
# interpreter lets the sender go on only when it is done (measured: they took turns, 2,400 articles/s instead of 3,700).
HEAD_START = 0.003
PATIENCE = "10s"  # the server waits so long for a shard that is nowhere
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds before an item is sent again that the server had no room for
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Item:
    """One write: the row of an article, or with `row` None its deletion."""

    index: str
    id: str
    version: int
    row: bytes | None

    def lines(self) -> list[bytes]:
        """As the bulk request has it."""
        action = "delete" if self.row is None else "index"
        target = {"_index": self.index, "_id": self.id, "version": self.version, "version_type": "external_gte"}
        head = json.dumps({action: target}).encode()
        return [head] if self.row is None else [head, self.row]

    def size(self) -> int:
        """Bytes, about."""
        return 150 + len(self.row or b"")


@dataclass
class Outcome:
    """What did not go the usual way."""

    refused: dict[str, str] = field(default_factory=dict)  # article id -> why the server cannot take that document
    homeless: list[Item] = field(default_factory=list)  # their index does not exist


class Bulk:
    """Sends items in chunks: one is under way while the next is made."""

    def __init__(self, client: Elasticsearch, where: str, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._where = where
        self._sleep = sleep

    def write(self, items: Iterable[Item]) -> Outcome:
        """Write them all. Raise DiskFull, Away, Trouble or Corrupt; what was sent until then stays."""
        outcome = Outcome()
        with ThreadPoolExecutor(1, thread_name_prefix="bulk") as sender:
            under_way: Future[None] | None = None
            for chunk in _chunks(items):
                if under_way is not None:
                    under_way.result()
                under_way = sender.submit(self._send, chunk, outcome)
                wait([under_way], timeout=HEAD_START)
            if under_way is not None:
                under_way.result()
        return outcome

    def _send(self, chunk: Sequence[Item], outcome: Outcome) -> None:
        for pause in (*PAUSES, None):
            later, cause = self._attempt(chunk, outcome)
            if not later:
                return
            if pause is None:
                raise ours(self._where, 429, cause)
            _log.info("Elasticsearch has no room for %d items; again in %.1f s", len(later), pause)
            self._sleep(pause)
            chunk = later

    def _attempt(self, chunk: Sequence[Item], outcome: Outcome) -> tuple[list[Item], dict[str, Any]]:
        """Send once; the items that are to be sent again, and why."""
        operations: list[Any] = [line for item in chunk for line in item.lines()]
        try:
            answer = self._client.bulk(
                operations=operations, timeout=PATIENCE, filter_path="errors,items.*.status,items.*.error"
            )
        except ApiError as error:
            return self._whole(chunk, outcome, error)
        if not answer["errors"]:
            return [], {}
        later: list[Item] = []
        why: dict[str, Any] = {}
        for item, told in zip(chunk, answer["items"], strict=True):
            (result,) = told.values()
            status, cause = result["status"], result.get("error", {})
            if "error" not in result or status == 409 or (status == 404 and item.row is None):
                continue
            if status == 404:
                outcome.homeless.append(item)
            elif is_block(cause) or status >= 500 or status in (401, 403):
                raise ours(self._where, status, cause)
            elif status == 429:
                later.append(item)
                why = cause
            else:
                _refuse(outcome, item, _reason(cause))
        return later, why

    def _whole(self, chunk: Sequence[Item], outcome: Outcome, error: ApiError) -> tuple[list[Item], dict[str, Any]]:
        """The request was refused as a whole: for lack of room, or for its size or one of its items."""
        if error.meta.status == 429 and not is_block(cause_of(error)):
            return list(chunk), dict(cause_of(error))
        if error.meta.status not in (400, 413):
            raise error
        if len(chunk) == 1:
            _refuse(outcome, chunk[0], _reason(cause_of(error)))
            return [], {}
        later: list[Item] = []
        why: dict[str, Any] = {}
        middle = len(chunk) // 2
        for half in (chunk[:middle], chunk[middle:]):
            some, told = self._attempt(half, outcome)
            later += some
            why = told or why
        return later, why


def _refuse(outcome: Outcome, item: Item, reason: str) -> None:
    _log.error("Elasticsearch cannot take article %s into %s: %s", item.id, item.index, reason)
    outcome.refused[item.id] = reason


def _reason(cause: Mapping[str, Any]) -> str:
    inner = cause.get("caused_by", {}).get("reason", "")
    return f"{cause.get('type', '')}: {cause.get('reason', '')} {inner}".strip()[:400]


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    size = 0
    for item in items:
        if chunk and (size + item.size() > CHUNK_BYTES or len(chunk) >= CHUNK_ITEMS):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += item.size()
    if chunk:
        yield chunk
