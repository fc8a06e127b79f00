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
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from types import MappingProxyType

import numpy as np
import rensa  # type: ignore[import-untyped,unused-ignore]

from pipeline.fingerprint import unpack
from pipeline.ids import story_id
from pipeline.nearness import Cells, Nearness, Sketch, compare, kind, pack, sketch, unpack_sketch
from pipeline.postings import Postings
from pipeline.stories import Stories, Story
from pipeline.types import Article, Assignment, Fingerprint

Row = tuple[str, str, datetime, Fingerprint, str]

NOTHING: Mapping[str, str] = MappingProxyType({})

WINDOW = timedelta(days=30)
HEADLINE_WORDS = 5
HEADLINE_WITHIN = timedelta(days=3).total_seconds()
HEADLINE_SCORE = 0.5  # an equal headline says less than any text
BANDS, ROWS = 4, 2  # finds two in three pairs that share half of their shingles; the second route finds the rest
SEED = 20260224
JOINS = 0.8  # least rank of a match that makes one story of two
CANDIDATES = 16  # judged per article
BODY_ANCHOR, LEAD_ANCHOR = np.uint64(15), np.uint64(1)  # one body shingle in 16 and one lead shingle in 2 are indexed


@dataclass(slots=True)
class _Document:
    """What the desk keeps of an article: about 1 KB, nearly all of it the packed sketch."""

    id: str
    within: Story
    source: str
    seen: float
    exact: int
    title: int
    packed: bytes

    @property
    def story(self) -> Story:
        """Its story, after all mergers."""
        while self.within.into is not None:
            self.within = self.within.into
        return self.within


@dataclass(frozen=True, slots=True)
class _New:
    """An article on the desk."""

    id: str
    source: str
    seen: float
    exact: int
    title: int
    sketch: Sketch
    shingles: bytes
    minhash: rensa.RMinHash | None

    @property
    def has_text(self) -> bool:
        return bool(len(self.sketch.body))


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
    near: Nearness
    is_copy: bool


class StoryDesk:
    """Assigns articles to stories. Not thread-safe: one desk, one thread."""

    def __init__(self, window: timedelta = WINDOW) -> None:
        self._window = window.total_seconds()
        self._documents: list[_Document | None] = []  # by number less `_base`; None = forgotten or replaced
        self._base = 0
        self._next_alive = 0  # documents below this number are forgotten
        self._numbers: dict[str, int] = {}  # article id -> number
        self._stories = Stories()
        self._settled: Collection[str] = ()  # articles whose story a person decided
        self._postings = Postings()
        self._lsh = rensa.RMinHashLSH(0.1, BANDS * ROWS, BANDS)
        self.latest = 0.0  # time of the newest article, seconds since 1970

    def __len__(self) -> int:
        """Articles in the window."""
        return len(self._numbers)

    def restore(self, rows: Iterable[Row]) -> None:
        """Take in what was assigned before, in order of arrival.

        A row is (article id, story id, first seen, fingerprint, source id).
        """
        for article_id, story, first_seen, made, source in rows:
            self._remove(article_id)
            new = _new(article_id, source, first_seen.timestamp(), made)
            self.latest = max(self.latest, new.seen)
            self._keep(new, self._stories.called(story))

    def assign(
        self, batch: Sequence[tuple[Article, Fingerprint]], replaced: Mapping[str, str] = NOTHING
    ) -> list[Assignment]:
        """Assign articles in the order given; one assignment each, in that order.

        `replaced` names the headlines, filed under an address of their own, whose page told another: article id ->
        id of the headline, whose place it takes.
        """
        return [self._assign(article, made, replaced.get(article.id, "")) for article, made in batch]

    def heed(self, settled: Collection[str], apart: Iterable[tuple[str, str]]) -> None:
        """What persons said: articles that stay where they are, pairs of stories that are never to be one."""
        self._settled = settled
        self._stories.keep_apart(apart)

    def move(self, article_id: str, story: str) -> None:
        """A person moved an article to a story."""
        number = self._numbers.get(article_id)
        if number is not None:
            document = self._get(number)
            self._stories.leave(document.story)
            document.within = self._stories.called(story)
            self._stories.enter(document.within, number)

    def forget(self, before: datetime) -> None:
        """Forget articles first seen before a time, as far as they came in order."""
        self._forget(before.timestamp())

    def _forget(self, limit: float) -> None:
        """Amortised constant time an article: documents are numbered in order of arrival."""
        while self._next_alive < self._base + len(self._documents):
            document = self._documents[self._next_alive - self._base]
            if document is not None:
                if document.seen >= limit:
                    break
                self._remove(document.id)
            self._next_alive += 1
        self._postings.forget(self._next_alive)
        dead = self._next_alive - self._base
        if dead > len(self._documents) // 2:
            del self._documents[:dead]
            self._base += dead

    def _assign(self, article: Article, made: Fingerprint, replaced: str) -> Assignment:
        seen = article.first_seen or article.fetched or article.published
        new = _new(article.id, article.source_id, seen.timestamp() if seen else self.latest, made)
        self.latest = max(self.latest, new.seen)
        self._forget(self.latest - self._window)
        known = [document for id in (article.id, replaced) if (document := self._remove(id))]
        matches = self._matches(new)
        if known:
            done = self._assign_again(new, known[0], matches)
        else:
            done = self._join(new, matches) if matches else self._alone(new)
        left = {one.story.id for one in known if one.story not in self._stories} - {done.story_id, *done.merged}
        return replace(done, kind=self._kind(new, done), merged=(*done.merged, *sorted(left)))

    def _assign_again(self, new: _New, before: _Document, matches: Sequence[_Match]) -> Assignment:
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
        first = self._document(self._document_of(new.id).story.first)
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
        return [_Match(n, "exact", 1.0, 1.0) for n in self._under(new.exact) if self._get(n).exact == new.exact]

    def _same_headline(self, new: _New) -> list[_Match]:
        """Other outlets' articles of the same headline, one of the two without text; none if of several stories."""
        if not new.title:
            return []
        found = []
        for number in self._under(new.title):
            other = self._get(number)
            textless = not new.has_text or not other.packed
            elsewhere = not (other.source and other.source == new.source)
            if other.title == new.title and textless and elsewhere and abs(other.seen - new.seen) <= HEADLINE_WITHIN:
                found.append(_Match(number, "headline", HEADLINE_SCORE, HEADLINE_SCORE, joins=False))
        return found if len({self._story(match.number).id for match in found}) == 1 else []

    def _near(self, new: _New) -> list[_Match]:
        """Copies of the new article by their words, in every story that has one."""
        judged: list[_Judged] = []
        for number in self._candidates(new):
            document = self._get(number)
            if document.packed and abs(document.seen - new.seen) <= self._window:
                other = unpack_sketch(document.packed)
                near = compare(new.sketch, other)
                same_outlet = bool(new.source) and new.source == document.source
                judged.append(_Judged(number, document.story, other.size, near, near.is_copy(same_outlet=same_outlet)))
        return [
            _Match(one.number, "near", one.near.contained, one.near.rank, _joins(one, new))
            for one in judged
            if one.is_copy and not _contradicted(one, new, judged)
        ]

    def _candidates(self, new: _New) -> list[int]:
        """Documents worth judging, best first: those sharing most indexed shingles, and what the LSH answers."""
        numbers, counts = self._postings.count(_anchors(new.shingles))
        weight = {int(n): int(c) for n, c in zip(numbers, counts, strict=True) if c > 1}
        if new.minhash is not None:
            for number in self._lsh.query(new.minhash):
                weight[number] = weight.get(number, 0) + 2
        order = sorted(weight, key=lambda n: (-weight[n], n))
        return [n for n in order if self._document(n) is not None][:CANDIDATES]

    def _under(self, key: int) -> list[int]:
        numbers, _ = self._postings.count(_cell(key))
        return [int(n) for n in numbers if self._document(int(n)) is not None]

    def _keep(self, new: _New, story: Story) -> None:
        """Enter a document into every index."""
        number = self._base + len(self._documents)
        packed = pack(new.sketch) if new.has_text else b""
        self._documents.append(_Document(new.id, story, new.source, new.seen, new.exact, new.title, packed))
        self._numbers[new.id] = number
        self._stories.enter(story, number)
        keys = [_anchors(new.shingles), *(_cell(key) for key in (new.exact, new.title) if key)]
        self._postings.add(number, np.unique(np.concatenate(keys)))
        if new.minhash is not None:
            self._lsh.insert(number, new.minhash)

    def _remove(self, article_id: str) -> _Document | None:
        """Take a document out; its postings are passed over until they are dropped."""
        number = self._numbers.pop(article_id, None)
        if number is None:
            return None
        document = self._get(number)
        self._documents[number - self._base] = None
        self._lsh.remove(number)
        self._stories.leave(document.story)
        return document

    def _document(self, number: int) -> _Document | None:
        at = number - self._base
        return self._documents[at] if 0 <= at < len(self._documents) else None

    def _get(self, number: int) -> _Document:
        document = self._document(number)
        assert document is not None
        return document

    def _document_of(self, article_id: str) -> _Document:
        return self._get(self._numbers[article_id])

    def _story(self, number: int) -> Story:
        return self._get(number).story


def _preference(match: _Match) -> tuple[float, int]:
    """The best match first, the earliest of equals."""
    return match.rank, -match.number


def _new(article_id: str, source: str, seen: float, made: Fingerprint) -> _New:
    minhash = None
    if made.shingles:
        minhash = rensa.RMinHash(BANDS * ROWS, SEED)
        raw = made.shingles
        minhash.update([raw[i : i + 8] for i in range(0, len(raw), 8)])
    title = made.title_key if len(made.title_key.split()) >= HEADLINE_WORDS else ""
    return _New(
        id=article_id,
        source=source,
        seen=seen,
        exact=_key("exact", made.exact),
        title=_key("title", title),
        sketch=sketch(made),
        shingles=made.shingles,
        minhash=minhash,
    )


def _joins(match: _Judged, new: _New) -> bool:
    """Whether a match may show that two stories are one. A brief found in two texts says nothing of those two."""
    return 2 * new.sketch.size >= match.size and match.near.rank >= JOINS


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
    return np.array([key >> 32], dtype=np.uint32)


def _anchors(shingles: bytes) -> Cells:
    """The shingles that are indexed: every second of the lead, every sixteenth of the body, by their low bits."""
    lead, body, _ = unpack(shingles)
    chosen = np.concatenate([lead[lead & LEAD_ANCHOR == 0], body[body & BODY_ANCHOR == 0]])
    return np.unique((chosen >> np.uint64(30)).astype(np.uint32))
