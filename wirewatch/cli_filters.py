"""`wirewatch tag`: the pipeline's tagger as a filter over JSON lines, for people and scripts. Needs no archive."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.errors import BadInput
from pipeline.types import Article, Tag, Tagging
from wirewatch import bootstrap
from wirewatch.terminal import say

_WANTED = "an item is a JSON object with the texts id and title"
RELEVANT = 0.5  # relevance from which on an item counts as relevant


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
    known = {entry.id.partition(":")[2] for entry in tagger.taxonomy.entries.values() if entry.kind == "topic"}
    wanted = {name.strip() for name in only.split(",") if name.strip()} or known
    if strange := sorted(wanted - known):
        raise BadInput(f"no topic is called {strange[0]}; the taxonomy has {', '.join(sorted(known))}")
    for article in articles(items):
        told = tagging_json(article.id, tagger.tag(article), wanted)
        say(json.dumps(told, ensure_ascii=False, indent=None if jsonl else 2).encode())


def tagging_json(id: str, found: Tagging, wanted: Collection[str]) -> dict[str, Any]:
    """What is told of an item, with those of its topics that are wanted."""
    topics = [one.id.partition(":")[2] for one in found.topics]
    return {
        "id": id,
        "relevant": found.relevance >= RELEVANT,
        "score": round(found.relevance, 4),
        "topics": [topic for topic in topics if topic in wanted],
        "entities": [one.name for one in found.entities],
        "reasons": list(found.reasons),
        "mentions": {
            tag.id: _places(tag)
            for tag in (*found.topics, *found.entities)
            if tag.spans and (tag not in found.topics or tag.id.partition(":")[2] in wanted)
        },
    }


def _places(tag: Tag) -> dict[str, Any]:
    """Where the first mentions stand, as [start, end] in characters; and the kind of a name outside the taxonomy."""
    told: dict[str, Any] = {"kind": tag.kind} if tag.kind else {}
    for part, headline in (("title", True), ("text", False)):
        if there := [[span.start, span.end] for span in tag.spans if span.in_title is headline]:
            told[part] = there
    return told


def articles(name: str) -> Iterator[Article]:
    """The items of a file as articles. Raise BadInput that names the line."""
    for item, where in json_lines(name):
        yield _article(item, where)


def json_lines(name: str) -> Iterator[tuple[Any, str]]:
    """Each line of a file (- for standard input) as a JSON value, and how to call it. Raise BadInput."""
    for number, line in enumerate(_lines(name), 1):
        if line.strip():
            where = f"{'standard input' if name == '-' else name}, line {number}"
            try:
                value = json.loads(line)
            except ValueError as error:
                raise BadInput(f"{where}: {_WANTED}; {error}") from error
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


def _article(item: Any, where: str) -> Article:
    if not isinstance(item, dict) or not all(isinstance(item.get(key), str) for key in ("id", "title")):
        raise BadInput(f"{where}: {_WANTED}")
    text, outlet, url = (_text(item, *names) for names in (("text", "summary", "description"), ("outlet",), ("url",)))
    when = _moment(item.get("published"), where)
    return Article(item["id"], url, "", outlet, item["title"], text, published=when, first_seen=when)


def _text(item: dict[str, Any], *names: str) -> str:
    return next((text for name in names if isinstance(text := item.get(name), str) and text), "")


def _moment(text: Any, where: str) -> datetime | None:
    """A time in ISO 8601, UTC where it names no zone. Raise BadInput."""
    if text in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise BadInput(f"{where}: published is a time like 2026-03-01T12:00:00Z, not {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
