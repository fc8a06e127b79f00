"""JSON Feed 1.0 and 1.1."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from crawlers.entries import (
    MAX_BODY,
    MAX_ENTRIES,
    date_of,
    headline,
    language_code,
    make_entry,
    parse_when,
    plain,
    shorten,
    unique,
)
from pipeline.errors import Refused, Unreadable
from pipeline.types import Entry, Listing


def read_json_feed(body: bytes, url: str, fetched: datetime) -> Listing:
    """Read a JSON Feed found at `url`: a byte order mark and missing or odd parts are forgiven, bad JSON is not.

    Raises Unreadable, or Refused when it is larger than MAX_BODY.
    """
    if len(body) > MAX_BODY:
        raise Refused(f"too large: {len(body) >> 20} MB, the limit is {MAX_BODY >> 20} MB", url=url)
    try:
        feed = json.loads(body.decode(json.detect_encoding(body)))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}", url=url) from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise Unreadable("JSON, but not a JSON Feed: it has no list of items", url=url)
    language = language_code(_text(feed, "language"))
    items = [item for item in feed["items"] if isinstance(item, dict)]
    entries, lost = unique(_entry(item, feed, url, language, fetched) for item in items[:MAX_ENTRIES])
    version = _text(feed, "version")
    notes = [] if "jsonfeed.org/version/1" in version else [f"no known version: {version[:60]!r}"]
    if lost or len(items) < len(feed["items"]):
        notes.append(f"{lost + len(feed['items']) - len(items)} entries without an http address")
    if len(items) > MAX_ENTRIES:
        notes.append(f"only {MAX_ENTRIES} of {len(items)} entries read")
    return Listing(
        entries,
        "json feed 1.1" if version.endswith("1.1") else "json feed 1.0",
        "json",
        title=headline(_text(feed, "title"), False),
        language=language,
        home=_text(feed, "home_page_url"),
        warning="; ".join(notes),
    )


def _entry(item: dict[str, Any], feed: dict[str, Any], base: str, language: str, fetched: datetime) -> Entry | None:
    """`url` is the story; `external_url` only stands in for it, and an id that is an address for both."""
    link = _text(item, "url") or _text(item, "external_url") or _text(item, "id")
    if not link.startswith(("http://", "https://")):
        if not link or link == _text(item, "id"):
            return None
        try:
            link = urljoin(base, link)
        except ValueError:
            return None
    dates = [(f"feed:{name}", raw, parse_when(raw)) for name, raw in _dates(item)]
    published, how = date_of(dates, fetched)
    text = _text(item, "summary") or _text(item, "content_text")
    people = _people(item) or _people(feed)
    tags = item.get("tags")
    return make_entry(
        link,
        title=headline(_text(item, "title"), False),
        summary=shorten(" ".join(text.split()), 1000) if text else plain(_text(item, "content_html")),
        authors=people,
        published=published,
        how=how,
        language=language_code(_text(item, "language")) or language,
        tags=tuple(dict.fromkeys(t.strip() for t in tags if isinstance(t, str) and t.strip()))
        if isinstance(tags, list)
        else (),
        edited=_text(item, "date_modified"),
    )


def _dates(item: dict[str, Any]) -> list[tuple[str, str]]:
    return [("published", _text(item, "date_published")), ("updated", _text(item, "date_modified"))]


def _people(holder: dict[str, Any]) -> tuple[str, ...]:
    """Names of `authors` (1.1) or `author` (1.0)."""
    given = holder.get("authors") or [holder.get("author")]
    people = given if isinstance(given, list) else [given]
    return tuple(dict.fromkeys(n for p in people if isinstance(p, dict) and (n := _text(p, "name"))))


def _text(holder: dict[str, Any], key: str) -> str:
    """A string of the feed, trimmed; "" for anything else."""
    value = holder.get(key)
    return value.strip() if isinstance(value, str) else ""
