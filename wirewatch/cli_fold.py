"""`wirewatch fold`: both levels of folding as a filter over JSON lines, for people and scripts. Needs no archive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import BadInput
from web.folding import agreement
from web.folding import fold as folded
from wirewatch.cli_filters import articles, json_lines
from wirewatch.terminal import say


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(fold)


def fold(
    docs: Annotated[str, typer.Argument(help="A file of JSON lines, or - for standard input.")] = "-",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line.")] = False,
    against: Annotated[
        Path | None, typer.Option(help="labels.jsonl of `wirewatch labels export`: how many of them hold.")
    ] = None,
) -> None:
    """Fold documents as the pipeline does: which are copies of one story, and which stories report on one event.

    A document is an object with id and title and, where known, outlet, url, published and text, one a line, in the
    order in which they were seen. Answers come when all was read, in that order: a late copy may merge two stories.
    """
    done = folded(articles(docs))
    for one in done:
        say(json.dumps(one.to_json(), ensure_ascii=False, indent=None if jsonl else 2).encode())
    if against is not None:
        held, of = agreement(_labels(against), done)
        say(f"{held} of {of} labels hold", err=True)


def _labels(path: Path) -> Iterator[tuple[str, str, bool]]:
    """A person's labels. Raise BadInput that names the line."""
    for label, where in json_lines(str(path)):
        if not isinstance(label, dict) or not isinstance(label.get("same"), bool):
            raise BadInput(f"{where}: a label is a JSON object with the ids a and b, and same: true or false")
        yield str(label.get("a", "")), str(label.get("b", "")), label["same"]
