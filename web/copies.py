"""The copies of a story to look at: as a tree, as a list to sort and narrow down, and over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.fingerprint import plain
from pipeline.provenance import AGENCY, How
from web.lookup import Carrier, Traced

WHOLE = 60  # copies that the tree shows
PAGE = 50  # of the list
DRAWN = 24  # copies up to which each has a line of its own in the picture over time
BINS = 48
LINE = 24  # pixels
SORTS: dict[str, tuple[str, Callable[[Carrier], tuple[float | str, ...]]]] = {
    "time": ("when it came out", lambda one: one.derived.came.key),
    "outlet": ("outlet", lambda one: (plain(one.derived.outlet),)),
    "kept": ("least kept", lambda one: (2.0 if one.derived.share is None else one.derived.share,)),
    "cut": ("most cut", lambda one: (-one.derived.words_cut,)),
    "added": ("most added", lambda one: (-one.derived.words_added,)),
    "new": ("most that is new", lambda one: (-one.new.score,)),
}


@dataclass(frozen=True, slots=True)
class Node:
    """A copy in the tree, and those that derive from it; `more` = how many of those are not shown."""

    carrier: Carrier
    below: tuple[Node, ...]
    more: int


def tree(story: Traced, chosen: str = "") -> tuple[tuple[Node, ...], int]:
    """The copies that derive from the agency or from nothing known, below each what derives from it; and how many of
    those first ones are not shown.

    Of a story with more than `WHOLE` copies that many are shown: the chosen one, those that others derive from, and
    those that brought the most that was new. (What a copy derives from is always among them, for it has more below.)
    """
    children: dict[str, list[Carrier]] = {}
    for one in story.carriers:
        children.setdefault(_parent(one), []).append(one)
    path = _path(story, chosen)
    under = {one.derived.article_id: 0 for one in story.carriers}
    for one in reversed(story.carriers):  # what derives from a copy came out later
        if _parent(one):
            under[_parent(one)] += 1 + under[one.derived.article_id]
    ranked = sorted(
        story.carriers,
        key=lambda one: (one.derived.article_id in path, under[one.derived.article_id], one.new.score),
        reverse=True,
    )
    shown = {one.derived.article_id for one in (*story.carriers[:1], *ranked[:WHOLE])}

    def grown(parent: str) -> tuple[tuple[Node, ...], int]:
        kept = [one for one in children.get(parent, []) if one.derived.article_id in shown]
        nodes = tuple(Node(one, *grown(one.derived.article_id)) for one in kept)
        return nodes, len(children.get(parent, [])) - len(kept)

    return grown("")


def _parent(one: Carrier) -> str:
    return "" if one.derived.parent == AGENCY else one.derived.parent


def _path(story: Traced, chosen: str) -> set[str]:
    """The chosen copy and what it derives from."""
    parents = {one.derived.article_id: _parent(one) for one in story.carriers}
    path: set[str] = set()
    while chosen in parents and chosen not in path:
        path.add(chosen)
        chosen = parents[chosen]
    return path


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list."""

    carriers: tuple[Carrier, ...]
    page: int  # from 1
    pages: int
    found: int


def listed(story: Traced, sort: str = "time", find: str = "", page: int = 1) -> Listed:
    """Copies whose outlet, country, headline or address has these words, in that order; a page beyond the last is the
    last. An unknown order is that of time."""
    wanted = plain(find).split()
    kept = [one for one in story.carriers if all(word in _told(one) for word in wanted)]
    kept.sort(key=SORTS.get(sort, SORTS["time"])[1])
    pages = max(1, -(-len(kept) // PAGE))
    page = min(max(1, page), pages)
    return Listed(tuple(kept[(page - 1) * PAGE : page * PAGE]), page, pages, len(kept))


def _told(one: Carrier) -> str:
    return plain(f"{one.derived.outlet} {one.view.country} {one.view.article.title} {one.view.article.url}")


# --- over time ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Dot:
    """A copy in the picture: `x` in percent, `y` in pixels; `back` = where what it derives from is, if drawn before."""

    carrier: Carrier
    x: float
    y: int
    back: tuple[float, int] | None
    left: bool  # whether its name stands left of it
    sure: bool  # whether the time is the outlet's own


@dataclass(frozen=True, slots=True)
class Bin:
    """Copies that came out in one stretch of time, where there are too many for a line each."""

    x: float
    width: float
    count: int
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """Copies over time: as dots or, where there are many, as bins. `ticks` are (percent, moment)."""

    begin: datetime
    end: datetime
    ticks: tuple[tuple[float, datetime], ...]
    dots: tuple[Dot, ...] = ()
    bins: tuple[Bin, ...] = ()
    undated: int = 0

    @property
    def height(self) -> int:
        """In pixels."""
        return LINE * len(self.dots) + LINE if self.dots else 5 * LINE

    @property
    def form(self) -> str:
        """How its moments are told: with seconds where all is of a few minutes."""
        return "%-d %b %H:%M" if self.end - self.begin > timedelta(minutes=10) else "%H:%M:%S"

    @property
    def most(self) -> int:
        """Copies of the fullest bin."""
        return max((one.count for one in self.bins), default=1)


LEFT, WIDE = 2.0, 96.0  # percent


def timeline(story: Traced) -> Timeline | None:
    """None where fewer than two copies have a time."""
    dated = [(one.derived.came.at, one) for one in story.carriers if one.derived.came.at is not None]
    if len(dated) < 2:
        return None
    begin, end = dated[0][0].astimezone(UTC), max(at for at, _ in dated).astimezone(UTC)
    span = max((end - begin).total_seconds(), 60.0)

    def x(moment: datetime) -> float:
        return round(LEFT + WIDE * (moment - begin).total_seconds() / span, 2)

    ticks = tuple((round(LEFT + WIDE * part, 2), begin + timedelta(seconds=span * part)) for part in (0, 0.5, 1))
    undated = len(story.carriers) - len(dated)
    if len(dated) > DRAWN:
        return Timeline(begin, end, ticks, bins=_bins([at for at, _ in dated], begin, span), undated=undated)
    places: dict[str, tuple[float, int]] = {}
    dots = []
    for line, (at, one) in enumerate(dated):
        here = x(at), line * LINE + LINE // 2
        places[one.derived.article_id] = here
        sure = one.derived.came.clock.startswith("published")
        dots.append(Dot(one, *here, places.get(one.derived.parent), here[0] > 50, sure))
    return Timeline(begin, end, ticks, tuple(dots), undated=undated)


def _bins(times: Sequence[datetime], begin: datetime, span: float) -> tuple[Bin, ...]:
    counts = [0] * BINS
    for at in times:
        counts[min(BINS - 1, int(BINS * (at - begin).total_seconds() / span))] += 1
    width = WIDE / BINS
    return tuple(
        Bin(
            round(LEFT + number * width, 2),
            round(width * 0.9, 2),
            count,
            begin + timedelta(seconds=span * number / BINS),
            begin + timedelta(seconds=span * (number + 1) / BINS),
        )
        for number, count in enumerate(counts)
        if count
    )


# --- in words -------------------------------------------------------------------------------
METHODS = {
    "first": "the first copy that was read",
    "exact": "word for word the same as",
    "near": "the same text as",
    "headline": "the same headline as",
    "kept": "read again, and kept in its story",
}


def filed(one: Carrier, outlets: dict[str, str]) -> str:
    """How the archive came to put a copy into the story; `outlets` are names by article."""
    view = one.view
    words = METHODS.get(view.method, view.method)
    like = outlets.get(view.like, "")
    if view.method in ("first", "kept") or view.method not in METHODS:
        return words
    share = f" ({view.score:.0%} of the shorter text is in the longer)" if view.method == "near" else ""
    return f"{words} {like or 'a copy'}{share}"


def compared(story: Traced, one: Carrier) -> str:
    """What a copy is best compared with: what it was compared with, else the fullest or the first other text."""
    if one.derived.against:
        return one.derived.against
    texts = [other for other in story.carriers if other.view.article.text and other is not one]
    of_it = [other for other in texts if other.derived.against == one.derived.article_id]
    return next((other.derived.article_id for other in (*of_it, *texts)), "")


def is_headline(one: Carrier) -> bool:
    """Whether its text is not known."""
    return one.derived.how is How.HEADLINE or not one.view.article.text
