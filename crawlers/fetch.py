"""One task in, one outcome out: redirects hop by hop, each through guard, rests and robots.txt.

A redirect from https to http is followed: old outlets still do it, and we send nothing worth protecting (no cookies,
no credentials). Redirects in HTML (meta refresh) are not followed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response

from crawlers.decompress import ACCEPT_ENCODING
from crawlers.guard import Guard
from crawlers.manners import ACCEPT, KEPT, Resting, failure
from crawlers.robots import MAX_BODY as ROBOTS_BODY
from crawlers.robots import Robots, RobotsStore
from crawlers.transport import META, Wanted
from pipeline.errors import Refused, ServerFault, StageFailed, Throttled, WirewatchError
from pipeline.ids import content_hash
from pipeline.types import Fetched, FetchFailed, FetchTask, Kind, NotModified, Outcome

REDIRECTS = (301, 302, 303, 307, 308)
FOR_GOOD = (301, 308)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes after decompression, and hops."""

    page: int
    feed: int
    redirects: int

    def of(self, kind: Kind) -> int:
        """Largest body of an address of this kind."""
        return self.page if kind in (Kind.PAGE, Kind.SECTION) else self.feed


class _Astray(Refused):
    """More redirects than we follow."""


@dataclass(slots=True)
class _Found:
    """Where the hops led."""

    url: str
    response: Response
    for_good: str = ""


class Fetcher:
    """Fetches tasks through `download`, Scrapy's downloader. `pace` sets the delay of a host's slot (seconds)."""

    def __init__(
        self,
        download: Callable[[Request], Awaitable[Response]],
        pace: Callable[[str, float], None],
        robots: RobotsStore,
        *,
        user_agent: str,
        limits: Limits,
        guard: Guard,
        resting: Resting,
        clock: Callable[[], datetime],
    ) -> None:
        self._download = download
        self._agent = user_agent
        self._limits = limits
        self._guard = guard
        self._resting = resting
        self._clock = clock
        self._robots = Robots(robots, self._robots_txt, pace, clock)

    async def fetch(self, task: FetchTask) -> Outcome:
        """The outcome of one task. Never raises but when cancelled."""
        wanted = Wanted(self._limits.of(task.kind), task.kind)
        try:
            return await self._outcome(task, wanted)
        except _Astray as why:  # known by its public name to all who count, keep and compare errors
            error: WirewatchError = Refused(why.message)
        except WirewatchError as why:
            error = why
        except Exception as why:
            error = StageFailed(f"the crawler stumbled over it: {why!r}")
        error.source_id, error.url = task.source_id, task.url
        return FetchFailed(task, error, self._clock(), wanted.status)

    async def _outcome(self, task: FetchTask, wanted: Wanted) -> Outcome:
        headers = {"User-Agent": self._agent, "Accept": ACCEPT[task.kind], "Accept-Encoding": ACCEPT_ENCODING}
        if task.etag:
            headers["If-None-Match"] = task.etag
        if task.last_modified:
            headers["If-Modified-Since"] = task.last_modified
        found = await self._follow(task.url, wanted, headers)
        status, body = found.response.status, found.response.body
        seen = _plain(found.response)
        now = self._clock()
        kept = {name: seen[name] for name in KEPT if name in seen}
        host = urlsplit(found.url).hostname or ""
        if status == 304:
            if not (task.etag or task.last_modified):
                raise ServerFault("answered 304 to an unconditional request")
            self._resting.end(host)
            return NotModified(task, now, kept)
        error = failure(status, seen, body, now)
        if isinstance(error, Throttled):
            error.retry_after = self._resting.begin(host, error.retry_after, now)
        if error is not None:
            raise error
        self._resting.end(host)
        digest = content_hash(body)
        if digest == task.content_hash:
            return NotModified(task, now, kept, same_bytes=True)
        return Fetched(task, found.url, status, kept, body, now, digest, found.for_good)

    async def _follow(self, url: str, wanted: Wanted, headers: Mapping[str, str], *, robots: bool = True) -> _Found:
        for_good, still = "", True
        for _ in range(self._limits.redirects + 1):
            self._guard.check_url(url)
            host = (urlsplit(url).hostname or "").lower()
            self._resting.check(host, self._clock())
            if robots:
                await self._robots.check(url)
            wanted.status = 0
            response = await self._send(url, host, wanted, headers)
            target = response.headers.get("Location")
            if response.status not in REDIRECTS or not target:
                return _Found(url, response, for_good)
            url = _joined(url, target)
            still = still and response.status in FOR_GOOD
            for_good = url if still else for_good
        raise _Astray(f"more than {self._limits.redirects} redirects")

    async def _send(self, url: str, host: str, wanted: Wanted, headers: Mapping[str, str]) -> Response:
        try:
            request = Request(url, headers=dict(headers), meta={META: wanted, "download_slot": host})
        except ValueError as why:
            raise Refused(f"not an address: {why}") from why
        self._guard.check_url(request.url)  # once more as it will be sent: IDNA may have made a number of the host
        return await self._download(request)

    async def _robots_txt(self, url: str) -> tuple[int, bytes]:
        wanted = Wanted(ROBOTS_BODY, cut=True)
        headers = {"User-Agent": self._agent, "Accept": "text/plain, */*;q=0.5", "Accept-Encoding": ACCEPT_ENCODING}
        try:
            found = await self._follow(url, wanted, headers, robots=False)
        except _Astray:  # RFC 9309, 2.3.1.2: as good as none
            return 404, b""
        status, now = found.response.status, self._clock()
        host = urlsplit(found.url).hostname or ""
        error = failure(status, _plain(found.response), b"", now)
        if isinstance(error, Throttled):
            error.retry_after = self._resting.begin(host, error.retry_after, now)
            raise error
        return status, found.response.body if 200 <= status < 300 else b""


def _joined(url: str, location: bytes) -> str:
    try:
        return urljoin(url, location.decode("utf-8", "replace").strip())
    except ValueError as why:
        raise Refused(f"redirects to what is no address: {why}") from why


def _plain(response: Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): values[-1].decode("latin-1") for name, values in response.headers.items()}
