"""A story's copies with their texts, and an article's versions: what every back end promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pipeline.ids import story_id, version_id
from pipeline.types import Grade, Storage
from records.base import Records
from records.values import Revision
from tests.contract.records_kit import MINUTE, NOW, article, entry, filed, headline, put, unchanged_by


def test_copies_come_with_their_texts_the_earliest_first(records: Records) -> None:
    late, early, alone = entry("alba", "late"), entry("bern", "early"), entry("cork", "alone")
    put(records, late, story="s1")
    put(records, replace(early, published=NOW - timedelta(days=1)), story="s1")
    put(records, alone, story="s2")
    copies = records.copies("s1")
    assert [view.article.id for view in copies] == [early.id, late.id]
    assert [view.article.text for view in copies] == ["A paragraph.\n\nAnother."] * 2
    assert copies == [records.article(early.id), records.article(late.id)]
    assert [view.article.id for view in copies] == [copy.article_id for copy in records.stories(["s1"])[0].copies]
    assert records.copies("s3") == records.copies("") == []
    unchanged_by(records, lambda: records.copies("s1"))


def test_a_merged_story_leads_to_the_copies_of_the_other(records: Records) -> None:
    first, second = entry("alba", "one"), entry("bern", "two")
    put(records, first, second)
    joining = filed(article(first), story_id(first.id), "near")
    merged = replace(joining.assignment, merged=(story_id(second.id),))
    records.commit([replace(joining, assignment=merged)], [], NOW)
    ids = [view.article.id for view in records.copies(story_id(second.id))]
    assert ids == [view.article.id for view in records.copies(story_id(first.id))]
    assert set(ids) == {first.id, second.id}


def test_a_headline_is_a_copy_too(records: Records) -> None:
    one = entry("alba", "one", published=None)
    records.commit([headline(one)], [], NOW)
    [view] = records.copies(filed(article(one)).assignment.story_id)
    assert (view.article.text, view.article.grade) == ("", Grade.HEADLINE)


def test_revisions_are_told_oldest_first(records: Records) -> None:
    one = entry("alba", "one")
    first, second = article(one), article(one, text="A paragraph, corrected.", title="Another headline")
    put(records, one)
    records.commit([filed(second)], [], NOW + MINUTE)
    told = [
        Revision(first.version, first.title, first.text, NOW, False),
        Revision(second.version, second.title, second.text, NOW + MINUTE, True),
    ]
    assert records.revisions(one.id) == told
    assert second.version == version_id(second.title, second.text)
    records.commit([filed(first)], [], NOW + 2 * MINUTE)
    back = records.revisions(one.id)
    assert [(one.seen, one.current) for one in back] == [(NOW, True), (NOW + MINUTE, False)], "back to the first"
    assert records.revisions("a-unknown") == []


def test_of_versions_seen_at_once_the_current_is_the_last(records: Records) -> None:
    one = entry("alba", "one")
    for text in ("Third.", "First.", "Second."):
        records.commit([filed(article(one, text=text))], [], NOW)
    assert records.revisions(one.id)[-1].text == "Second."
    assert [told.current for told in records.revisions(one.id)] == [False, False, True]


def test_a_withdrawn_text_is_in_no_revision(records: Records) -> None:
    one = entry("alba", "one")
    put(records, one)
    kept = article(one, text="", grade=Grade.HEADLINE, storage=Storage.HEADLINE)
    records.commit([filed(kept)], [], NOW + MINUTE)
    assert [told.text for told in records.revisions(one.id)] == ["", ""]
