"""Every example of the query language that the documentation links to finds something in the demo's archive."""

from __future__ import annotations

from pathlib import Path

from search.ast import resolve
from search.parse import parse
from tests.integration.outlets import serving
from tests.shared import ROOT, docs_script
from wirewatch import bootstrap
from wirewatch.config import Settings


def test_each_finds_something_in_the_demo(tmp_path: Path) -> None:
    with serving(tmp_path / "config", "--frozen") as served:
        served.wirewatch(tmp_path / "data", "run", "--once", "--quiet")
    page = (ROOT / "docs" / "query.md").read_text(encoding="utf8")
    examples = {one: resolve(parse(one), bootstrap.now()) for one in docs_script("site").examples(page)}
    with bootstrap.open_archive(Settings(data=tmp_path / "data"), read_only=True) as archive:
        nothing = [
            one for one in examples if not archive.index.search(resolve(parse(one), bootstrap.now()), limit=1).stories
        ]
    assert nothing == []
