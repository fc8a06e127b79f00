"""`wirewatch query`: how a query is understood, in our language and as JSON; queries of other systems as ours."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.markup import escape

from search.ast import names_used
from search.format import format_query
from search.importing import Origin, understood
from search.json_form import to_json
from wirewatch.terminal import Console, say


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(query)


def query(
    text: Annotated[str, typer.Argument(help="The query, or - for standard input.")],
    origin: Annotated[Origin, typer.Option("--from", help="The language that it is written in.")] = Origin.WIREWATCH,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show how a query is understood: in our own language, and as JSON. Searches nothing.

    With --from it reads a Google Alert, a FreshRSS user query or Miniflux rules (kept, or blocked), and tells what
    could not be carried over exactly.
    """
    read = understood(sys.stdin.read() if text == "-" else text, origin)
    written, form, names = format_query(read.query), to_json(read.query), names_used(read.query)
    if as_json:
        told = {"query": written, "form": form, "uses": names, "notes": read.notes}
        say(json.dumps(told, ensure_ascii=False).encode())
        return
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"[bold]query[/]  {escape(written)}")
    console.print(f"[bold]json[/]   {escape(json.dumps(form, ensure_ascii=False))}")
    for name in names:
        console.print(f"[bold]uses[/]   the saved query {escape(name)}")
    for note in read.notes:
        console.print(f"[bold]note[/]   {escape(note)}")
