"""`wirewatch web`: the API and the feeds, beside a run or by themselves."""

from __future__ import annotations

from threading import Event
from typing import Annotated

import typer

from wirewatch import web_parts
from wirewatch.cli_search import Demo, chosen
from wirewatch.services import stopping
from wirewatch.terminal import say


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(web)


def web(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to answer at; default: the setting `web_host`.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port, 0 for any; default: the setting `web_port`.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that answer; default: the setting `web_processes`.")
    ] = None,
    demo: Demo = False,
) -> None:
    """Answer for the API, the feeds and the live stream until stopped (Ctrl-C), also beside `wirewatch run`."""
    settings = chosen(context, demo)
    asked = {"web_host": host, "web_port": port, "web_processes": processes}
    settings = settings.model_copy(update={key: value for key, value in asked.items() if value is not None})
    stop = Event()
    stopping(stop)
    web_parts.serve_web(settings, stop, began=_say)


def _say(address: str) -> None:
    say(f"Wirewatch answers at {address} (Ctrl-C stops it); the API at {address}/api/v1, feeds at {address}/s")
