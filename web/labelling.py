"""What persons say of copies, for pages, API and command line alike: as JSON, and as an evaluation set."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pipeline.errors import BadInput
from pipeline.labels import Label
from records.base import Records
from records.values import ArticleView


def label_of(records: Records, number: int) -> Label | None:
    """The label of that number."""
    return next((one for one in records.labels() if one.id == number), None)


def say(records: Records, a: str, b: str, same: bool, by: str, note: str, now: datetime) -> Label:
    """Label two articles, by id or address. Raise BadInput for an unknown one, or when other labels say otherwise."""
    return records.say(_article(records, a), _article(records, b), same, by, note, now)


def _article(records: Records, what: str) -> str:
    view = records.article(what)
    if view is None:
        raise BadInput(f"no article is called {what}: give an id (a…) or the address of a page in the archive")
    return view.article.id


def evaluation_set(records: Records, now: datetime) -> tuple[dict[str, str], int, int]:
    """The labels that stand, as files by name: docs.jsonl for `wirewatch fold`, and labels.jsonl to hold it against.

    Then how many labels and how many articles they hold. An article without a time counts as of `now`.
    """
    found = [one for one in records.labels() if one.undone is None]
    views = {id: records.article(id) for one in found for id in (one.a, one.b)}
    kept = [view for view in views.values() if view is not None]
    told = [one for one in found if views[one.a] and views[one.b]]
    kept.sort(key=lambda view: (view.article.first_seen or now, view.article.id))
    files = {"docs.jsonl": _lines(map(_doc_json, kept)), "labels.jsonl": _lines(map(label_json, told))}
    return files, len(told), len(kept)


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def label_json(one: Label) -> dict[str, Any]:
    """As plain JSON values; times are ISO 8601, UTC."""
    return {
        "id": one.id, "a": one.a, "b": one.b, "same": one.same, "by": one.by, "note": one.note,
        "made": one.made.isoformat(), "undone": one.undone.isoformat() if one.undone else None,
    }  # fmt: skip


def _doc_json(view: ArticleView) -> dict[str, Any]:
    one = view.article
    when = one.published or one.first_seen
    return {
        "id": one.id, "outlet": one.source_id, "url": one.url, "published": when.isoformat() if when else None,
        "title": one.title, "text": one.text or one.summary,
    }  # fmt: skip
