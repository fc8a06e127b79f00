"""What rises is told, and chance is not: on archives made for it, with the numbers that are printed elsewhere."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

import pytest

from pipeline.rising import LEAST, MINIMUM, Past, Rise, at_least, ratio, rising

WEEK = (1.0, 1.1, 1.0, 1.05, 0.9, 0.5, 0.4)  # how busy its days are
Counts = Mapping[str, tuple[int, Sequence[int]]]


def poisson(draw: random.Random, mean: float) -> int:
    """Knuth's way for small means; large ones in halves."""
    if mean > 30:
        return poisson(draw, mean / 2) + poisson(draw, mean / 2)
    count, left = 0, math.exp(-mean)
    at = draw.random()
    while at > left:
        count, at = count + 1, at * draw.random()
    return count


def archive(
    seed: int, planted: int = 0, spread: float = 0.1, grow: float = 1.0, spans: int = 28
) -> tuple[Counts, Past]:
    """400 names by Zipf's law whose counts go up and down with the week and by themselves; `planted` of them are told
    of three to eight times as often in the window. `grow` = how many times as much the archive has at the end."""
    draw = random.Random(seed)
    days = [1000 * WEEK[n % 7] * grow ** (n / spans) for n in range(spans + 1)]
    counts: dict[str, tuple[int, Sequence[int]]] = {}
    for n in range(400):
        share = 0.12 / (n + 3)
        told = [poisson(draw, share * day * draw.gammavariate(1 / spread, spread)) for day in days]
        name = f"name {n}"
        if n % 20 == 7 and n // 20 < planted:
            name = f"planted {n}"
            most = share * days[-1] * draw.uniform(3, 8) + 8
            told[-1] = poisson(draw, most)
        counts[name] = told[-1], told[:-1]
    return counts, Past(days[-1], tuple(days[:-1]))


def planted(found: Sequence[Rise[str]]) -> int:
    return sum(one.key.startswith("planted") for one in found)


def test_what_is_planted_is_found_and_little_else() -> None:
    told = right = 0
    for seed in range(15):
        found = rising(*archive(seed, planted=20))
        told, right = told + len(found), right + planted(found)
    assert right / told >= 0.95, "precision"
    assert right / (15 * 20) >= 0.85, "recall"


@pytest.mark.parametrize("spread", [0.001, 0.1, 0.5])
@pytest.mark.parametrize("grow", [1.0, 4.0])
@pytest.mark.parametrize("spans", [28, 4])
def test_noise_rises_hardly_ever(spread: float, grow: float, spans: int) -> None:
    found = [len(rising(*archive(seed, spread=spread, grow=grow, spans=spans))) for seed in range(30)]
    assert sum(count > 0 for count in found) <= 0.2 * len(found)


def test_a_busy_day_and_a_growing_archive_are_no_rise() -> None:
    counts = {f"name {n}": (30, [10] * 28) for n in range(50)}
    assert rising(counts, Past(3000, (1000,) * 28)) == []
    assert len(rising(counts, Past(1000, (1000,) * 28))) == 50


def test_it_says_how_many_and_how_many_are_usual() -> None:
    [one] = rising({"Palantir": (41, [6] * 28), "Anduril": (7, [6] * 28)}, Past(1000, (1000,) * 28))
    assert (one.key, one.count, one.usual, one.before) == ("Palantir", 41, 6.0, (6,) * 28)
    assert one.chance < 1e-9 and one.ratio == pytest.approx(ratio(41, 6), rel=0.05)


def test_what_was_never_told_of_rises_with_few_stories_but_not_below_the_minimum() -> None:
    past = Past(1000, (1000,) * 28)
    assert [one.usual for one in rising({"new": (MINIMUM, [0] * 28)}, past)] == [0.0]
    assert rising({"new": (MINIMUM - 1, [0] * 28)}, past) == []


def test_what_comes_in_bursts_must_rise_higher() -> None:
    past = Past(1000, (1000,) * 28)
    steady, bursts = [10] * 28, [0, 0, 0, 40] * 7
    assert rising({"a": (30, steady)}, past) and not rising({"a": (30, bursts)}, past)
    assert rising({"a": (2000, bursts)}, past)


def test_a_small_rise_of_much_is_none_however_certain() -> None:
    past = Past(100_000, (100_000,) * 28)
    assert rising({"a": (int(LEAST * 9000), [10_000] * 28)}, past) == []


def test_the_more_are_looked_at_the_clearer_it_must_be() -> None:
    past, counts = Past(1000, (1000,) * 28), {"a": (6, [1] * 28)}
    assert rising(counts, past) and not rising(counts, past, tested=100_000)


@pytest.mark.parametrize("before", [(), (1000.0, 1000.0), (0.0,) * 28, (0.0,) * 26 + (3.0, 4.0), (100.0,) * 9])
def test_a_short_past_says_nothing(before: tuple[float, ...]) -> None:
    assert rising({"a": (50, [0] * len(before))}, Past(1000, before)) == []


@pytest.mark.parametrize(
    ("count", "mean", "spread", "chance"),
    [  # scipy.stats.nbinom.sf(count - 1, 1 / spread, 1 / (1 + spread * mean))
        (0, 3.0, 0.5, 1.0),
        (3, 3.0, 0.5, 0.4557568),
        (10, 3.0, 0.5, 0.02632711),
        (41, 6.0, 0.1, 3.0e-9),
        (100, 200.0, 0.01, 0.99999),
    ],
)
def test_the_chance_is_that_of_the_negative_binomial(count: int, mean: float, spread: float, chance: float) -> None:
    summed = sum(
        math.exp(
            math.lgamma(k + 1 / spread) - math.lgamma(1 / spread) - math.lgamma(k + 1)
            - math.log1p(spread * mean) / spread + k * math.log(spread * mean / (1 + spread * mean))
        )
        for k in range(count, 4000)
    )  # fmt: skip
    assert at_least(count, mean, spread) == pytest.approx(summed, rel=1e-6)


def test_the_ratio_is_dunnings() -> None:
    assert ratio(41, 6) == pytest.approx(2 * (41 * math.log(41 / 6) - 35))
    assert ratio(3, 6) == 0.0
