"""Stories that turn out to be one, and what persons say of copies: what every back end of the records promises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import BadInput
from pipeline.ids import parted_story_id, story_id
from pipeline.types import Assignment, Entry, EventAssignment, Filed, Grade
from records.base import Records
from tests.contract.records_kit import MINUTE, NOW, article, entry, filed, headline, log, put, spooled, unchanged_by

LATER = NOW + MINUTE
A, B, C, D = (entry(source, slug) for source, slug in (("alba", "a"), ("bern", "b"), ("cork", "c"), ("alba", "d")))


def joined(one: Entry, story: Entry, merged: tuple[Entry, ...] = (), method: str = "near") -> Filed:
    """An article that joins the story which another founded, and shows others to be that story."""
    made = filed(article(one), story_id(story.id), method)
    return replace(made, assignment=replace(made.assignment, merged=tuple(story_id(one.id) for one in merged)))


def stories(records: Records, *of: Entry) -> list[str]:
    """The founders of the stories that articles are in, by slug."""
    names = {story_id(one.id): one.url.rpartition("/")[2] for one in (A, B, C, D)}
    found = [records.article(one.id) for one in of]
    return [names.get(one.story_id, one.story_id) if one else "gone" for one in found]


def test_stories_that_turn_out_to_be_one_are_one_and_old_ids_lead_there(records: Records) -> None:
    put(records, A, B, C)
    position = log(records)[-1] and records.totals().last_change
    records.commit([joined(D, A, merged=(B,))], [], NOW)
    assert stories(records, A, B, C, D) == ["a", "a", "c", "a"]
    assert sorted(log(records, position)) == sorted([A.id, B.id, D.id]), "the index hears of all"
    [view] = records.stories([story_id(B.id), story_id(A.id)])
    assert (view.id, len(view.copies)) == (story_id(A.id), 3)
    assert records.totals().stories == 2
    records.commit([joined(D, C, merged=(A,))], [], NOW)
    [view] = records.stories([story_id(B.id)])
    assert (view.id, len(view.copies)) == (story_id(C.id), 4), "an id that led there leads on"


def test_mergers_within_a_batch_hold_for_all_of_it(records: Records) -> None:
    put(records, A)
    batch = [joined(B, B, method="first"), joined(C, B), joined(D, A, merged=(B,))]
    records.commit(batch, [], NOW)
    assert stories(records, A, B, C, D) == ["a", "a", "a", "a"]
    before = records.articles("", 9)
    records.commit(batch, [], LATER)
    assert [one.story_id for one in records.articles("", 9)] == [one.story_id for one in before], "twice is once"


def test_a_founder_that_leaves_founds_its_story_again(records: Records) -> None:
    put(records, A, B)
    records.commit([joined(C, A, merged=(B,))], [], NOW)
    records.commit([filed(article(B, "Something else."))], [], LATER)
    assert stories(records, A, B, C) == ["a", "b", "a"]
    [view] = records.stories([story_id(B.id)])
    assert [copy.article_id for copy in view.copies] == [B.id]


def test_the_story_of_a_headline_leads_to_that_of_its_page(records: Records) -> None:
    spooled(records, A)
    records.commit([headline(A)], [], NOW)
    told = replace(article(B), url=A.url)
    [row] = records.spooled(9)
    made = filed(told, story_id(B.id))
    records.commit([made], [row.id], LATER)
    assert records.article(A.id) is not None, "found by the address of the feed"
    assert [one.article.id for one in records.articles("", 9)] == [B.id]
    [view] = records.stories([story_id(A.id)])
    assert view.id == story_id(B.id)


def test_headlines_and_texts(records: Records) -> None:
    put(records, A)
    records.commit([headline(B)], [], NOW)
    assert records.headlines([A.id, B.id, C.id]) == {B.id}
    assert records.texts([A.id, B.id, C.id]) == {A.id: (article(A).version, article(A).text)}


def test_what_agrees_with_the_like_is_kept_with_the_assignment(records: Records) -> None:
    put(records, A)
    made = filed(article(B), story_id(A.id), "near")
    made = replace(made, assignment=replace(made.assignment, like=A.id), like_version="v1", spans=b"\x01\x02")
    records.commit([made], [], NOW)
    view = records.article(B.id)
    assert view is not None
    assert (view.like, view.like_version, view.spans) == (A.id, "v1", b"\x01\x02")
    kept = replace(filed(article(B), story_id(A.id), "kept"), spans=None)
    records.commit([kept], [], LATER)
    view = records.article(B.id)
    assert view is not None and view.spans == b"\x01\x02", "why it joined stays told"


def test_same_merges_and_can_be_taken_back(records: Records) -> None:
    put(records, A, B, C)
    records.commit([joined(C, B)], [], NOW)
    position = records.totals().last_change
    label = records.say(A.id, C.id, True, "ann", "the same wire", LATER)
    assert (label.same, label.by, label.note, label.made, label.undone) == (True, "ann", "the same wire", LATER, None)
    assert stories(records, A, B, C) == ["a", "a", "a"]
    assert sorted(log(records, position)) == sorted([A.id, B.id, C.id])
    assert records.stories([story_id(B.id)])[0].id == story_id(A.id)
    unchanged_by(records, lambda: records.say(C.id, A.id, True, "bob", "", LATER))
    undone = records.take_back(label.id, LATER + MINUTE)
    assert undone.undone == LATER + MINUTE
    assert stories(records, A, B, C) == ["a", "b", "b"]
    assert records.stories([story_id(B.id)])[0].id == story_id(B.id)
    unchanged_by(records, lambda: records.take_back(label.id, LATER + 2 * MINUTE))
    assert records.labels() == [undone]


def test_not_the_same_parts_a_story_and_can_be_taken_back(records: Records) -> None:
    put(records, A)
    records.commit([joined(B, A), joined(C, A)], [], NOW)
    label = records.say(A.id, B.id, False, "ann", "", LATER)
    assert stories(records, A, B, C) == ["a", "b", "a"], "as near to both: it stays"
    assert [copy.article_id for copy in records.stories([story_id(B.id)])[0].copies] == [B.id]
    records.take_back(label.id, LATER)
    assert stories(records, A, B, C) == ["a", "a", "a"]


def test_the_founder_keeps_the_id_whoever_is_named_first(records: Records) -> None:
    put(records, A)
    records.commit([joined(B, A), joined(C, A)], [], NOW)
    records.say(B.id, A.id, False, "", "", LATER)
    assert stories(records, A) == ["a"]
    assert stories(records, B)[0] != "a"


def test_a_story_id_that_is_in_use_is_not_given_again(records: Records) -> None:
    put(records, A, B)
    records.commit([joined(C, B), joined(B, A, method="near")], [], NOW)
    assert stories(records, A, B, C) == ["a", "a", "b"], "C stays in the story that B founded"
    records.say(A.id, B.id, False, "", "", LATER)
    assert stories(records, A, B, C) == ["a", parted_story_id(story_id(A.id), B.id), "b"]


def test_what_a_person_said_wins_over_the_machine(records: Records) -> None:
    put(records, A, B, C)
    records.say(A.id, B.id, True, "", "", LATER)
    records.commit([filed(article(B, "A new version.")), joined(C, B)], [], LATER)
    assert stories(records, A, B, C) == ["a", "a", "a"], "neither leaves, and what joins the old id is led on"
    view = records.article(B.id)
    assert view is not None and view.article.text == "A new version."


def test_labels_that_contradict_are_refused(records: Records) -> None:
    put(records, A, B, C)
    records.say(A.id, B.id, True, "", "", LATER)
    apart = records.say(B.id, C.id, False, "", "", LATER)
    with pytest.raises(BadInput, match=rf"label {apart.id} says .* are not the same: take it back first"):
        records.say(A.id, C.id, True, "", "", LATER)
    with pytest.raises(BadInput, match=r"label 1 says .* are the same|other labels say otherwise"):
        records.say(B.id, A.id, False, "", "", LATER)
    with pytest.raises(BadInput, match="no article"):
        records.say(A.id, "a0", True, "", "", LATER)
    with pytest.raises(BadInput, match="named twice"):
        records.say(A.id, A.id, True, "", "", LATER)
    with pytest.raises(BadInput, match="no label 99"):
        records.take_back(99, LATER)
    assert stories(records, A, B, C) == ["a", "a", "c"]


def test_the_desk_hears_what_is_new(records: Records) -> None:
    put(records, A, B, C)
    assert records.said(0) is None
    same = records.say(A.id, B.id, True, "", "", LATER)
    records.say(A.id, C.id, False, "", "", LATER)
    told = records.said(0)
    assert told is not None
    assert (told.step, dict(told.moved)) == (2, {B.id: story_id(A.id)})
    assert told.settled == {A.id, B.id, C.id}
    assert told.apart == ((story_id(A.id), story_id(C.id)),)
    assert records.said(2) is None
    records.take_back(same.id, LATER)
    told = records.said(2)
    assert told is not None
    assert (told.step, dict(told.moved), told.settled) == (3, {B.id: story_id(B.id)}, {A.id, C.id})


def test_a_label_outlives_an_article_that_is_no_more(records: Records) -> None:
    spooled(records, A)
    records.commit([headline(A)], [], NOW)
    put(records, B)
    records.say(A.id, B.id, False, "", "", LATER)
    told = replace(article(C, grade=Grade.FULL), url=A.url)
    [row] = records.spooled(9)
    records.commit([Filed(filed(told).read, Assignment(C.id, story_id(C.id), "first"))], [row.id], LATER)
    said = records.said(0)
    assert said is not None and said.apart == ()
    assert len(records.labels()) == 1


def test_events_come_back_with_their_stories(records: Records) -> None:
    first = replace(filed(article(A)), event=EventAssignment("e1"))
    second = replace(filed(article(B)), event=EventAssignment("e1", 0.4, story_id(A.id), 7))
    records.commit([with_terms(first), with_terms(second), joined(C, A)], [], NOW)
    views = records.event("e1")
    told = {one.id: (len(one.copies), one.event) for one in views}
    assert told == {story_id(A.id): (2, first.event), story_id(B.id): (1, second.event)}
    assert records.event("e2") == records.event("") == []
    seen = NOW.timestamp()
    rows = [(story_id(A.id), "e1", seen, b"terms of a"), (story_id(B.id), "e1", seen, b"terms of b")]
    assert list(records.events(NOW)) == sorted(rows), "first seen at one time: in order of their ids"
    assert list(records.events(LATER)) == []
    records.commit([joined(D, A, merged=(B,))], [], LATER)
    assert [one.id for one in records.event("e1")] == [story_id(A.id)]
    assert list(records.events(NOW)) == rows[:1]


def with_terms(made: Filed) -> Filed:
    slug = made.read.article.url.rpartition("/")[2]
    prints = replace(made.read.fingerprint, terms=b"terms of " + slug.encode())
    return replace(made, read=replace(made.read, fingerprint=prints))
