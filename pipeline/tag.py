"""Tagging: topics, entities and relevance, in one pass over the text (Aho-Corasick, leftmost-longest, whole words)."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import ahocorasick_rs

from pipeline.relevance import Signal, relevance
from pipeline.taxonomy import ENTITY_KINDS, Entry, Taxonomy, is_reference
from pipeline.types import Article, Tag, Tagging

NEAR = 40  # words on either side in which `near` and `when` look
BESIDE = 4  # words on either side in which `unless` looks
LEAD = 120  # words after the headline in which one mention makes a topic; further down it takes two
MAX_CHARACTERS = 200_000

_TOKEN = re.compile(r"[^\W_]+|\n\n")
_BREAK = "\0"  # stands between headline and paragraphs: no name runs across it
_ACCENTS = re.compile("[\u0300-\u036f]+")

_Words = tuple[str, ...]
_Spans = list[tuple[int, int]]  # first word and the word after the last


@dataclass(frozen=True, slots=True)
class _Text:
    """An article as words."""

    words: list[str]  # as printed
    title_words: int
    shouted_title: bool  # wholly in capitals: case says nothing
    shouted_text: bool

    def shouted(self, at: int) -> bool:
        return self.shouted_title if at < self.title_words else self.shouted_text


@dataclass(frozen=True, slots=True)
class _Use:
    """What a phrase of the automaton stands for: a mention of an entry, or words that a rule looks for."""

    entry: Entry | None
    phrase: str  # as written in the taxonomy
    case: str  # "any", "name", "exact"
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What stands where: mentions by entry id, and the phrases of the rules."""

    mentions: dict[str, _Spans]
    phrases: dict[str, list[int]]
    full: set[str]  # ids of entries with short names that were named in full


class Tagger:
    """Tags articles by one taxonomy. Safe to use from several threads; made once, used for many."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        uses: dict[_Words, list[_Use]] = {}
        for entry in taxonomy.entries.values():
            for alias in (*entry.spoken, *entry.bare):
                for words in _forms(alias, entry):
                    _register(uses, words, alias, entry, _case(alias, entry))
        for wanted in _rule_phrases(taxonomy.entries.values()):
            _register(uses, _split(wanted), wanted, None, "any")
        self._uses = [_with_nested(words, uses) for words in uses]
        patterns = [f" {'  '.join(words)} " for words in uses]
        self._automaton = ahocorasick_rs.AhoCorasick(patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
        self._topics = [entry for entry in taxonomy.entries.values() if entry.kind == "topic"]

    def tag(self, article: Article) -> Tagging:
        """Topics, entities and relevance of an article: of headline and text, or summary where there is no text."""
        text = _text(article.title, article.text or article.summary)
        found = self._find(text)
        self._apply_context(found)
        signals = self._signals(found.mentions)
        entities = [
            _tag(self.taxonomy.entries[identity], spans, text)
            for identity, spans in found.mentions.items()
            if identity.partition(":")[0] in ENTITY_KINDS
        ]
        said = {name: [Signal(a, " ".join(text.words[a:b])) for a, b in spans] for name, spans in signals.items()}
        score, reasons = relevance(said, text.title_words)
        return Tagging(
            topics=tuple(self._tag_topics(found, signals, text)),
            entities=tuple(sorted(entities, key=lambda tag: (not tag.in_title, -tag.count, tag.id))),
            relevance=score,
            reasons=reasons,
        )

    def _find(self, text: _Text) -> _Found:
        """Everything the automaton finds, case rules applied."""
        lowered = [_plain(word) for word in text.words]
        # Words are two spaces apart and patterns carry one on either side, so that neighbours do not share a space.
        starts = list(accumulate((len(word) + 2 for word in lowered), initial=0))
        mentions: dict[str, _Spans] = {}
        phrases: dict[str, list[int]] = {}
        full: set[str] = set()
        for pattern, begin, _ in self._automaton.find_matches_as_indexes(f" {'  '.join(lowered)} "):
            at = bisect_right(starts, begin) - 1
            for offset, use in self._uses[pattern]:
                first, after = at + offset, at + offset + len(use.words)
                if use.entry is None:
                    phrases.setdefault(use.phrase, []).append(first)
                elif _case_allows(use, text, first, after):
                    mentions.setdefault(use.entry.id, []).append((first, after))
                    if use.entry.bare and use.phrase not in use.entry.bare:
                        full.add(use.entry.id)
        return _Found(mentions, phrases, full)

    def _apply_context(self, found: _Found) -> None:
        """Drop mentions that stand beside an `unless`, and entries none of whose mentions has its `near`."""
        mentions, signals = found.mentions, self._signals(found.mentions)
        for identity in list(mentions):
            entry = self.taxonomy.entries[identity]
            if entry.unless:
                against = _places(entry.unless, found, signals)
                mentions[identity] = [span for span in mentions[identity] if not _within(span[0], against, BESIDE)]
            if (entry.near or entry.bare) and identity not in found.full:
                own = {first for first, _ in mentions[identity]}
                wanted = [at for at in _places(entry.near, found, signals) if at not in own]
                if not any(_within(first, wanted, NEAR) for first in own):
                    mentions[identity] = []
            if not mentions[identity]:
                del mentions[identity]

    def _signals(self, mentions: dict[str, _Spans]) -> dict[str, _Spans]:
        """Where each signal is given: by its own words, or by an entity that gives it. In order of the text."""
        given: dict[str, _Spans] = {}
        for identity, spans in mentions.items():
            entry = self.taxonomy.entries[identity]
            for name in (identity.partition(":")[2],) if entry.kind == "signal" else entry.signals:
                given.setdefault(name, []).extend(spans)
        return {name: sorted(spans) for name, spans in given.items()}

    def _tag_topics(self, found: _Found, signals: dict[str, _Spans], text: _Text) -> list[Tag]:
        """Topics named outright, given by an entity, or by words of every group of a `when` near each other."""
        places: dict[str, set[int]] = {}
        for identity, spans in found.mentions.items():
            entry = self.taxonomy.entries[identity]
            for given in (identity,) if entry.kind == "topic" else entry.topics:
                places.setdefault(given, set()).update(first for first, _ in spans)
        for topic in self._topics:
            if topic.when:
                groups = [_places(group, found, signals) for group in topic.when]
                together = [at for at in groups[0] if all(_within(at, group, NEAR) for group in groups[1:])]
                if together:
                    places.setdefault(topic.id, set()).update(together)
        tags = []
        for identity, at in places.items():
            if min(at) < text.title_words + LEAD or len(at) >= 2:
                name = self.taxonomy.entries[identity].name
                tags.append(Tag(identity, name, len(at), min(at) < text.title_words))
        return sorted(tags, key=lambda tag: (not tag.in_title, -tag.count, tag.id))


def _tag(entry: Entry, spans: _Spans, text: _Text) -> Tag:
    return Tag(entry.id, entry.name, len(spans), any(first < text.title_words for first, _ in spans))


def _text(title: str, body: str) -> _Text:
    title, body = (_unaccented(part[:MAX_CHARACTERS]) for part in (title, body))
    headline = _TOKEN.findall(title.replace("\n", " "))
    words = [_BREAK if word == "\n\n" else word for word in _TOKEN.findall(body)]
    return _Text([*headline, _BREAK, *words], len(headline), _is_shouted(title), _is_shouted(body))


def _is_shouted(text: str) -> bool:
    """Wholly in capitals, and more than a name: case says nothing."""
    return text.isupper() and len(text.split()) > 1


def _unaccented(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


def _plain(word: str) -> str:
    return word.lower()


def _split(phrase: str) -> _Words:
    return tuple(_plain(word) for word in _TOKEN.findall(_unaccented(phrase)))


def _forms(alias: str, entry: Entry) -> list[_Words]:
    """The words of an alias; of a term of a topic or signal whose last word is lower-case its plain plural too."""
    words = _split(alias)
    if (
        entry.kind in ("topic", "signal")
        and alias.split()[-1].islower()
        and words[-1].isalpha()
        and words[-1][-1] != "s"
    ):
        last = words[-1]
        plural = last[:-1] + "ies" if last[-1] == "y" and last[-2:-1] not in tuple("aeiou") else last + "s"
        return [words, (*words[:-1], plural)]
    return [words]


def _case(alias: str, entry: Entry) -> str:
    """The case rule of an alias: "auto" means exact for short abbreviations, a capital for names, none for words."""
    if entry.case != "auto":
        return entry.case
    letters = "".join(character for character in alias if character.isalpha())
    if letters.isupper() and len(letters) <= 6:
        return "exact"
    return "name" if alias[0].isupper() else "any"


def _register(uses: dict[_Words, list[_Use]], words: _Words, phrase: str, entry: Entry | None, case: str) -> None:
    printed = tuple(_TOKEN.findall(_unaccented(phrase)))
    use = _Use(entry, phrase, case, printed)
    known = uses.setdefault(words, [])
    if use not in known:
        known.append(use)


def _with_nested(words: _Words, uses: dict[_Words, list[_Use]]) -> list[tuple[int, _Use]]:
    """Uses of a phrase, each with the word at which it begins: its own, and those of phrases inside it.

    The automaton finds the longest phrase only. Inside the name of an entity no other name or term counts, but the
    words that rules look for do; inside a term ("AI firms") shorter terms ("AI") do too; inside a mute nothing does.
    """
    own = [(0, use) for use in uses[words]]
    kinds = {use.entry.kind for use in uses[words] if use.entry}
    if "mute" in kinds:
        return own
    for size in range(1, len(words)):
        for at in range(len(words) - size + 1):
            for use in uses.get(words[at : at + size], ()):
                if use.entry is None or (use.entry.kind in ("topic", "signal") and not kinds & set(ENTITY_KINDS)):
                    own.append((at, use))
    return own


def _rule_phrases(entries: Iterable[Entry]) -> list[str]:
    """The phrases that `near`, `unless` and `when` look for, beside ids."""
    texts = (text for entry in entries for group in (entry.near, entry.unless, *entry.when) for text in group)
    return list(dict.fromkeys(text for text in texts if not is_reference(text)))


def _case_allows(use: _Use, text: _Text, first: int, after: int) -> bool:
    if use.case == "any" or text.shouted(first):
        return True
    if use.case == "exact":
        return tuple(text.words[first:after]) == use.words
    return text.words[first][0].isupper() or text.words[first][0].isdigit()


def _places(texts: Sequence[str], found: _Found, signals: dict[str, _Spans]) -> list[int]:
    """Where any of the phrases or ids stands."""
    places: list[int] = []
    for text in texts:
        if text.startswith("signal:"):
            places += [first for first, _ in signals.get(text.partition(":")[2], ())]
        elif is_reference(text):
            places += [first for first, _ in found.mentions.get(text, ())]
        else:
            places += found.phrases.get(text, ())
    return places


def _within(at: int, places: Iterable[int], words: int) -> bool:
    return any(abs(place - at) <= words for place in places)
