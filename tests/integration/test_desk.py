"""The desk of one process: what it keeps as evidence, what it hears from persons, how a page follows its headline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.align import unpack
from pipeline.fingerprint import fingerprint
from pipeline.ids import story_id
from pipeline.types import Article, Grade, Read, Tagging
from records import open_records
from records.base import Records
from tests.contract.records_kit import NOW, SOURCES, article, entry, spooled
from workers.reading import Done
from workers.remember import Batch, Memory, compared

REPORT = [
    "The harbour guard of Port Ellery will buy nine autonomous boats after a winter trial in which they patrolled "
    "the outer channel without a crew, its commander said on Monday.",
    "The boats carry cameras and a small radar, and their software decides alone where to look next, but a sailor "
    "ashore must approve every pursuit.",
    "Commander Ines Quarrow said the trial had found two smuggling skiffs and a drifting fishing net in 31 nights.",
]
A, B, C = entry("alba", "one"), entry("bern", "two"), entry("cork", "three")


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with closing(open_records(tmp_path / "archive.db")) as made:
        made.sync_sources(SOURCES)
        yield made
        assert made.check() == []


def done(told: Article, entry_id: str = "", spool_id: int | None = None) -> Done:
    told = replace(told, version="")
    return Done(Read(told, fingerprint(told), Tagging()), spool_id, entry_id or told.id)


def file(memory: Memory, records: Records, *batch: Done) -> Batch:
    made = compared(records, memory.file(records, batch, NOW))
    records.commit(made.filed, made.spool_ids, NOW)
    return made


def restored(records: Records) -> Memory:
    memory = Memory(timedelta(days=30))
    memory.restore(records, NOW)
    return memory


@pytest.mark.parametrize("together", [True, False])
def test_where_a_copy_agrees_with_its_like_is_kept(records: Records, together: bool) -> None:
    first = article(A, "\n\n".join(REPORT))
    copy = article(B, "\n\n".join(["Our own line above it all, from the desk here.", *REPORT[:2]]))
    memory = restored(records)
    batches = [[done(first), done(copy)]] if together else [[done(first)], [done(copy)]]
    for batch in batches:
        file(memory, records, *batch)
    like, view = records.article(A.id), records.article(B.id)
    assert like is not None and view is not None
    assert (view.story_id, view.like, view.like_version) == (like.story_id, A.id, like.article.version)
    assert view.spans is not None
    shared = [(copy.text[one.a : one.a_end], first.text[one.b : one.b_end]) for one in unpack(view.spans)]
    assert all(mine == theirs for mine, theirs in shared)
    assert sum(len(mine) for mine, _ in shared) > 0.9 * len("\n\n".join(REPORT[:2]))


def test_what_persons_say_reaches_a_desk_at_work_and_one_that_starts_again(records: Records) -> None:
    memory = restored(records)
    text = "\n\n".join(REPORT)
    file(memory, records, done(article(A, text)), done(article(B, text)))
    records.say(A.id, B.id, False, "", "", NOW)
    for desk in (memory, restored(records)):
        made = file(desk, records, done(article(B, text + " One more sentence at its end.")))
        assert made.filed[0].assignment.story_id == story_id(B.id)
    made = file(memory, records, done(article(C, text)))
    assert made.filed[0].assignment.merged == (), "a copy of both does not make them one"


def test_a_page_that_tells_another_address_keeps_the_story_of_its_headline(records: Records) -> None:
    memory = restored(records)
    [row] = spooled(records, A)
    bare = article(A, "", grade=Grade.HEADLINE, summary="")
    file(memory, records, done(bare))
    page = replace(article(B, "\n\n".join(REPORT)), url=A.url)
    file(memory, records, done(page, A.id, row.id))
    assert [(one.article.id, one.story_id) for one in records.articles("", 9)] == [(B.id, story_id(A.id))]
    assert len(memory) == len(restored(records)) == 1
