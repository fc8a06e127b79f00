"""What the contract tests of the records share: the back ends, made values, and a dump of everything stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipeline.ids import article_id, story_id, version_id
from pipeline.types import (
    Article,
    Assignment,
    Entry,
    FeedState,
    Fetched,
    FetchTask,
    Filed,
    Fingerprint,
    Grade,
    Kind,
    Known,
    Read,
    Source,
    Tag,
    Tagging,
)
from records import open_records
from records.base import Records
from records.schema import metadata
from records.values import Poll, Spooled
from search.match import LiveMatcher
from tests.services.fixtures import database

BACKENDS: dict[str, Callable[[Path], AbstractContextManager[str | Path]]] = {
    "sqlite": lambda folder: nullcontext(folder / "archive.db"),
    "postgresql": lambda folder: database(),
}

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = 15 * MINUTE


@contextmanager
def opened(backend: str, folder: Path) -> Iterator[Records]:
    """A new archive with three sources; it must hold together at the end."""
    with BACKENDS[backend](folder) as place, closing(open_records(place, matcher=LiveMatcher())) as records:
        records.sync_sources(SOURCES)
        yield records
        assert records.check() == []


def source(id: str, **changes: Any) -> Source:
    """An outlet with one feed."""
    home = f"https://{id}.example/"
    return replace(Source(id, f"The {id.title()}", "GB", "en", home, feeds=(home + "feed",)), **changes)


SOURCES = (source("alba"), source("bern"), source("cork"))


def entry(source_id: str, slug: str, **changes: Any) -> Entry:
    """An entry of that outlet."""
    url = f"https://{source_id}.example/{slug}"
    base = Entry(
        article_id(url),
        url,
        url,
        title=f"Headline of {slug}",
        summary="Two ministries sign.",
        authors=("R. Writer", "Ö. Co"),
        published=NOW - 60 * MINUTE,
        published_how="feed:published",
        language="en",
        tags=("defence",),
        revision="1",
    )
    return replace(base, **changes)


def poll(source_id: str, *entries: Entry, url: str = "", **state: Any) -> Poll:
    """What a poll of that outlet's feed brought; the next one is due half an hour later."""
    url = url or f"https://{source_id}.example/feed"
    due = {"last_try": NOW, "last_success": NOW, "next_due": NOW + 30 * MINUTE, **state}
    return Poll(source_id, url, lambda new: FeedState(source_id, url, Kind.FEED, **due), entries)


def fetched(one: Entry, source_id: str = "", **changes: Any) -> Fetched:
    """The page of an entry, found where the entry said."""
    source_id = source_id or one.url.split("/")[2].split(".")[0]
    task = FetchTask(one.url, source_id, Kind.PAGE, entry_id=one.id)
    body = f"<html><p>{one.title}</p></html>".encode()
    return replace(Fetched(task, one.url, 200, {"content-type": "text/html"}, body, NOW, "hash1"), **changes)


def article(one: Entry, text: str = "A paragraph.\n\nAnother.", **changes: Any) -> Article:
    """The article of an entry, read in full."""
    base = Article(
        one.id,
        one.url,
        one.canonical_url,
        one.url.split("/")[2].split(".")[0],
        one.title,
        text=text,
        summary=one.summary,
        grade=Grade.FULL,
        authors=one.authors,
        published=one.published,
        published_how="json-ld",
        published_confidence=0.9,
        modified=NOW,
        fetched=NOW,
        language="en",
        section="World",
        keywords=("drones", "AI"),
        image="https://img.example/1.jpg",
        wire="Reuters",
        wire_how="dateline",
        credit="Reuters",
        dateline_places=("LONDON", "PARIS"),
        dateline_date=NOW.date(),
        contributors={"photo": ("P. Lens",), "editing": ("E. Ditor", "Ö. Co")},
        dateline_agency="Reuters",
        notices=("Correction: an earlier version named the wrong harbour.",),
        paywalled=False,
        published_offset=0,
        modified_offset=-330,
        known={"title": Known("h1", 0.9), "paywalled": Known("json-ld", 0.9)},
    )
    told = replace(base, **changes)
    return replace(told, version=version_id(told.title, told.text))


TAGGING = Tagging(
    topics=(Tag("topic:drones", "Drones", 2, True),),
    entities=(Tag("org:anthropic", "Anthropic"),),
    relevance=0.75,
    reasons=("drones in the headline",),
)


def filed(told: Article, story: str = "", method: str = "first", **read: Any) -> Filed:
    """That article in a story; by default one of its own."""
    print_ = Fingerprint(exact="e" + told.version, title_key=told.title.lower(), shingles=b"\x01" * 16)
    result = replace(Read(told, print_, TAGGING), **read)
    return Filed(result, Assignment(told.id, story or story_id(told.id), method, 0.5, ""))


def headline(one: Entry) -> Filed:
    """What is filed from an entry alone."""
    return filed(article(one, text="", grade=Grade.HEADLINE))


def listed(records: Records, *entries: Entry) -> None:
    """Record a poll that brought these."""
    records.record_polls([poll(one.url.split("/")[2].split(".")[0], one) for one in entries], NOW)


def spooled(records: Records, *entries: Entry) -> list[Spooled]:
    """List, take, and spool the pages of these."""
    listed(records, *entries)
    records.take_pages(NOW, 100, LEASE)
    return records.spool([fetched(one) for one in entries])


def put(records: Records, *entries: Entry, story: str = "") -> None:
    """All the way: listed, fetched, filed."""
    rows = spooled(records, *entries)
    records.commit([filed(article(one), story) for one in entries], [row.id for row in rows], NOW)


def log(records: Records, after: int = 0) -> list[str]:
    """Article ids of the change log."""
    return [change.article_id for change in records.changes(after, 1000)]


def dump(records: Records) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    database = records._database  # type: ignore[attr-defined]
    with database.read() as conn:
        return {
            table.name: sorted((tuple(row) for row in conn.execute(sa.select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def unchanged_by(records: Records, work: Callable[[], object]) -> None:
    """The same call again changes nothing."""
    before = dump(records)
    work()
    assert dump(records) == before


def robots(records: Records) -> None:
    """A small write."""
    records.put_robots("https://alba.example", 200, b"", NOW)
