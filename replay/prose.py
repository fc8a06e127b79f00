"""Newsroom-like word salad for generated sites: grammatical, meaningless, and never the same twice.

Names are put together from syllables, so that two stories share few runs of words unless one is a copy of the other.
"""

from __future__ import annotations

import random
import tomllib
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


def place(chance: random.Random) -> str:
    """A made-up place name."""
    return (chance.choice(_STARTS) + chance.choice(_MIDDLES) + chance.choice(_ENDS)).capitalize()


def person(chance: random.Random) -> str:
    """A made-up person's name."""
    surname = chance.choice(_STARTS) + chance.choice(_MIDDLES) + chance.choice(_SURNAMES)
    return f"{chance.choice(_GIVEN)} {surname.capitalize()}"


def headline(chance: random.Random) -> str:
    """A made-up headline of six to ten words."""
    return (
        f"{place(chance)} {chance.choice(_PEOPLE)} {chance.choice(_SPEECH)} {chance.choice(_QUALITIES)} "
        f"{chance.choice(_THINGS)} {chance.choice(_DEEDS)} after {chance.choice(_REASONS)}"
    )


def sentence(chance: random.Random) -> str:
    """One sentence of fifteen to thirty words."""
    pick = chance.choice
    there, town, name = place(chance), place(chance), person(chance)
    people, deed, number = pick(_PEOPLE), pick(_DEEDS), chance.randint(2, 9800)
    who = f"the {pick(_PEOPLE)} of the {pick(_QUALITIES)} {pick(_THINGS)} in {there}"
    what = f"the {pick(_QUALITIES)} {pick(_THINGS)} at {town}"
    other, why, when = f"{pick(_QUALITIES)} {pick(_THINGS)}", pick(_REASONS), pick(_TIMES)
    told = pick(
        [
            f"{who} {deed} {what} because of {why}, and {number} visitors saw the {other} {pick(_DEEDS)}",
            f"{name}, {who}, {pick(_SPEECH)} that {what} would be {deed} {when}",
            f"of {number} {people}s asked in {there}, one in {chance.randint(3, 19)} had {deed} some {other}",
            f"{what} cost {number} crowns more than the {other} that {name} {deed} {when}",
            f"“nobody {deed} {what} for {why},” {pick(_SPEECH)} {name}, a {people} from {there}",
            f"{when} the {people}s of {there} will have {deed} {number} {other}s",
            f"between {there} and {town} some {other} was {deed} by {number} {people}s despite {why}",
            f"{name} {deed} the {other}, {pick(_DEEDS)} {what} and blamed {why}",
        ]
    )
    start = 1 if told[0] == "“" else 0
    return told[:start] + told[start].upper() + told[start + 1 :] + "."


def paragraph(chance: random.Random) -> str:
    """One to four sentences."""
    return " ".join(sentence(chance) for _ in range(chance.randint(1, 4)))
