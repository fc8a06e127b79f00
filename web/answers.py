"""Answering a search, for the command line and the HTTP API alike: a query in, stories and what is told of them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from pipeline.errors import BadInput
from pipeline.types import Document
from records.base import Records
from records.values import StoryView
from search.ast import Node, names_used, resolve
from search.base import Index, Order, Story
from search.cursor import Cursor, from_text, to_text
from search.facets import FACETS, Facet
from search.format import format_query
from search.highlight import Highlighted, snippets
from search.like import Like, telling
from search.over_time import Bar, Interval, over_time
from search.parse import parse
from search.saved import expand
from web.coverage import Coverage, coverage
from web.saved import names

MOST = 1000  # stories of one page
MOST_VALUES = 1000  # of one facet
TIMES = ("seen", "date")  # by which a histogram may go
COUNTED = 10_000  # matching articles up to which their stories are counted
_BATCH = 200  # stories looked up at once


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for. Raises BadInput from `answer` for what cannot be."""

    query: str = ""
    like: str = ""  # an article's id or address, or a story's id: more like this, within `query`
    order: Order = Order.RELEVANCE
    folded: bool = True  # copies folded into their story
    limit: int = 10
    offset: int = 0
    after: str = ""  # the `next` of the page before
    facets: Sequence[str] = ()
    top: int = 10  # values of each facet
    histogram: Interval | None = None
    by: str = "seen"  # the time that the histogram goes by; or "date"


@dataclass(frozen=True, slots=True)
class Looked:
    """A story found (an article, when unfolded), and the earliest matching copy, which stands for it."""

    story: StoryView
    matching: tuple[str, ...]  # ids of its matching articles, best first
    article: Document
    score: float


@dataclass(frozen=True, slots=True)
class Found(Looked):
    """The same with what matched."""

    shown: Highlighted


@dataclass(frozen=True, slots=True)
class Answer:
    """One page, and what is told of all that matches."""

    query: str  # as understood
    found: tuple[Found, ...]
    total: int  # matching articles
    stories: int | None  # that they are of; None = more than COUNTED articles, which are not counted out
    held: int  # articles in the index
    next: str  # "" = that was all
    facets: Mapping[str, Facet]
    histogram: tuple[Bar, ...]
    coverage: Coverage
    behind: int  # changes of the archive that the index does not know yet


def answer(records: Records, index: Index, ask: Ask, now: datetime) -> Answer:
    """Raise BadInput (BadQuery for the query), or Away when a service does not answer."""
    _check(ask)
    meant = understood(records, ask.query)
    told = f"like {ask.like} {format_query(meant)}"
    cursor = from_text(ask.after, told, ask.order, folded=ask.folded) if ask.after else None
    then = cursor.now if cursor else now  # what is relative stays put from page to page
    node = resolve(meant, then)
    asked = like(records, index, ask.like, node) if ask.like else node
    after = cursor.place if cursor else None
    seen = None
    if ask.facets or ask.histogram:
        seen = index.survey(asked, ask.facets, top=ask.top, by=ask.by if ask.histogram else "")
    page = index.search(
        asked,
        limit=ask.limit,
        offset=ask.offset,
        order=ask.order,
        after=after,
        folded=ask.folded,
        matching=seen.total if seen else None,
    )
    place = page.next
    bars = over_time(index, asked, ask.by, ask.histogram, then, seen.counts) if seen and ask.histogram else ()
    return Answer(
        query=format_query(parse(ask.query)),
        found=tuple(_shown(one, node) for one in looked_up(records, page.stories, folded=ask.folded)),
        total=page.total,
        stories=index.stories(asked)[0] if page.of is None and page.total <= COUNTED else page.of,
        held=index.count(),
        next=to_text(Cursor(told, ask.order, ask.folded, then, place)) if place else "",
        facets=seen.facets if seen else {},
        histogram=bars,
        coverage=coverage(records, index, asked, now),
        behind=max(0, records.last_change() - index.position()),
    )


def _check(ask: Ask) -> None:
    for name, value, most in (("limit", ask.limit, MOST), ("top", ask.top, MOST_VALUES)):
        if not 1 <= value <= most:
            raise BadInput(f"{name} is a number from 1 to {most}, not {value}")
    if ask.offset < 0:
        raise BadInput(f"offset is 0 or more, not {ask.offset}")
    if strange := [name for name in ask.facets if name not in FACETS]:
        raise BadInput(f"there is no facet {strange[0]!r}; there are {', '.join(FACETS)}")
    if ask.by not in TIMES:
        raise BadInput(f"a histogram goes by {' or '.join(TIMES)}, not by {ask.by!r}")


def understood(records: Records, query: str) -> Node:
    """A query with the saved ones that it names, relative times still relative. Raise BadQuery."""
    node = parse(query)
    if not names_used(node):
        return node
    saved = names(records.subscriptions())
    return expand(node, saved.get, saved)


def like(records: Records, index: Index, what: str, within: Node) -> Like:
    """More like an article (id or address) or a story (id), but not of its story. Raise BadInput for an unknown one."""
    view = records.article(what) or next(iter(records.copies(what)), None)
    if view is None:
        raise BadInput(f"nothing is known of {what}: give an article's id (a…) or address, or a story's id (s…)")
    one = view.article

    def frequencies(terms: Sequence[str], english: bool) -> Mapping[str, int]:
        return index.frequencies(terms, english=english)

    text = one.text or one.summary
    return telling(one.title, text, one.language, view.story_id, frequencies, index.count(), within)


def looked_up(records: Records, stories: Sequence[Story], *, folded: bool) -> Iterator[Looked]:
    """What the records know of stories found, in the same order. What is gone since it was indexed is left out, and so
    is a story that another one of these was merged into: the index will follow."""
    views = records.stories(list(dict.fromkeys(story for story, _ in stories)))
    holding = {copy.article_id: view for view in views for copy in view.copies}
    made: list[tuple[StoryView, Story, str]] = []
    for story, hits in stories:
        view = next((holding[hit.article_id] for hit in hits if hit.article_id in holding), None)
        if view is not None:
            matching = {hit.article_id for hit in hits}
            standing = next(copy.article_id for copy in view.copies if copy.article_id in matching)
            made.append((view, (story, hits), standing))
    documents = {one.article_id: one for one in records.documents([standing for _, _, standing in made])}
    given: set[str] = set()
    for view, (_, hits), standing in made:
        this = view.id if folded else standing
        if standing in documents and this not in given:
            given.add(this)
            yield Looked(view, tuple(hit.article_id for hit in hits), documents[standing], hits[0].score)


def _shown(one: Looked, node: Node) -> Found:
    article = one.article
    shown = snippets(node, article.title, article.text or article.summary, language=article.language)
    return Found(one.story, one.matching, article, one.score, shown)


def every(records: Records, index: Index, ask: Ask, now: datetime) -> Iterator[Looked]:
    """All that matches, however many, as a stream: for exports. `limit` and `after` do not count. Raise BadInput."""
    _check(ask)
    node = resolve(understood(records, ask.query), now)
    asked = like(records, index, ask.like, node) if ask.like else node
    stories = index.walk(asked, order=ask.order, batch=_BATCH, folded=ask.folded)

    def told() -> Iterator[Looked]:
        while some := list(islice(stories, _BATCH)):
            yield from looked_up(records, some, folded=ask.folded)

    return told()


def to_json(answer: Answer) -> dict[str, Any]:
    """What is told of all that matches, as plain JSON values; times are ISO 8601, UTC."""
    return {
        "query": answer.query,
        "total": answer.total,
        "story_count": answer.stories,
        "held": answer.held,
        "next": answer.next,
        "facets": {
            name: [{"value": value, "count": count} for value, count in facet] for name, facet in answer.facets.items()
        },
        "histogram": [
            {"begin": bar.begin.isoformat(), "count": bar.count, "of": bar.of, "share": round(bar.share, 6)}
            for bar in answer.histogram
        ],
        "coverage": answer.coverage.to_json(),
        "behind": answer.behind,
    }
