"""The documentation as a site: it builds without a warning, and nothing on it comes from elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html

from search.parse import parse
from tests.shared import ROOT, docs_script

FETCHES = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}  # what a browser fetches


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


def pages(site: Path) -> list[Path]:
    found = sorted(site.glob("*.html"))
    assert len(found) > 20
    return found


def test_every_page_of_the_repository_is_on_it(site: Path) -> None:
    theirs = {path.stem for path in (ROOT / "docs").glob("*.md")} | {
        "index",
        "deploy",
        "contributing",
        "changes",
        "reference",
    }
    assert {path.stem for path in pages(site)} - {"404"} == theirs


def test_a_browser_fetches_nothing_from_elsewhere(site: Path) -> None:
    for path in pages(site):
        for element in html.fromstring(path.read_bytes()).iter(*FETCHES):
            address = element.get(FETCHES[element.tag]) or ""
            if element.tag != "link" or element.get("rel") not in ("canonical", "next", "prev"):
                assert not urlsplit(address).netloc, f"{path.name}: {address}"
    for path in (*site.rglob("*.css"), *(site / "site").glob("*.js")):
        assert not re.search(r"@import|url\(['\"]?(?:https?:)?//", path.read_text(encoding="utf8")), path.name


def test_pictures_and_anchors_are_there(site: Path) -> None:
    for path in pages(site):
        for picture in html.fromstring(path.read_bytes()).iter("img"):
            assert (path.parent / picture.get("src")).is_file(), f"{path.name}: {picture.get('src')}"


def test_the_reference_has_every_operation(site: Path) -> None:
    reference = docs_script("reference")
    told = reference.document()
    page = (site / "reference.html").read_text(encoding="utf8")
    operations = [(method, path) for path, item in told["paths"].items() for method in item if method != "parameters"]
    assert len(operations) > 20
    for method, path in operations:
        assert f"<code>{method.upper()} {path}</code>" in page, f"{method} {path}"
    for name in told["components"]["schemas"]:
        assert f'<h3 id="{reference.anchor(name)}">' in page, name


def test_the_examples_of_the_query_language_are_links_that_can_be_read(site: Path) -> None:
    tree = html.fromstring((site / "query.html").read_bytes())
    links = [urlsplit(one.get("href")) for one in tree.iter("a") if "example" in (one.get("class") or "").split()]
    queries = [parse_qs(one.query, keep_blank_values=True)["q"][0] for one in links]
    examples = docs_script("site").examples((ROOT / "docs" / "query.md").read_text(encoding="utf8"))
    assert len(examples) > 50 and queries[: len(examples)] == examples
    assert {(one.scheme, one.netloc, one.path) for one in links} == {("http", "127.0.0.1:8080", "/")}
    for query in examples:
        parse(query)


def test_the_search_index_has_every_page(site: Path) -> None:
    told = json.loads((site / "search" / "search_index.json").read_text(encoding="utf8"))
    assert {path.name for path in pages(site)} - {"404.html"} == {one["location"].split("#")[0] for one in told["docs"]}
