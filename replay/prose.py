"""Newsroom-like word salad for generated sites: grammatical, meaningless, and never the same twice.

Names are put together from syllables, so that two stories share few runs of words unless one is a copy of the other.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_VOCABULARY: dict[str, str] = tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text(encoding="utf-8"))
_PEOPLE, _THINGS, _QUALITIES, _DEEDS, _SPEECH, _STARTS, _MIDDLES, _ENDS, _SURNAMES, _GIVEN = (
    _VOCABULARY[name].split()
    for name in (
        *("people", "things", "qualities", "deeds", "speech"),
        *("starts", "middles", "ends", "surnames", "given"),
    )
)
_REASONS, _TIMES = (_VOCABULARY[name].strip().splitlines() for name in ("reasons", "times"))


def _pick(chance: random.Random, words: Sequence[str]) -> str:
    return words[int(chance.random() * len(words))]  # a quarter of the time that `choice` takes


def place(chance: random.Random) -> str:
    """A made-up place name."""
    return (_pick(chance, _STARTS) + _pick(chance, _MIDDLES) + _pick(chance, _ENDS)).capitalize()


def person(chance: random.Random) -> str:
    """A made-up person's name."""
    surname = _pick(chance, _STARTS) + _pick(chance, _MIDDLES) + _pick(chance, _SURNAMES)
    return f"{_pick(chance, _GIVEN)} {surname.capitalize()}"


def headline(chance: random.Random) -> str:
    """A made-up headline of six to ten words."""
    return (
        f"{place(chance)} {_pick(chance, _PEOPLE)} {_pick(chance, _SPEECH)} {_pick(chance, _QUALITIES)} "
        f"{_pick(chance, _THINGS)} {_pick(chance, _DEEDS)} after {_pick(chance, _REASONS)}"
    )


_SENTENCES = (
    "{who} {deed} {what} because of {why}, and {number} visitors saw the {other} {did}",
    "{name}, {who}, {said} that {what} would be {deed} {when}",
    "of {number} {people}s asked in {there}, one in {few} had {deed} some {other}",
    "{what} cost {number} crowns more than the {other} that {name} {deed} {when}",
    "“nobody {deed} {what} for {why},” {said} {name}, a {people} from {there}",
    "{when} the {people}s of {there} will have {deed} {number} {other}s",
    "between {there} and {town} some {other} was {deed} by {number} {people}s despite {why}",
    "{name} {deed} the {other}, {did} {what} and blamed {why}",
)
_WORDS: dict[str, Callable[[random.Random, Mapping[str, str]], str]] = {
    "there": lambda chance, _: place(chance),
    "town": lambda chance, _: place(chance),
    "name": lambda chance, _: person(chance),
    "people": lambda chance, _: _pick(chance, _PEOPLE),
    "deed": lambda chance, _: _pick(chance, _DEEDS),
    "did": lambda chance, _: _pick(chance, _DEEDS),
    "said": lambda chance, _: _pick(chance, _SPEECH),
    "why": lambda chance, _: _pick(chance, _REASONS),
    "when": lambda chance, _: _pick(chance, _TIMES),
    "number": lambda chance, _: str(2 + int(chance.random() * 9799)),
    "few": lambda chance, _: str(3 + int(chance.random() * 17)),
    "other": lambda chance, _: f"{_pick(chance, _QUALITIES)} {_pick(chance, _THINGS)}",
    "who": lambda chance, said: (
        f"the {_pick(chance, _PEOPLE)} of the {_WORDS['other'](chance, said)} in {said['there']}"
    ),
    "what": lambda chance, said: f"the {_WORDS['other'](chance, said)} at {said['town']}",
}


class _Said(dict[str, str]):
    """The words of one sentence, each chosen when it is asked for."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def __missing__(self, name: str) -> str:
        self[name] = _WORDS[name](self.chance, self)
        return self[name]


def sentence(chance: random.Random) -> str:
    """One sentence of fifteen to thirty words."""
    told = _pick(chance, _SENTENCES).format_map(_Said(chance))
    start = 1 if told[0] == "“" else 0
    return told[:start] + told[start].upper() + told[start + 1 :] + "."


def paragraph(chance: random.Random) -> str:
    """One to four sentences."""
    return " ".join(sentence(chance) for _ in range(chance.randint(1, 4)))
