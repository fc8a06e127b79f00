"""`wirewatch why`: why a subscription told of an article, or did not."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Annotated

import typer

from pipeline.errors import Away, Trouble
from wirewatch import bootstrap
from wirewatch.cli_search import Demo, chosen, reading_records
from wirewatch.config import Settings
from wirewatch.terminal import Console, say
from wirewatch.watching import found


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(why)


def why(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="Address or id of the article.", show_default=False)],
    subscription: Annotated[
        str, typer.Option(help="The subscription's name or id.", show_default="all that match it or told of it")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one subscription a line.")] = False,
    demo: Demo = False,
) -> None:
    """Tell why a subscription told of an article or not: its way, its story, each clause, what was delivered when."""
    from web.why import concerned
    from web.why import why as ask
    from wirewatch.render_why import print_nobody, print_why

    console, now = Console(), bootstrap.now()
    with reading_records(context, demo) as records:
        indexed = _indexed(chosen(context, demo))
        asked = [found(records, subscription)] if subscription else concerned(records, what, now)
        told = [ask(records, indexed, what, one, now) for one in asked]
        if not (told or as_json):
            print_nobody(console, what, records.trail(what), indexed, len(records.subscriptions()))
    for at, one in enumerate(told):
        if as_json:
            say(json.dumps(one.to_json(), ensure_ascii=False))
            continue
        print_why(console, one, way=at == 0)


def _indexed(settings: Settings) -> int | None:
    """The position of the index in the change log; None when it cannot be asked, which is no reason not to answer."""
    try:
        with closing(bootstrap.open_the_index(settings, read_only=True)) as index:
            return index.position()
    except (Trouble, Away):
        return None
