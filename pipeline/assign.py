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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

import numpy as np
import rensa  # type: ignore[import-untyped,unused-ignore]

from pipeline.fingerprint import unpack
from pipeline.ids import story_id
from pipeline.nearness import Cells, Nearness, Sketch, compare, pack, sketch, unpack_sketch
from pipeline.postings import Postings
from pipeline.types import Article, Assignment, Fingerprint

Row = tuple[str, str, datetime, Fingerprint, str]

WINDOW = timedelta(days=30)
HEADLINE_WORDS = 5
HEADLINE_WITHIN = timedelta(days=3).total_seconds()
HEADLINE_SCORE = 0.5  # an equal headline says less than any text
BANDS, ROWS = 4, 2  # finds two in three pairs that share half of their shingles; the second route finds the rest
SEED = 20260224
CANDIDATES = 16  # judged per article
BODY_ANCHOR, LEAD_ANCHOR = np.uint64(15), np.uint64(1)  # one body shingle in 16 and one lead shingle in 2 are indexed


@dataclass(slots=True)
class _Document:
    """What the desk keeps of an article: about 1 KB, nearly all of it the packed sketch."""

    id: str
    story: str
    source: str
    seen: float
    exact: int
    title: int
    packed: bytes


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


@dataclass(frozen=True, slots=True)
class _Judged:
    """A candidate compared with the new article."""

    number: int
    story: str
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
        self._sizes: dict[str, int] = {}  # story id -> how many of its articles are in the window
        self._postings = Postings()
        self._lsh = rensa.RMinHashLSH(0.1, BANDS * ROWS, BANDS)
        self._latest = 0.0

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
            self._latest = max(self._latest, new.seen)
            self._keep(new, story)

    def assign(self, batch: Sequence[tuple[Article, Fingerprint]]) -> list[Assignment]:
        """Assign articles in the order given; one assignment each, in that order."""
        return [self._assign(article, made) for article, made in batch]

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

    def _assign(self, article: Article, made: Fingerprint) -> Assignment:
        seen = article.first_seen or article.fetched or article.published
        new = _new(article.id, article.source_id, seen.timestamp() if seen else self._latest, made)
        self._latest = max(self._latest, new.seen)
        self._forget(self._latest - self._window)
        before = self._remove(article.id)
        match = self._find(new, before.story if before else "")
        if before is not None:
            return self._assign_again(new, before, match)
        if match is None:
            self._keep(new, story_id(new.id))
            return Assignment(new.id, story_id(new.id), "first")
        return self._join(new, match)

    def _assign_again(self, new: _New, before: _Document, match: _Match | None) -> Assignment:
        """An article known already: a new version, or its page after its headline. It stays where it still belongs."""
        like = self._document(match.number) if match else None
        if match and like and like.story != before.story:
            return self._join(new, match)
        company = before.story in self._sizes
        founded = before.story == story_id(new.id)
        if like or founded or not company:
            story = before.story
            score = match.score if match else 1.0
            self._keep(new, story)
            return Assignment(new.id, story, "kept", score, like.id if like else "")
        self._keep(new, story_id(new.id))
        return Assignment(new.id, story_id(new.id), "first")

    def _join(self, new: _New, match: _Match) -> Assignment:
        like = self._document(match.number)
        assert like is not None
        self._keep(new, like.story)
        return Assignment(new.id, like.story, match.method, round(match.score, 4), like.id)

    def _find(self, new: _New, own: str) -> _Match | None:
        """The best match; one in the story `own` wins over any other."""
        matches = self._same_words(new) or (self._near(new) if new.has_text else []) or self._same_headline(new)
        mine = [match for match in matches if own and self._story(match.number) == own]
        return max(mine or matches, key=lambda match: (match.rank, -match.number), default=None)

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
                found.append(_Match(number, "headline", HEADLINE_SCORE, HEADLINE_SCORE))
        return found if len({self._story(match.number) for match in found}) == 1 else []

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
            _Match(one.number, "near", one.near.contained, one.near.rank)
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

    def _keep(self, new: _New, story: str) -> None:
        """Enter a document into every index."""
        number = self._base + len(self._documents)
        packed = pack(new.sketch) if new.has_text else b""
        self._documents.append(_Document(new.id, story, new.source, new.seen, new.exact, new.title, packed))
        self._numbers[new.id] = number
        self._sizes[story] = self._sizes.get(story, 0) + 1
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
        left = self._sizes.pop(document.story) - 1
        if left:
            self._sizes[document.story] = left
        return document

    def _document(self, number: int) -> _Document | None:
        at = number - self._base
        return self._documents[at] if 0 <= at < len(self._documents) else None

    def _get(self, number: int) -> _Document:
        document = self._document(number)
        assert document is not None
        return document

    def _story(self, number: int) -> str:
        return self._get(number).story


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
