"""Turns a piece of reporting and a carrier's way with it into a publication: what one outlet prints, where and when."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from replay.content import Carrier, Outlet, Piece
from replay.edits import all_in_style, day_name, edited, in_style, with_credit, with_dateline

SLOT = timedelta(seconds=6)
"""Time between two publications while the demo runs, at speed 1."""
FIRST = timedelta(seconds=2)
"""From the start to the first publication; it must be out within five seconds."""
PAST_STEP = timedelta(minutes=15)
"""Time between the carriers of a piece that is out before the start."""
AFTER_MOVE = timedelta(seconds=60)
AFTER_REVISION = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Publication:
    """One outlet's version of a piece. `appears` is when the site first shows it, `dated` what it prints."""

    outlet: str
    piece: str
    kind: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    section: str
    slug: str
    number: int
    appears: datetime
    dated: datetime  # in the outlet's own time zone
    event: str = ""
    wire: str = ""
    byline: str = ""
    new_slug: str = ""
    moves_at: datetime | None = None
    revision: tuple[str, ...] = ()
    revised_at: datetime | None = None

    def slug_at(self, now: datetime) -> str:
        """The slug that the page has at a time."""
        return self.new_slug if self.moves_at and now >= self.moves_at else self.slug

    def paragraphs_at(self, now: datetime) -> tuple[str, ...]:
        """The text at a time: a revision puts its paragraphs on top."""
        return (*self.revision, *self.paragraphs) if self.revised_at and now >= self.revised_at else self.paragraphs


@dataclass(frozen=True, slots=True)
class Pace:
    """When the demo started, how fast it publishes, and whether all is out at once (`frozen`)."""

    start: datetime
    speed: float = 1.0
    frozen: bool = False

    def after(self, time: timedelta) -> datetime:
        """When so much demo time has passed."""
        return self.start + time / self.speed


def publish(pieces: Iterable[Piece], outlets: Mapping[str, Outlet], pace: Pace) -> tuple[list[Publication], datetime]:
    """Every publication in order of appearance, and the time of the last. Raises ValueError on an unknown outlet."""
    chosen = list(pieces)
    end = FIRST + max(_offset(p, len(p.carriers) - 1, p.carriers[-1]) for p in chosen if p.slot is not None)
    made: list[Publication] = []
    for piece in chosen:
        event = _dated(piece, 0, piece.carriers[0], pace, end).date()
        for index, carrier in enumerate(piece.carriers):
            if carrier.outlet not in outlets:
                raise ValueError(f"{piece.id}: no outlet called {carrier.outlet}")
            dated = _dated(piece, index, carrier, pace, end)
            appears = pace.start
            if piece.slot is not None and not pace.frozen:
                appears = dated
            try:
                made.append(_publication(piece, carrier, outlets[carrier.outlet], appears, dated, event, pace))
            except (ValueError, KeyError) as error:
                raise ValueError(f"{piece.id}, {carrier.outlet}: {error}") from error
    made.sort(key=lambda publication: publication.appears)
    return made, pace.after(end)


def local(when: datetime, outlet: Outlet) -> datetime:
    """A time in the outlet's own time zone, to the second."""
    return when.astimezone(timezone(timedelta(hours=outlet.utc_offset))).replace(microsecond=0)


def slug_of(title: str, fallback: str) -> str:
    """A title as it stands in addresses: up to eight plain words, or the fallback when there are too few."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    parts = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    return "-".join(parts[:8]) if len(parts) >= 3 else fallback


def number_of(*parts: str) -> int:
    """A seven-digit number that stays the same from run to run."""
    return 1_000_000 + zlib.crc32("|".join(parts).encode()) % 8_000_000


def _offset(piece: Piece, index: int, carrier: Carrier) -> timedelta:
    lag = index * piece.step if carrier.lag is None else carrier.lag
    return SLOT * ((piece.slot or 0) + lag)


def _dated(piece: Piece, index: int, carrier: Carrier, pace: Pace, end: timedelta) -> datetime:
    if piece.ago is not None:
        lag = index * piece.step if carrier.lag is None else carrier.lag
        past = pace.start - timedelta(hours=piece.ago) + PAST_STEP * lag
        return min(past, pace.start - timedelta(minutes=20))
    offset = FIRST + _offset(piece, index, carrier)
    return pace.start - end + offset if pace.frozen else pace.after(offset)


def _publication(
    piece: Piece, carrier: Carrier, outlet: Outlet, appears: datetime, dated: datetime, day: date, pace: Pace
) -> Publication:
    style = outlet.style
    names = {
        "places": piece.places,
        "agency": piece.wire,
        "AGENCY": piece.wire.upper(),
        "byline": piece.byline,
        "day": day_name(day, day, style),
    }
    text = all_in_style(edited(piece.paragraphs, carrier.edits), style, day)
    dateline, credit, byline = carrier.dateline, carrier.credit, carrier.byline
    if dateline is None:
        dateline = outlet.dateline if piece.wire and piece.places else ""
    if credit is None:
        credit = outlet.credit if piece.wire else ""
    if byline is None:
        byline = outlet.wire_byline if piece.wire else (piece.byline or outlet.desk)
    text = with_credit(with_dateline(text, dateline.format(**names)), credit.format(**names))
    title = in_style(carrier.title or piece.title, style, day)
    settled = timedelta(0) if pace.frozen else AFTER_MOVE / pace.speed
    revised = timedelta(0) if pace.frozen else AFTER_REVISION / pace.speed
    return Publication(
        outlet=outlet.id,
        piece=piece.id,
        kind=carrier.kind,
        title=title,
        summary=in_style(carrier.summary or piece.summary or piece.paragraphs[0], style, day),
        paragraphs=tuple(text),
        section=carrier.section or piece.section,
        slug=slug_of(title, piece.id),
        number=number_of(outlet.id, piece.id, carrier.kind),
        appears=appears,
        dated=local(dated, outlet),
        event=piece.event or piece.id,
        wire=piece.wire,
        byline=byline.format(**names),
        new_slug=carrier.moves,
        moves_at=appears + settled if carrier.moves else None,
        revision=tuple(all_in_style(carrier.revision, style, day)),
        revised_at=appears + revised if carrier.revision else None,
    )
