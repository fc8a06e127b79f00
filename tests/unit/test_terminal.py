"""A terminal is told nothing by the texts of others: not by a title, a name, an address or an error."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import asdict

import pytest
from rich.live import Live
from rich.table import Table
from rich.text import Text

from crawlers.jsonfeed import read_json_feed
from pipeline.controls import without_controls
from pipeline.extract import extract
from pipeline.types import Fetched, FetchTask, Kind, Source
from tests.contract.records_kit import NOW
from tests.shared import ROOT
from wirewatch import logs
from wirewatch.terminal import Console, say

# ECMA-48 and xterm's control sequences: clear the screen, make a link, set the title, write the clipboard, ask for an
# answer that the shell then reads, hide text, ring, go back over what was printed; with C1 in place of ESC [ and ESC ].
COMMANDS = (
    "\x1b[2J\x1b[H",
    "\x1b]8;;https://evil.example/\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]0;owned\x07",
    "\x1b]52;c;cm0gLXJm\x07",
    "\x1b[6n",
    "\x1b[8mhidden\x1b[0m",
    "\x1bc",
    '\x1bP$q"p\x1b\\',
    "\x9b2J",
    "\x9d0;owned\x9c",
    "\x07",
    "safe\x08\x08\x08\x08evil",
    "first\x0bsecond",
    "\x00",
    "\x7f",
)
OURS = re.compile(
    r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[[0-9]*[AK]|\x1b\[2K"
)  # what Rich writes: colours, cursor, lines


def left(printed: str) -> list[str]:
    """The control characters in what was printed that are not Rich's own."""
    return [one for one in OURS.sub("", printed) if one != "\n" and one != "\r" and without_controls(one) != one]


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_what_is_printed_commands_nothing(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    to = io.StringIO()
    console = Console(file=to, force_terminal=True, width=100, color_system="standard")
    table = Table("heading")
    table.add_row(Text(command, "bold red"))
    console.print(command, markup=False)
    console.print(Text(f"A title {command} ends", "bold"))
    console.print(table)
    with Live(Text(f"live {command}"), console=console):
        console.print(Text(f"beside {command}"))
    say(f"said {command}")
    say(json.dumps({"title": command}, ensure_ascii=False).encode())
    told = capsys.readouterr()
    assert "\x1b[" in to.getvalue() and "A title" in to.getvalue(), "Rich's own commands pass, and the rest is told"
    for printed in (to.getvalue(), told.out):
        assert command not in printed and left(printed) == []


def test_a_log_line_commands_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    line = logging.LogRecord(
        "wirewatch", logging.INFO, "x.py", 1, "filed %s", (f"https://a.example/{COMMANDS[0]}",), None
    )
    assert left(logs._Text("%(message)s").format(line)) == []


def test_every_command_prints_that_way() -> None:
    for path in (ROOT / "wirewatch").glob("*.py"):
        if path.name not in ("terminal.py", "client.py"):  # the client's docstring is an example for other programs
            text = path.read_text(encoding="utf8")
            assert not re.search(r"typer\.echo\(|rich\.console import .*\bConsole\b|^\s*print\(", text, re.MULTILINE), (
                path
            )


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_an_archive_is_filled_without_them(command: str) -> None:
    item = {
        "url": "https://a.example/1",
        "title": f"Title {command}",
        "content_text": f"Text {command}",
        "authors": [{"name": f"Name {command}"}],
        "tags": [f"tag {command}"],
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [item]}
    (entry,) = read_json_feed(json.dumps(feed).encode(), "https://a.example/feed.json", NOW).entries
    told = {
        "@type": "NewsArticle",
        "headline": f"Title {command}",
        "articleBody": f"Text {command} of a harbour. " * 40,
        "author": {"@type": "Person", "name": f"Ann {command} Berg"},
        "keywords": f"a{command}b",
        "articleSection": f"World {command}",
        "description": f"Told {command}",
    }
    found = extract(_page(json.dumps(told)), entry, Source("a", "A Herald", "NO", "en", "https://a.example/"))
    for one in (entry, found):
        assert left("".join(texts(asdict(one)))) == []
    assert "Title" in found.title and "Text" in found.text and "Name" in entry.authors[0]


def texts(value: object) -> Iterator[str]:
    """Every text in it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


def test_what_is_left_is_the_text() -> None:
    assert without_controls("Zwölf\tDrohnen\nfür 東京 👩‍🚀") == "Zwölf\tDrohnen\nfür 東京 👩‍🚀"


def _page(data: str) -> Fetched:
    task = FetchTask("https://a.example/1", "a", Kind.PAGE)
    html = f'<html><head><script type="application/ld+json">{data}</script></head><body><div>x</div></body></html>'
    return Fetched(task, task.url, 200, {"content-type": "text/html; charset=utf-8"}, html.encode(), NOW, "h")
