"""A source's stories per day as a small picture: bars before the band of its habit, drawn as three paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.habit import WEEK, Habit

STEP = 10  # from bar to bar
HEIGHT = 100


@dataclass(frozen=True, slots=True)
class Spark:
    """The `d` of three paths in a box of `width` by HEIGHT."""

    width: int
    bars: str
    band: str  # from the lower to the upper quartile; "" = no habit is known
    median: str
    top: float  # stories at the upper edge


def spark(counts: Sequence[int], habit: Sequence[Habit | None]) -> Spark:
    """`habit` is that of the last 7 counts, one for each weekday."""
    highs = [one.high for one in habit if one]
    top = max([*counts, *highs, 1])

    def at(value: float) -> str:
        return f"{HEIGHT - value / top * (HEIGHT - 4):.0f}"

    bars, band, median = [], [], []
    for number, count in enumerate(counts):
        left = number * STEP
        if count:
            bars.append(f"M{left + 2} {HEIGHT}V{at(count)}h6V{HEIGHT}z")
        usual = habit[(number - len(counts)) % WEEK]
        if usual:
            band.append(f"M{left} {at(usual.low)}V{at(usual.high)}h{STEP}V{at(usual.low)}z")
            median.append(f"M{left} {at(usual.median)}h{STEP}")
    return Spark(len(counts) * STEP, "".join(bars), "".join(band), "".join(median), top)
