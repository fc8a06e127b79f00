"""Small invented market and weather bulletins that the demo goes on with when its list is at an end.

Bulletin number n is made from n alone, and only the latest are listed, so that they go on for ever in little memory.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from replay.content import Outlet
from replay.press import Publication, local, slug_of

GAP = timedelta(seconds=12)
"""Time between two bulletins at speed 1."""
LISTED = 20
"""Bulletins that one outlet shows; older ones are gone."""
_SECTORS = (
    "shipping",
    "grain",
    "copper",
    "chipmakers",
    "airlines",
    "utilities",
    "banks",
    "insurers",
    "timber",
    "retail",
)
_TOWNS = (
    "Ardmouth",
    "Kestrel Bay",
    "Low Fenwick",
    "Saltmarsh",
    "Tarn Hill",
    "Port Ansell",
    "Wickham Cross",
    "Elm Falls",
)
_SKIES = ("Rain", "Sleet", "Fog", "Sunshine", "Drizzle", "Showers", "Hail", "High cloud")


class Bulletins:
    """Who publishes which bulletin when. `first` is when number 0 comes out; no outlets = none at all."""

    def __init__(self, outlets: Sequence[str], first: datetime, speed: float) -> None:
        self._outlets = tuple(outlets)
        self._first = first
        self._gap = GAP / speed

    def count(self, now: datetime) -> int:
        """How many are out at a time, of all outlets."""
        if not self._outlets or now < self._first:
            return 0
        return int((now - self._first) / self._gap) + 1

    def latest(self, outlet: Outlet, now: datetime) -> list[Publication]:
        """The outlet's own latest bulletins, at most LISTED."""
        if outlet.id not in self._outlets:
            return []
        turn = self._outlets.index(outlet.id)
        numbers = range(turn, self.count(now), len(self._outlets))[-LISTED:]
        return [bulletin(outlet, number, self._first + number * self._gap) for number in numbers]


def bulletin(outlet: Outlet, number: int, when: datetime) -> Publication:
    """Bulletin `number` as the outlet prints it: markets and weather in turn, with figures of its own."""
    chance = random.Random(f"bulletin {number}")
    title, paragraphs = (_markets if number % 2 else _weather)(chance)
    return Publication(
        outlet=outlet.id,
        piece=f"bulletin-{number}",
        kind="bulletin",
        title=title,
        summary=paragraphs[0],
        paragraphs=tuple(paragraphs),
        section=outlet.sections[-1],
        slug=f"{slug_of(title, 'bulletin')}-{number}",
        number=20_000_000 + number,
        appears=when,
        dated=local(when, outlet),
        event=f"bulletin-{number}",
        byline=outlet.desk,
    )


def _markets(chance: random.Random) -> tuple[str, list[str]]:
    town, (best, worst) = chance.choice(_TOWNS), chance.sample(_SECTORS, 2)
    move, level = chance.uniform(0.1, 3.2), chance.uniform(2100, 9800)
    up = chance.random() < 0.5
    rose, last = ("rises", "gained") if up else ("slips", "lost")
    return f"{town} exchange {rose} {move:.1f} per cent as {best} stocks lead", [
        f"The {town} all-share index {last} {move:.2f} per cent to {level:,.1f} points, with {best} out in front and "
        f"{worst} at the foot of the table.",
        f"Some {chance.randint(90, 480)} issues rose and {chance.randint(90, 480)} fell. Turnover came "
        f"to {chance.uniform(0.3, 6):.2f} billion crowns; the month's average is {chance.uniform(0.3, 6):.2f} billion.",
        f"The ten-year bond yielded {chance.uniform(1.2, 5.4):.2f} per cent. A barrel of North Basin crude was "
        f"{chance.uniform(54, 96):.2f} dollars and an ounce of gold {chance.uniform(2100, 3900):,.0f}.",
    ]


def _weather(chance: random.Random) -> tuple[str, list[str]]:
    town, other = chance.sample(_TOWNS, 2)
    sky = chance.choice(_SKIES)
    high = chance.randint(3, 33)
    return f"{sky} for {town}, {high} degrees by afternoon", [
        f"{sky} will settle over {town} by mid-morning, with a high of {high} degrees and a low of "
        f"{high - chance.randint(4, 11)} overnight.",
        f"The gauge at {town} took {chance.uniform(0, 38):.1f} millimetres in the past day; {other} had "
        f"{chance.uniform(0, 38):.1f}. Wind from the {chance.choice(('north', 'south-west', 'east', 'north-west'))} at "
        f"{chance.randint(6, 70)} kilometres an hour, gusting {chance.randint(71, 110)} on the headlands.",
        f"High water at {other} is at {chance.randint(0, 11)}:{chance.randint(10, 59)}. The pollen count is "
        f"{chance.randint(1, 120)} and the river stands {chance.uniform(0.4, 3.9):.2f} metres at the gauge.",
    ]
