"""`wirewatch story` and `diff`: where a story comes from, who did what to it, and two texts compared."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipeline.errors import BadInput
from web.comparing import difference, each_with_the_next, side
from web.lookup import find_article, trace
from web.story_json import difference_json, trace_json
from wirewatch.cli_search import Demo, reading_records
from wirewatch.render_diff import print_difference
from wirewatch.terminal import Console, say


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(story)
    app.command()(diff)


def story(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A story's id, or the id or address of one of its articles.")],
    full: Annotated[bool, typer.Option("--full", help="Show the passages that each copy cut and added.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    demo: Demo = False,
) -> None:
    """Tell where a story comes from: its agency, its earliest carrier, and who took it from whom and did what to it."""
    from wirewatch.render_story import print_trace

    with reading_records(context, demo) as records:
        found = trace(records, what)
    if as_json:
        say(json.dumps(trace_json(found), ensure_ascii=False))
    else:
        print_trace(Console(), found, full=full)


def diff(
    context: typer.Context,
    first: Annotated[str, typer.Argument(metavar="A", help="An article's id or address.")],
    second: Annotated[str, typer.Argument(metavar="[B]", help="The article to compare with.", show_default=False)] = "",
    versions: Annotated[
        bool, typer.Option("--versions", help="Compare the versions of A, each with the next.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Show long passages that were kept in full.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    demo: Demo = False,
) -> None:
    """Compare the texts of two articles, or the versions of one: what was cut, added, changed and moved."""
    if bool(second) == versions:
        raise BadInput("give two articles, or one article and --versions")
    with reading_records(context, demo) as records:
        view = find_article(records, first)
        if versions:
            found = each_with_the_next(records, view)
        else:
            other = find_article(records, second)
            found = [difference(side(view), side(other), other.article.language)]
    console = Console()
    for at, one in enumerate(found):
        if as_json:
            say(json.dumps(difference_json(one), ensure_ascii=False))
            continue
        if at:
            console.rule(style="dim")
        print_difference(console, one, full=full)
