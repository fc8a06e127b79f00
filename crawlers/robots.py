"""robots.txt: fetched through the same downloader as all else, kept for a day, obeyed at every hop.

What an answer means follows RFC 9309: 2xx is read, 4xx (but 429) allows all, anything else forbids all for the time
being, unless an older copy is at hand. A host whose robots.txt cannot be had is not "blocked": its tasks end as
`Unreachable` and come again.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from pipeline.errors import Blocked, Refused, Throttled, Unreachable, WirewatchError

AGENT = "Wirewatch"  # the product token that robots.txt files address
KEEP = timedelta(hours=24)  # RFC 9309, 2.4: not longer
KEEP_FAILURE = timedelta(minutes=10)
MAX_BODY = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB
MAX_DELAY = 30.0  # seconds; a larger crawl-delay is taken for a mistake
REMEMBERED = 4096  # origins whose parsed rules stay in memory


class RobotsStore(Protocol):
    """Keeps robots.txt answers over restarts. `status` is 0 when there was no answer; times are UTC."""

    def get(self, origin: str) -> tuple[int, bytes, datetime] | None:
        """The last answer of `origin` ("https://host:port"): status, body, when fetched."""
        ...

    def put(self, origin: str, status: int, body: bytes, fetched: datetime) -> None:
        """Keep an answer in place of the last one."""
        ...


class Rules:
    """What one robots.txt says. `delay` is its crawl-delay for us in seconds, capped, or 0."""

    def __init__(self, body: bytes = b"", agent: str = AGENT) -> None:
        self._agent = agent
        self._parser = Protego.parse(_tidy(body)) if body.strip() else None
        delay = self._parser.crawl_delay(agent) if self._parser else None
        self.delay = min(delay or 0.0, MAX_DELAY)

    def allow(self, url: str) -> bool:
        """Whether `url` may be fetched."""
        return self._parser is None or bool(self._parser.can_fetch(url, self._agent))


# Two things of RFC 9309 that Protego does otherwise. A group's name ends where its product token does ("Wirewatch/1.0"
# and "Wirewatch crawler" mean us), and a line that is no rule does not end the list of agents before it.
_NAMED = re.compile(r"^(\s*user[ -]?agent\s*:?\s*)(\*|[a-z_-]+)[^a-z_*\n-].*$", re.IGNORECASE | re.MULTILINE)
_NO_RULE = re.compile(
    r"^(?!\s*(?:user|allow|dis|dias|crawl|request|visit|site|host))[^\n:#]*:.*$", re.IGNORECASE | re.MULTILINE
)


def _tidy(body: bytes) -> str:
    """Text of at most MAX_BODY bytes without a byte order mark, be it whole or cut off, as Protego reads it right."""
    text = body[:MAX_BODY].removeprefix(b"\xef\xbb").removeprefix(b"\xbf").decode("utf-8", "replace")
    lines = "\n".join(text.replace("\x00", "").splitlines())
    return _NO_RULE.sub("", _NAMED.sub(r"\1\2", lines))


ALLOW_ALL = Rules()


@dataclass(frozen=True, slots=True)
class _Known:
    until: datetime
    rules: Rules = ALLOW_ALL
    failure: str = ""  # why there are no rules, in words
    refused: bool = False  # the host is none that we fetch from


class Robots:
    """Asks each origin once a day and answers for all tasks.

    `fetch` gets the address of a robots.txt and returns status and body; `pace` is told a host's crawl-delay.
    """

    def __init__(
        self,
        store: RobotsStore,
        fetch: Callable[[str], Awaitable[tuple[int, bytes]]],
        pace: Callable[[str, float], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._fetch = fetch
        self._pace = pace
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asking: dict[str, asyncio.Lock] = {}

    async def check(self, url: str) -> None:
        """Raise `Blocked` if robots.txt disallows `url`, `Unreachable` or `Throttled` if it cannot be had now, and
        `Refused` if its host is none that we fetch from.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.lower()}"
        known = self._remembered(origin)
        if known is None:
            known = await self._ask_once(origin, parts.hostname or "")
        if known.refused:
            raise Refused(known.failure)
        if known.failure:
            left = (known.until - self._clock()).total_seconds()
            raise Unreachable(f"robots.txt of {parts.hostname}: {known.failure}", retry_after=max(left, 1.0))
        if not known.rules.allow(url):
            raise Blocked(f"robots.txt of {parts.hostname} disallows this address")

    def _remembered(self, origin: str) -> _Known | None:
        known = self._known.get(origin)
        if known is None or known.until <= self._clock():
            return None
        self._known.move_to_end(origin)
        return known

    async def _ask_once(self, origin: str, host: str) -> _Known:
        """However many tasks wait for an origin, one of them asks."""
        lock = self._asking.setdefault(origin, asyncio.Lock())
        try:
            async with lock:
                known = self._remembered(origin)
                if known is None:
                    known = await self._ask(origin)
                    self._pace(host, known.rules.delay)
                    self._known[origin] = known
                    while len(self._known) > REMEMBERED:
                        self._known.popitem(last=False)
                return known
        finally:
            if not lock.locked():
                self._asking.pop(origin, None)

    async def _ask(self, origin: str) -> _Known:
        kept = self._store.get(origin)
        if kept is not None:
            status, body, fetched = kept
            until = fetched + (KEEP if _final(status) else KEEP_FAILURE)
            if until > self._clock():
                return _meaning(status, body, until)
        try:
            status, body = await self._fetch(origin + "/robots.txt")
            why = f"status {status}"
        except Throttled:
            raise
        except Refused as error:
            return _Known(self._clock() + KEEP_FAILURE, failure=error.message, refused=True)
        except WirewatchError as error:
            status, body, why = 0, b"", error.message
        now = self._clock()
        if _final(status):
            self._store.put(origin, status, body, now)
            return _meaning(status, body, now + KEEP)
        if kept is not None and _final(kept[0]):  # RFC 9309, 2.4: an old copy is better than none
            return _meaning(kept[0], kept[1], now + KEEP_FAILURE)
        self._store.put(origin, status, b"", now)
        return _Known(now + KEEP_FAILURE, failure=why)


def _final(status: int) -> bool:
    return 200 <= status < 500 and status != 429


def _meaning(status: int, body: bytes, until: datetime) -> _Known:
    if 200 <= status < 300:
        return _Known(until, Rules(body) if body.strip() else ALLOW_ALL)
    if _final(status):
        return _Known(until)
    return _Known(until, failure=f"status {status}" if status else "it could not be fetched")
