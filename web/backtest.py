"""What a subscription would have told, had it been there: its query over the last days of the archive.

It goes by the articles as they are now, each at the time when it was first seen: what a text said before it was
edited, in which story a copy was before it was moved, how many copies there were then, is not tried again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from pipeline.notices import is_correction
from pipeline.novelty import Told
from pipeline.types import Copy
from pipeline.watch import Mode, Reason
from records.base import Records
from records.news import ENOUGH
from records.values import ArticleView, StoryView
from search.ast import Node, Range, all_of
from search.base import Index, Order
from search.past import is_relative, lenient, matching
from web.hints import loud, silent
from web.plain import copy_json

DAYS = 30
BUDGET = 50.0  # alerts a day from which on it warns
EXAMPLES = 10
MOST_STORIES = 5_000  # the newest ones are looked at
MOST_COMPARED = 2_000  # copies whose texts are compared, for mode NEWS
_TOGETHER = 200  # stories read at once


@dataclass(frozen=True, slots=True)
class Fired:
    """One alert that would have been, and the copy that would have given it."""

    when: datetime
    reason: Reason
    copy: Copy
    copies: int  # of its story, today


@dataclass(frozen=True, slots=True)
class Backtest:
    """What would have been told from `since` to `until`."""

    mode: Mode
    since: datetime
    until: datetime
    days: int
    covered: int  # of these days, those that the archive goes back
    fired: int
    stories: int  # that have a matching copy
    copies: int  # matching ones beyond the first of each story
    per_day: tuple[tuple[date, int], ...]  # alerts by calendar day, UTC; days without any too
    loudest: tuple[date, int] | None
    examples: tuple[Fired, ...]  # the newest
    bounds: tuple[str, ...]  # what was too much to be looked at, in words
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; times are ISO 8601, UTC."""
        return {
            "mode": str(self.mode),
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "days": self.days,
            "days_covered": self.covered,
            "fired": self.fired,
            "stories": self.stories,
            "copies": self.copies,
            "per_day": {day.isoformat(): count for day, count in self.per_day},
            "loudest": {"day": self.loudest[0].isoformat(), "fired": self.loudest[1]} if self.loudest else None,
            "examples": [
                {"when": one.when.isoformat(), "reason": str(one.reason), "copies": one.copies} | copy_json(one.copy)
                for one in self.examples
            ],
            "bounds": list(self.bounds),
            "warnings": list(self.warnings),
        }


def backtest(
    node: Node,
    mode: Mode,
    index: Index,
    records: Records,
    now: datetime,
    *,
    days: int = DAYS,
    budget: float | None = None,
) -> Backtest:
    """Try a query, expanded (`search.saved.expand`); its relative times count back from when an article was seen.

    `budget` is the number of alerts a day from which on it warns. Raises Away.
    """
    since = now - timedelta(days=days)
    within = all_of([lenient(node), Range("seen", since, None)])
    found, bounds, reached = [], [], since
    walk = index.walk(within, order=Order.NEWEST)
    for part in iter(lambda: list(islice(walk, _TOGETHER)), []):
        hits = {hit.article_id for _, hits in part for hit in hits}
        found += list(_stories(node, records, [id for id, _ in part], hits, since))
        if len(found) >= MOST_STORIES:
            reached = min(copy.first_seen for story in found for copy in story.matching)
            bounds.append(f"only the newest {len(found):,} stories were looked at, back to {reached:%Y-%m-%d}")
            break
    fired = [one for story in found for one in story.plain(mode)]
    if mode is Mode.NEWS:
        repeats, all_read = _repeats(records, found)
        fired += repeats
        if not all_read:
            bounds.append(f"repeats were looked for in {MOST_COMPARED:,} copies only")
    fired.sort(key=lambda one: (one.when, one.copy.article_id), reverse=True)
    counted = Counter(one.when.date() for one in fired)
    calendar = [(since + timedelta(days=at)).date() for at in range(days + 1)]
    per_day = tuple((day, counted[day]) for day in calendar)
    covered = _covered(index, now, days)
    most = BUDGET if budget is None else budget
    looked_at = min(covered, (now - reached).days + 1)
    told = loud(per_day, len(fired), looked_at, most) if found else silent(node, index, since, days)
    return Backtest(
        mode, since, now, days, covered,
        len(fired), len(found), sum(len(story.matching) - 1 for story in found), per_day,
        max(counted.items(), key=lambda pair: (pair[1], pair[0]), default=None), tuple(fired[:EXAMPLES]), tuple(bounds),
        tuple(told),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Story:
    view: StoryView
    matching: tuple[Copy, ...]  # of the window, by first_seen
    told: bool  # a copy matched before the window

    def plain(self, mode: Mode) -> Iterator[Fired]:
        """The alerts but for the repeats of mode NEWS."""
        if mode is Mode.EVERY:
            yield from (self.fired(copy, Reason.COPY) for copy in self.matching)
        elif not self.told:
            yield self.fired(self.matching[0], Reason.STORY)

    def fired(self, copy: Copy, reason: Reason) -> Fired:
        return Fired(copy.first_seen, reason, copy, len(self.view.copies))


def _stories(node: Node, records: Records, ids: Sequence[str], hits: set[str], since: datetime) -> Iterator[_Story]:
    """The stories with the copies that matched when they were first seen; `hits` are those that may have."""
    views = records.stories(ids)
    early = {copy.article_id for view in views for copy in view.copies if copy.first_seen < since}
    asked = early | (hits if is_relative(node) else set())
    sure = set(matching(node, records.documents(sorted(asked)))) | (hits - asked)
    for view in views:
        copies = sorted(
            (copy for copy in view.copies if copy.article_id in sure), key=lambda one: (one.first_seen, one.article_id)
        )
        inside = tuple(copy for copy in copies if copy.first_seen >= since)
        if inside:
            yield _Story(view, inside, told=len(inside) < len(copies))


def _repeats(records: Records, found: Sequence[_Story]) -> tuple[list[Fired], bool]:
    """What a later copy would have told again, and whether all stories could be looked at."""
    fired: list[Fired] = []
    read = 0
    for story in found:
        later = {copy.article_id: copy for copy in (story.matching if story.told else story.matching[1:])}
        if not later:
            continue
        if read >= MOST_COMPARED:
            return fired, False
        views = records.copies(story.view.id)
        read += len(views)
        fired += [story.fired(later[id], reason) for id, reason in _news(views, later)]
    return fired, True


def _news(views: Sequence[ArticleView], wanted: Mapping[str, Copy]) -> Iterator[tuple[str, Reason]]:
    """Which of the wanted copies bring a correction or something new, as `records.news` has it."""
    told = Told()
    notices: set[str] = set()
    has_text = False
    for view in sorted(views, key=lambda one: (str(one.article.first_seen), one.article.id)):
        article = view.article
        if article.id in wanted:
            if any(is_correction(one) for one in article.notices if one not in notices):
                yield article.id, Reason.CORRECTION
            if has_text and told.look(article, view.tagging).score >= ENOUGH:
                yield article.id, Reason.NEWS
        told.add(article, view.tagging)
        notices.update(article.notices)
        has_text = has_text or bool(article.text)


def _covered(index: Index, now: datetime, days: int) -> int:
    """How many of the days the archive goes back."""

    def before(day: int) -> int:
        return index.survey(Range("seen", None, now - timedelta(days=day))).total

    first, last = 0, days  # it goes back `first` days at least, `last` at most
    while first < last:
        middle = (first + last + 1) // 2
        first, last = (middle, last) if before(middle) else (first, middle - 1)
    return min(days, first + 1)
