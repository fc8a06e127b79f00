"""Tagging: topics, entities and relevance, in one pass over the text."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.names import find_names
from pipeline.phrases import Phrases
from pipeline.relevance import Signal, relevance
from pipeline.taxonomy import ENTITY_KINDS, Entry, Taxonomy, load_taxonomy
from pipeline.tokens import Tokens
from pipeline.types import Article, Span, Tag, Tagging

NEAR = 40  # words on either side in which `near` and `when` look
BESIDE = 4  # words on either side in which `unless` looks
LEAD = 120  # words after the headline in which one mention makes a topic; further down it takes two
MAX_SPANS = 8  # places kept of each tag: the first ones
RULES = 1  # raised when these rules change, so that an archive can be tagged anew

_Spans = list[tuple[int, int]]  # first word and the word after the last
_Places = dict[str, list[int]]  # first words, in order, by id of an entry, "signal:…", or phrase of a rule


@dataclass(frozen=True, slots=True)
class _Found:
    """What stands where."""

    mentions: dict[str, _Spans]  # by entry id
    phrases: _Places
    full: set[str]  # ids of entries with short names that were named in full


@dataclass(frozen=True, slots=True)
class TagRules:
    """By what articles are tagged, as settings say it."""

    files: tuple[Path, ...] = ()  # taxonomy files or folders of the user's own, added to the shipped ones
    names: bool = True  # names outside the taxonomy too


Asks = Callable[[Article], Iterable[Tag]]  # the topics whose query an article matches


def load_tagger(rules: TagRules, asking: Callable[[Taxonomy], Asks | None]) -> Tagger:
    """A tagger by those rules. `asking` makes what runs the queries of topics (`search.topics`). Raise BadInput."""
    taxonomy = load_taxonomy(*rules.files)
    return Tagger(taxonomy, names=rules.names, asks=asking(taxonomy))


class Tagger:
    """Tags articles by one taxonomy. Safe to use from several threads; made once, used for many.

    `names` adds names that stand outside the taxonomy (`pipeline.names`) to the entities; `asks` adds topics that are
    stated as queries, and may be left out only where there are none (ValueError).
    """

    def __init__(self, taxonomy: Taxonomy, *, names: bool = False, asks: Asks | None = None) -> None:
        if asks is None and any(entry.query for entry in taxonomy.entries.values()):
            raise ValueError("the taxonomy has topics by query: give what runs them")
        self.taxonomy, self.names, self._asks = taxonomy, names, asks
        entries = taxonomy.entries.values()
        self._phrases = Phrases(entries)
        self._rules = {
            entry.id: (frozenset(entry.unless), frozenset(entry.near), bool(entry.near or entry.bare))
            for entry in entries
            if entry.near or entry.bare or entry.unless
        }
        self._signals = {entry.id: _signal_ids(entry) for entry in entries}
        self._topics = {entry.id: (entry.id,) if entry.kind == "topic" else entry.topics for entry in entries}
        self._entities = {entry.id for entry in entries if entry.kind in ENTITY_KINDS}
        self._when = {
            entry.id: tuple(frozenset(group) for group in entry.when)
            for entry in entries
            if entry.kind == "topic" and entry.when
        }
        self._gives_way = {entry.id: frozenset(entry.gives_way) for entry in entries if entry.gives_way}

    @property
    def digest(self) -> str:
        """Of all that decides what an article is tagged with: the same digest gives the same tags."""
        settled = f"{RULES} {self.taxonomy.digest} {self.names}"
        return hashlib.blake2b(settled.encode(), digest_size=8).hexdigest()

    def tag(self, article: Article) -> Tagging:
        """Topics, entities and relevance of an article: of headline and text, or summary where there is no text."""
        words = Tokens(article.title, article.text or article.summary)
        found = self._find(words)
        self._apply_context(found)
        places = self._places(found)
        entities = [
            _tag(self.taxonomy.entries[id], spans, words)
            for id, spans in found.mentions.items()
            if id in self._entities
        ]
        if self.names:
            known = [words.place(*span) for id in found.mentions if id in self._entities for span in found.mentions[id]]
            entities += find_names(words, known, article.language)
        signals = {
            name.partition(":")[2]: [Signal(*span) for span in spans]
            for name, spans in self._given(found, self._signals).items()
        }
        score, reasons = relevance(signals, words.title_words, words.printed)
        topics = {tag.id: tag for tag in (self._asks(article) if self._asks else ())}
        topics |= {tag.id: tag for tag in self._tag_topics(found, places, words)}
        return Tagging(
            topics=tuple(sorted(topics.values(), key=_rank)),
            entities=tuple(sorted(entities, key=_rank)),
            relevance=score,
            reasons=reasons,
        )

    def _find(self, words: Tokens) -> _Found:
        mentions: dict[str, _Spans] = {}
        phrases: _Places = {}
        full: set[str] = set()
        for use, first, after in self._phrases.find(words):
            if use.entry is None:
                phrases.setdefault(use.phrase, []).append(first)
            else:
                mentions.setdefault(use.entry.id, []).append((first, after))
                if use.names_in_full:
                    full.add(use.entry.id)
        return _Found(mentions, phrases, full)

    def _apply_context(self, found: _Found) -> None:
        """Drop mentions that stand beside an `unless`, and entries none of whose mentions has its `near`."""
        mentions, places = found.mentions, self._places(found)
        for id in [id for id in mentions if id in self._rules]:
            unless, near, asks = self._rules[id]
            against = _any_of(unless, places)
            if against:
                mentions[id] = [span for span in mentions[id] if not _within(span[0], against, BESIDE)]
            if asks and id not in found.full:
                own = {first for first, _ in mentions[id]}
                wanted = [at for at in _any_of(near, places) if at not in own]
                if not any(_within(first, wanted, NEAR) for first in own):
                    mentions[id] = []
            if not mentions[id]:
                del mentions[id]

    def _given(self, found: _Found, by: Mapping[str, Iterable[str]]) -> dict[str, _Spans]:
        """What mentions give (their signals, or topics), and where, in order of the text."""
        given: dict[str, _Spans] = {}
        for id, spans in found.mentions.items():
            for name in by[id]:
                given.setdefault(name, []).extend(spans)
        return {name: sorted(spans) for name, spans in given.items()}

    def _places(self, found: _Found) -> _Places:
        """Where everything stands that rules speak of."""
        places = {id: [first for first, _ in spans] for id, spans in found.mentions.items()}
        for name, spans in self._given(found, self._signals).items():
            places[name] = [first for first, _ in spans]
        return places | found.phrases

    def _tag_topics(self, found: _Found, places: _Places, words: Tokens) -> Iterator[Tag]:
        """Topics named outright, given by an entity, or by words of every group of a `when` near each other."""
        given = {id: dict(spans) for id, spans in self._given(found, self._topics).items()}
        for id, groups in self._when.items():
            first, *others = (_any_of(group, places) for group in groups)
            if first and all(others):
                together = [at for at in first if all(_within(at, other, NEAR) for other in others)]
                for at in together:
                    given.setdefault(id, {}).setdefault(at, at + 1)
        stand = {id for id, spans in given.items() if len(spans) >= 2 or min(spans) < words.title_words + LEAD}
        for id in stand & self._gives_way.keys():
            if not stand.isdisjoint(self._gives_way[id]):
                for at, after in found.mentions.get(id, ()):
                    if after == at + 1:
                        given[id].pop(at, None)
        return (_tag(self.taxonomy.entries[id], sorted(given[id].items()), words) for id in stand if given[id])


def _signal_ids(entry: Entry) -> tuple[str, ...]:
    own = (entry.id,) if entry.kind == "signal" else ()
    return (*own, *(f"signal:{name}" for name in entry.signals))


def _rank(tag: Tag) -> tuple[bool, int, str]:
    return not tag.in_title, -tag.count, tag.id


def _tag(entry: Entry, spans: _Spans, words: Tokens) -> Tag:
    kept = tuple(Span(*words.apart(*words.place(*span))) for span in spans[:MAX_SPANS])
    return Tag(entry.id, entry.name, len(spans), spans[0][0] < words.title_words, kept)


def _any_of(keys: Collection[str], places: _Places) -> list[int]:
    """Where any of the phrases or ids stands, in order."""
    there = places.keys() & keys
    if len(there) == 1:
        return places[there.pop()]
    return sorted(at for key in there for at in places[key])


def _within(at: int, places: list[int], words: int) -> bool:
    """Whether one of the places, which are in order, is at most so many words away."""
    after = bisect_left(places, at - words)
    return after < len(places) and places[after] <= at + words
