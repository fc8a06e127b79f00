"""A page that was read alone, as plain JSON values; `docs/commands.md` tells what each means."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from pipeline.errors import WirewatchError
from pipeline.read import Alone
from pipeline.types import Article, Fetched, FetchTask, Kind, Known, Source
from pipeline.urls import host_of
from records.columns import all_storable

NAMES = {"text": "articleBody"}  # fields that are called otherwise outside
NOBODY = Source(id="", name="", country="", language="", homepage="")


def page_of(body: bytes, url: str, when: datetime) -> Fetched:
    """A page that somebody has, as if it had been fetched from there then."""
    return Fetched(FetchTask(url, "", Kind.PAGE), url, 200, {}, body, when)


def page_json(id: str, read: Alone, source: Source, *, as_archived: bool) -> dict[str, Any]:
    """What was read; times are ISO 8601, what is not known is null."""
    article, rights = read.article, read.rights
    told: dict[str, Any] = {
        "id": id,
        "url": article.url or None,
        "title": article.title,
        "authors": list(article.authors or article.contributors.get("organization", ())),  # whoever signs it
        "contributors": {role: list(names) for role, names in article.contributors.items()},
        "published": time_json(article.published, article.published_offset),
        "modified": time_json(article.modified, article.modified_offset),
        "articleBody": article.text,
        "summary": article.summary or None,
        "language": article.language or None,
        "section": article.section or None,
        "keywords": list(article.keywords),
        "image": article.image or None,
        "outlet": source.name or read.site or host_of(article.url) or None,
        "paywalled": article.paywalled,
        "grade": str(article.grade),
        "wire": article.wire or None,
        "credit": article.credit or None,
        "dateline": dateline_json(article),
        "notices": list(article.notices),
        "rights": {
            "storage": str(rights.storage),
            "mining": rights.mining,
            "why": rights.why,
            "shown": "as archived" if as_archived else "whole",
        },
        "known": {NAMES.get(name, name): known_json(one) for name, one in known_of(article).items()},
    }
    plain: dict[str, Any] = all_storable(told)
    return plain


def error_json(id: str, error: WirewatchError) -> dict[str, Any]:
    """A page that could not be read."""
    told = {"id": id, "grade": None, "error": {"kind": type(error).__name__, "message": error.message}}
    plain: dict[str, Any] = all_storable(told)
    return plain


def dateline_json(article: Article) -> dict[str, Any] | None:
    """Places, day and agency of the dateline; None when there is none."""
    places, day, agency = article.dateline_places, article.dateline_date, article.dateline_agency
    if not places and day is None and not agency:
        return None
    return {"places": list(places), "date": day.isoformat() if day else None, "agency": agency or None}


def known_of(article: Article) -> dict[str, Known]:
    """How each field is known; the publication date has columns of its own in the records."""
    known = dict(article.known)
    if article.published and article.published_how:
        known.setdefault("published", Known(article.published_how, article.published_confidence))
    return known


def known_json(one: Known) -> dict[str, Any]:
    """As plain JSON values."""
    return {"how": one.how, "confidence": round(one.confidence, 2)}


def time_json(moment: datetime | None, offset: int | None) -> str | None:
    """ISO 8601 by the page's own clock, `offset` minutes east of UTC; in UTC where it names no zone."""
    if moment is None:
        return None
    try:
        return moment.astimezone(timezone(timedelta(minutes=offset or 0))).isoformat()
    except (ValueError, OverflowError):  # no zone is a day away, and no year comes before the first
        return moment.isoformat()
