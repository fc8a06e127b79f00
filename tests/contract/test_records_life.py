"""Whatever happens to entries and pages, in any order, the archive holds together; told twice, nothing changes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import Blocked, NotNews, StageFailed
from pipeline.types import Grade
from records.base import Records
from records.values import PageFailure
from tests.contract.records_kit import (
    BACKENDS,
    LEASE,
    MINUTE,
    NOW,
    article,
    entry,
    fetched,
    filed,
    headline,
    opened,
    poll,
    unchanged_by,
)

ENTRIES = [entry(source, slug) for source in ("alba", "bern") for slug in ("one", "two")]
MOVED = {one.id: entry(one.url.split("/")[2].split(".")[0], "moved/" + one.url[-3:]) for one in ENTRIES}
RANK = {Grade.HEADLINE: 0, Grade.PARTIAL: 1, Grade.FULL: 2}

numbers = st.integers(0, len(ENTRIES) - 1)
steps = st.one_of(
    st.tuples(st.just("list"), numbers, st.integers(1, 3)),
    st.tuples(st.just("spool"), numbers, st.integers(1, 3)),
    st.tuples(st.sampled_from(["commit", "move", "story", "headline", "fail", "reject", "aside"]), numbers, st.just(0)),
    st.tuples(st.sampled_from(["take", "release", "replay"]), st.just(0), st.just(0)),
)


def step(records: Records, action: str, number: int, revision: int) -> Callable[[], object] | None:
    """The call that this step makes; None when there is nothing for it to do."""
    one = ENTRIES[number]
    source = one.url.split("/")[2].split(".")[0]
    rows = [row for row in records.spooled(99) if row.entry and row.entry.id == one.id]
    ids = [row.id for row in rows]
    listed = one.id in {task.entry.id for task in records.waiting(NOW + 9 * MINUTE, 99)} or bool(rows)
    match action:
        case "list":
            return lambda: records.record_polls([poll(source, replace(one, revision=str(revision)))], NOW)
        case "spool":
            return lambda: records.spool([fetched(one, content_hash=str(revision))])
        case "fail":
            failure = PageFailure(one.id, "blocked", Blocked("answered 403"), None)
            return lambda: records.pages_failed([failure], NOW)
        case "replay":
            return records.replay
        case "headline" if listed:
            return lambda: records.commit([headline(one)], [], NOW)
        case "commit" if rows:
            return lambda: records.commit([filed(article(one))], ids, NOW)
        case "move" if rows:
            told = article(MOVED[one.id], url=one.url)
            return lambda: records.commit([filed(told)], ids, NOW)
        case "story" if rows:
            return lambda: records.commit([filed(article(one), "s-shared", "near")], ids, NOW)
        case "reject" if rows:
            return lambda: records.reject(ids[0], NotNews("no article"), NOW)
        case "aside" if rows:
            return lambda: records.quarantine("page", StageFailed("raised", url=one.url), NOW, spool_id=ids[0])
    return None


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(plan=st.lists(steps, min_size=3, max_size=25))
def test_any_order_of_events(backend: str, plan: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(backend, Path(folder)) as records:
        grades: dict[str, int] = {}
        clock = NOW
        for action, number, revision in plan:
            clock += timedelta(seconds=1)
            if action == "take":
                records.take_pages(clock, 2, LEASE)
            elif action == "release":
                records.release_leases()
            elif work := step(records, action, number, revision):
                work()
                unchanged_by(records, work)
            assert records.check() == []
            for view in records.articles("", 99):
                rank = RANK[view.article.grade]
                assert rank >= grades.get(view.article.id, 0)
                grades[view.article.id] = rank
        totals = records.totals()
        assert totals.articles == len({view.article.id for view in records.articles("", 99)})
        assert {change.article_id for change in records.changes(0, 999)} >= grades.keys()
        records.release_leases()
        left = {task.entry_id for task in records.take_pages(clock, 99, LEASE)}
        done = {row.page.task.entry_id for row in records.spooled(99)}
        waiting = {one.entry.id for one in records.waiting(clock + MINUTE, 99)}
        told = {one.id for one in ENTRIES if records.article(one.url)}
        listed = {ENTRIES[number].id for action, number, _ in plan if action == "list"}
        assert listed <= left | done | waiting | told, "nothing found is thrown away"
