"""What a word, phrase, prefix or NEAR asks of one text, in one form for both back ends and the highlighter.

A text is terms at places (see `search.analysis`); a run of them that stands together is a segment. A strict phrase
is one segment. A loose phrase is its words in order, with at most `slop` places in all left between them; NEAR is
two segments in either order. Segments never overlap. That is the definition: `arrangements` spells it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

from search.analysis import Step, is_unspaced, stem, steps
from search.ast import Near, Phrase, Prefix, Word

Segment = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """Segments in this order (in `either` order: two of them), with at most `slop` places between them in all."""

    segments: tuple[Segment, ...]
    slop: int = 0
    either: bool = False

    def stemmed(self) -> Sought:
        """The same of the stemmed text."""
        return Sought(tuple(map(_stemmed, self.segments)), self.slop, self.either)

    def orders(self) -> tuple[tuple[Segment, ...], ...]:
        """The orders in which the segments may stand."""
        return (self.segments, self.segments[::-1]) if self.either else (self.segments,)

    def arrangements(self) -> Iterator[Segment]:
        """Every way in which the terms may stand, each a strict phrase; the text must have one of them."""
        joints = len(self.segments) - 1
        for segments in self.orders():
            for bars in combinations(range(self.slop + joints), joints):
                # stars and bars: what stands before the i-th bar is left before the joints up to the i-th
                yield _placed(segments, [bar - joint for joint, bar in enumerate(bars)])

    @property
    def pair(self) -> tuple[str, str] | None:
        """Its terms, when it is two single ones, one place wide: what an engine can do without spelling it out."""
        alone = [len(one) == width(one) == 1 and not one[0].prefix for one in self.segments]
        if len(alone) == 2 and all(alone):
            return self.segments[0][0].term, self.segments[1][0].term
        return None

    @property
    def cost(self) -> int:
        """How many phrases it is looked for as, at most."""
        if self.pair:
            return 2
        joints = len(self.segments) - 1
        return comb(self.slop + joints, joints) * (1 + self.either)


def sought(leaf: Word | Phrase | Prefix | Near) -> Sought:
    """What the leaf asks for."""
    match leaf:
        case Near(left, right, within):
            return Sought((steps(left.text), steps(right.text)), within, either=True)
        case Phrase(text, _, _, slop) if slop:
            return Sought(tuple(filter(None, map(steps, text.split()))), slop)
        case Prefix(text, _):
            return Sought((steps(text, prefix=True),))
        case _:
            return Sought((steps(leaf.text),))


def scope(leaf: Word | Phrase | Prefix | Near) -> tuple[str, bool]:
    """The field it is sought in ("" = title or body), and whether only as written."""
    one = leaf.left if isinstance(leaf, Near) else leaf
    return one.field, isinstance(one, Prefix) or one.exact


def width(segment: Segment) -> int:
    """How many places it takes; a pair of an unspaced script takes two."""
    last = segment[-1]
    return last.offset + (2 if is_unspaced(last.term) and len(last.term) == 2 else 1)


def _stemmed(segment: Segment) -> Segment:
    return tuple(step if step.prefix else Step(step.offset, stem(step.term)) for step in segment)


def _placed(segments: tuple[Segment, ...], left_before: list[int]) -> Segment:
    """The segments as one: `left_before` are the places left between them up to each but the first."""
    made: list[Step] = []
    start = 0
    for segment, left in zip(segments, [0, *left_before], strict=True):
        made += [Step(start + left + step.offset, step.term, step.prefix) for step in segment]
        start += width(segment)
    return tuple(made)
