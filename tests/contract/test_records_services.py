"""What several processes over one archive need: tries, roles, trails. On every back end."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import Busy, NotNews, StageFailed
from pipeline.types import FetchTask, Kind
from records.base import Records
from tests.contract.records_kit import (
    LEASE,
    MINUTE,
    NOW,
    SOURCES,
    TAGGING,
    article,
    entry,
    fetched,
    filed,
    listed,
    log,
    put,
    spooled,
    unchanged_by,
)

FEED = "https://alba.example/feed"


def test_characters_that_cannot_be_kept_are_left_out_everywhere(records: Records) -> None:
    """NUL, which PostgreSQL refuses, and lone surrogates, which are no UTF-8. JSON feeds may hold both."""
    bad, odd = "\x00\ud800", "é\U0001f6f0\x7f\u2028"
    records.sync_sources([replace(SOURCES[0], name=f"The{bad} Alba{odd}"), *SOURCES[1:]])
    unchanged_by(records, lambda: records.sync_sources([replace(SOURCES[0], name=f"The{bad} Alba{odd}"), *SOURCES[1:]]))
    one = entry("alba", "one", title=f"A{bad}B{odd}", summary=bad, authors=(f"R{bad}. W",), tags=(bad, "x"))
    one = replace(one, revision=f"1{bad}")
    listed(records, one)
    unchanged_by(records, lambda: listed(records, one))
    [waiting] = records.waiting(NOW + MINUTE, 9)
    assert waiting.entry == replace(one, title=f"AB{odd}", summary="", authors=("R. W",), tags=("", "x"), revision="1")
    page = fetched(waiting.entry, url=one.url + bad, headers={f"x{bad}": f"y{bad}"}, redirected_for_good=bad)
    [row] = records.spool([page])
    unchanged_by(records, lambda: records.spool([page]))
    kept = records.spooled_page(row.id)
    assert kept is not None
    assert kept.page == replace(page, url=one.url, headers={"x": "y"}, redirected_for_good="")
    [odd_address] = records.spool(
        [fetched(waiting.entry, task=FetchTask(one.url + bad, "alba", Kind.PAGE), content_hash="h2")]
    )
    assert records.spooled_page(odd_address.id).entry == waiting.entry  # type: ignore[union-attr]
    error = StageFailed(f"raised{bad}", source_id="alba", url=one.url)
    records.quarantine(f"page{bad}", error, NOW, spool_id=odd_address.id)
    assert [(row.stage, row.error) for row in records.quarantined()] == [("page", "raised")]
    assert records.replay() == 1
    [back] = records.spooled(9)
    told = article(one, f"Text{bad}.{odd}", keywords=(bad, f"k{bad}"), section=f"World{bad}")
    batch = [filed(told, tagging=replace(TAGGING, reasons=(f"because{bad}",)))]
    records.commit(batch, [back.id], NOW)
    unchanged_by(records, lambda: records.commit(batch, [back.id], NOW + MINUTE))
    view = records.article(one.url + bad)
    assert view is not None
    assert (view.article.title, view.article.text, view.article.section) == (f"AB{odd}", f"Text.{odd}", "World")
    assert (view.article.keywords, view.tagging.reasons, view.outlet) == (("", "k"), ("because",), f"The Alba{odd}")
    assert log(records) == [one.id]


def test_one_page_of_the_spool(records: Records) -> None:
    one, two = spooled(records, entry("alba", "one"), entry("bern", "two"))
    assert records.spooled_page(two.id) == two
    assert records.spooled_page(one.id) == one
    assert records.spooled_page(one.id + two.id) is None
    assert one.entry is not None
    records.commit([filed(article(one.entry))], [one.id], NOW)
    assert records.spooled_page(one.id) is None


def test_tries_are_counted_one_by_one(records: Records) -> None:
    one, two = spooled(records, entry("alba", "one"), entry("bern", "two"))
    assert [records.tried(one.id) for _ in range(3)] == [1, 2, 3]
    assert [row.tries for row in records.spooled(9)] == [3, 0]
    assert records.tried(two.id + 99) == 0


def test_what_has_lain_too_long(records: Records) -> None:
    one, two, three = entry("alba", "one"), entry("bern", "two"), entry("cork", "three")
    listed(records, one, two, three)
    late, first, last = records.spool(
        [
            fetched(one, fetched=NOW + MINUTE),
            fetched(two, fetched=NOW),
            fetched(three, fetched=NOW + 2 * MINUTE),
        ]
    )
    assert records.stale(NOW + 3 * MINUTE, 9) == [first.id, late.id, last.id]
    assert records.stale(NOW + 2 * MINUTE, 9) == [first.id, late.id]
    assert records.stale(NOW + 2 * MINUTE, 1) == [first.id]
    assert records.stale(NOW, 9) == []


def test_a_page_fetched_by_hand_stands_for_its_entry(records: Records) -> None:
    one = entry("alba", "one")
    [old] = spooled(records, one)
    by_hand = fetched(one, task=FetchTask(one.url, "alba", Kind.PAGE), body=b"new", content_hash="h2")
    [new] = records.spool([by_hand])
    assert (new.entry, records.spooled_page(old.id)) == (one, None)
    assert records.check() == [], "the entry still has a page"
    records.commit([filed(article(one))], [new.id], NOW)
    assert records.trail(one.url).listed.state == "done"  # type: ignore[union-attr]


def test_one_holds_a_role_at_a_time(records: Records) -> None:
    with records.hold("desk") as still:
        still()
        with (
            pytest.raises(Busy, match="another process is the desk of the archive"),
            records.hold("desk", timeout=timedelta(milliseconds=20)),
        ):
            pytest.fail("two desks")
        with records.hold("scheduler", timeout=timedelta(0)) as other:
            other()
    with records.hold("desk", timeout=timedelta(0)) as still:
        still()


def test_a_role_is_waited_for_until_told_to_stop(records: Records) -> None:
    free, done = threading.Event(), threading.Event()

    def first() -> None:
        with records.hold("desk"):
            done.set()
            free.wait(10)

    holder = threading.Thread(target=first)
    holder.start()
    assert done.wait(10)
    looks = iter([False, True])
    with pytest.raises(Busy, match="told to stop waiting"), records.hold("desk", stop=lambda: next(looks)):
        pytest.fail("two desks")
    threading.Timer(0.2, free.set).start()
    began = time.monotonic()
    with records.hold("desk", timeout=timedelta(seconds=30)):
        assert 0.1 < time.monotonic() - began < 10
    holder.join()


def test_a_role_ends_with_an_error_inside(records: Records) -> None:
    with pytest.raises(ZeroDivisionError), records.hold("indexer"):
        raise ZeroDivisionError
    with records.hold("indexer", timeout=timedelta(0)):
        pass
    with pytest.raises(ValueError, match="no name for a role"), records.hold("../x"):
        pass


def test_the_trail_of_an_address_from_listing_to_log(records: Records) -> None:
    one = entry("alba", "one")
    assert records.trail(one.url) is None
    listed(records, one)
    trail = records.trail(one.url + "?utm_source=mail#top")
    assert trail is not None
    assert (trail.spooled, trail.quarantined, trail.article, trail.last_change) == (None, None, None, 0)
    told = trail.listed
    assert told is not None
    assert (told.entry, told.source_id, told.listed_by) == (one, "alba", FEED)
    assert (told.first_seen, told.revised, told.state, told.tries, told.error) == (NOW, NOW, "pending", 0, "")
    records.take_pages(NOW, 9, LEASE)
    assert records.trail(one.id).listed.due == NOW + LEASE  # type: ignore[union-attr]
    [row] = records.spool([fetched(one)])
    records.tried(row.id)
    waiting = records.trail(one.url).spooled  # type: ignore[union-attr]
    assert waiting is not None
    assert (waiting.id, waiting.url, waiting.fetched) == (row.id, one.url, NOW)
    assert (waiting.tries, waiting.size) == (1, len(row.page.body))
    records.quarantine("page", StageFailed("raised", source_id="alba", url=one.url), NOW, spool_id=row.id)
    trail = records.trail(one.url)
    assert trail is not None
    assert trail.quarantined == records.quarantined()[0]
    assert (trail.listed.state, trail.spooled) == ("quarantined", None)  # type: ignore[union-attr]
    records.replay()
    [row] = records.spooled(9)
    batch = filed(article(one))
    records.commit([replace(batch, assignment=replace(batch.assignment, like="a0"))], [row.id], NOW)
    trail = records.trail(one.url)
    assert trail is not None
    assert trail.article == records.article(one.id)
    assert (trail.listed.state, trail.listed.article_id) == ("done", one.id)  # type: ignore[union-attr]
    assert (trail.article.like, trail.last_change) == ("a0", records.totals().last_change)  # type: ignore[union-attr]
    assert (trail.spooled, trail.quarantined) == (None, None)


def test_the_trail_of_a_page_that_told_another_address(records: Records) -> None:
    one, moved = entry("alba", "rss/one"), entry("alba", "news/one")
    put(records, entry("bern", "before"))
    [row] = spooled(records, one)
    records.commit([filed(article(moved, url=one.url))], [row.id], NOW)
    for name in (one.url, moved.url, moved.id):
        trail = records.trail(name)
        assert trail is not None
        assert trail.listed.entry == one  # type: ignore[union-attr]
        assert trail.article.article.id == moved.id  # type: ignore[union-attr]
        assert (trail.url, trail.last_change) == (name, 2)


def test_the_trail_of_what_was_rejected_or_is_no_entry(records: Records) -> None:
    [row] = spooled(records, entry("alba", "one"))
    records.reject(row.id, NotNews("no article on the page"), NOW)
    told = records.trail(row.page.url).listed  # type: ignore[union-attr]
    assert told is not None
    assert (told.state, told.error_kind, told.error) == ("failed", "NotNews", "no article on the page")
    by_hand = fetched(entry("bern", "two"), task=FetchTask("https://bern.example/two", "bern", Kind.PAGE))
    [row] = records.spool([by_hand])
    trail = records.trail(by_hand.url)
    assert trail is not None
    assert trail.listed is None
    assert trail.spooled.id == row.id  # type: ignore[union-attr]
