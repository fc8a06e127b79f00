"""`wirewatch serve` and `trace`: the services of production, and the way of one page through all of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from wirewatch.services import SERVICES, serve

Name = StrEnum("Name", [(name, name) for name in SERVICES])  # type: ignore[misc]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("serve")(serve_command)


def serve_command(
    context: typer.Context,
    name: Annotated[Name, typer.Argument(help="Which service this process is.")],
    processes: Annotated[
        int | None, typer.Option(min=1, max=128, help="Processes of a worker; default: the setting `workers`.")
    ] = None,
) -> None:
    """Run one service of production until stopped: PostgreSQL, Redis and Elasticsearch are named by settings."""
    from wirewatch.logs import configure

    settings = context.obj.settings()
    configure(settings.log)
    code = serve(name.value, settings, processes=processes)
    if code:
        raise typer.Exit(code)
