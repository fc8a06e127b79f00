"""The story desk: which story an article belongs to. The one ordered step of the pipeline.

An article is compared with what the desk has seen in its window (30 days unless told otherwise), along three routes:

1. the same words: an equal exact hash;
2. near copies: candidates from MinHash LSH (rensa), and from an inverted index over a sample of shingles, which also
   finds a brief inside a long text; each candidate is then judged by `pipeline.nearness`;
3. headlines: when one of the two has no text, an equal headline of five words or more, in another outlet, within three
   days.

The desk is deterministic for a given order, needs no clock (time is what the articles say), and can be rebuilt from the
records with `restore`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from types import MappingProxyType

import numpy as np

from pipeline.bands import bands
from pipeline.fingerprint import Hashes, unpack
from pipeline.ids import story_id
from pipeline.nearness import LEAST, Cells, Nearness, Sketch, compare, contained, kind, pack, sketch_of, unpack_sketch
from pipeline.postings import Numbers, Postings
from pipeline.stories import Stories, Story
from pipeline.types import Article, Assignment, Fingerprint
from pipeline.window import Document, Window

Part = tuple[str, str, float | None, Fingerprint]
Row = tuple[str, str, datetime, Fingerprint, str]

NOTHING: Mapping[str, str] = MappingProxyType({})

WINDOW = timedelta(days=30)
HEADLINE_WORDS = 5
HEADLINE_WITHIN = timedelta(days=3).total_seconds()
HEADLINE_SCORE = 0.5  # an equal headline says less than any text
BAND_WEIGHT = 2  # a band in common counts as so many shingles
TOGETHER = 256  # articles read from the records at a time
JOINS = 0.8  # least rank of a match that makes one story of two
CANDIDATES = 16  # judged per article
BODY_ANCHOR, LEAD_ANCHOR = np.uint64(15), np.uint64(1)  # one body shingle in 16 and one lead shingle in 2 are indexed


@dataclass(slots=True)
class _New:
    """An article on the desk."""

    id: str
    source: str
    seen: float
    exact: int
    title: int
    sketch: Sketch
    anchors: Cells
    bands: Cells
    by_anchor: Numbers = field(init=False)  # documents that the postings know under its keys, but for the newest
    by_band: Numbers = field(init=False)
    by_exact: Numbers = field(init=False)
    by_title: Numbers = field(init=False)

    @property
    def has_text(self) -> bool:
        return bool(len(self.sketch.body))

    @property
    def exact_cell(self) -> Cells:
        return _cell(self.exact)

    @property
    def title_cell(self) -> Cells:
        return _cell(self.title)


@dataclass(frozen=True, slots=True)
class _Match:
    """A document that a new article is a copy of."""

    number: int
    method: str
    score: float
    rank: float
    joins: bool = True  # whether it may show that two stories are one


@dataclass(frozen=True, slots=True)
class _Judged:
    """A candidate compared with the new article."""

    number: int
    story: Story
    size: int  # its shingles
    near: Nearness | None  # None: the two share too little to look further
    is_copy: bool


class StoryDesk:
    """Assigns articles to stories. Not thread-safe: one desk, one thread."""

    def __init__(self, window: timedelta = WINDOW) -> None:
        self._span = window.total_seconds()
        self._stories = Stories()
        self._window = Window(self._stories)
        self._settled: Collection[str] = ()  # articles whose story a person decided
        self._postings = Postings()
        self.latest = 0.0  # time of the newest article, seconds since 1970

    def __len__(self) -> int:
        """Articles in the window."""
        return len(self._window)

    def restore(self, rows: Iterable[Row]) -> None:
        """Take in what was assigned before, in order of arrival.

        A row is (article id, story id, first seen, fingerprint, source id).
        """
        rows = iter(rows)
        while some := list(islice(rows, TOGETHER)):
            parts = [(id, source, first_seen.timestamp(), made) for id, _, first_seen, made, source in some]
            for new, (_, story, *_) in zip(self._new(parts), some, strict=True):
                self._remove(new.id)
                self.latest = max(self.latest, new.seen)
                self._keep(new, self._stories.called(story))

    def assign(
        self, batch: Sequence[tuple[Article, Fingerprint]], replaced: Mapping[str, str] = NOTHING
    ) -> list[Assignment]:
        """Assign articles in the order given; one assignment each, in that order.

        `replaced` names the headlines, filed under an address of their own, whose page told another: article id ->
        id of the headline, whose place it takes.
        """
        assignments: list[Assignment] = []
        while len(assignments) < len(batch):
            at = len(assignments)
            part = batch[at : at + self._postings.room]
            assignments += [self._assign(new, replaced.get(new.id, "")) for new in self._prepare(part)]
        return assignments

    def _prepare(self, batch: Sequence[tuple[Article, Fingerprint]]) -> list[_New]:
        """What does not depend on the order, for a whole batch, which is several times as fast."""
        parts = []
        for article, made in batch:
            seen = article.first_seen or article.fetched or article.published
            parts.append((article.id, article.source_id, seen.timestamp() if seen else None, made))
        news = self._new(parts)
        queries = [keys for new in news for keys in (new.anchors, new.bands, new.exact_cell, new.title_cell)]
        found = iter(self._postings.look_up(queries))
        for new in news:
            new.by_anchor, new.by_band, new.by_exact, new.by_title = islice(found, 4)
        return news

    def _new(self, parts: Sequence[Part]) -> list[_New]:
        """Articles as the desk compares them; one of unknown time is as late as the latest before it."""
        news, latest = [], self.latest
        for (id, source, seen, made), own in zip(parts, bands([made.shingles for *_, made in parts]), strict=True):
            news.append(_new(id, source, latest if seen is None else seen, made, own))
            latest = max(latest, news[-1].seen)
        return news

    def heed(self, settled: Collection[str], apart: Iterable[tuple[str, str]]) -> None:
        """What persons said: articles that stay where they are, pairs of stories that are never to be one."""
        self._settled = settled
        self._stories.keep_apart(apart)

    def move(self, article_id: str, story: str) -> None:
        """A person moved an article to a story."""
        number = self._window.find(article_id)
        if number is not None:
            self._window.move(number, self._stories.called(story))

    def forget(self, before: datetime) -> None:
        """Forget articles first seen before a time, as far as they came in order."""
        self._forget(before.timestamp())

    def _forget(self, limit: float) -> None:
        self._postings.forget(self._window.forget(limit))

    def _assign(self, new: _New, replaced: str) -> Assignment:
        self.latest = max(self.latest, new.seen)
        self._forget(self.latest - self._span)
        known = [document for id in (new.id, replaced) if (document := self._remove(id))]
        matches = self._matches(new)
        if known:
            done = self._assign_again(new, known[0], matches)
        else:
            done = self._join(new, matches) if matches else self._alone(new)
        left = {one.story.id for one in known if one.story not in self._stories} - {done.story_id, *done.merged}
        return replace(done, kind=self._kind(new, done), merged=(*done.merged, *sorted(left)))

    def _assign_again(self, new: _New, before: Document, matches: Sequence[_Match]) -> Assignment:
        """An article known already: a new version, or its page after its headline. It stays where it still belongs."""
        own = before.story
        mine = [match for match in matches if self._story(match.number) is own]
        settled = new.id in self._settled
        if matches and not mine and not settled:
            return self._join(new, matches)
        founded = own.id == story_id(before.id)
        if not (mine or founded or settled) and own in self._stories:
            return self._alone(new)
        self._keep(new, own)
        best = max(mine, key=_preference, default=None)
        like = self._get(best.number).id if best else ""
        return Assignment(new.id, own.id, "kept", best.score if best else 1.0, like, self._merge(own, matches))

    def _kind(self, new: _New, done: Assignment) -> str:
        """What the article is beside its story's first text or, where that is gone, beside its like."""
        if not new.has_text:
            return "headline"
        first = self._window.get(self._document_of(new.id).story.first)
        if first is None or not first.packed:
            first = self._document_of(done.like) if done.like else None
        if first is None or first.id == new.id or not first.packed:
            return "first"
        return kind(new.sketch, unpack_sketch(first.packed))

    def _alone(self, new: _New) -> Assignment:
        self._keep(new, self._stories.called(story_id(new.id)))
        return Assignment(new.id, story_id(new.id), "first")

    def _join(self, new: _New, matches: Sequence[_Match]) -> Assignment:
        best = max(matches, key=_preference)
        like = self._get(best.number)
        self._keep(new, like.story)
        merged = self._merge(like.story, matches)
        return Assignment(new.id, like.story.id, best.method, round(best.score, 4), like.id, merged)

    def _merge(self, story: Story, matches: Sequence[_Match]) -> tuple[str, ...]:
        """Make one story of all that the article is a copy of; the ids that are no more."""
        merged = []
        for match in sorted(matches, key=_preference, reverse=True):
            other = self._story(match.number)
            if match.joins and other is not story and self._stories.may_merge(story, other):
                kept = self._stories.merge(story, other)
                merged.append(other.id if kept is story else story.id)
                story = kept
        return tuple(merged)

    def _matches(self, new: _New) -> list[_Match]:
        """Every document that the article is a copy of, by the surest route that finds one."""
        return self._same_words(new) or (self._near(new) if new.has_text else []) or self._same_headline(new)

    def _same_words(self, new: _New) -> list[_Match]:
        if not new.exact:
            return []
        under = self._under(new.by_exact, new.exact_cell)
        return [_Match(n, "exact", 1.0, 1.0) for n in under if self._get(n).exact == new.exact]

    def _same_headline(self, new: _New) -> list[_Match]:
        """Other outlets' articles of the same headline, one of the two without text; none if of several stories."""
        if not new.title:
            return []
        found = []
        for number in self._under(new.by_title, new.title_cell):
            other = self._get(number)
            textless = not new.has_text or not other.packed
            elsewhere = not (other.source and other.source == new.source)
            if other.title == new.title and textless and elsewhere and abs(other.seen - new.seen) <= HEADLINE_WITHIN:
                found.append(_Match(number, "headline", HEADLINE_SCORE, HEADLINE_SCORE, joins=False))
        return found if len({self._story(match.number).id for match in found}) == 1 else []

    def _near(self, new: _New) -> list[_Match]:
        """Copies of the new article by their words, in every story that has one."""
        documents = [(number, self._get(number)) for number in self._candidates(new)]
        documents = [(n, one) for n, one in documents if one.packed and abs(one.seen - new.seen) <= self._span]
        if not documents:
            return []
        judged: list[_Judged] = []
        shares = contained(new.sketch, [document.packed for _, document in documents])
        for (number, document), (share, size) in zip(documents, shares, strict=True):
            near, is_copy = None, False
            if share >= LEAST:
                near = compare(new.sketch, unpack_sketch(document.packed))
                is_copy = near.is_copy(same_outlet=bool(new.source) and new.source == document.source)
            judged.append(_Judged(number, document.story, size, near, is_copy))
        return [
            _Match(one.number, "near", one.near.contained, one.near.rank, _joins(one.size, one.near, new))
            for one in judged
            if one.near and one.is_copy and not _contradicted(one, new, judged)
        ]

    def _candidates(self, new: _New) -> list[int]:
        """Documents worth judging, best first: those sharing most indexed shingles, and what the LSH answers."""
        in_band = {*new.by_band.tolist(), *self._postings.recent(new.bands)}
        newest = [*self._postings.recent(new.anchors), *BAND_WEIGHT * list(in_band)]
        numbers, weights = _counted(np.concatenate([new.by_anchor, np.array(newest, dtype=np.int64)]))
        often = weights > 1
        best_first = numbers[often][np.argsort(-weights[often], kind="stable")].tolist()
        return list(islice(filter(self._window.holds, best_first), CANDIDATES))

    def _under(self, stored: Numbers, key: Cells) -> list[int]:
        numbers = sorted({*stored.tolist(), *self._postings.recent(key)})
        return [number for number in numbers if self._window.holds(number)]

    def _keep(self, new: _New, story: Story) -> None:
        """Enter a document into every index."""
        packed = pack(new.sketch) if new.has_text else b""
        number = self._window.add(Document(new.id, story, new.source, new.seen, new.exact, new.title, packed))
        self._postings.add(number, np.concatenate([new.anchors, new.bands, new.exact_cell, new.title_cell]))

    def _remove(self, article_id: str) -> Document | None:
        number = self._window.find(article_id)
        if number is not None:
            self._postings.remove(number)
        return self._window.remove(article_id)

    def _get(self, number: int) -> Document:
        document = self._window.get(number)
        assert document is not None
        return document

    def _document_of(self, article_id: str) -> Document:
        number = self._window.find(article_id)
        assert number is not None
        return self._get(number)

    def _story(self, number: int) -> Story:
        return self._get(number).story


def _preference(match: _Match) -> tuple[float, int]:
    """The best match first, the earliest of equals."""
    return match.rank, -match.number


def _new(article_id: str, source: str, seen: float, made: Fingerprint, own_bands: Cells) -> _New:
    lead, body, figures = unpack(made.shingles)
    title = made.title_key if len(made.title_key.split()) >= HEADLINE_WORDS else ""
    return _New(
        id=article_id,
        source=source,
        seen=seen,
        exact=_key("exact", made.exact),
        title=_key("title", title),
        sketch=sketch_of(lead, body, figures),
        anchors=_anchors(lead, body),
        bands=own_bands,
    )


def _joins(size: int, near: Nearness, new: _New) -> bool:
    """Whether a match may show that two stories are one. A brief found in two texts says nothing of those two."""
    return 2 * new.sketch.size >= size and near.rank >= JOINS


def _contradicted(match: _Judged, new: _New, judged: Sequence[_Judged]) -> bool:
    """Whether a fuller copy of the story undoes a match with a short one: a roundup holds the brief only."""
    if new.sketch.size < 2 * match.size:
        return False
    fuller = [one for one in judged if one.story == match.story and one.size >= 2 * match.size]
    return bool(fuller) and not any(one.is_copy for one in fuller)


def _key(what: str, text: str) -> int:
    """64 bits of a text, 0 for none."""
    if not text:
        return 0
    return int.from_bytes(blake2b(f"{what}:{text}".encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _cell(key: int) -> Cells:
    return np.array([key >> 32] if key else [], dtype=np.uint32)


def _anchors(lead: Hashes, body: Hashes) -> Cells:
    """The shingles that are indexed: every second of the lead, every sixteenth of the body, by their low bits."""
    chosen = np.concatenate([lead[lead & LEAD_ANCHOR == 0], body[body & BODY_ANCHOR == 0]])
    return np.unique((chosen >> np.uint64(30)).astype(np.uint32))


def _counted(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """The distinct numbers, ascending, and how often each is there."""
    numbers.sort()
    ends = np.flatnonzero(np.concatenate([numbers[1:] != numbers[:-1], [len(numbers) > 0]]))
    return numbers[ends], np.diff(ends, prepend=-1)
