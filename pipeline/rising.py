"""What is told of more often than usual: a count against its own past, for many names at once.

Each name has a count of stories in the window and one in each of several spans of the past; `size` is how much there
was to be told of in each of them (all articles), so that hours, weekdays and an archive that grows even out.

The test. Counts of a name are taken as negative binomial: with B stories in a past of size N, a window of size n is
expected to have m = (B + 1/2) n / N of them (the mean under Jeffreys' prior for a Poisson rate), with the variance m
+ m^2 (a + a' + 1 / (B + 1/2)): how much more than by chance its counts went up and down before (a, and what of that
is in the rate: a' = a over the number of spans, more of few: `_FEW`), and what chance leaves uncertain about the
rate. a is estimated from the spans by moments (Bliss and Fisher, 1953), drawn towards that of all names, as is done
for counts of genes (Robinson and Smyth, 2007, 2008), for few spans tell little of it, and never taken below that. The
chance of so many or more is the name's p; which are rising is told by Benjamini and Hochberg's step-up (1995), so
that of those named a share of at most `RATE` is expected to be chance. They come in order of the log-likelihood ratio
(Dunning, 1993).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

MINIMUM = 5  # stories of the window below which nothing is said of a name
LEAST = 1.5  # times as many as expected, or it is no rise worth telling, however certain
RATE = 0.05  # of those told, the share that may be chance
_PRIOR = 10.0  # spans that the dispersion of all names counts as
_FEW = 4.0  # a rate of few spans is told wrong by more than the variance says: set by archives of noise (its test)
_NONE = 1e-15  # a chance too small to add
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Past:
    """How much there was in the window and in each span before it, whatever it told of."""

    size: float
    before: tuple[float, ...]

    @property
    def enough(self) -> bool:
        """Whether it says what is usual: three spans that hold something, and together as much as the window."""
        return sum(one > 0 for one in self.before) >= 3 and sum(self.before) >= self.size > 0


@dataclass(frozen=True, slots=True)
class Rise(Generic[Key]):
    """A name that is told of more often than usual."""

    key: Key
    count: int  # stories of the window
    usual: float  # that a window of this size has by what was before
    before: tuple[int, ...]  # stories of each span
    chance: float  # of so many or more if nothing had changed, 0..1
    ratio: float  # log-likelihood ratio, by which they are in order


def rising(
    counts: Mapping[Key, tuple[int, Sequence[int]]], past: Past, tested: int = 0, rate: float = RATE
) -> list[Rise[Key]]:
    """Those that rise, the clearest first. `tested` = names that there are in the window, if more than
    these: the rest counts as no rise. Empty when the past is not `enough`."""
    if not past.enough:
        return []
    shared = _dispersion((before, past.before) for _, before in counts.values())
    looked = [_look(key, count, before, past, shared) for key, (count, before) in counts.items() if count >= MINIMUM]
    looked.sort(key=lambda one: one.chance)
    many = max(tested, len(counts))
    kept = max((n for n, one in enumerate(looked, 1) if one.chance <= rate * n / many), default=0)
    told = [one for one in looked[:kept] if one.count >= LEAST * one.usual]
    return sorted(told, key=lambda one: (-one.ratio, repr(one.key)))


def _look(key: Key, count: int, before: Sequence[int], past: Past, shared: float) -> Rise[Key]:
    spans, all_before = len(past.before), sum(past.before)
    told = sum(before)
    mean = (told + 0.5) * past.size / all_before
    own = _dispersion([(before, past.before)])
    spread = max(shared, ((spans - 1) * own + _PRIOR * shared) / (spans - 1 + _PRIOR))
    of_past = sum((one / all_before) ** 2 for one in past.before)  # of that spread, in the rate
    chance = at_least(count, mean, spread * (1 + of_past) * (1 + _FEW * of_past) + 1 / (told + 0.5))
    return Rise(key, count, told * past.size / all_before, tuple(before), chance, ratio(count, mean))


def _dispersion(counted: Iterable[tuple[Sequence[int], Sequence[float]]]) -> float:
    """a of the variance m + a m^2 by moments, over (counts, sizes) of names; 0 when it is no more than chance.

    Each name says its own, and counts for more the more often it is told of, up to one: large ones drown no others.
    """
    summed = weights = 0.0
    for counts, sizes in counted:
        shares = [size / sum(sizes) for size in sizes]
        means = [share * sum(counts) for share in shares]
        even = sum(share * share for share in shares)
        free = [1 - 2 * share + even for share in shares]  # the rate is of these same counts
        apart = sum((count - mean) ** 2 for count, mean in zip(counts, means, strict=True))
        above = apart - sum(part * mean for part, mean in zip(free, means, strict=True))
        squares = sum(part * mean * mean for part, mean in zip(free, means, strict=True))
        if squares:
            weight = (sum(counts) / (sum(counts) + 2 * len(counts))) ** 2
            summed, weights = summed + weight * above / squares, weights + weight
    return max(0.0, summed / weights) if weights else 0.0


def ratio(count: int, mean: float) -> float:
    """The log-likelihood ratio of a count against an expected one: 2 (k ln(k / m) - k + m); 0 when it is not above."""
    return 2 * (count * math.log(count / mean) - count + mean) if count > mean > 0 else 0.0


def at_least(count: int, mean: float, spread: float) -> float:
    """The chance of `count` or more of a negative binomial of that mean and variance mean + spread * mean^2."""
    if count <= 0:
        return 1.0
    if count > mean:
        return min(1.0, _summed(count, mean, spread, up=True))
    return max(0.0, 1.0 - _summed(count - 1, mean, spread, up=False))


def _summed(first: int, mean: float, spread: float, *, up: bool) -> float:
    """The chances of `first` and all above (or below) it; away from the mean, so that they only become smaller."""
    times = 1 / spread
    share = mean / (mean + times)
    log = math.lgamma(first + times) - math.lgamma(times) - math.lgamma(first + 1)
    log += times * math.log1p(-share) + first * math.log(share)
    one = math.exp(log)
    total, at = one, first
    while one > _NONE * total and (up or at > 0):
        if up:
            one *= share * (at + times) / (at + 1)
            at += 1
        else:
            one *= at / (share * (at - 1 + times))
            at -= 1
        total += one
    return total
