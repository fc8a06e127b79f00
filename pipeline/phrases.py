"""The phrases of a taxonomy as one automaton (Aho-Corasick, leftmost-longest, whole words), and their case rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick_rs

from pipeline.taxonomy import ENTITY_KINDS, Entry, is_reference
from pipeline.tokens import GAP, Tokens, printed_words, split, unaccented

_Phrase = tuple[str, ...]  # words, folded


@dataclass(frozen=True, slots=True)
class Use:
    """What a phrase stands for: a mention of an entry, or (no entry) words that a rule looks for."""

    entry: Entry | None
    phrase: str  # as written in the taxonomy
    case: str  # "any", "name", "exact"
    words: _Phrase  # as printed, without accents
    names_in_full: bool  # of an entry with short names, and none of those


class Phrases:
    """All phrases of some entries: those that are mentions, and those that their rules look for."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        entries = list(entries)
        uses: dict[_Phrase, list[Use]] = {}
        for entry in entries:
            for alias in (*entry.spoken, *entry.bare):
                for form in _forms(alias, entry):
                    _register(uses, form, alias, entry, _case(alias, entry))
        for wanted in _rule_phrases(entries):
            _register(uses, wanted, wanted, None, "any")
        longest = {words[0]: 0 for words in uses}
        for words in uses:
            longest[words[0]] = max(longest[words[0]], len(words))
        self._uses = [_with_nested(words, uses, longest) for words in uses]
        self.patterns = [f" {GAP.join(words)} " for words in uses]
        self._automaton = ahocorasick_rs.AhoCorasick(self.patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)

    def find(self, words: Tokens) -> Iterator[tuple[Use, int, int]]:
        """Every use with its first word and the word after its last, case rules applied, in order of the text."""
        joined, count = words.joined, words.joined.count
        at = last = 0
        for pattern, begin, _ in self._automaton.find_matches_as_indexes(joined):
            at += count(GAP, last, begin + 1)
            last = begin + 1
            for offset, size, use in self._uses[pattern]:
                first = at + offset
                if use.case == "any" or _case_allows(use, words, first, first + size):
                    yield use, first, first + size


def _forms(alias: str, entry: Entry) -> list[str]:
    """An alias, and its plain plural: of systems, and of terms of topics and signals whose last word is lower-case."""
    if alias[-1] in "sS)" or not alias[-1].isalnum():
        return [alias]
    if entry.kind == "system":
        return [alias, alias + "s"]
    if entry.kind in ("topic", "signal") and alias.split()[-1].islower() and alias[-1].isalpha():
        return [alias, alias[:-1] + "ies" if alias[-1] == "y" and alias[-2:-1] not in "aeiou" else alias + "s"]
    return [alias]


def _case(alias: str, entry: Entry) -> str:
    """The case rule of an alias: "auto" means exact for short abbreviations, a capital for names, none for words."""
    if entry.case != "auto":
        return entry.case
    letters = "".join(character for character in alias if character.isalpha())
    if letters.isupper() and len(letters) <= 6:
        return "exact"
    return "name" if alias[0].isupper() else "any"


def _register(uses: dict[_Phrase, list[Use]], form: str, phrase: str, entry: Entry | None, case: str) -> None:
    full = entry is not None and bool(entry.bare) and phrase not in entry.bare
    use = Use(entry, phrase, case, printed_words(form), full)
    known = uses.setdefault(split(form), [])
    if use not in known:
        known.append(use)


def _with_nested(
    words: _Phrase, uses: dict[_Phrase, list[Use]], longest: dict[str, int]
) -> tuple[tuple[int, int, Use], ...]:
    """Uses of a phrase, each with the word at which it begins and its length: its own, and those of phrases inside it.

    The automaton finds the longest phrase only. Inside the name of an entity no other name or term counts, but the
    words that rules look for do; inside a term ("AI firms") shorter terms ("AI") do too; inside a mute nothing does.
    """
    own = [(0, len(words), use) for use in uses[words]]
    kinds = {use.entry.kind for use in uses[words] if use.entry}
    if "mute" in kinds:
        return tuple(own)
    named = bool(kinds & set(ENTITY_KINDS))
    for at in range(len(words)):
        for size in range(1, min(longest.get(words[at], 0), len(words) - at) + 1):
            if size == len(words):
                continue
            for use in uses.get(words[at : at + size], ()):
                if use.entry is None or (use.entry.kind in ("topic", "signal") and not named):
                    own.append((at, size, use))
    return tuple(own)


def _rule_phrases(entries: Iterable[Entry]) -> list[str]:
    """The phrases that `near`, `unless` and `when` look for, beside ids."""
    texts = (text for entry in entries for group in (entry.near, entry.unless, *entry.when) for text in group)
    return list(dict.fromkeys(text for text in texts if not is_reference(text)))


def _case_allows(use: Use, words: Tokens, first: int, after: int) -> bool:
    if words.shouted(first):
        return True
    if use.case == "exact":
        return all(
            unaccented(words.printed(first + n, first + n + 1)) == printed for n, printed in enumerate(use.words)
        )
    initial = words.initial(first)
    return initial.isupper() or initial.isdigit()
