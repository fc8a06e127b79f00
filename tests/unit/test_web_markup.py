"""Nothing of ours makes markup of texts: no script, no template, no Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.shared import ROOT
from web.render import POLICY, _templates

SCRIPTS = sorted((ROOT / "web" / "static").glob("*.js"))
TEMPLATES = sorted((ROOT / "web" / "templates").glob("*.html"))
SINKS = (
    r"innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|setHTML|DOMParser|document\.write"
    r"|\beval\(|new Function"
)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_markup_or_code_of_a_text(path: Path) -> None:
    assert not re.search(SINKS, path.read_text(encoding="utf8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_lets_a_value_pass_as_markup(path: Path) -> None:
    text = path.read_text(encoding="utf8")
    for value in re.findall(r"([^{|]*)\|\s*safe\b", text):
        assert re.search(r"\"[^\"{]*\"\s*$", value), f"{value!r} is no text of ours"
    assert "autoescape false" not in text and not re.search(r"\son\w+=|<style|\sstyle=|<script(?![^>]*\ssrc=)", text)


def test_templates_escape_and_the_policy_lets_nothing_else_run() -> None:
    assert _templates.autoescape is True and "unsafe" not in POLICY and "default-src 'none'" in POLICY
    for path in (ROOT / "web").rglob("*.py"):
        for made in re.findall(r"Markup\(([^)]*)\)", path.read_text(encoding="utf8")):
            assert re.match(r"[\"']", made) or made in ("before", "after"), f"{path.name}: Markup({made})"
