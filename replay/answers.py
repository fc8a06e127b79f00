"""What flows through the replay server: a request, an answer, and the Site that turns one into the other."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from enum import Enum
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

LEAST_TO_COMPRESS = 300
"""Bytes below which gzip gains nothing."""


class Ending(Enum):
    """How the bytes of an answer come to their end."""

    WHOLE = "whole"
    CUT = "cut"  # the length is promised, the connection closes half way
    RESET = "reset"  # the connection is torn down before a byte is sent


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `host` is lower case and without a port; `path` is as sent, without the query."""

    host: str
    path: str
    query: str = ""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Path and query, as sent."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def arguments(self) -> dict[str, str]:
        """The query's arguments; of a repeated one the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @classmethod
    def of(cls, url: str, method: str = "GET") -> Request:
        """The request that a client would send for an absolute address; for tests of sites without a socket."""
        parts = urlsplit(url)
        return cls(host=parts.hostname or "", path=parts.path or "/", query=parts.query, method=method)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `zipped` is the body compressed beforehand ("" = never compressed).

    `pace` is in bytes a second (0 = at once), `wait` in seconds before the first byte. `pieces`, when given, makes
    the body while it is sent and `body` is ignored.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    zipped: bytes = b""
    etag: str = ""
    last_modified: str = ""
    ending: Ending = Ending.WHOLE
    pace: int = 0
    wait: float = 0.0
    pieces: Callable[[], AsyncIterator[bytes]] | None = None

    def with_headers(self, **more: str) -> Answer:
        """The same answer with headers added; underscores in names stand for hyphens."""
        added = {name.replace("_", "-"): value for name, value in more.items()}
        return replace(self, headers={**self.headers, **added})


class Site(Protocol):
    """What answers for one host name. Called on the event loop, so it must not block for long."""

    async def answer(self, request: Request) -> Answer:
        """The answer to a request for this host; never raises."""
        ...


def http_date(when: datetime) -> str:
    """An HTTP date ("Tue, 24 Feb 2026 08:00:00 GMT") of an aware time."""
    return format_datetime(when.astimezone(UTC), usegmt=True)


def content(
    body: bytes | str, content_type: str, *, changed: datetime | None = None, compress: bool = True, tagged: bool = True
) -> Answer:
    """A good answer, made ready once: ETag from the bytes, Last-Modified from `changed`, gzip when it pays."""
    raw = body.encode() if isinstance(body, str) else body
    headers = {"Content-Type": content_type, "Cache-Control": "max-age=1"}
    zipped = gzip.compress(raw, 5, mtime=0) if compress and len(raw) >= LEAST_TO_COMPRESS else b""
    return Answer(
        body=raw,
        headers=headers,
        zipped=zipped,
        etag=f'"{len(raw):x}-{zlib.crc32(raw):08x}"' if tagged else "",
        last_modified=http_date(changed) if changed else "",
    )


def words(status: int, text: str) -> Answer:
    """A short answer in plain words."""
    return Answer(status=status, body=(text + "\n").encode(), headers={"Content-Type": "text/plain; charset=utf-8"})


def redirect(to: str, status: int = 301) -> Answer:
    """A redirect to an absolute address."""
    return words(status, f"This address has moved to {to}").with_headers(Location=to)


def not_modified(request: Request, answer: Answer) -> bool:
    """Whether the client already holds this answer (RFC 9110: If-None-Match goes before If-Modified-Since)."""
    if answer.status != 200 or request.method not in {"GET", "HEAD"}:
        return False
    if held := request.headers.get("if-none-match"):
        return bool(answer.etag) and answer.etag in {tag.strip().removeprefix("W/") for tag in held.split(",")}
    since = request.headers.get("if-modified-since")
    if not since or not answer.last_modified:
        return False
    if since == answer.last_modified:
        return True
    try:
        return parsedate_to_datetime(since) >= parsedate_to_datetime(answer.last_modified)
    except (ValueError, TypeError):
        return False
