"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Any

from pipeline.telling import Telling, moment
from web.feeds.feed import LANGUAGE, Feed, Format, clean, content, labels, language, name

VERSION = "https://jsonfeed.org/version/1.1"
MEDIA_TYPE = "application/feed+json"


def write(feed: Feed) -> bytes:
    """The document in UTF-8."""
    value = {
        "version": VERSION,
        "title": clean(feed.title),
        "description": clean(feed.description),
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": LANGUAGE,
        "items": [_item(one, feed.full) for one in feed.items],
    }
    return json.dumps(value, ensure_ascii=False).encode()


def _item(told: Telling, full: bool) -> dict[str, Any]:
    payload = told.to_json()
    item: dict[str, Any] = {"id": told.alert.id}
    if told.url:
        item["url"] = told.url
    item |= {
        "title": clean(told.title),
        "content_html": content(told, full),
        "date_published": moment(told.alert.made),
        "date_modified": moment(told.told),
        "tags": labels(told),
    }
    if told.summary:
        item["summary"] = clean(told.summary)
    if outlet := name(told.outlet):
        item["authors"] = [{"name": outlet}]
    if code := language(told):
        item["language"] = code
    return item | {"_wirewatch": {key: payload[key] for key in ("seq", "reason", "story", "detail")}}


JSON_FEED = Format("json", MEDIA_TYPE, write)
