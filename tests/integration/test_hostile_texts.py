"""Texts made to run scripts (`tests/hostile_texts.py`), from feeds and pages through the real crawler and reader, are
shown as text: on every page that can be reached, in every feed, message, file and answer."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, urlencode, urlsplit

import nh3
import pytest
from lxml import etree, html

from pipeline.controls import without_controls
from records.telling import tell
from tests.hostile_pages import pages, reachable, wrongs
from tests.hostile_texts import MARK, TEXTS
from tests.integration.hostile_house import NAME, Served, hostile_house
from tests.integration.web_house import ask
from workers.alerts.digests import message
from workers.alerts.notify import message_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with hostile_house() as house:
        yield house


def told(text: str) -> str:
    """A text as the archive may hold it: in one line, without control characters."""
    return " ".join(without_controls(text).split())


def test_they_reach_the_archive(served: Served) -> None:
    """Or nothing below would be tried."""
    kept: dict[str, list[str]] = {"title": [], "text": [], "author": [], "summary": []}
    after = ""
    while page := served.records.articles(after, 500):
        after = page[-1].article.id
        for one in (view.article for view in page):
            kept["title"].append(told(one.title))
            kept["text"].append(told(one.text))
            kept["author"].append(told(" ".join(one.authors)))
            kept["summary"].append(told(one.summary))
            assert not (one.url + one.canonical_url).lower().startswith(("data:", "vbscript:", "file:"))
    for field, texts in kept.items():
        assert [one for one in TEXTS if not any(told(one) in text for text in texts)] == [], field


def test_every_page_shows_them_as_text(served: Served) -> None:
    visited, wrong = [], []
    for path, body in reachable(served.url, *served.unlinked(), most=40):
        visited.append(urlsplit(path).path)
        wrong += [f"{path}: {one}" for one in wrongs(body, served.url + path)] if body else []
    assert wrong == []
    assert len(visited) > 5
    missed = [one.path for one in pages() if not any(one.path_regex.fullmatch(path) for path in visited)]
    assert missed == [], "pages that no link leads to"


def test_what_is_asked_for_is_shown_as_text(served: Served) -> None:
    """Reflected: in queries, in names and ids of every path, in parameters."""
    wrong = []
    for at, text in enumerate(TEXTS):
        asked = quote(told(text), safe="")
        paths = [f"/?{urlencode({'q': text})}", f"/{asked}"]
        route = pages()[at % len(pages())]  # each by turns
        paths.append(
            re.sub(r"\{[^}]*\}", asked, route.path) + f"?{urlencode({'q': text, 'name': text, 'after': text})}"
        )
        for path in paths:
            answer = ask(served.url, path)
            assert answer.status < 500, path
            if answer.headers.get("content-type", "").startswith("text/html"):
                wrong += [f"{path}: {one}" for one in wrongs(answer.body, served.url + path)]
                assert "script-src 'self'" in answer.headers["content-security-policy"]
            else:
                assert "html" not in answer.headers.get("content-type", "")
    assert wrong == []


def elements(fragment: str) -> set[str]:
    """The elements in a piece of HTML, with the names of their attributes."""
    (body,) = html.document_fromstring(f"<body><div>{fragment}").iter("body")
    found = {" ".join((str(one.tag), *one.attrib)) for one in body.iter("*")}
    return found - {"body", "div"}


@pytest.mark.parametrize("shape", ["content=full&n=500", "content=summary&n=500"])
def test_every_feed_tells_them_as_text(served: Served, shape: str) -> None:
    """Its HTML holds our own elements only, its addresses are of the web, its RSS titles hold no tags."""
    fragments, links, texts, titles = [], [], "", []
    for suffix in ("rss", "atom", "json"):
        answer = ask(served.url, f"{served.link}.{suffix}?{shape}")
        assert answer.status == 200
        if suffix == "json":
            items = json.loads(answer.body)["items"]
            fragments += [one["content_html"] for one in items]
            links += [one["url"] for one in items if "url" in one]
            texts += " ".join(one["title"] for one in items)
            continue
        root = etree.fromstring(answer.body)
        fragments += root.xpath(
            "//item/description/text() | //*[local-name() = 'encoded' or local-name() = 'content']/text()"
        )
        links += root.xpath("//item/link/text() | //*[local-name() = 'entry']/*[local-name() = 'link']/@href")
        titles += root.xpath("//item/title/text() | //channel/title/text()")
    assert len(fragments) > 1000 and len(titles) > 400
    for fragment in fragments:
        assert without_controls(fragment) == fragment, ascii(fragment)
        assert elements(fragment) <= {"p", "ul", "li"}, fragment
        assert nh3.clean(fragment, tags={"p", "ul", "li"}, attributes={}) == fragment
    assert all(urlsplit(one).scheme in ("http", "https") and urlsplit(one).netloc for one in links)
    for title in titles:
        assert elements(title) == set(), title
    assert [one for one in TEXTS if told(one) not in told(texts)] == [], "they were told"


def test_messages_and_digests_tell_them_as_text(served: Served) -> None:
    (of,) = served.records.subscriptions()
    output = next(one for one in served.records.outputs(of.id) if one.target)
    tellings = [replace(one, text="") for one in tell(served.records, served.records.alerts(of.id, limit=1000))]
    digest = message(output, "dgt_1", tellings)
    allowed = {"html", "body", "h1", "ol", "li", "a", "b", "br", "small", "ul", "p"}
    tree = html.document_fromstring(digest.html)
    assert {str(one.tag) for one in tree.iter("*")} <= allowed
    assert {name for one in tree.iter("*") for name in one.attrib} <= {"href", "style", "lang"}
    assert all(urlsplit(one).scheme in ("http", "https") for one in tree.xpath("//@href"))
    assert f"{MARK}=1" in "".join(tree.itertext())
    for one in (digest, *map(message_of, tellings)):
        assert without_controls(one.text) == one.text and "\n" not in one.title


def test_files_and_answers_for_programs_are_no_pages(served: Served) -> None:
    """Their kind is told, and browsers may not guess another."""
    for format in ("csv", "json", "jsonl", "ris", "bibtex"):
        answer = ask(served.url, f"/api/v1/export?q=*&format={format}")
        assert answer.status == 200 and "html" not in answer.headers["content-type"]
        assert answer.headers.get("x-content-type-options") == "nosniff", format
        if format == "csv":
            rows = list(csv.reader(io.StringIO(answer.body.decode())))
            assert len(rows) > 100 and not any(cell[:1] in tuple("=+-@") for row in rows for cell in row if cell)
    for path in (f"/api/v1/search?{urlencode({'q': NAME})}", f"/api/v1/articles/{quote(NAME, safe='')}"):
        assert "json" in ask(served.url, path).headers["content-type"]
