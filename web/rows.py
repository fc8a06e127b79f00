"""A difference of two texts as rows to look at: the paragraphs of the second text, each beside what it was made of.

A passage that was kept is parted where the second text begins a paragraph; the place in the first text is found by
counting words, for between two edits both have the same. What was cut stands in the row where it is missing or, where
whole paragraphs are, in rows of its own. Nothing of either text is left out: lines that are not compared come as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

import numpy as np

from pipeline.align import Span
from pipeline.edits import Act, Piece
from pipeline.words import Words, read_pair
from web.comparing import Difference

_BREAK = re.compile(r"\n\s*\n\s*")
AROUND = 1  # rows without a change shown beside a changed one
FOLDED = 2  # rows without a change from which on they are folded


@dataclass(frozen=True, slots=True)
class Run:
    """Text as it is ("") or marked: "del", "ins", or "aside" for what is not compared."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph. `new` holds what went as well, marked "del", so that it can be read alone; `old` only what was."""

    kind: str  # "kept", "changed", "moved", "cut", "added", "aside"
    old: tuple[Run, ...]
    new: tuple[Run, ...]
    notes: tuple[str, ...] = ()  # of passages that stood elsewhere

    @property
    def words(self) -> int:
        """Of the second text, about."""
        return sum(len(run.text.split()) for run in self.new)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that belong together; `folded`: nothing changed in them."""

    rows: tuple[Row, ...]
    folded: bool = False

    @property
    def words(self) -> int:
        """Of the second text, about."""
        return sum(row.words for row in self.rows)


@dataclass(slots=True)
class _Open:
    """A row being made."""

    paragraph: int
    pieces: list[Piece] = field(default_factory=list)


def rows(found: Difference) -> list[Row]:
    """The rows, in the order of the second text."""
    return list(_Reader(found).rows())


def blocks(all_rows: Sequence[Row]) -> list[Block]:
    """The same with stretches of rows without a change folded, but for those next to a change."""
    near = {
        at + away for at, row in enumerate(all_rows) if row.kind != "kept" for away in range(-AROUND, AROUND + 1)
    }  # fmt: skip
    made: list[Block] = []
    for shown, group in groupby(range(len(all_rows)), key=lambda at: at in near):
        some = tuple(all_rows[at] for at in group)
        made.append(Block(some, folded=not shown and len(some) >= FOLDED and bool(near)))
    return made


class _Reader:
    def __init__(self, found: Difference) -> None:
        self.a, self.b = found.old.text, found.new.text
        self.words_a, self.words_b = read_pair(self.a, self.b)
        self.starts_a, self.starts_b = _starts(self.a), _starts(self.b)
        self.pieces = [part for piece in found.comparison.pieces for part in self.parts(piece)]

    # --- parting passages where paragraphs begin ----------------------------------------------
    def parts(self, piece: Piece) -> Iterator[Piece]:
        """A piece, or several where it runs over paragraphs."""
        if piece.act is Act.CUT:
            places = _between(self.starts_a, piece.a, piece.a_end)
            for a, a_end in _pairs(piece.a, places, piece.a_end):
                yield Piece(Act.CUT, a, a_end, piece.b, piece.b, piece.words)
            return
        places = _between(self.starts_b, piece.b, piece.b_end)
        if piece.act is Act.ADDED:
            for b, b_end in _pairs(piece.b, places, piece.b_end):
                yield Piece(Act.ADDED, piece.a, piece.a, b, b_end, piece.words)
            return
        edits = list(piece.edits)
        a, b = piece.a, piece.b
        for place in places:
            a_at, before, edits = self.parted(a, b, place, edits, piece)
            yield Piece(piece.act, a, a_at, b, place, piece.words, tuple(before))
            a, b = a_at, place
        yield Piece(piece.act, a, piece.a_end, b, piece.b_end, piece.words, tuple(edits))

    def parted(self, a: int, b: int, place: int, edits: list[Span], piece: Piece) -> tuple[int, list[Span], list[Span]]:
        """Where in the first text a place of the second is, and the edits before and after it."""
        before: list[Span] = []
        for at, edit in enumerate(edits):
            if place <= edit.b:
                return self.along(a, b, place, edit.a), before, edits[at:]
            if place < edit.b_end:
                before.append(Span(edit.a, edit.a_end, edit.b, place))
                return edit.a_end, before, [Span(edit.a_end, edit.a_end, place, edit.b_end), *edits[at + 1 :]]
            before.append(edit)
            a, b = max(a, edit.a_end), max(b, edit.b_end)
        return self.along(a, b, place, piece.a_end), before, []

    def along(self, a: int, b: int, place: int, most: int) -> int:
        """As many words behind `a` as `place` is behind `b`, `most` at most; with the quote that clings to it."""
        away = _count(self.words_b, b, place)
        first = int(np.searchsorted(self.words_a.starts, a)) + away
        at = int(self.words_a.starts[first]) if first < len(self.words_a) else most
        at = min(at, most)
        while at > a and not self.a[at - 1].isspace() and not self.a[at - 1].isalnum():
            at -= 1
        return at

    # --- rows ---------------------------------------------------------------------------------
    def rows(self) -> Iterator[Row]:
        """See `rows`."""
        row: _Open | None = None
        waiting: list[Piece] = []  # cuts that the next row begins with
        for piece in self.with_asides():
            if isinstance(piece, Row):
                if row:
                    yield self.made(row)
                row = None
                yield piece
                continue
            if piece.act is Act.CUT:
                begins, ends = piece.a in self.starts_a, self.ends_paragraph(piece.a_end)
                if begins and ends:
                    if row:
                        yield self.made(row)
                    row = None
                    yield self.made(_Open(-1, [piece]))
                elif row and not begins:
                    row.pieces.append(piece)
                else:
                    waiting.append(piece)
                continue
            paragraph = _index(self.starts_b, piece.b)
            if row is None or row.paragraph != paragraph:
                if row:
                    yield self.made(row)
                row = _Open(paragraph)
            row.pieces += [*waiting, piece]
            waiting = []
        if row:
            yield self.made(row)
        for piece in waiting:
            yield self.made(_Open(-1, [piece]))
        yield from self.uncompared()

    def with_asides(self) -> Iterator[Piece | Row]:
        """The pieces, and as rows the lines of the second text that lie between them and are not compared."""
        at = 0
        for piece in self.pieces:
            if piece.b > at and _says(self.b[at : piece.b]):
                yield Row("aside", (), (Run(self.b[at : piece.b].strip(), "aside"),))
            yield piece
            at = max(at, piece.b_end)
        if _says(self.b[at:]):
            yield Row("aside", (), (Run(self.b[at:].strip(), "aside"),))

    def uncompared(self) -> Iterator[Row]:
        """The lines of the first text that are in no piece."""
        at = 0
        for a, a_end in [*sorted((one.a, one.a_end) for one in self.pieces), (len(self.a), len(self.a))]:
            if a > at and _says(self.a[at:a]):
                yield Row("aside", (Run(self.a[at:a].strip(), "aside"),), ())
            at = max(at, a_end)

    def ends_paragraph(self, at: int) -> bool:
        """Whether nothing of its paragraph follows this place of the first text."""
        rest = self.a[at:]
        return at in self.starts_a or not rest.strip() or re.match(r"[^\w\n]*\n\s*\n", rest) is not None

    def made(self, row: _Open) -> Row:
        """The row with its runs."""
        old: list[Run] = []
        new: list[Run] = []
        a_at = b_at = -1
        for piece in row.pieces:
            if piece.a_end > piece.a:
                _join(old, self.a, a_at, piece.a)
                a_at = piece.a_end
            if piece.act is Act.CUT:
                old.append(Run(self.a[piece.a : piece.a_end], "del"))
                _space(new)
                new += [Run(self.a[piece.a : piece.a_end], "del"), Run(" ")]
                continue
            _join(new, self.b, b_at, piece.b)
            b_at = piece.b_end
            if piece.act is Act.ADDED:
                new.append(Run(self.b[piece.b : piece.b_end], "ins"))
            else:
                self.edited(piece, old, new)
        kinds = {piece.act for piece in row.pieces}
        changed = len(kinds) > 1 or any(piece.edits for piece in row.pieces)
        kind = "changed" if changed else str(kinds.pop())
        return Row(kind, _tidied(old), _tidied(new), tuple(self.notes(row)))

    def edited(self, piece: Piece, old: list[Run], new: list[Run]) -> None:
        """A passage kept with its small edits."""
        a, b = piece.a, piece.b
        for edit in piece.edits:
            old.append(Run(self.a[a : max(a, edit.a)]))
            new.append(Run(self.b[b : max(b, edit.b)]))
            a, b = max(a, edit.a), max(b, edit.b)
            gone, come = self.a[a : max(a, edit.a_end)], self.b[b : max(b, edit.b_end)]
            if gone:
                old.append(Run(gone, "del"))
                _space(new)
                new.append(Run(gone.strip(), "del"))
            if come:
                if gone:
                    new.append(Run(" "))
                new.append(Run(come, "ins"))
            a, b = max(a, edit.a_end), max(b, edit.b_end)
        old.append(Run(self.a[a : piece.a_end]))
        new.append(Run(self.b[b : piece.b_end]))

    def notes(self, row: _Open) -> Iterator[str]:
        """Where what was moved stood before."""
        moved = [piece for piece in row.pieces if piece.act is Act.MOVED]
        for place in dict.fromkeys(_index(self.starts_a, piece.a) + 1 for piece in moved):
            yield (
                f"moved: paragraph {place} of the other text"
                if len(moved) == len(row.pieces)
                else (f"partly moved: from paragraph {place} of the other text")
            )


def _starts(text: str) -> list[int]:
    first = len(text) - len(text.lstrip())
    return [first, *(found.end() for found in _BREAK.finditer(text) if first < found.end() < len(text))]


def _between(places: Sequence[int], start: int, end: int) -> list[int]:
    return [place for place in places if start < place < end]


def _pairs(start: int, places: Sequence[int], end: int) -> Iterator[tuple[int, int]]:
    edges = [start, *places, end]
    return pairwise(edges)


def _index(starts: Sequence[int], at: int) -> int:
    return max(0, int(np.searchsorted(starts, at, side="right")) - 1)


def _count(words: Words, start: int, end: int) -> int:
    return int(np.searchsorted(words.starts, end) - np.searchsorted(words.starts, start))


def _says(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


def _join(runs: list[Run], text: str, at: int, to: int) -> None:
    """What stands between two passages of a row: the signs and space that do, or a space."""
    if runs:
        between = text[at:to] if 0 <= at <= to else " "
        between = between if not _says(between) else " "
        runs.append(Run(between.lstrip() if runs[-1].text[-1:].isspace() else between))


def _space(runs: list[Run]) -> None:
    if runs and runs[-1].text and not runs[-1].text[-1].isspace():
        runs.append(Run(" "))


def _tidied(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Runs of one mark as one, without empty ones and without space at the ends."""
    joined = [Run("".join(run.text for run in same), mark) for mark, same in groupby(runs, key=lambda run: run.mark)]
    made = [run for run in joined if run.text]
    while made and not made[0].text.strip():
        made.pop(0)
    while made and not made[-1].text.strip():
        made.pop()
    if made:
        made[0] = Run(made[0].text.lstrip(), made[0].mark)
        made[-1] = Run(made[-1].text.rstrip(), made[-1].mark)
    return tuple(made)
