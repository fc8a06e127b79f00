"""What the documents promise is there, and what is there is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main

from tests.shared import ROOT
from wirewatch.cli import app

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name."""
    stack: list[tuple[str, click.Command]] = [("wirewatch", typer.main.get_command(app))]
    while stack:
        name, command = stack.pop()
        below = getattr(command, "commands", {})
        stack.extend((f"{name} {key}", one) for key, one in below.items())
        if not below:
            yield name, command


@pytest.mark.parametrize(("name", "command"), sorted(commands(), key=lambda row: row[0]))
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf8")
    section = re.search(rf"^## `{re.escape(name)}\b[^\n]*\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section, f"docs/commands.md has no section for {name}"
    for parameter in command.params:
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert f"`{option}" in section[1] or option in section[0], f"{name} {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_names_the_two_commands_that_do_all() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf8")
    assert "./run demo" in readme and "./run test" in readme
    assert "./run test" in (ROOT / ".ci" / "run").read_text(encoding="utf8")
