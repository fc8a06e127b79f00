"""Where a query matched: marked spans in a title and in the most telling fragments of a text.

Independent of the back end and made with the same analysis: what a search finds is what is marked, be it a stem,
a folded accent, a phrase or a prefix. Words that a query excludes are not marked, nor are words of another field.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf

from search.analysis import Step, Token, is_english, is_unspaced, stem, terms, tokens_at
from search.ast import Near, Node, Phrase, Prefix, Word, leaves
from search.sought import Segment, Sought, scope, sought, width

_BREAK = re.compile(r"[\r\n]")
_LEAD = 60  # characters shown before the first match, at most
_MOST_MATCHES = 2000  # looked at when fragments are chosen; keeps a long page and a common word cheap
_SENTENCE = re.compile(r"(?:[.!?]['\"”’)]*\s+|\n\s*|[。！？]\s*)(?=\S)")
_SPACE = re.compile(r"\s+")
_Text = Word | Phrase | Near | Prefix
_Spans = tuple[tuple[int, int], ...]
_Index = dict[str, list[int]]  # the places of each term


@dataclass(frozen=True, slots=True)
class Marked:
    """A piece of text and its marked spans: (start, end) within `text`, in order, not overlapping."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()
    start: int = 0  # where the piece begins in the whole
    cut_before: bool = False  # whether text was left out before it
    cut_after: bool = False


@dataclass(frozen=True, slots=True)
class Highlighted:
    """The whole title, and fragments of the text in the order of the text."""

    title: Marked
    fragments: tuple[Marked, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Match:
    start: int
    end: int
    leaf: int  # which word of the query


def snippets(
    query: Node, title: str, text: str, *, width: int = 240, most: int = 2, language: str = "en"
) -> Highlighted:
    """Mark what matched. Fragments are at most `width` characters long, and at most `most`.

    `language` is the article's: only English is stemmed. Where nothing in the text matched, the one fragment is
    its beginning. Line breaks inside a fragment are spaces.
    """
    wanted = [leaf for leaf in dict.fromkeys(leaves(query, negated=False)) if isinstance(leaf, _Text)]
    in_title = _matches([leaf for leaf in wanted if scope(leaf)[0] != "body"], title, language)
    in_text = _matches([leaf for leaf in wanted if scope(leaf)[0] != "title"], text, language)
    windows = _choose(in_text, text, width, most) if in_text else [_fit(0, text, width)] * min(1, most)
    fragments = (_cut(text, start, end, in_text) for start, end in windows if end > start)
    return Highlighted(Marked(title, _merged(in_title)), tuple(fragments))


def places(query: Node, title: str, text: str, language: str = "en") -> tuple[_Spans, _Spans]:
    """Where in title and text the words of a query stand, as `snippets` marks them: (start, end), not overlapping."""
    wanted = [leaf for leaf in dict.fromkeys(leaves(query, negated=False)) if isinstance(leaf, _Text)]
    in_title = _matches([leaf for leaf in wanted if scope(leaf)[0] != "body"], title, language)
    return _merged(in_title), _merged(_matches([leaf for leaf in wanted if scope(leaf)[0] != "title"], text, language))


def _matches(wanted: Sequence[_Text], text: str, language: str) -> list[_Match]:
    """Every place where a word, phrase or prefix of the query stands, and the words that stand near as they should."""
    if not wanted:
        return []
    all_asked = [sought(leaf) for leaf in wanted]
    # A stem begins as its word does, so that terms that begin otherwise need no look.
    firsts = {step.term[:1] for asked in all_asked for segment in asked.segments for step in segment}
    written: _Index = defaultdict(list)
    lines = [terms(line) for line in text.split("\n")]
    for place, term in enumerate(chain.from_iterable(lines)):
        if term[:1] in firsts:
            written[term].append(place)
    roots: _Index = defaultdict(list)
    if is_english(language):
        for term, places in written.items():
            roots[stem(term)] += places
    standing: set[tuple[int, int, Step, int]] = set()  # from place to place, ending as the step says; of which word
    for number, (leaf, asked) in enumerate(zip(wanted, all_asked, strict=True)):
        readings = [(written, asked)] if scope(leaf)[1] or not roots else [(written, asked), (roots, asked.stemmed())]
        for index, reading in readings:
            for segment, place in _standing(reading, index):
                standing.add((place, place + segment[-1].offset, segment[-1], number))
    if not standing:
        return []
    at = tokens_at(text, [place for first, last, _, _ in standing for place in (first, last)], [*map(len, lines)])
    return sorted({_Match(at[first].start, _end(at[last], step), number) for first, last, step, number in standing})


def _standing(asked: Sought, index: _Index) -> Iterator[tuple[Segment, int]]:
    """The segments and where they stand, as far as all others stand near enough."""
    for order in asked.orders():
        starts = [_starts(segment, index) for segment in order]
        before = _least_left(order, starts)
        widths = map(width, order)
        mirrored = [[-place - wide for place in reversed(at)] for wide, at in zip(widths, starts, strict=True)]
        after = [row[::-1] for row in reversed(_least_left(order[::-1], mirrored[::-1]))]
        for segment, places, lefts, rights in zip(order, starts, before, after, strict=True):
            for place, left, right in zip(places, lefts, rights, strict=True):
                if left + right <= asked.slop:
                    yield segment, place


def _least_left(order: Sequence[Segment], starts: Sequence[Sequence[int]]) -> list[list[float]]:
    """For each start of each segment: the fewest places left between the segments up to it; inf where they do not fit.

    One walk over the places: what was left grows by one a place, so only the best so far need be known.
    """
    rows: list[list[float]] = [[0.0] * len(starts[0])]
    for at in range(1, len(order)):
        ends = [place + width(order[at - 1]) for place in starts[at - 1]]
        row, best, taken = [], inf, 0
        for place in starts[at]:
            while taken < len(ends) and ends[taken] <= place:
                best = min(best, rows[-1][taken] - ends[taken])
                taken += 1
            row.append(best + place)
        rows.append(row)
    return rows


def _starts(segment: Segment, index: _Index) -> list[int]:
    """Where a segment stands, in order."""
    rest = [(step.offset, _places(step, index)) for step in segment[1:]]
    firsts = _places(segment[0], index)
    return sorted(place for place in firsts if all(place + offset in places for offset, places in rest))


def _end(token: Token, step: Step) -> int:
    """A pair of an unspaced script that was found by its first character is marked no further."""
    return token.start + 1 if step.prefix and is_unspaced(step.term) else token.end


def _places(step: Step, index: _Index) -> set[int]:
    if step.prefix:
        return {place for term, places in index.items() if term.startswith(step.term) for place in places}
    return set(index.get(step.term, ()))


def _choose(matches: list[_Match], text: str, width: int, most: int) -> list[tuple[int, int]]:
    """The windows that show the most words of the query, new ones counting most; in the order of the text."""
    matches = matches[:_MOST_MATCHES]
    starts = [match.start for match in matches]
    shown: set[int] = set()
    chosen: list[tuple[int, int]] = []
    while len(chosen) < most:
        best: tuple[int, int, int] | None = None
        for at, match in enumerate(matches):
            start, end = _fit(match.start, text, width)
            if any(start < other_end and other_start < end for other_start, other_end in chosen):
                continue
            inside = [one.leaf for one in matches[at : bisect_left(starts, end)] if one.end <= end]
            worth = 10 * len(set(inside) - shown) + min(len(inside), 9)
            if inside and (best is None or worth > best[0]):
                best = (worth, start, end)
        if best is None or (chosen and best[0] < 10):  # a second fragment must show something new
            break
        chosen.append((best[1], best[2]))
        shown |= {match.leaf for match in matches if best[1] <= match.start and match.end <= best[2]}
    return sorted(chosen)


def _fit(first: int, text: str, width: int) -> tuple[int, int]:
    """A window of whole words around a match: from the beginning of a sentence if one is near."""
    lead = min(_LEAD, width // 3)
    earliest = max(0, first - lead)
    start = earliest
    if earliest:
        sentence = [found.end() for found in _SENTENCE.finditer(text, earliest, first + 1) if found.end() <= first]
        space = _SPACE.search(text, earliest, first)
        start = sentence[0] if sentence else space.end() if space else earliest
    end = min(len(text), start + width)
    if end < len(text) and not text[end].isspace():
        space_before = max(text.rfind(" ", first, end), text.rfind("\n", first, end))
        end = space_before if space_before > first else end
    return start, len(text[:end].rstrip())


def _cut(text: str, start: int, end: int, matches: Iterable[_Match]) -> Marked:
    inside = [match for match in matches if start <= match.start and match.end <= end]
    piece = _BREAK.sub(" ", text[start:end])
    spans = tuple((first - start, last - start) for first, last in _merged(inside))
    return Marked(piece, spans, start, cut_before=bool(text[:start].strip()), cut_after=bool(text[end:].strip()))


def _merged(matches: Iterable[_Match]) -> tuple[tuple[int, int], ...]:
    """Spans in order; those that overlap or touch become one."""
    spans: list[tuple[int, int]] = []
    for match in sorted(matches):
        if spans and match.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], match.end))
        else:
            spans.append((match.start, match.end))
    return tuple(spans)
