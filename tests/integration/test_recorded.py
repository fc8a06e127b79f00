"""The main job over what real outlets sent: recorded pages and feeds, under the host names they came from.

Their text is their publishers' and stays out of this repository; so do the places where it would have to be quoted.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.types import Article, Grade, Source
from replay.recorded import FEEDS_HOST, REFERENCE_TITLE, REFERENCE_URL, RecordedWorld, recorded_world
from tests.integration.pipeline_house import PipelineHouse, house_over, serving_folder
from tests.shared import shared_data
from workers.pool import StagePool
from workers.progress import Progress

pytestmark = pytest.mark.shared
NOW = datetime(2026, 7, 20, 12, 0, tzinfo=UTC)  # after the newest of the recordings
WHOLE_ENTRY = re.compile(rb"<(item|entry)[\s>](?:(?!</\1>).)*<(?:link|guid)\b[^>]*>\s*https?://.*?</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Round:
    """One `--once` round, and the archive that came of it."""

    house: PipelineHouse
    progress: Progress
    seconds: float


@pytest.fixture(scope="module")
def world() -> RecordedWorld:
    return recorded_world(shared_data())


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving_folder(shared_data()) as port:
        yield port


@pytest.fixture(scope="module")
def pages(
    world: RecordedWorld, port: int, pool: StagePool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Round]:
    """A round over every recorded host's pages."""
    sources = [
        Source(str(one["id"]), str(one["name"]), "INT", "en", str(one["homepage"]), feeds=tuple(map(str, one["feeds"])))  # type: ignore[call-overload]
        for one in world.sources()
    ]
    with house_over(port, pool, tmp_path_factory.mktemp("pages"), NOW) as house:
        yield played(house, *sources)


@pytest.fixture(scope="module")
def feeds(
    world: RecordedWorld, port: int, pool: StagePool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Round]:
    """A round over every recorded feed. None of their pages was recorded, so none is asked for."""
    addresses = tuple(url for url in world.files() if f"//{FEEDS_HOST}/" in url)
    source = Source("odd-feeds", "Odd Feeds", "INT", "en", f"https://{FEEDS_HOST}/", feeds=addresses)
    with house_over(port, pool, tmp_path_factory.mktemp("feeds"), NOW) as house:
        yield played(house, source, pages=False)


def played(house: PipelineHouse, *sources: Source, pages: bool = True) -> Round:
    begin = time.monotonic()
    progress = house.run(*sources, pages=pages)
    return Round(house, progress, time.monotonic() - begin)


@pytest.fixture(scope="module")
def by_file(world: RecordedWorld, pages: Round) -> dict[str, Article]:
    """The article of each recorded page, by its file's name without endings."""
    found = {}
    articles = pages.house.articles()
    for url, name in world.files().items():
        view = None if url in articles else pages.house.records.article(url)
        article = articles.get(url) or (view.article if view else None)
        if article is not None:
            found[name.removesuffix(".html.gz")] = article
    return found


def gold(name: str = "pages-fundus") -> list[dict[str, str]]:
    lines = shared_data(name, "gold.jsonl").read_text(encoding="utf8").splitlines()
    return [row | {"id": row["id"].removesuffix(".html.gz")} for row in map(json.loads, lines)]


# --- pages --------------------------------------------------------------------------------------


def test_no_recorded_page_is_lost(world: RecordedWorld, pages: Round) -> None:
    listed = sum(len(site.titles) for site in world.recorded_sites.values())
    totals = pages.house.records.totals()
    assert listed >= 218
    assert totals.entries == listed
    assert totals.pending == 0
    assert totals.rejected == ()
    assert pages.house.records.quarantined() == []
    assert pages.progress.errors == {}
    unread = pages.house.records.waiting(NOW + timedelta(days=1), 1000)
    assert unread == []
    pages.house.sound()


def test_every_page_is_read_once_and_filed_under_its_own_host(world: RecordedWorld, pages: Round) -> None:
    assert pages.progress.counts["filed"] == pages.house.records.totals().entries
    hosts = {f"https://{host}" for host, site in world.recorded_sites.items() if site.titles}
    read_at = {"/".join(url.split("/")[:3]) for url in pages.house.articles()}
    assert read_at == hosts
    assert len(pages.house.articles()) >= 217  # two recordings are of one page


def test_all_but_a_few_pages_are_read_whole(pages: Round) -> None:
    poor = [article for article in pages.house.articles().values() if article.grade is not Grade.FULL]
    assert len(poor) <= 8
    for article in poor:
        if article.grade is Grade.HEADLINE:
            assert article.storage_why, f"{article.url} has no text and does not say why"


def test_titles_are_those_of_the_publishers(by_file: dict[str, Article]) -> None:
    rows = [row for row in gold() if row.get("title")]
    exact = [row for row in rows if row["id"] in by_file and same_words(row["title"], by_file[row["id"]].title)]
    assert len(rows) == 133
    assert len(exact) >= 105


def test_dates_are_those_of_the_publishers(by_file: dict[str, Article]) -> None:
    """Gold's days are local ones without a zone on some pages, ours are UTC: a day apart may be the same moment."""
    rows = [row for row in gold() if row.get("published")]
    near = [row for row in rows if row["id"] in by_file and days_apart(row["published"], by_file[row["id"]]) <= 1]
    same = [row for row in rows if row["id"] in by_file and days_apart(row["published"], by_file[row["id"]]) == 0]
    assert len(rows) == 133
    assert len(near) >= 128
    assert len(same) >= 120
    assert all(article.published is None or article.published <= NOW for article in by_file.values())


def test_languages_are_those_of_the_publishers(by_file: dict[str, Article]) -> None:
    spoken = {
        "de": "de",
        "at": "de",
        "fr": "fr",
        "it": "it",
        "es": "es",
        "jp": "ja",
        "pl": "pl",
        "uk": "en",
        "us": "en",
    }
    rows = [row for row in gold() if row.get("country") in spoken and row["id"] in by_file]
    right = [row for row in rows if by_file[row["id"]].language == spoken[row["country"]]]
    assert len(rows) >= 40
    assert len(right) >= 0.9 * len(rows), [(r["id"], by_file[r["id"]].language) for r in rows if r not in right]


def test_the_reference_story_is_read_whole_and_found(pages: Round) -> None:
    recorded = next(iter(sorted((shared_data().parent / "seed").glob("*.txt")))).read_text(encoding="utf8")
    article = pages.house.article(REFERENCE_URL)
    assert article.title == REFERENCE_TITLE
    assert article.grade is Grade.FULL
    assert article.wire == "Reuters"
    assert article.dateline_places == ("New York", "Washington", "San Francisco")
    assert article.dateline_date == date(2026, 2, 25)
    assert article.published is not None and article.published.date() == date(2026, 2, 25)
    assert article.language == "en"
    blocks = [words_of(block.strip().removesuffix("REUTERS")) for block in recorded.split("\n\n")]
    missing = [block for block in blocks if block not in words_of(article.text)]
    assert len(blocks) >= 15
    assert len(missing) == 1 and "newsletters" in missing[0], "only the banner is gone"
    assert article.credit == "REUTERS"
    assert not re.search(r"newsletter|sign up|telegram", article.text, re.I), "the banner is no part of the story"
    assert [article.id] in pages.house.found("anthropic AND pentagon")


def test_copies_of_one_page_are_one_story_and_no_others_are(pages: Round) -> None:
    """The recordings are of pages picked at random: what folding joins there must be the same text."""
    members: dict[str, list[Article]] = {}
    after = ""
    while page := pages.house.records.articles(after, 500):
        after = page[-1].article.id
        for view in page:
            members.setdefault(view.story_id, []).append(view.article)
    for articles in members.values():
        assert len({words_of(article.title) for article in articles}) == 1 or len(articles) == 1


# --- feeds --------------------------------------------------------------------------------------


def test_two_thousand_odd_feeds_are_polled_in_one_round(feeds: Round) -> None:
    states = feeds.house.records.feed_states()
    assert len(states) >= 2106
    assert feeds.seconds < 60
    assert all(state.last_try == NOW for state in states)
    for state in states:
        assert (state.last_success == NOW) != bool(state.error), state
        assert bool(state.error) == bool(state.error_kind) == bool(state.failures), state
        assert state.next_due is not None and state.next_due > NOW
    assert sum(not state.error for state in states) >= 1800
    feeds.house.sound()


def test_errors_of_odd_feeds_are_told_in_words(feeds: Round) -> None:
    errors = [state for state in feeds.house.records.feed_states() if state.error]
    assert {state.error_kind for state in errors} <= {"Unreadable", "NotNews", "Refused"}
    for state in errors:
        assert len(state.error.split()) >= 3 and "Traceback" not in state.error and "object at 0x" not in state.error
    assert feeds.progress.counts["failed"] == len(errors)


def test_quarantine_holds_the_unreadable_feeds_and_only_those(world: RecordedWorld, feeds: Round) -> None:
    unreadable = {state.url for state in feeds.house.records.feed_states() if state.error_kind == "Unreadable"}
    kept = feeds.house.records.quarantined(10_000)
    assert {one.url for one in kept} == unreadable
    assert len(kept) == len(unreadable)
    for one in kept:
        path = one.url.split("/", 3)[3]
        body = shared_data("feeds-feedparser", "tests", path).read_bytes()
        assert one.size == len(body) and one.stage == "listing"
        assert not WHOLE_ENTRY.search(body), f"{path}: an entry with an address was lost"


def test_entries_of_odd_feeds_have_plausible_dates(feeds: Round) -> None:
    entries = [one.entry for one in feeds.house.records.waiting(NOW + timedelta(days=1), 10_000)]
    assert len(entries) == feeds.house.records.totals().entries >= 45
    dated = [entry for entry in entries if entry.published]
    assert len(dated) >= 25
    for entry in dated:
        assert entry.published is not None
        assert datetime(1995, 1, 1, tzinfo=UTC) < entry.published <= NOW
        assert entry.published_how.startswith("feed:")
    assert all(entry.url.startswith(("http://", "https://")) for entry in entries)


def same_words(one: str, other: str) -> bool:
    return words_of(one) == words_of(other)


def words_of(text: str) -> str:
    """Case and punctuation apart, as the scoring tools of the shared data compare."""
    return " ".join(re.findall(r"\w+", (text or "").lower()))


def days_apart(told: str, article: Article) -> int:
    if article.published is None:
        return 10_000
    return abs((date.fromisoformat(told[:10]) - article.published.date()).days)
