"""Pages to articles: bodies, grades, identity, and what happens to pages that are none."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import ids
from pipeline.body import reset_caches
from pipeline.boilerplate import is_boilerplate
from pipeline.errors import Blocked, NotNews, WirewatchError
from pipeline.extract import extract
from pipeline.read import read_alone
from pipeline.types import Article, Entry, Fetched, FetchTask, Grade, Kind, Source, Storage
from tests.shared import shared_data

PAGES = Path(__file__).parent.parent / "data" / "pages"
SOURCE = Source(
    id="halva", name="Halva Herald", country="NO", language="en", homepage="https://www.halvaherald.example"
)
NOBODY = Source(id="nobody", name="", country="INT", language="", homepage="")
FETCHED = datetime(2026, 2, 26, 9, tzinfo=UTC)
URL = "https://www.halvaherald.example/world/lab-holds-its-line"
PARAGRAPHS = "".join(
    f"<p>Paragraph {n} of a story about boats, buoys and a harbour that is guarded well.</p>" for n in range(6)
)


def page(body: bytes, url: str = URL, **headers: str) -> Fetched:
    return Fetched(FetchTask(url, SOURCE.id, Kind.PAGE), url, 200, headers, body, FETCHED)


def html(head: str = "", body: str = PARAGRAPHS) -> bytes:
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>".encode()


def entry(url: str = URL, **values: str) -> Entry:
    canonical = url.replace("https://www.", "https://").split("?")[0]
    return Entry(id=ids.article_id(canonical), url=url, canonical_url=canonical, **values)


def read(name: str) -> Article:
    return extract(page((PAGES / name).read_bytes()), None, SOURCE)


def test_a_whole_page() -> None:
    article = read("wire-copy.html")
    paragraphs = article.text.split("\n\n")
    assert article.grade is Grade.FULL
    assert article.published == datetime(2026, 2, 25, 2, 4, tzinfo=UTC)
    assert article.modified == datetime(2026, 2, 25, 3, 30, tzinfo=UTC)
    assert (article.language, article.section) == ("en", "World")
    assert (article.wire, article.wire_how) == ("Meridian Wire", "json-ld")
    assert article.summary == "The lab says talks with the ministry go on."
    assert article.image.endswith("/img/lab.jpg")
    assert article.storage is Storage.FULL
    assert len(paragraphs) == 6  # the date line goes with attribution
    assert "track(" not in article.text
    assert "done the talking. Neither" in article.text  # words are kept apart where markup was cut out
    for furniture in ("Read more", "Advertisement", "cookies", "Home"):
        assert furniture not in article.text


def test_a_story_about_newsletters_keeps_its_paragraphs() -> None:
    article = read("about-newsletters.html")
    assert len(article.text.split("\n\n")) == 5
    assert article.authors == ("Ana Vidal", "Bo Lind")
    assert article.title == "Why newsletters outlive the sites that send them"


def test_a_paywalled_page_is_partial() -> None:
    article = read("paywalled.html")
    assert article.grade is Grade.PARTIAL
    assert "Five makers" in article.text
    assert article.authors == ("Kim Oh",)
    assert article.published_confidence < 0.7  # a day without a time


def test_reserved_pages_give_a_headline_and_nothing_else() -> None:
    article = read("reserved.html")
    assert article.title == "Navy tries out a harbour guard that learns"
    assert (article.text, article.summary, article.grade) == ("", "", Grade.HEADLINE)
    assert article.storage is Storage.HEADLINE
    assert "tdm-reservation" in article.storage_why


@pytest.mark.parametrize(
    ("banner", "expected"),
    [
        ("Sign up now: Get HH's newsletters delivered to your inbox", True),
        ("Read more: The long road to a contract", True),
        ("Read more at: https://x.example", True),
        ("Share this article", True),
        ("Share on Facebook, X or WhatsApp", True),
        ("Advertisement", True),
        ("ADVERTISEMENT - SCROLL TO CONTINUE", True),
        ("Listen to this story (4 min)", True),
        ("Photo: Halva Herald/Bo Lind", True),
        ("The minister in Port Halva (Photo by Bo Lind)", True),
        ("A buoy in the harbour. Ana Vidal/Getty Images", True),
        ("We use cookies to make this site better.", True),
        ("Already a subscriber? Log in", True),
        ("Subscribe to our newsletter", True),
        ("Follow us on Facebook", True),
        ("- Related: Five things to know", True),
        ("Lesen Sie auch: Der lange Weg", True),
        ("* * *", True),
        ("5 min read", True),
        ("Sign up for the army, the posters said, and thousands did.", False),
        ("Subscribe to the idea or not, the figures are plain.", False),
        ("Read more carefully, the paper says something else.", False),
        ("Cookies, said one editor, never told us who our readers were.", False),
        ("Share prices fell by a tenth in early trade.", False),
        ("Advertisement is the smaller part of it.", False),
        ("Listen to this story long enough and you will believe it.", False),
        ("Photographs of the wreck were shown to the court.", False),
        ("The lawsuit names Getty Images and Shutterstock.", False),
        ("More: a play by Bo Lind about a man who wanted it. " * 5, False),
        ("Related companies were named in the letter.", False),
        ("Follow the money, he said.", False),
        ("Print is dead, they said.", False),
        ("Popular anger grew.", False),
    ],
)
def test_boilerplate(banner: str, expected: bool) -> None:
    assert is_boilerplate(banner) is expected


def test_identity_follows_the_page_not_the_way_to_it() -> None:
    linked = html(f'<title>A headline</title><link rel="canonical" href="{URL}">')
    one = extract(page(linked, f"{URL}?utm_source=feed"), entry(f"{URL}?utm_source=feed"), SOURCE)
    two = extract(
        page(linked, "https://m.halvaherald.example/story/4711"), entry("https://m.halvaherald.example/4711"), SOURCE
    )
    assert one.id == two.id == ids.article_id(one.canonical_url)
    plain = extract(page(html("<title>A headline</title>")), entry(), SOURCE)
    assert plain.id == entry().id


@pytest.mark.parametrize("canonical", ["https://www.halvaherald.example/", "https://other.example/a", "", "/"])
def test_a_canonical_that_cannot_be_true_is_not_believed(canonical: str) -> None:
    article = extract(
        page(html(f'<title>A headline</title><link rel="canonical" href="{canonical}">')), entry(), SOURCE
    )
    assert article.id == entry().id


def test_the_entry_fills_what_the_page_does_not_say() -> None:
    given_entry = entry(title="From the feed", summary="Feed summary.")
    article = extract(page(html(body="<script>render()</script>")), given_entry, SOURCE)
    assert (article.title, article.summary, article.grade) == ("From the feed", "Feed summary.", Grade.HEADLINE)
    assert article.text == ""


@pytest.mark.parametrize(
    "body", [html(body="<script>render()</script>"), html(), b"", b"%PDF-1.5", b"\0\1\2" * 300, b"{}"]
)
def test_pages_without_even_a_headline(body: bytes) -> None:
    with pytest.raises(NotNews) as caught:
        extract(page(body), None, SOURCE)
    assert (caught.value.source_id, caught.value.url) == ("halva", URL)


def test_the_wrong_content_type() -> None:
    with pytest.raises(NotNews, match="image/png"):
        extract(page(html("<title>T</title>"), **{"content-type": "image/png"}), None, SOURCE)


def test_a_bot_challenge_is_blocked() -> None:
    with pytest.raises(Blocked):
        extract(page(html("<title>Just a moment...</title>", "<p>Checking.</p>")), entry(title="Real headline"), SOURCE)


def test_json_ld_body_where_the_page_draws_its_text_by_script() -> None:
    body = "First paragraph of the story, long enough to be one.\\n\\n" * 8
    script = f'{{"@type":"NewsArticle","headline":"A headline","articleBody":"{body}"}}'
    article = extract(
        page(html(f'<script type="application/ld+json">{script}</script>', "<div id=app></div>")), None, SOURCE
    )
    assert article.grade is Grade.FULL
    assert article.text.count("First paragraph") == 8


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 10_000 + PARAGRAPHS + "</div>" * 10_000,
        "<p>" + "<b>" * 10_000 + "text" + PARAGRAPHS,
        "<table><tr><td>" * 3_000 + PARAGRAPHS,
        "<p>A paragraph of the flood, with words in it.</p>" * 420_000,  # 20 MB
        "<script>" + "x();" * 3_000_000 + "</script>" + PARAGRAPHS,
        "<a href=/x>link</a> " * 25_000,
        "<" * 2_000_000,
        "<script " * 500_000,
        "<ul><li>item" * 5_000,
    ],
    ids=["divs", "inline", "tables", "flood", "script", "links", "angles", "open scripts", "lists"],
)
def test_hostile_markup_ends_in_time(body: str) -> None:
    begin = time.process_time()
    try:
        extract(page(html("<title>A headline</title>", body)), None, SOURCE)
    except WirewatchError as error:
        assert error.url == URL
    assert time.process_time() - begin < 4  # two seconds on the machine this was measured on


OPEN = ("<p>", "<div>", "<h1>", "<title>", "<!--", "<table>", "<li>", "<br>", "<script type='application/ld+json'>")
SHUT = ("</p>", "</div>", "</script>", '">', "&#0;", "&bogus;", "<time datetime='", '<meta name=robots content="')
TAGS = st.sampled_from(OPEN + SHUT)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(TAGS, st.text(max_size=30)), max_size=30))
def test_only_our_errors_leave(parts: list[str]) -> None:
    try:
        article = extract(page(("<html>" + "".join(parts)).encode("utf-8", "replace")), None, SOURCE)
    except WirewatchError:
        return
    assert article.title
    assert not article.text.startswith("\n")


def test_caches_can_be_emptied() -> None:
    reset_caches()
    assert read("wire-copy.html").grade is Grade.FULL


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "least"), [("extraction-aeb", 0.966), ("extraction-fundus", 0.985), ("pages-fundus", 0.970)]
)
def test_bodies_of_real_pages(folder: str, least: float, tmp_path: Path) -> None:
    root = shared_data(folder)
    lines = []
    for line in (root / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        name = json.loads(line)["id"].removesuffix(".gz").removesuffix(".html")
        body = gzip.decompress((root / "html" / f"{name}.html.gz").read_bytes())
        lines.append(json.dumps({"id": name, "articleBody": read_alone(page(body, ""), NOBODY).article.text}))
    predicted = tmp_path / "predicted.jsonl"
    predicted.write_text("\n".join(lines), encoding="utf-8")
    tool = root.parent.parent / "tools" / "score_extraction.py"
    out = subprocess.run(
        [sys.executable, str(tool), str(predicted), str(root / "gold.jsonl")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(out.stdout.split(" F1 ")[1].split()[0]) >= least, out.stdout
