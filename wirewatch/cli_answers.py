"""`wirewatch search` and `like`: one page of stories, what is told of all that matches, or all of it as a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from pipeline.errors import BadInput, BadQuery, DiskFull
from web.saved import pointer
from wirewatch import bootstrap
from wirewatch.cli_search import AsJson, Demo, reading
from wirewatch.terminal import Console, say

if TYPE_CHECKING:
    from search.over_time import Interval
    from web.answers import Ask

Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="Stories to show.")]
Offset = Annotated[int, typer.Option(min=0, help="Stories to pass over.")]
After = Annotated[str, typer.Option("--after", "--cursor", help="Go on behind a page: the cursor it gave.")]
Newest = Annotated[bool, typer.Option("--newest", help="Newest first, not best first.")]
Unfolded = Annotated[bool, typer.Option("--unfolded", help="Each article by itself, not folded into its story.")]
Facets = Annotated[
    str, typer.Option(help="Count by these, with commas: outlet,country,lang,wire,topic,entity,author,source; or all.")
]
Top = Annotated[int, typer.Option(min=1, max=1000, help="Values of each facet.")]
Histogram = Annotated[str, typer.Option(help="Count over time: by hour, day, week or month (UTC).")]
By = Annotated[str, typer.Option(help="The time that a histogram goes by: seen or date.")]
Export = Annotated[str, typer.Option(help="Write all that matches as csv, json, jsonl, ris or bibtex.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="The file to export to.", show_default="stdout")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(search)
    app.command()(like)


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="For example: anthropic AND (pentagon OR hegseth) -stocks seen:P7D")],
    limit: Limit = 10,
    offset: Offset = 0,
    after: After = "",
    newest: Newest = False,
    unfolded: Unfolded = False,
    facets: Facets = "",
    top: Top = 10,
    histogram: Histogram = "",
    by: By = "seen",
    export: Export = "",
    output: Output = None,
    as_json: AsJson = False,
    demo: Demo = False,
) -> None:
    """Search the archive; copies are folded into their story. The language: docs/query.md."""
    from search.base import Order
    from web.answers import Ask

    ask = Ask(
        query=query,
        order=Order.NEWEST if newest else Order.RELEVANCE,
        folded=not unfolded,
        limit=limit,
        offset=offset,
        after=after,
        facets=_facets(facets),
        top=top,
        histogram=_interval(histogram),
        by=by,
    )
    _run(context, ask, export, output, as_json=as_json, demo=demo)


def like(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="An article's id or address, or a story's id.")],
    within: Annotated[str, typer.Option(help="Only what this query matches.")] = "",
    limit: Limit = 10,
    after: After = "",
    export: Export = "",
    output: Output = None,
    as_json: AsJson = False,
    demo: Demo = False,
) -> None:
    """More like this: the stories that share most of an article's telling words."""
    from web.answers import Ask

    _run(context, Ask(query=within, like=what, limit=limit, after=after), export, output, as_json=as_json, demo=demo)


def _run(context: typer.Context, ask: Ask, export: str, output: Path | None, *, as_json: bool, demo: bool) -> None:
    try:
        with reading(context, demo) as archive:
            if export:
                _export(archive, ask, export, output)
            else:
                _show(archive, ask, as_json=as_json)
    except BadQuery as error:
        raise BadInput(f"{error}\n{pointer(ask.query, error)}") from None


def _show(archive: bootstrap.Archive, ask: Ask, *, as_json: bool) -> None:
    from web.answers import answer, to_json
    from web.plain import story_json
    from wirewatch.render import print_story
    from wirewatch.render_answer import print_answer

    told = answer(archive.records, archive.index, ask, bootstrap.now())
    if as_json:
        for one in told.found:
            row = story_json(one.story, one.shown, set(one.matching)) | {"article": one.article.article_id}
            say(json.dumps(row, ensure_ascii=False))
        say(json.dumps({"answer": to_json(told)}, ensure_ascii=False))
        return
    console = Console()
    for number, one in enumerate(told.found, ask.offset + 1):
        print_story(console, number, one.story, one.shown, set(one.matching), one.article.article_id, folded=ask.folded)
    print_answer(console, told, ask)


def _export(archive: bootstrap.Archive, ask: Ask, export: str, output: Path | None) -> None:
    from web.answers import every
    from web.export import Format
    from web.export import export as written

    if export not in list(Format):
        raise BadInput(f"--export takes {', '.join(Format)}, not {export!r}")
    now = bootstrap.now()
    found = every(archive.records, archive.index, ask, now)
    with _file(output) as file:
        for piece in written(found, Format(export), now):
            file.write(piece)


@contextmanager
def _file(output: Path | None) -> Iterator[TextIO]:
    """Where an export goes; line ends and encoding are the format's, not the machine's."""
    if output is None:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        yield sys.stdout
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        kind = DiskFull if error.errno == 28 else BadInput
        raise kind(f"{output} cannot be written: {error.strerror}") from error


def _facets(text: str) -> list[str]:
    from search.facets import FACETS

    names = [name.strip() for name in text.split(",") if name.strip()]
    return list(FACETS) if names == ["all"] else names


def _interval(text: str) -> Interval | None:
    from search.over_time import Interval

    if not text:
        return None
    if text not in list(Interval):
        raise BadInput(f"--histogram takes {', '.join(Interval)}, not {text!r}")
    return Interval(text)
