"""HTTP manners, each a function with a name: what an answer means, and how long to stay away.

Pure but for `Resting`, the small table of hosts that asked for a pause.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pipeline.errors import Blocked, Gone, Refused, ServerFault, Throttled, Unreachable, WirewatchError
from pipeline.types import Kind

# Headers that a later stage reads; the rest of an answer's headers are dropped.
KEPT = (
    "content-type",
    "etag",
    "last-modified",
    "cache-control",
    "expires",
    "retry-after",
    "x-robots-tag",
    "tdm-reservation",
    "tdm-policy",
    "link",
    "content-language",
)
# Headers that only the crawler reads.
NEEDED = frozenset({*KEPT, "location", "cf-mitigated", "x-amzn-waf-action"})

ACCEPT = {
    Kind.FEED: "application/atom+xml, application/rss+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    Kind.SITEMAP: "application/xml, text/xml;q=0.9, */*;q=0.5",
    Kind.NEWS_SITEMAP: "application/xml, text/xml;q=0.9, */*;q=0.5",
    Kind.SECTION: "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
    Kind.PAGE: "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
}

PAUSE = 60.0  # seconds, doubled each time a host asks for a pause without saying how long
PAUSE_MAX = 24 * 3600.0

MEDIA = ("image/", "video/", "audio/", "font/")
READABLE = ("application/xhtml+xml", "application/xml")

# What the pages of bot defences say of themselves. Real pages behind the same defences carry some of these strings
# too, hence CHALLENGE_SIZE for answers with status 200: a challenge is small, an article's page is not.
CHALLENGES = (
    (b"<title>just a moment...", "Cloudflare"),
    (b"cf-challenge", "Cloudflare"),
    (b"captcha-delivery.com", "DataDome"),
    (b"px-captcha", "PerimeterX"),
    (b"_incapsula_resource", "Imperva"),
    (b"pardon our interruption", "Imperva"),
)
CHALLENGE_SIZE = 24 * 1024


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds a Retry-After header asks for (delta-seconds or HTTP-date), capped at a day; None if it says nothing."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), PAUSE_MAX)
    at = http_date(value)
    if at is None:
        return None
    return min(max((at - now).total_seconds(), 0.0), PAUSE_MAX)


def http_date(value: str) -> datetime | None:
    """An HTTP date in UTC, or None."""
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How long the answer calls itself fresh: Cache-Control max-age, else Expires; zero if neither says so."""
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return timedelta()
    found = re.search(r"\bmax-age\s*=\s*\"?(\d{1,9})", control)
    if found:
        return timedelta(seconds=int(found[1]))
    at = http_date(headers["expires"]) if headers.get("expires") else None
    return max(at - now, timedelta()) if at else timedelta()


def wrong_type(kind: Kind, content_type: str) -> bool:
    """Whether an address of this kind cannot be what its Content-Type says (PDF, image, video, download)."""
    media = content_type.partition(";")[0].strip().lower()
    if kind in (Kind.PAGE, Kind.SECTION):
        return bool(media) and not media.startswith("text/") and media not in READABLE
    return media.startswith(MEDIA) or media == "application/pdf"


def challenge(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """Whose bot challenge this answer is, or ""."""
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "Cloudflare"
    if headers.get("x-amzn-waf-action", "").lower() in ("challenge", "captcha"):
        return "AWS WAF"
    if status == 200 and (len(body) > CHALLENGE_SIZE or "html" not in headers.get("content-type", "").lower()):
        return ""
    if status not in (200, 401, 403, 405, 429, 503):
        return ""
    start = body[:CHALLENGE_SIZE].lower()
    return next((whose for mark, whose in CHALLENGES if mark in start), "")


def failure(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> WirewatchError | None:
    """Our error for an answer that is none, or None for a good one. `Throttled.retry_after` None = it did not say."""
    whose = challenge(status, headers, body)
    if whose:
        return Blocked(f"answered with a bot challenge ({whose}, status {status})")
    if 200 <= status < 300:
        return None
    pause = retry_after(headers["retry-after"], now) if "retry-after" in headers else None
    if status == 429 or (status == 503 and pause is not None):
        return Throttled(f"asks for a pause (status {status})", retry_after=pause)
    if status >= 500:
        return ServerFault(f"server fault (status {status})", retry_after=pause)
    if status in (404, 410):
        return Gone(f"no longer there (status {status})")
    if status in (408, 425):
        return Unreachable(f"the server gave up on the request (status {status})", retry_after=pause)
    if 300 <= status < 400:
        return Refused(f"redirects without saying where (status {status})")
    return Blocked(f"not let in (status {status})")


class Resting:
    """Hosts that asked for a pause, and until when. Others' tasks are turned away without a request meanwhile."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._strikes: dict[str, int] = {}

    def check(self, host: str, now: datetime) -> None:
        """Raise `Throttled`, with the seconds left, while the host rests."""
        until = self._until.get(host)
        if until is None:
            return
        left = (until - now).total_seconds()
        if left > 0:
            raise Throttled(f"{host} asked for a pause; {left:.0f} s of it are left", retry_after=left)
        del self._until[host]

    def begin(self, host: str, asked: float | None, now: datetime) -> float:
        """Let a host rest for what it asked, or for 60 s doubled with each pause in a row. Returns the seconds."""
        strikes = self._strikes.get(host, 0)
        self._strikes[host] = strikes + 1
        pause = asked if asked is not None else min(PAUSE * 2 ** min(strikes, 16), PAUSE_MAX)
        until = now + timedelta(seconds=pause)
        self._until[host] = max(until, self._until.get(host, until))
        return pause

    def end(self, host: str) -> None:
        """A good answer: the next pause starts from 60 s again."""
        self._strikes.pop(host, None)
