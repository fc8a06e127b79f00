"""`wirewatch why`: why a subscription told of an article, or did not."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from wirewatch import bootstrap
from wirewatch.cli_search import Demo, reading
from wirewatch.watching import found


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(why)


def why(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="Address or id of the article.", show_default=False)],
    subscription: Annotated[str, typer.Option(help="The subscription's name or id.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    demo: Demo = False,
) -> None:
    """Tell why a subscription told of an article or not: its way, its story, each clause, what was delivered when."""
    from web.why import why as ask
    from wirewatch.render_why import print_why

    with reading(context, demo) as archive:
        one = found(archive.records, subscription)
        told = ask(archive.records, archive.index.position(), what, one, bootstrap.now())
    if as_json:
        typer.echo(json.dumps(told.to_json(), ensure_ascii=False))
    else:
        print_why(Console(), told)
