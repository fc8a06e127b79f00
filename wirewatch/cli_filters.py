"""`wirewatch tag`: the pipeline's tagger as a filter over JSON lines, for people and scripts. Needs no archive."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.errors import BadInput
from pipeline.types import Article
from web.tagging import WANTED, as_article, tagging_json, wanted_topics
from wirewatch import bootstrap
from wirewatch.terminal import say


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(tag)


def tag(
    context: typer.Context,
    items: Annotated[str, typer.Argument(help="A file of JSON lines, or - for standard input.")] = "-",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line.")] = False,
    only: Annotated[str, typer.Option(help="Topics to tell of, separated by commas.", show_default="all")] = "",
    taxonomy: Annotated[
        list[Path] | None, typer.Option(help="One more taxonomy file or folder of your own (may be repeated).")
    ] = None,
    names: Annotated[
        bool | None, typer.Option("--names/--no-names", help="Names outside the taxonomy too.", show_default="as set")
    ] = None,
) -> None:
    """Tag items as the pipeline does: relevance to AI in defence, topics, entities, and why.

    An item is an object with id and title and, where known, text (or summary, or description), one a line.
    """
    from pipeline.tag import load_tagger
    from search.topics import topic_queries

    rules = bootstrap.tag_rules(context.obj.settings(names=names))
    tagger = load_tagger(replace(rules, files=(*rules.files, *(taxonomy or ()))), topic_queries)
    wanted = wanted_topics(tagger, only.split(","))
    for article in articles(items):
        told = tagging_json(article.id, tagger.tag(article), wanted)
        say(json.dumps(told, ensure_ascii=False, indent=None if jsonl else 2).encode())


def articles(name: str) -> Iterator[Article]:
    """The items of a file as articles. Raise BadInput that names the line."""
    for item, where in json_lines(name):
        yield as_article(item, where)


def json_lines(name: str) -> Iterator[tuple[Any, str]]:
    """Each line of a file (- for standard input) as a JSON value, and how to call it. Raise BadInput."""
    for number, line in enumerate(_lines(name), 1):
        if line.strip():
            where = f"{'standard input' if name == '-' else name}, line {number}"
            try:
                value = json.loads(line)
            except ValueError as error:
                raise BadInput(f"{where}: {WANTED}; {error}") from error
            yield value, where


def _lines(name: str) -> Iterator[str]:
    try:
        if name == "-":
            yield from sys.stdin
        else:
            with Path(name).open(encoding="utf-8") as file:
                yield from file
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not UTF-8: {error.reason} at byte {error.start}") from error
