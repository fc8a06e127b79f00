"""Articles, stories and the change log: what every back end of the records promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pipeline.ids import article_id, story_id, version_id
from pipeline.types import Grade, Known, Storage, Tagging
from records.base import Records
from tests.contract.records_kit import (
    LEASE,
    MINUTE,
    NOW,
    TAGGING,
    article,
    dump,
    entry,
    fetched,
    filed,
    headline,
    listed,
    log,
    poll,
    put,
    spooled,
    unchanged_by,
)


def test_an_article_comes_back_as_it_was_filed(records: Records) -> None:
    one = entry("alba", "one")
    [row] = spooled(records, one)
    told = article(one)
    records.commit([filed(told)], [row.id], NOW + MINUTE)
    view = records.article(one.id)
    assert view is not None
    assert view.article == replace(told, first_seen=NOW), "first seen with its entry"
    assert (view.tagging, view.story_id, view.method, view.score) == (TAGGING, story_id(one.id), "first", 0.5)
    assert (view.outlet, view.country, view.versions) == ("The Alba", "GB", 1)
    assert records.article(one.url) == records.article(told.canonical_url) == view
    assert records.article(f"{told.canonical_url}?utm_source=mail#top") == view, "any spelling of its address"
    assert records.article("https://nowhere.example/") is None
    assert records.articles("", 9) == [view]
    assert records.articles(one.id, 9) == []
    assert (records.spooled(9), records.take_pages(NOW + LEASE, 9, LEASE)) == ([], [])
    unchanged_by(records, lambda: records.commit([filed(told)], [row.id], NOW + 2 * MINUTE))


@pytest.mark.parametrize("paywalled", [None, True, False])
def test_what_else_a_page_told_comes_back(records: Records, paywalled: bool | None) -> None:
    one = entry("alba", "one")
    nothing = {"contributors": {}, "dateline_agency": "", "notices": (), "known": {}, "published_offset": None}
    bare = article(one, paywalled=paywalled, modified_offset=None, **nothing)
    records.commit([filed(bare)], [], NOW)
    view = records.article(one.id)
    assert view is not None
    assert view.article == replace(bare, first_seen=NOW)
    unchanged_by(records, lambda: records.commit([filed(bare)], [], NOW))
    told = replace(bare, notices=("Correction\x00: \ud800it was Tuesday.",), known={"wire": Known("dateline", 0.5)})
    records.commit([filed(told)], [], NOW)
    view = records.article(one.id)
    assert view is not None
    assert view.article.notices == ("Correction: it was Tuesday.",)
    assert view.article.known == told.known
    unchanged_by(records, lambda: records.commit([filed(told)], [], NOW))


def test_a_new_version_is_kept_beside_the_old(records: Records) -> None:
    one = entry("alba", "one")
    put(records, one)
    records.commit([filed(article(one, "Corrected.", fetched=NOW + MINUTE), method="kept")], [], NOW + MINUTE)
    view = records.article(one.id)
    assert view is not None
    assert (view.versions, view.article.text, view.article.first_seen) == (2, "Corrected.", NOW)
    assert view.method == "first", "kept says that nothing changed"
    assert log(records) == [one.id, one.id]
    records.commit([filed(article(one, "Corrected.", fetched=NOW + 9 * MINUTE))], [], NOW + 9 * MINUTE)
    assert log(records) == [one.id, one.id], "fetched again, and nothing new"
    records.commit([filed(article(one))], [], NOW + 10 * MINUTE)
    assert records.article(one.id).versions == 2, "back to the first"  # type: ignore[union-attr]
    assert log(records) == [one.id] * 3


def test_a_lower_grade_never_overwrites_a_higher(records: Records) -> None:
    one = entry("alba", "one")
    listed(records, one)
    records.commit([headline(one)], [], NOW)
    assert records.article(one.id).article.grade is Grade.HEADLINE  # type: ignore[union-attr]
    [task] = records.take_pages(NOW, 9, LEASE)
    assert task.entry_id == one.id, "the headline does not stand for the page"
    [row] = records.spool([fetched(one)])
    records.commit([filed(article(one))], [row.id], NOW)
    assert records.article(one.id).article.grade is Grade.FULL  # type: ignore[union-attr]
    unchanged_by(records, lambda: records.commit([headline(one)], [], NOW))
    partial = filed(article(one, "Cut.", grade=Grade.PARTIAL))
    unchanged_by(records, lambda: records.commit([partial], [], NOW))


def test_a_text_that_may_no_longer_be_kept_goes(records: Records) -> None:
    one = entry("alba", "one")
    put(records, one)
    less = article(one, "", grade=Grade.HEADLINE, storage=Storage.HEADLINE, storage_why="noarchive")
    records.commit([filed(less)], [], NOW)
    assert records.article(one.id).article.text == ""  # type: ignore[union-attr]
    assert "Another." not in str(dump(records)["versions"])


def test_tags_and_stories_that_change_are_logged(records: Records) -> None:
    one, two = entry("alba", "one"), entry("bern", "two")
    put(records, one, two)
    position = records.totals().last_change
    records.commit([filed(article(one), tagging=Tagging())], [], NOW)
    records.commit([filed(article(two), story_id(one.id), "near")], [], NOW)
    assert log(records, position) == [one.id, two.id, one.id], "the copy's story has grown, which all of it says"
    assert [document.copies for document in records.documents([one.id, two.id])] == [2, 2]
    assert records.totals().stories == 1, "a story left empty is no more"
    assert records.stories([story_id(two.id)]) == records.stories([story_id(one.id)]), "its id leads on"
    document = records.documents([two.id])[0]
    assert document.story_id == story_id(one.id)


def test_the_same_article_twice_in_a_batch(records: Records) -> None:
    one = entry("alba", "one")
    listed(records, one)
    records.commit([filed(article(one)), headline(one), filed(article(one, "Later."))], [], NOW)
    assert records.article(one.id).article.text == "Later."  # type: ignore[union-attr]
    assert log(records) == [one.id]


def test_a_page_that_tells_another_address(records: Records) -> None:
    """The feed's link and the page's canonical address differ: the entry is done, and its headline gives way."""
    one, copy = entry("alba", "rss/one"), entry("bern", "two")
    listed(records, one, copy)
    records.commit([headline(one), filed(article(copy), story_id(one.id), "near")], [], NOW)
    records.take_pages(NOW, 9, LEASE)
    moved = entry("alba", "news/one")
    [row] = records.spool([fetched(one, url=moved.url + "?from=rss")])
    told = article(moved, url=moved.url + "?from=rss")
    batch = [filed(told, story_id(one.id), "near")]
    records.commit(batch, [row.id], NOW)
    assert log(records)[2:] == [moved.id, one.id]
    assert records.documents([one.id]) == []
    [story] = records.stories([story_id(one.id)])
    assert {one.article_id for one in story.copies} == {moved.id, copy.id}
    assert records.article(one.url).article.id == moved.id, "the feed's link still finds it"  # type: ignore[union-attr]
    assert records.article(moved.id).article.first_seen == NOW  # type: ignore[union-attr]
    unchanged_by(records, lambda: records.commit(batch, [row.id], NOW))
    unchanged_by(records, lambda: records.commit([headline(one)], [], NOW))  # one that was being made meanwhile
    assert records.waiting(NOW + MINUTE, 9) == []


def test_a_headline_and_its_moved_page_in_one_batch(records: Records) -> None:
    one, moved = entry("alba", "rss/one"), entry("alba", "news/one")
    [row] = spooled(records, one)
    records.commit([headline(one), filed(article(moved, url=one.url))], [row.id], NOW)
    assert [view.article.id for view in records.articles("", 9)] == [moved.id]


def test_copies_come_root_first(records: Records) -> None:
    one = entry("alba", "one", published=NOW - 5 * MINUTE)
    two = entry("bern", "two", published=None)
    three = entry("cork", "three", published=NOW - 9 * MINUTE)
    put(records, one, two, three, story="s1")
    lone = entry("alba", "lone")
    put(records, lone)
    told = records.stories([story_id(lone.id), "nothing", "s1"])
    assert [story.id for story in told] == [story_id(lone.id), "s1"]
    copies = told[1].copies
    assert [copy.article_id for copy in copies] == [three.id, one.id, two.id]
    first = copies[0]
    assert (first.outlet, first.country, first.grade, first.wire) == ("The Cork", "GB", Grade.FULL, "Reuters")
    assert (first.published, first.first_seen, first.method, first.score) == (three.published, NOW, "first", 0.5)


def test_a_bare_day_does_not_make_a_copy_the_root(records: Records) -> None:
    today = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    timed = entry("alba", "timed", published=NOW - 5 * MINUTE)
    dated = entry("bern", "dated", published=today)
    long_ago = entry("cork", "long-ago", published=today - 9 * 24 * 60 * MINUTE)
    put(records, timed, dated, story="s1")
    assert [copy.article_id for copy in records.stories(["s1"])[0].copies] == [timed.id, dated.id]
    put(records, long_ago, story="s1")
    assert records.stories(["s1"])[0].copies[0].article_id == long_ago.id


def test_what_the_index_gets(records: Records) -> None:
    one, two = entry("alba", "one"), entry("bern", "two")
    put(records, one, two)
    documents = records.documents([two.id, "none", one.id])
    assert [document.article_id for document in documents] == [two.id, one.id]
    document = documents[1]
    assert (document.topics, document.entities) == (("drones",), ("org:anthropic", "Anthropic"))
    assert (document.title, document.text, document.url) == (one.title, "A paragraph.\n\nAnother.", one.url)
    assert (document.outlet, document.country, document.language, document.wire) == ("The Alba", "GB", "en", "Reuters")
    assert (document.published, document.first_seen, document.grade) == (one.published, NOW, Grade.FULL)
    assert (document.relevance, document.authors, document.source_id) == (0.75, one.authors, "alba")


def test_the_log_is_read_in_pieces(records: Records) -> None:
    put(records, *(entry("alba", f"n{k}") for k in range(5)))
    first = records.changes(0, 3)
    rest = records.changes(first[-1].seq, 3)
    assert (len(first), len(rest)) == (3, 2)
    assert [change.seq for change in first + rest] == sorted({change.seq for change in first + rest})
    assert records.changes(rest[-1].seq, 3) == []
    assert records.totals().last_change == rest[-1].seq


def test_the_desk_remembers_in_order(records: Records) -> None:
    early, late = entry("alba", "early"), [entry("bern", f"late{k}") for k in range(700)]
    records.record_polls([poll("alba", early)], NOW - MINUTE)
    records.record_polls([poll("bern", *late)], NOW)
    records.commit([filed(article(one)) for one in (*late, early)], [], NOW)
    rows = list(records.fingerprints(NOW - MINUTE))
    assert [row[0] for row in rows] == [early.id, *sorted(one.id for one in late)]
    assert rows[0][1:] == (story_id(early.id), NOW - MINUTE, filed(article(early)).read.fingerprint, "alba")
    assert len(list(records.fingerprints(NOW))) == 700


def test_an_article_without_an_entry(records: Records) -> None:
    """`add URL`: no feed led to it."""
    one = entry("alba", "by-hand")
    told = replace(article(one), version="")
    records.commit([filed(told)], [], NOW)
    view = records.article(one.url)
    assert view is not None
    assert (view.article.first_seen, view.article.version) == (NOW, version_id(told.title, told.text))
    assert article_id(one.url) == view.article.id


def test_a_batch_is_whole_or_absent(records: Records) -> None:
    one, two = entry("alba", "one"), entry("bern", "two")
    rows = spooled(records, one, two)
    before = dump(records)
    broken = filed(replace(article(two), published=NOW.replace(tzinfo=None)))
    with pytest.raises(Exception, match="offset-naive"):
        records.commit([filed(article(one)), broken], [row.id for row in rows], NOW)
    assert dump(records) == before


def test_any_thread_may_read_and_write(records: Records) -> None:
    def work(number: int) -> int:
        for k in range(5):
            put(records, entry("alba", f"t{number}-{k}"))
            records.totals()
            list(records.fingerprints(NOW))
        return len(records.articles("", 1000))

    with ThreadPoolExecutor(6) as pool:
        assert max(pool.map(work, range(6))) == 30
