"""`wirewatch fold`: both levels of folding as a filter over JSON lines, for people and scripts. Needs no archive."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from pipeline.attribute import attribute
from pipeline.errors import BadInput
from pipeline.fingerprint import fingerprint
from pipeline.newsdesk import NewsDesk
from pipeline.types import Article
from wirewatch.cli_filters import articles, json_lines
from wirewatch.terminal import say

BATCH = 50


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(fold)


@dataclass(slots=True)
class _Folded:
    """What is told of a document."""

    id: str
    story: str
    kind: str
    wire: str
    confidence: float


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
    done, stories, events = _fold(articles(docs))
    for one in done:
        told = {
            "id": one.id,
            "story": stories.get(one.story, one.story),
            "event": events.get(stories.get(one.story, one.story), ""),
            "kind": one.kind,
            "wire": one.wire or None,
            "confidence": one.confidence,
        }
        say(json.dumps(told, ensure_ascii=False, indent=None if jsonl else 2).encode())
    if against is not None:
        say(_agreement(against, {one.id: stories.get(one.story, one.story) for one in done}), err=True)


def _fold(given: Iterable[Article]) -> tuple[list[_Folded], dict[str, str], dict[str, str]]:
    """Each document with the story it was given first; where merged stories lead; the events of stories."""
    desk = NewsDesk()
    done: list[_Folded] = []
    into: dict[str, str] = {}
    events: dict[str, str] = {}
    documents = iter(given)
    while read := [_read(article) for article in islice(documents, BATCH)]:
        for article, placed in zip(read, desk.assign([(one, fingerprint(one)) for one in read]), strict=True):
            one = placed.assignment
            into.update(dict.fromkeys(one.merged, one.story_id) | {one.story_id: one.story_id})
            if placed.event is not None:
                events[one.story_id] = placed.event.event_id
            done.append(_Folded(article.id[1:], one.story_id, one.kind, article.wire, round(one.score, 4)))
    stories = {old: _end(into, old) for old in into}
    _share_wires(done, stories)
    return done, stories, events


def _read(article: Article) -> Article:
    """With its agency, and an id of the form that stories are named after."""
    return attribute(replace(article, id="a" + article.id))


def _end(into: Mapping[str, str], story: str) -> str:
    while into[story] != story:
        story = into[story]
    return story


def _share_wires(done: Iterable[_Folded], stories: Mapping[str, str]) -> None:
    """A copy whose credit was cut off comes from the agency that most other copies of its story name."""
    named: dict[str, Counter[str]] = {}
    for one in done:
        if one.wire:
            named.setdefault(stories[one.story], Counter())[one.wire] += 1
    for one in done:
        if not one.wire and stories[one.story] in named:
            one.wire = named[stories[one.story]].most_common(1)[0][0]


def _agreement(path: Path, story: Mapping[str, str]) -> str:
    """How many of a person's labels hold. Raise BadInput that names the line."""
    held: list[bool] = []
    for label, where in json_lines(str(path)):
        if not isinstance(label, dict) or not isinstance(label.get("same"), bool):
            raise BadInput(f"{where}: a label is a JSON object with the ids a and b, and same: true or false")
        a, b = story.get(label.get("a", "")), story.get(label.get("b", ""))
        if a is not None and b is not None:
            held.append((a == b) == label["same"])
    return f"{sum(held)} of {len(held)} labels hold"
