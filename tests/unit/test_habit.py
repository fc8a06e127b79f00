"""What an outlet usually publishes, and how unlikely little is."""

from __future__ import annotations

import math
import random

import pytest

from pipeline.habit import PER_DAY, PER_WEEK, Habit, at_most, habits, silence

STEADY = [20, 22, 18, 21, 19, 5, 4]  # a week, weekend last


def weeks(number: int, last: list[int] | None = None) -> list[int]:
    return STEADY * number + (STEADY if last is None else last)


def test_a_weekday_is_compared_with_its_like() -> None:
    found = habits(weeks(7))
    assert found[0] == Habit(20, 20, 20, 7)
    assert found[5] == Habit(5, 5, 5, 7)


def test_one_odd_day_does_not_move_the_band() -> None:
    counts = weeks(7)
    counts[0] = 400
    assert habits(counts)[0] == Habit(20, 20, 20, 7)


def test_what_is_too_new_has_no_habit() -> None:
    assert habits(weeks(2)) == [None] * 7
    assert habits([0] * 42 + STEADY * 2) == [None] * 7, "an archive older than the source is no habit of nothing"
    assert silence([0] * 56) is None


def test_a_usual_day_is_no_silence() -> None:
    assert silence(weeks(7)) is None
    some = silence(weeks(7, [*STEADY[:-1], 3]))
    assert some is not None
    assert some.chance > 0.2


def test_a_silent_day_is_told_with_its_chance() -> None:
    monday_last = STEADY[2:] + STEADY[:2]
    found = silence([*(monday_last * 8)[:-1], 0])
    assert found is not None
    assert (found.period, found.count, found.usual) == (PER_DAY, 0, 22)
    assert found.chance < 1e-6


def test_a_slow_outlet_is_judged_by_its_week() -> None:
    slow = [1, 0, 1, 0, 1, 0, 0]
    found = silence(slow * 7 + [0] * 7)
    assert found is not None
    assert found.period == PER_WEEK
    assert 0.01 < found.chance < 0.15, "three stories a week: none in one is not that odd"


def test_days_on_which_nobody_collected_tell_nothing() -> None:
    counts = weeks(7, [*STEADY[:-1], 0])
    known = [True] * 55 + [False]
    assert silence(counts, known=known) is None
    gaps = [0 if i < 28 and i % 2 else one for i, one in enumerate(weeks(7))]
    known = [not (i < 28 and i % 2) for i in range(56)]
    assert [one.median for one in habits(gaps, known=known) if one] == STEADY


@pytest.mark.parametrize(("mean", "dispersion"), [(3.0, 1.0), (20.0, 2.5), (150.0, 9.0)])
def test_the_chances_add_up_and_agree_with_a_simulation(mean: float, dispersion: float) -> None:
    assert at_most(int(mean * 40), mean, dispersion, 8) == pytest.approx(1)
    spread, dice = dispersion * 9 / 8, random.Random(7)
    size = mean / (spread - 1)
    drawn = [_poisson(dice, dice.gammavariate(size, spread - 1)) for _ in range(4000)]
    few = int(mean * 0.7)
    share = sum(one <= few for one in drawn) / len(drawn)
    assert at_most(few, mean, dispersion, 8) == pytest.approx(share, abs=0.03)


def _poisson(dice: random.Random, rate: float) -> int:
    count, spent = 0, dice.expovariate(1)
    while spent < rate:
        count, spent = count + 1, spent + dice.expovariate(1)
    return count


def test_bursts_make_little_less_odd() -> None:
    assert at_most(5, 20, 1, 8) < at_most(5, 20, 3, 8) < at_most(5, 20, 8, 8) < 1
    assert math.isclose(at_most(0, 0, 1, 8), 1)
