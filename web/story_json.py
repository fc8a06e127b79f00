"""A story's provenance and the difference of two texts as plain JSON values, for the API and `--json`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipeline.align import Span, unpack
from pipeline.novelty import Novelty
from pipeline.origin import Origin
from pipeline.provenance import Passage
from pipeline.revisions import Revised
from web.comparing import Difference, Side
from web.lookup import Carrier, Traced


def trace_json(story: Traced) -> dict[str, Any]:
    """A story and its tree as plain JSON values; times are ISO 8601, UTC, places are characters of the texts."""
    origin = story.provenance.origin
    return {
        "id": story.id,
        "title": story.carriers[0].view.article.title,
        "agency": None if origin is None else _origin_json(origin),
        "earliest": story.carriers[0].derived.article_id,
        "copies": [_carrier_json(one) for one in story.carriers],
        "event": _event_json(story),
        "labels": [{"id": one.id, "a": one.a, "b": one.b, "same": one.same, "by": one.by} for one in story.labels],
    }


def _event_json(story: Traced) -> dict[str, Any] | None:
    if story.event is None:
        return None
    return {
        "id": story.event.event_id,
        "score": story.event.score,
        "like": story.event.like or None,
        "shared_terms": story.event.shared,
        "stories": [{"id": one.id, "title": one.copies[0].title, "copies": len(one.copies)} for one in story.beside],
    }


def _origin_json(origin: Origin) -> dict[str, Any]:
    return {
        "name": origin.agency,
        "strength": origin.strength,
        "named_by": origin.named,
        "evidence": [
            {"how": one.how, "copies": one.copies, "sample": one.sample, "article": one.article_id}
            for one in origin.evidence
        ],
        "others": dict(origin.others),
    }


def _carrier_json(carrier: Carrier) -> dict[str, Any]:
    derived, view = carrier.derived, carrier.view
    came = derived.came
    return {
        "id": derived.article_id,
        "url": view.article.url,
        "title": view.article.title,
        "outlet": derived.outlet,
        "country": view.country,
        "came_out": came.at.isoformat() if came.at else None,
        "clock": came.clock,
        "clock_why": came.why,
        "clock_confidence": came.confidence,
        "wire": view.article.wire,
        "method": view.method,
        "score": round(view.score, 3),
        "like": view.like,
        "matched_spans": _spans_json(unpack(view.spans)) if view.spans is not None else None,
        "parent": derived.parent or None,
        "how": str(derived.how),
        "reasons": list(derived.reasons),
        "against": derived.against or None,
        "share": None if derived.share is None else round(derived.share, 3),
        "spans": _spans_json(derived.spans),
        "cut": [_passage_json(one) for one in derived.cut],
        "added": [_passage_json(one) for one in derived.added],
        "new": novelty_json(carrier.new),
        "revisions": [{"seen": one.seen.isoformat()} | revised_json(one.changed) for one in carrier.revisions],
    }


def _spans_json(spans: Iterable[Span]) -> list[list[int]]:
    return [[span.a, span.a_end, span.b, span.b_end] for span in spans]


def _passage_json(passage: Passage) -> dict[str, Any]:
    return {"start": passage.start, "end": passage.end, "words": passage.words, "text": passage.text}


def novelty_json(new: Novelty) -> dict[str, Any]:
    """What a copy brought as plain JSON values."""
    return {
        "score": new.score,
        "sentences": [one.text for one in new.sentences],
        "figures": [{"text": one.text, "sentence": one.sentence} for one in new.figures],
        "names": [{"text": one.text, "sentence": one.sentence} for one in new.names],
        "entities": list(new.entities),
    }


def revised_json(one: Revised) -> dict[str, Any]:
    """What a version changed as plain JSON values."""
    return {
        "summary": one.summary(),
        "trivial": one.is_trivial,
        "headline": None if one.headline is None else {"old": one.headline[0], "new": one.headline[1]},
        "figures": [_changed_json(change.old, change.new, change.new_sentence) for change in one.figures],
        "names": [_changed_json(change.old, change.new, change.new_sentence) for change in one.names],
        "added": list(one.added),
        "removed": list(one.removed),
        "reworded": [{"old": old, "new": new} for old, new in one.reworded],
        "notices": list(one.notices),
        "typos": [{"old": old, "new": new} for old, new in one.typos],
        "share": round(one.share, 3),
    }


def _changed_json(old: str, new: str, sentence: str) -> dict[str, str]:
    return {"old": old, "new": new, "sentence": sentence}


def difference_json(found: Difference) -> dict[str, Any]:
    """The difference as plain JSON values; places are characters of the texts."""
    both = found.comparison.alignment
    return {
        "a": _side_json(found.old),
        "b": _side_json(found.new),
        "a_in_b": round(both.a_in_b, 4),
        "b_in_a": round(both.b_in_a, 4),
        "pieces": [
            {
                "act": str(piece.act),
                "a": [piece.a, piece.a_end],
                "b": [piece.b, piece.b_end],
                "words": piece.words,
                "edits": [[edit.a, edit.a_end, edit.b, edit.b_end] for edit in piece.edits],
            }
            for piece in found.comparison.pieces
        ],
        "changes": revised_json(found.revised),
    }


def _side_json(side: Side) -> dict[str, Any]:
    when = side.when.isoformat() if side.when else None
    return {"id": side.id, "name": side.name, "when": when, "title": side.title, "text": side.text}
