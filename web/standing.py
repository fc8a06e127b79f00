"""How sources stand: their state in words, what they publish against their habit, how they answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pipeline.answered import Answered
from pipeline.habit import PER_DAY, WEEK, WEEKS, Habit, Silence, habits, silence
from pipeline.types import Source
from records.base import Records
from records.values import Watched

DAYS = WEEK * WEEKS  # looked back
SHOWN = 28  # days of a chart: the same number of each weekday
ANSWERS = timedelta(days=6)  # before today
SAID = 0.01  # a silence is told of when it would come about by itself on less than one day in a hundred
NOT_COLLECTED = "not collected"
STATES = {  # in order of concern
    "failing": "the last tries failed",
    "blocked": "the outlet keeps us out",
    "silent": "publishes less than its habit allows",
    "quiet": "answers, and has had nothing new for a week, or ever",
    "new": "was not asked yet",
    "healthy": "answers, and has news",
    NOT_COLLECTED: "listed, and never asked",
}


class Order(StrEnum):
    """By what a list of sources is sorted."""

    STATE = "state"  # worst first
    NAME = "name"
    COUNTRY = "country"
    STORIES = "stories"  # of the last 24 hours, most first
    SILENCE = "silence"  # the least likely first
    SHUT = "shut"  # 403 and 429, the largest share first
    SUCCESS = "success"  # the oldest last success first


@dataclass(frozen=True, slots=True)
class Standing:
    """One source. Counts are of periods of 24 hours that end now, the oldest first."""

    source: Source
    state: str  # of STATES
    words: str  # what is wrong, or what the state means
    last_success: datetime | None = None
    counts: tuple[int, ...] = (0,) * SHOWN
    habit: tuple[Habit | None, ...] = (None,) * WEEK  # of the last 7 periods
    silence: Silence | None = None  # told of: less likely than SAID
    answers: Mapping[Answered, int] = field(default_factory=dict)  # of the last 7 days

    @property
    def asked(self) -> int:
        """How often it was asked in the last 7 days."""
        return sum(self.answers.values())

    @property
    def shut(self) -> int:
        """How often it answered 403 or 429."""
        return sum(count for how, count in self.answers.items() if how.shut)

    @property
    def share(self) -> float:
        """Of all answers, those."""
        return self.shut / self.asked if self.asked else 0.0

    @property
    def usual(self) -> Habit | None:
        """The habit of the last 24 hours."""
        return self.habit[-1]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sources, and in what order; empty = all."""

    state: str = ""
    country: str = ""
    language: str = ""
    text: str = ""  # in the name or id
    sort: Order = Order.STATE


def standings(records: Records, sources: Mapping[str, Source], now: datetime) -> list[Standing]:
    """All of them, by id. Costs what was published in the last eight weeks, not what the archive holds."""
    daily = records.daily(_minute(now), DAYS)
    return _told(sources.values(), daily, daily, records, now, "")


def standing(records: Records, source: Source, now: datetime) -> Standing:
    """One of them."""
    end = _minute(now)
    [told] = _told([source], records.daily(end, DAYS, source.id), records.daily(end, DAYS), records, now, source.id)
    return told


def _minute(now: datetime) -> datetime:
    """The end of this minute: within it, all who ask are told the same, and the records count once."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _told(
    sources: Iterable[Source],
    daily: Mapping[str, Sequence[int]],
    everywhere: Mapping[str, Sequence[int]],
    records: Records,
    now: datetime,
    source_id: str,
) -> list[Standing]:
    known = [any(day) for day in zip(*everywhere.values(), strict=True)] or [False] * DAYS
    watched = {one.source_id: one for one in records.watched(now)}
    answers: dict[str, Counter[Answered]] = defaultdict(Counter)
    for one in records.answers((now - ANSWERS).date(), source_id):
        answers[one.source_id][one.outcome] += one.count
    return [
        _standing(source, watched.get(source.id), daily.get(source.id, (0,) * DAYS), known, answers[source.id], now)
        for source in sorted(sources, key=lambda source: source.id)
    ]


def _standing(
    source: Source,
    watched: Watched | None,
    counts: Sequence[int],
    known: Sequence[bool],
    answers: Counter[Answered],
    now: datetime,
) -> Standing:
    if source.blocked:
        return Standing(source, NOT_COLLECTED, source.blocked, counts=tuple(counts[-SHOWN:]))
    state = watched.state if watched else "new"
    words = (watched.last_error if watched else "") or STATES[state]
    odd = silence(counts, known=known)
    asked_lately = watched is not None and watched.last_success is not None and now - watched.last_success < DAY
    if odd is None or odd.chance >= SAID or not asked_lately:
        odd = None
    elif state in ("healthy", "quiet"):
        state, words = "silent", silence_in_words(odd)
    return Standing(
        source,
        state,
        words,
        watched.last_success if watched else None,
        tuple(counts[-SHOWN:]),
        tuple(habits(counts, known=known)),
        odd,
        answers,
    )


DAY = timedelta(days=1)


def silence_in_words(one: Silence) -> str:
    """ "3 stories in the last 24 hours, where 21 are usual: so few come about by chance on one day in 4,000"."""
    when = "the last 24 hours" if one.period == PER_DAY else "the last 7 days"
    usual = f"{one.usual:.0f}" if one.usual >= 10 else f"{one.usual:.1f}"
    got = f"{one.count or 'no'} {'story' if one.count == 1 else 'stories'} in {when}, where {usual} are usual"
    return f"{got}: by chance so few come on one {one.period} in {rare(one.chance)}"


def rare(chance: float) -> str:
    """A chance as "one in …", to two figures: what stands behind the "in"."""
    if chance < 1e-6:
        return "more than a million"
    every = 1 / chance
    digits = max(0, len(str(int(every))) - 2)
    return f"{round(every, -digits):,.0f}"


def chosen(all_: Iterable[Standing], wanted: Wanted) -> list[Standing]:
    """Those that are wanted, in that order."""
    text = wanted.text.casefold().strip()
    found = [
        one
        for one in all_
        if wanted.state in ("", one.state)
        and wanted.country in ("", one.source.country)
        and wanted.language in ("", one.source.language)
        and (not text or text in one.source.name.casefold() or text in one.source.id)
    ]
    return sorted(found, key=lambda one: (*_key(one, wanted.sort), one.source.name.casefold()))


def _key(one: Standing, sort: Order) -> tuple[object, ...]:
    match sort:
        case Order.COUNTRY:
            return (one.source.country,)
        case Order.STORIES:
            return (-one.counts[-1],)
        case Order.SILENCE:
            return (one.silence.chance if one.silence else 1.0,)
        case Order.SHUT:
            return (-one.share,)
        case Order.SUCCESS:
            collected = one.state != NOT_COLLECTED
            return (not collected, one.last_success.timestamp() if one.last_success else 0.0)
        case Order.STATE:
            return (list(STATES).index(one.state),)
    return ()
