"""What an outlet usually publishes, and how unlikely it is that it publishes so little.

Counts are of periods of 24 hours that end at the same time of day, the oldest first. A day is compared with the same
weekday of the weeks before, for newsrooms work by the week, and not all of them rest on the same days. The band is
drawn from quartiles, which one odd day does not move.

How likely a count is: stories come in bursts, so days vary more than a Poisson process would. They are taken as
negative binomial with the mean of the days compared with and the dispersion (variance over mean, never below 1) of all
days around the mean of their weekday; the mean's own uncertainty is in the variance, m·d·(1 + 1/n), as in a predictive
distribution. See Hilbe, Negative Binomial Regression (2011), section 8.2, on this form (NB1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, quantiles

WEEK = 7
WEEKS = 8  # looked back
FEWEST = 3  # earlier weeks without which nothing is called a habit
PER_DAY, PER_WEEK = "day", "week"
NOTHING = 1e-9  # of the sum: what is left out of it


@dataclass(frozen=True, slots=True)
class Habit:
    """Quartiles of a weekday's counts, and how many days they are of."""

    low: float
    median: float
    high: float
    days: int


@dataclass(frozen=True, slots=True)
class Silence:
    """The last day or week against the habit. `chance` is that of so little, or less, coming about by itself."""

    period: str  # PER_DAY or PER_WEEK
    count: int
    usual: float  # the mean of the same periods before
    chance: float


def habits(counts: Sequence[int], *, known: Sequence[bool] = ()) -> list[Habit | None]:
    """For each of the last 7 periods the habit of its weekday, the last period's last; None = too little is known.

    Periods that are not `known` (nobody collected then) are left out; those before the first article too, and the
    newest of each weekday, which is what is compared.
    """
    begun = _begun(counts, known)
    return [_habit([counts[i] for i in _before(len(counts) - WEEK + day, begun)]) for day in range(WEEK)]


def _habit(past: Sequence[int]) -> Habit | None:
    if len(past) < FEWEST:
        return None
    low, median, high = quantiles(past, n=4, method="inclusive")
    return Habit(low, median, high, len(past))


def _begun(counts: Sequence[int], known: Sequence[bool]) -> list[int]:
    """Positions that tell of the habit."""
    first = next((i for i, count in enumerate(counts) if count), len(counts))
    return [i for i in range(first, len(counts)) if not known or known[i]]


def _before(day: int, usable: Sequence[int]) -> list[int]:
    return [i for i in usable if i < day and (day - i) % WEEK == 0]


def silence(counts: Sequence[int], *, known: Sequence[bool] = ()) -> Silence | None:
    """The less likely of the last day and the last week; None when too little is known, or it is at or above its mean.

    Never of days that are not `known`: where nobody collected, the outlet was not silent.
    """
    if known and not known[-1]:
        return None
    usable = _begun(counts, known)
    found = [one for one in (_of_day(counts, usable), _of_week(counts, usable)) if one]
    return min(found, key=lambda one: one.chance, default=None)


def _of_day(counts: Sequence[int], usable: Sequence[int]) -> Silence | None:
    past = [counts[i] for i in _before(len(counts) - 1, usable)]
    if len(past) < FEWEST or not any(past):
        return None
    mean = fmean(past)
    if counts[-1] >= mean:
        return None
    return Silence(PER_DAY, counts[-1], mean, at_most(counts[-1], mean, _dispersion(counts, usable), len(past)))


def _of_week(counts: Sequence[int], usable: Sequence[int]) -> Silence | None:
    there = set(usable)
    ends = range(len(counts) - WEEK, WEEK - 1, -WEEK)
    past = [sum(counts[end - WEEK : end]) for end in ends if there.issuperset(range(end - WEEK, end))]
    if len(past) < FEWEST or not any(past) or not there.issuperset(range(len(counts) - WEEK, len(counts))):
        return None
    mean = fmean(past)
    if sum(counts[-WEEK:]) >= mean:
        return None
    apart = sum((count - mean) ** 2 for count in past) / (len(past) - 1) / mean
    dispersion = max(apart, _dispersion(counts, usable))
    return Silence(PER_WEEK, sum(counts[-WEEK:]), mean, at_most(sum(counts[-WEEK:]), mean, dispersion, len(past)))


def _dispersion(counts: Sequence[int], usable: Sequence[int]) -> float:
    """Variance over mean of the days before the last week, around the mean of their weekday; at least 1."""
    weekdays: dict[int, list[int]] = {}
    for i in usable:
        if i < len(counts) - WEEK:
            weekdays.setdefault(i % WEEK, []).append(counts[i])
    total = sum(map(sum, weekdays.values()))
    days = sum(map(len, weekdays.values()))
    free = days - len(weekdays)
    if free < 1 or not total:
        return 1.0
    apart = sum((count - fmean(some)) ** 2 for some in weekdays.values() for count in some)
    return max(1.0, apart / free / (total / days))


def at_most(count: int, mean: float, dispersion: float, days: int) -> float:
    """The chance of `count` or less where `days` days had that mean and dispersion (at least 1)."""
    if mean <= 0:
        return 1.0
    spread = dispersion * (1 + 1 / days)  # above 1, so that this is negative binomial and never quite Poisson
    size, share = mean / (spread - 1), 1 / spread
    last = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
    term = total = math.exp(last + size * math.log(share) + count * math.log1p(-share))
    for k in range(count, 0, -1):  # each from the one above it; below the mean they soon are nothing
        term *= k / ((k - 1 + size) * (1 - share))
        total += term
        if term < total * NOTHING and k < mean:
            break
    return min(1.0, total)
