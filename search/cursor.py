"""A cursor: where a page ended and what was asked, as one opaque word for addresses and command lines.

It is checked for damage, not signed: who makes one up is given a page that he could have asked for anyway.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.errors import BadInput
from search.base import Order, Place
from search.weights import EPOCH, microseconds

_VERSION = 1
_CHECK = 4  # bytes
_HIGHEST = 2**62  # of any number in it


@dataclass(frozen=True, slots=True)
class Cursor:
    """`asked` is the query in words: a cursor is for the query that made it, at the time when that was asked."""

    asked: str
    order: Order
    folded: bool
    now: datetime
    place: Place


def to_text(cursor: Cursor) -> str:
    """The cursor as letters, digits, - and _."""
    place = cursor.place
    asked, now = _digest(cursor.asked, cursor.order, folded=cursor.folded), microseconds(cursor.now)
    told = [_VERSION, asked, now, place.rank, place.article_id, place.passed, place.total]
    body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_sum(body) + body).decode().rstrip("=")


def from_text(text: str, asked: str, order: Order, *, folded: bool) -> Cursor:
    """Raises BadInput for one that is damaged, or was made for something else."""
    wrong = BadInput("this cursor is damaged: use the one that a page gave as its next, whole, or leave it out")
    try:
        whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if whole[:_CHECK] != _sum(whole[_CHECK:]):
            raise wrong
        version, *told = json.loads(whole[_CHECK:])
        if version != _VERSION:
            raise BadInput("this cursor is of another release: begin with the first page again")
        digest, now, rank, article_id, passed, total = told
        if not (abs(rank) < _HIGHEST and 0 <= passed < _HIGHEST and 0 <= total < _HIGHEST):  # false for NaN
            raise wrong
        place = Place(rank + 0, str(article_id), int(passed), int(total))
        cursor = Cursor(asked, order, folded, EPOCH + timedelta(microseconds=int(now)), place)
    except (ValueError, TypeError, OverflowError):
        raise wrong from None
    if digest != _digest(asked, order, folded=folded):
        raise BadInput("this cursor belongs to another query or order: begin with the first page of this one")
    return cursor


def _digest(asked: str, order: Order, *, folded: bool) -> str:
    told = f"{order}\0{folded}\0{asked}"
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _sum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECK).digest()
