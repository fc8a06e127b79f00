"""RSS 0.9x to 2.0, RSS 1.0 (RDF) and Atom: the fast reader where a feed is plain, feedparser where it is not."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from crawlers.entries import (
    MAX_ENTRIES,
    believe,
    date_of,
    headline,
    language_code,
    make_entry,
    person_name,
    plain,
    shorten,
    unique,
)
from crawlers.fastfeed import read_fast
from crawlers.pauses import read_schedule
from crawlers.xmlguard import refuse_bombs, whole
from pipeline.errors import Unreadable
from pipeline.types import Entry, Listing

JUDGED_BODY = 2 << 20  # bytes given to feedparser: on the worst of input it takes 7 s a megabyte
# A declaration that can be read byte by byte is not in UTF-16, whatever it says: programs write it who hold text so.
_TWO_BYTES = re.compile(
    rb"""\A((?:\xef\xbb\xbf)?<\?xml[^>]{0,80}?encoding\s*=\s*["'])(?:utf|ucs)-?(?:16|32|2|4)(?:le|be)?(?=["'])""", re.I
)
_HTML = frozenset(("text/html", "application/xhtml+xml"))
_NAMES = {
    "rss090": "rss 0.90",
    "rss091n": "rss 0.91",
    "rss091u": "rss 0.91",
    "rss092": "rss 0.92",
    "rss093": "rss 0.93",
    "rss094": "rss 0.94",
    "rss20": "rss 2.0",
    "rss10": "rss 1.0",
    "rss": "rss",
    "atom01": "atom 0.1",
    "atom02": "atom 0.2",
    "atom03": "atom 0.3",
    "atom10": "atom 1.0",
    "atom": "atom",
    "cdf": "cdf",
}


def read_feed(body: bytes, url: str, headers: Mapping[str, str], fetched: datetime) -> Listing:
    """Read a feed found at `url` (absolute; relative links are resolved against it).

    Raises Unreadable when nothing makes a feed of it, Refused for an entity bomb or a body over MAX_BODY.
    """
    given = _TWO_BYTES.sub(rb"\1utf-8", body.lstrip(), count=1)
    body, warning = whole(given, url)
    fast = read_fast(body, headers, fetched)
    if fast is None and len(body) > JUDGED_BODY:
        body, warning = whole(given, url, JUDGED_BODY)
    if fast is not None:
        return replace(fast, warning="; ".join(filter(None, (warning, fast.warning)))) if warning else fast
    return judged(body, url, headers, fetched, warning)


def judged(body: bytes, url: str, headers: Mapping[str, str], fetched: datetime, warning: str = "") -> Listing:
    """What feedparser makes of it: the judge of everything odd. Raises as `read_feed`."""
    refuse_bombs(body, url)
    parse = _feedparser()
    content_type = headers.get("content-type", "") or "application/xml"
    given = {"content-type": content_type, "content-location": url}
    try:
        parsed = parse(body, response_headers=given, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # its old corners raise what they like (AttributeError, RecursionError, …)
        raise Unreadable(f"not a feed that can be read: {type(error).__name__}: {error}", url=url) from error
    complaint = _complaint(parsed)
    found = list(parsed.entries)
    if not found and (not parsed.get("version") or complaint):
        raise Unreadable(f"not a feed: {complaint or 'neither RSS nor Atom'}", url=url)
    feed = parsed.feed
    atom = str(parsed.get("version") or "").startswith("atom")
    language = language_code(str(feed.get("language") or ""))
    entries, lost = unique(_entry(entry, atom, language, fetched) for entry in found[:MAX_ENTRIES])
    if not entries and complaint:
        raise Unreadable(f"no entry with an address: {complaint}", url=url)
    schedule = read_schedule(body)
    notes = [warning, complaint]
    if lost:
        notes.append(f"{lost} entries without an http address")
    if len(found) > MAX_ENTRIES:
        notes.append(f"only {MAX_ENTRIES} of {len(found)} entries read")
    return Listing(
        entries,
        _NAMES.get(str(parsed.get("version") or ""), "feed"),
        "feedparser",
        title=headline(str(feed.get("title") or ""), not atom or (feed.get("title_detail") or {}).get("type") in _HTML),
        language=language,
        home=str(feed.get("link") or ""),
        ttl=schedule.ttl,
        skip_hours=schedule.skip_hours,
        skip_days=schedule.skip_days,
        warning="; ".join(filter(None, notes)),
    )


@lru_cache(maxsize=1)
def _feedparser() -> Callable[..., Any]:
    """feedparser's parse, imported when first needed: most processes never need it."""
    import feedparser

    parse: Callable[..., Any] = feedparser.parse
    return parse


def _complaint(parsed: Any) -> str:
    """What is not well-formed, in words; wrong content types are too common to speak of."""
    error = parsed.get("bozo_exception")
    kind = type(error).__name__
    if not parsed.get("bozo") or kind == "NonXMLContentType":
        return ""
    if kind == "CharacterEncodingOverride":
        return f"encoding is not the declared one: {error}"
    return f"not well-formed: {getattr(error, 'getMessage', lambda: error)()}"


def _entry(entry: Any, atom: bool, language: str, fetched: datetime) -> Entry | None:
    """Our entry of feedparser's."""
    link = str(entry.get("link") or "")
    if not link:
        linked = [x.get("href") for x in entry.get("links", ()) if x.get("rel") == "alternate" and x.get("href")]
        link = str(linked[0] if linked else entry.get("id") or "")
    dates = [
        (f"feed:{name}", str(dict.get(entry, name) or ""), _utc(entry, name))
        for name in ("published", "updated", "created")
    ]
    published, how = date_of(dates, fetched)
    detail, summary = entry.get("summary_detail"), str(entry.get("summary") or "")
    if (not summary or not detail) and entry.get("content"):
        detail = entry["content"][0]
        summary = summary or str(detail.get("value") or "")
    detail = detail or {}
    summary = plain(summary) if not atom or detail.get("type") in _HTML else shorten(" ".join(summary.split()), 1000)
    title_type = (entry.get("title_detail") or {}).get("type")
    names = [str(author.get("name") or "").strip() for author in entry.get("authors", ())]
    if len(names) == 1 and not atom and (name := person_name(str(entry.get("author") or ""))) is not None:
        names = [name]  # feedparser knows no top-level domain of more than four letters
    tags = [str(tag.get("term") or "").strip() for tag in entry.get("tags", ())]
    return make_entry(
        link,
        title=headline(str(entry.get("title") or ""), not atom or title_type in _HTML),
        summary=summary,
        authors=tuple(dict.fromkeys(filter(None, names))),
        published=published,
        how=how,
        language=language_code(str(entry.get("language") or "")) or language,
        tags=tuple(dict.fromkeys(filter(None, tags))),
        edited=dates[1][1],
    )


def _utc(entry: Any, name: str) -> datetime | None:
    """A date that feedparser read (a UTC tuple), as far as it can be believed."""
    parsed = dict.get(entry, name + "_parsed")
    read = None
    if parsed is not None:
        with suppress(ValueError, OverflowError):
            read = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    return believe(str(dict.get(entry, name) or ""), read)
