"""Whether two texts are copies of one piece of reporting: the part of folding that can be explained.

A text is kept as a sketch of at most about 1 KB: its lead in full, a sample of its body, its figures. The sample is the
shingles below a limit, so that any two sketches can be compared at the lower limit of the two.

Two texts are one report when most of the shorter is in the longer AND the lead agrees. The lead is what tells a copy
from a follow-up that reuses background, from a roundup that holds a paragraph of it, and from two copies padded
with the same text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.fingerprint import Hashes, unpack
from pipeline.types import Fingerprint

Cells = npt.NDArray[np.uint32]

SAMPLE = 192  # most body shingles kept of a text
SHORT = 30  # a text of no more shingles is all lead
FIGURES = 48  # most figures kept
_TO_CELL = np.uint64(30)  # 62-bit hashes without their role to their top 32 bits
_FIRST = np.array([True])
_LOW = np.uint32(0xFFFF)

ENOUGH = 0.5  # share of the shorter text that must be in the longer when both leads agree
EXTRA = 2  # shingles more than that share: a short text may share half of its words by chance
LEAD_BOTH = 0.25  # least share of either lead found in the other text
LEAD_ONE = 0.4  # when only one lead is found in the other (a paragraph was put in front) …
MUTUAL_ONE = 0.4  # … then each text must be found in the other to this share
ENOUGH_NO_LEAD = 0.7  # when no lead agrees: nearly all of the shorter …
MUTUAL_NO_LEAD = 0.5  # … and half of the longer
SAME_OUTLET = 0.8  # within one outlet, with MUTUAL_NO_LEAD
LEAST = min(ENOUGH, ENOUGH_NO_LEAD)  # what sharing less is no copy, whatever else agrees

FORM_FIGURES = 5  # a report of one form (markets, weather) has at least this many figures …
FORM_SHARE = 0.15  # … and one for about every seven shingles
FORM_AGREE = 0.4  # two such reports are copies only when this share of their figures agrees


BRIEF, CUT, PADDED = 0.25, 0.85, 1.12  # size of a copy against its story's first text
UPDATED = 0.7  # a copy that has fewer of the other's figures than this, of three or more, is an update


@dataclass(frozen=True, slots=True)
class Sketch:
    """What the desk keeps of a text. Arrays are sorted and unique; `body` holds the shingles below `limit`."""

    lead: Cells
    body: Cells
    figures: Cells
    limit: int  # 2**32 >> level
    size: int  # shingles of the whole text


@dataclass(frozen=True, slots=True)
class Nearness:
    """How two texts A and B overlap; every number is a share from 0 to 1."""

    a_in_b: float
    b_in_a: float
    lead_a: float  # of A's lead, found anywhere in B
    lead_b: float
    figures: float  # of the text with fewer figures, found in the other
    shorter: int  # shingles of the shorter text
    form: bool  # both are mostly figures: a report of one form

    @property
    def contained(self) -> float:
        """Share of one text found in the other, whichever is more."""
        return max(self.a_in_b, self.b_in_a)

    @property
    def mutual(self) -> float:
        """Share of either text found in the other, whichever is less."""
        return min(self.a_in_b, self.b_in_a)

    @property
    def rank(self) -> float:
        """Orders several matches: how much is shared, then how well the leads agree."""
        return self.contained + self.mutual / 4 + min(self.lead_a, self.lead_b) / 2

    def is_copy(self, *, same_outlet: bool = False) -> bool:
        """Whether the two are copies of one piece of reporting (see the module's rule).

        An outlet seldom tells a story twice but repeats its boilerplate: within one outlet nearly all must agree.
        """
        if self.form and self.figures < FORM_AGREE:
            return False
        if same_outlet and (self.contained < SAME_OUTLET or self.mutual < MUTUAL_NO_LEAD):
            return False
        low, high = sorted((self.lead_a, self.lead_b))
        if low >= LEAD_BOTH:
            return self.contained >= ENOUGH + EXTRA / max(1, self.shorter)
        if high >= LEAD_ONE:
            return self.contained >= ENOUGH and self.mutual >= MUTUAL_ONE
        return self.contained >= ENOUGH_NO_LEAD and self.mutual >= MUTUAL_NO_LEAD


def kind(copy: Sketch, first: Sketch) -> str:
    """What a newsroom made of a story's first text: "copy", "cut", "brief", "padded" or "update".

    By size and figures. On three seeds of made copies, against the original: copy 1.0, cut .95, brief .97, padded .86,
    update .87 told right.
    """
    if min(len(copy.figures), len(first.figures)) >= 3 and compare(copy, first).figures < UPDATED:
        return "update"
    size = copy.size / max(1, first.size)
    return "brief" if size < BRIEF else "cut" if size < CUT else "padded" if size > PADDED else "copy"


def sketch(fingerprint: Fingerprint) -> Sketch:
    """The sketch of a text; empty arrays for a headline alone."""
    return sketch_of(*unpack(fingerprint.shingles))


def sketch_of(lead: Hashes, body: Hashes, figures: Hashes) -> Sketch:
    """The sketch of a text of which `fingerprint.unpack` gave these."""
    cells = _cells(body)
    limit, size = 1 << 32, len(cells)
    while len(cells) > SAMPLE:
        limit >>= 1
        cells = cells[: int(cells.searchsorted(np.uint32(limit)))]
    return Sketch(_cells(lead), cells, _cells(figures)[:FIGURES], limit, size)


def _cells(hashes: Hashes) -> Cells:
    """Sorted hashes as distinct cells."""
    cells = (hashes >> _TO_CELL).astype(np.uint32)
    return cells[:1] if len(cells) < 2 else cells[np.concatenate([_FIRST, cells[1:] != cells[:-1]])]


def pack(made: Sketch) -> bytes:
    """A sketch as bytes: what stays in memory for each document of the window."""
    level = 33 - made.limit.bit_length()
    head = np.array([len(made.lead), len(made.body), level, made.size], dtype=np.uint32)
    return np.concatenate([head, made.lead, made.body, made.figures]).tobytes()


def unpack_sketch(packed: bytes) -> Sketch:
    """The inverse of `pack`."""
    cells = np.frombuffer(packed, dtype=np.uint32)
    leads, bodies, level, size = (int(cell) for cell in cells[:4])
    body_at, figures_at = 4 + leads, 4 + leads + bodies
    return Sketch(cells[4:body_at], cells[body_at:figures_at], cells[figures_at:], (1 << 32) >> level, size)


def compare(a: Sketch, b: Sketch) -> Nearness:
    """The overlap of two texts, both not empty."""
    limit = min(a.limit, b.limit)
    body_a, body_b = _below(a.body, limit), _below(b.body, limit)
    shared = _shared(body_a, body_b)
    fewer = min(len(a.figures), len(b.figures))
    lead_a, lead_b = _lead_found(a.lead, b), _lead_found(b.lead, a)
    return Nearness(
        a_in_b=lead_a if a.size <= SHORT else shared / max(1, len(body_a)),
        b_in_a=lead_b if b.size <= SHORT else shared / max(1, len(body_b)),
        lead_a=min(1.0, lead_a * len(a.lead) / max(1, min(len(a.lead), b.size))),
        lead_b=min(1.0, lead_b * len(b.lead) / max(1, min(len(b.lead), a.size))),
        figures=_shared(a.figures, b.figures) / fewer if fewer else 1.0,
        shorter=min(a.size, b.size),
        form=_is_form(a) and _is_form(b),
    )


def contained(a: Sketch, packed: Sequence[bytes]) -> list[tuple[float, int]]:
    """Of each of these packed sketches (at least one), `compare(a, it).contained`, and its size.

    One pass over all their cells, which costs little more than `compare` does for one. Below `LEAST` there is no copy.
    Where either text is short only `compare` can tell: 1.0 is given.
    """
    cells = np.frombuffer(b"".join(packed), dtype=np.uint32)
    ends = np.cumsum([len(one) // 4 for one in packed])
    starts = np.concatenate([[0], ends[:-1]])
    leads, bodies, levels, sizes = cells[starts + np.arange(4)[:, None]].astype(np.int64)
    begins = starts + 4 + leads

    maybe = np.zeros(1 << 16, dtype=np.bool_)
    maybe[a.body & _LOW] = True
    at = np.flatnonzero(maybe[cells & _LOW])
    place = np.stack([begins, begins + bodies], axis=1).ravel().searchsorted(at, side="right")  # odd: in a body
    place = place[(place & 1 == 1) & _found(cells[at], a.body)]
    shared = np.bincount(place >> 1, minlength=len(packed))

    limits = (1 << 32) >> levels
    of_a = a.body.searchsorted((np.minimum(limits, a.limit) - 1).astype(np.uint32), side="right")
    of_b = [
        count if limit <= a.limit else len(_below(cells[begin : begin + count], a.limit))
        for begin, count, limit in zip(begins.tolist(), bodies.tolist(), limits.tolist(), strict=True)
    ]
    shares = shared / np.maximum(1, np.minimum(of_a, of_b))
    shares[sizes <= (SHORT if a.size > SHORT else np.inf)] = 1.0
    return list(zip(shares.tolist(), sizes.tolist(), strict=True))


def _below(cells: Cells, limit: int) -> Cells:
    return cells if limit >= 1 << 32 else cells[: int(cells.searchsorted(np.uint32(limit)))]


def _found(these: Cells, there: Cells) -> npt.NDArray[np.bool_]:
    """Which of `these` are in the sorted `there`."""
    if not len(there):
        return np.zeros(len(these), dtype=np.bool_)
    at = there.searchsorted(these)
    at[at == len(there)] = 0
    found: npt.NDArray[np.bool_] = there[at] == these
    return found


def _shared(a: Cells, b: Cells) -> int:
    """How many are in both."""
    if len(a) > len(b):
        a, b = b, a
    return int(np.count_nonzero(_found(a, b)))


def _lead_found(lead: Cells, text: Sketch) -> float:
    """Share of a lead found anywhere in a text. Of the rest of the text only a sample is known: scaled up."""
    if not len(lead):
        return 0.0
    in_lead = _found(lead, text.lead)
    elsewhere = np.count_nonzero(_found(lead[~in_lead], text.body))
    scale = (1 << 32) / text.limit
    return min(1.0, (float(np.count_nonzero(in_lead)) + float(elsewhere) * scale) / len(lead))


def _is_form(text: Sketch) -> bool:
    return len(text.figures) >= max(FORM_FIGURES, FORM_SHARE * text.size)
