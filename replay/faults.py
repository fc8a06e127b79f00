"""Misbehaviour declared as data: a site wrapped in the faults that its outlet file (or a test) lists."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from replay.answers import Answer, Ending, Request, Site, redirect, words

PIECE = 64 * 1024
ENDLESS_MOST = 256 * 1024 * 1024
"""Bytes after which a never-ending body ends after all, so that no client can hang a test for ever."""
HUGE_FEED = 50 * 1024 * 1024
LOOP = 1000


@dataclass(slots=True)
class Fault:
    """One kind of misbehaviour on the paths that `path` (a regular expression, searched) matches.

    `skip` requests pass first, then `times` of them fail (None = for ever); with `every` = n only each n-th does.
    """

    kind: str
    path: str = ""
    times: int | None = None
    skip: int = 0
    every: int = 1
    retry_after: int = 0  # seconds, for throttle and unavailable
    to: str = ""  # absolute address, for moved; \1 stands for what the path's first group matched
    status: int = 301  # for moved
    pace: int = 2000  # bytes a second, for slow
    wait: float = 0.0  # seconds before the first byte, for slow
    content_type: str = "text/plain"  # for wrong-type and bad-charset
    size: int = HUGE_FEED  # bytes, for huge-feed
    _seen: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault called {self.kind!r}; there are: {', '.join(sorted(KINDS))}")

    def strikes(self, request: Request) -> bool:
        """Whether this request is one that fails; counts it."""
        if not re.search(self.path, request.target):
            return False
        self._seen += 1
        turn = self._seen - self.skip
        if turn <= 0 or turn % self.every:
            return False
        return self.times is None or turn // self.every <= self.times


@dataclass(slots=True)
class FaultySite:
    """A site of which some answers go wrong. The first fault that strikes decides."""

    site: Site
    faults: list[Fault]

    async def answer(self, request: Request) -> Answer:
        """The site's answer, or what the fault makes of it."""
        for fault in self.faults:
            if fault.strikes(request):
                return await KINDS[fault.kind](fault, request, self.site)
        return await self.site.answer(request)


def faults_of(declared: Iterable[Mapping[str, object]]) -> list[Fault]:
    """Faults out of a TOML table array; hyphens in keys are allowed. Raises TypeError or ValueError on a bad one."""
    return [Fault(**{key.replace("-", "_"): value for key, value in one.items()}) for one in declared]  # type: ignore[arg-type]


async def _forbidden(fault: Fault, request: Request, site: Site) -> Answer:
    return words(403, "This page is for readers in a browser.")


async def _throttle(fault: Fault, request: Request, site: Site) -> Answer:
    return words(429, "Too many requests; please come back later.").with_headers(Retry_After=str(fault.retry_after))


async def _unavailable(fault: Fault, request: Request, site: Site) -> Answer:
    answer = words(503, "Closed for maintenance.")
    return answer.with_headers(Retry_After=str(fault.retry_after)) if fault.retry_after else answer


async def _moved(fault: Fault, request: Request, site: Site) -> Answer:
    found = re.search(fault.path, request.target)
    return redirect(found.expand(fault.to) if found else fault.to, fault.status)


async def _loop(fault: Fault, request: Request, site: Site) -> Answer:
    step = int(request.arguments.get("step", "0") or 0) % LOOP + 1
    return redirect(f"http://{request.host}{request.path}?step={step}", 302)


async def _slow(fault: Fault, request: Request, site: Site) -> Answer:
    return replace(await site.answer(request), pace=fault.pace, wait=fault.wait)


async def _cut(fault: Fault, request: Request, site: Site) -> Answer:
    return replace(await site.answer(request), ending=Ending.CUT)


async def _reset(fault: Fault, request: Request, site: Site) -> Answer:
    return Answer(status=500, ending=Ending.RESET)


async def _wrong_type(fault: Fault, request: Request, site: Site) -> Answer:
    return (await site.answer(request)).with_headers(Content_Type=fault.content_type)


async def _malformed(fault: Fault, request: Request, site: Site) -> Answer:
    """The last third is missing and a bare ampersand stands in the middle, as when a template breaks."""
    answer = await site.answer(request)
    body = answer.body[: len(answer.body) * 2 // 3]
    middle = body.find(b">", len(body) // 2) + 1
    return replace(answer, body=body[:middle] + b" & " + body[middle:], zipped=b"", etag="", last_modified="")


async def _endless(fault: Fault, request: Request, site: Site) -> Answer:
    opening = (await site.answer(request)).body

    async def pieces() -> AsyncIterator[bytes]:
        yield opening
        for _ in range(ENDLESS_MOST // PIECE):
            yield b"<!-- more to come -->\n".ljust(PIECE, b" ")

    return Answer(headers={"Content-Type": "text/html; charset=utf-8"}, pieces=pieces)


async def _huge_feed(fault: Fault, request: Request, site: Site) -> Answer:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'<?xml version="1.0"?><rss version="2.0"><channel><title>Everything ever</title><link>http://'
        yield request.host.encode() + b"/</link><description>The whole archive</description>\n"
        item, sent = 0, 0
        while sent < fault.size:
            batch = b"".join(_archive_item(request.host, item + n) for n in range(64))
            item, sent = item + 64, sent + len(batch)
            yield batch
        yield b"</channel></rss>\n"

    return Answer(headers={"Content-Type": "application/rss+xml"}, pieces=pieces)


def _archive_item(host: str, number: int) -> bytes:
    told = f"Number {number} of the archive, kept for completeness. " * 18
    link = f"http://{host}/archive/{number}"
    item = f"<item><title>Archive piece {number}</title><link>{link}</link><description>{told}</description></item>\n"
    return item.encode()


KINDS: Mapping[str, Callable[[Fault, Request, Site], Awaitable[Answer]]] = {
    "forbidden": _forbidden,
    "throttle": _throttle,
    "unavailable": _unavailable,
    "moved": _moved,
    "loop": _loop,
    "slow": _slow,
    "cut": _cut,
    "reset": _reset,
    "wrong-type": _wrong_type,
    "bad-charset": _wrong_type,
    "malformed": _malformed,
    "endless": _endless,
    "huge-feed": _huge_feed,
}
