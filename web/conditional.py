"""Conditional answers (RFC 9110): ETag, Last-Modified, 304.

The tag is a weak one, since what it names may be compressed on the way. Last-Modified is when this process first made
those bytes: what a feed says also changes by what it leaves out, which no time in the records tells.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request, Response

REMEMBERED = 10_000  # addresses
SECOND = timedelta(seconds=1)


class Memory:
    """When the bytes at an address became what they are. From any thread."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._known: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def since(self, address: str, tag: str, now: datetime) -> datetime:
        """To the second; always later than that of what was there before, be it within the same second."""
        with self._lock:
            last = self._known.pop(address, None)
            if last is None or last[0] != tag:
                second = now.astimezone(UTC).replace(microsecond=0)
                last = tag, max(second, last[1] + SECOND) if last else second
            self._known[address] = last
            if len(self._known) > self._most:
                self._known.popitem(last=False)
            return last[1]


def tag_of(body: bytes) -> str:
    """The entity tag of these bytes."""
    return f'W/"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'


def holds(tags: str, tag: str) -> bool:
    """Whether these tags, as If-None-Match and If-Match list them, hold that one (the weak comparison)."""
    held = {one.strip().removeprefix("W/") for one in tags.split(",")}
    return "*" in held or tag.removeprefix("W/") in held


def answer(
    request: Request, body: bytes, media_type: str, since: datetime, now: datetime, headers: Mapping[str, str]
) -> Response:
    """The body, or 304 when the caller has it."""
    tag = tag_of(body)
    told = dict(headers) | {"etag": tag}
    if since <= now:
        told["last-modified"] = format_datetime(since, usegmt=True)
    if _has(request, tag, since):
        return Response(status_code=304, headers=told)
    return Response(body, headers=told, media_type=media_type)


def _has(request: Request, tag: str, since: datetime) -> bool:
    """If-Modified-Since counts only where there is no If-None-Match."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return holds(tags, tag)
    try:
        had = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except (ValueError, OverflowError):
        return False
    return since <= (had if had.tzinfo else had.replace(tzinfo=UTC))
