"""All stages of one page: their order, their permissions, their errors."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline import ids
from pipeline.errors import NotNews, StageFailed
from pipeline.read import Tools, read_entry, read_page
from pipeline.types import Article, Entry, Fetched, FetchTask, Grade, Kind, Source, Storage, Tag, Tagging
from tests.shared import shared_root

PAGES = Path(__file__).parent.parent / "data" / "pages"
SOURCE = Source(
    id="halva", name="Halva Herald", country="NO", language="en", homepage="https://www.halvaherald.example"
)
FETCHED = datetime(2026, 2, 26, 9, tzinfo=UTC)
URL = "https://www.halvaherald.example/world/lab-holds-its-line"
ENTRY = Entry(
    id=ids.article_id(URL),
    url=URL,
    canonical_url=URL,
    title="Lab holds its line",
    summary="Talks go on. – Meridian Wire",
    published=datetime(2026, 2, 25, tzinfo=UTC),
    published_how="feed:published",
    tags=("AI",),
)


class Tagger:
    """Remembers what it was shown."""

    def __init__(self) -> None:
        self.seen: list[Article] = []

    def tag(self, article: Article) -> Tagging:
        self.seen.append(article)
        return Tagging(topics=(Tag("topic:boats", "Boats"),))


def page(body: bytes, **headers: str) -> Fetched:
    return Fetched(FetchTask(URL, SOURCE.id, Kind.PAGE), URL, 200, headers, body, FETCHED)


def page_named(name: str, **headers: str) -> Fetched:
    return page((PAGES / name).read_bytes(), **headers)


def test_a_wire_copy_through_all_stages() -> None:
    tagger = Tagger()
    read = read_page(page_named("wire-copy.html"), None, SOURCE, Tools(tag=tagger.tag))
    article = read.article
    assert article.text.startswith("PORT HALVA/OLD QUAY - The laboratory")
    assert article.text.endswith("has no part in this matter.")
    assert (article.wire, article.credit) == ("Meridian Wire", "MERIDIAN WIRE")
    assert article.dateline_places == ("Port Halva", "Old Quay")
    assert article.dateline_date == date(2026, 2, 25)
    assert article.version == ids.version_id(article.title, article.text)
    assert tagger.seen[0].text == article.text
    assert read.fingerprint.shingles
    assert read.tagging.topics[0].name == "Boats"
    assert list(read.spent) == ["extract", "attribute", "fingerprint", "tag", "limit"]
    assert all(seconds >= 0 for seconds in read.spent.values())


def test_reading_twice_gives_the_same() -> None:
    one, two = (read_page(page_named("wire-copy.html"), None, SOURCE, Tools(tag=Tagger().tag)) for _ in range(2))
    assert (one.article, one.fingerprint, one.tagging) == (two.article, two.fingerprint, two.tagging)


def test_noarchive_is_read_for_folding_and_tagging_but_not_kept() -> None:
    tagger = Tagger()
    free = read_page(page_named("wire-copy.html"), None, SOURCE, Tools(tag=tagger.tag))
    read = read_page(page_named("wire-copy.html", **{"x-robots-tag": "noarchive"}), None, SOURCE, Tools(tag=tagger.tag))
    assert (read.article.text, read.article.summary) == ("", "")
    assert read.article.storage is Storage.HEADLINE
    assert "noarchive" in read.article.storage_why
    assert read.article.version == ids.version_id(read.article.title, "")
    assert read.fingerprint == free.fingerprint
    assert tagger.seen[1].text == tagger.seen[0].text


def test_the_body_of_a_reserved_page_is_never_shown_to_a_stage() -> None:
    tagger = Tagger()
    read = read_page(page_named("reserved.html"), None, SOURCE, Tools(tag=tagger.tag))
    assert tagger.seen[0].text == tagger.seen[0].summary == ""
    assert read.fingerprint.shingles == b""
    assert read.article.grade is Grade.HEADLINE


def test_the_sources_ceiling() -> None:
    source = replace(SOURCE, storage=Storage.SUMMARY)
    article = read_page(page_named("wire-copy.html"), None, source, Tools(tag=Tagger().tag)).article
    assert article.text == ""
    assert article.summary == "The lab says talks with the ministry go on."
    assert article.grade is Grade.FULL  # it was read; it is not kept


def test_an_entry_alone() -> None:
    read = read_entry(ENTRY, SOURCE, FETCHED, "403 from the outlet", Tools(tag=Tagger().tag))
    article = read.article
    assert (article.id, article.title, article.grade) == (ENTRY.id, "Lab holds its line", Grade.HEADLINE)
    assert (article.published, article.published_how) == (ENTRY.published, "feed:published")
    assert article.fetched == FETCHED
    assert article.language == "en"
    assert "403 from the outlet" in article.storage_why
    assert read.fingerprint.title_key
    bare = replace(ENTRY, title="", summary="")
    assert read_entry(bare, SOURCE, FETCHED, "blocked", Tools(tag=Tagger().tag)).article.title == URL


def test_an_entrys_authors_are_people_and_agencies() -> None:
    entry = replace(ENTRY, authors=("Ana Vidal", "Meridian Wire"))
    article = read_entry(entry, SOURCE, FETCHED, "blocked", Tools(tag=Tagger().tag)).article
    assert (article.authors, article.wire, article.wire_how) == (("Ana Vidal",), "Meridian Wire", "byline")
    bare = b"<html><head><title>A headline</title></head><body><p>Short.</p></body></html>"
    article = read_page(page(bare), entry, SOURCE, Tools(tag=Tagger().tag)).article
    assert article.authors == ("Ana Vidal",)


def test_an_entry_of_a_headline_source_keeps_no_summary() -> None:
    source = replace(SOURCE, storage=Storage.HEADLINE)
    assert read_entry(ENTRY, source, FETCHED, "blocked", Tools(tag=Tagger().tag)).article.summary == ""


def test_a_foreign_error_names_its_stage() -> None:
    def broken(article: Article) -> Tagging:
        raise ZeroDivisionError("no topics")

    with pytest.raises(StageFailed, match="the stage tag failed: ZeroDivisionError: no topics") as caught:
        read_page(page_named("wire-copy.html"), None, SOURCE, Tools(tag=broken))
    assert (caught.value.source_id, caught.value.url) == ("halva", URL)


def test_our_errors_pass_with_their_address() -> None:
    with pytest.raises(NotNews) as caught:
        read_page(page(b"%PDF-1.7"), None, SOURCE, Tools(tag=Tagger().tag))
    assert (caught.value.source_id, caught.value.url) == ("halva", URL)


@pytest.mark.shared
def test_the_reference_story_on_a_page() -> None:
    root = shared_root()
    if root is None:
        pytest.skip("the reference story is absent: ../shared/seed")
    raw = next((root / "seed").glob("*.txt")).read_text(encoding="utf-8")
    body = "".join(f"<p>{p}</p>" for p in raw.split("\n\n"))
    markup = (
        f"<html lang=en><head><title>A headline of ours</title></head><body><article>{body}</article></body></html>"
    )
    article = read_page(page(markup.encode()), None, SOURCE, Tools(tag=Tagger().tag)).article
    assert "newsletter" not in article.text + article.summary
    assert (article.wire, article.wire_how, article.credit) == ("Reuters", "credit", "REUTERS")
    assert article.dateline_places == ("New York", "Washington", "San Francisco")
    assert article.published is not None
    assert article.published.date() == date(2026, 2, 25)
