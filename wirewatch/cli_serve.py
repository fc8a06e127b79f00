"""`wirewatch serve`, `fetch` and `trace`: the services of production, and the way of one page through all of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from pipeline.errors import BadInput
from wirewatch.services import SERVICES, serve
from wirewatch.terminal import Console, say

Name = StrEnum("Name", [(name, name) for name in SERVICES])  # type: ignore[misc]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("serve")(serve_command)
    app.command()(trace)
    app.command()(fetch)


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


def fetch(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(help="Addresses of pages, of outlets that are sources.")],
) -> None:
    """Fetch these pages now, ahead of everything on schedule: by the services, or by the run that goes on or comes."""
    from contextlib import closing

    from web.asked import ask
    from wirewatch import bootstrap

    settings = context.obj.settings()
    sources = bootstrap.load_sources(settings)
    with closing(bootstrap.open_the_records(settings)) as records:
        found = [ask(records, sources, address, bootstrap.now()) for address in addresses]
    if settings.redis_url:
        bootstrap.order(settings)([one.task for one in found])
    who = "the crawlers fetch it next" if settings.redis_url else "`wirewatch run` fetches it next"
    for one in found:
        known = "" if one.new else " (it was known already: `wirewatch trace` says more)"
        say(f"{one.task.url}: of {one.task.source_id}, {who}{known}")


def trace(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="An address, or the id of an article or entry.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Look into the demo's archive.")] = False,
) -> None:
    """Say where a page went and why: listed, fetched, read, filed, indexed; or what stopped it."""
    from web.trace import steps
    from wirewatch.cli_search import reading

    with reading(context, demo) as archive:
        trail = archive.records.trail(what)
        if trail is None:
            raise BadInput(f"nothing was ever heard of {what}: no listing told of it, and nobody asked for it")
        told = list(steps(trail, archive.index.position()))
    if as_json:
        say(json.dumps([asdict(step) for step in told], ensure_ascii=False, default=str))
        return
    console = Console(soft_wrap=True)
    for step in told:
        when = f"{step.when:%Y-%m-%d %H:%M:%S}" if step.when else ""
        console.print(f"[bold]{step.stage:<12}[/] {when:<19}  ", end="")
        console.print(step.words, markup=False, highlight=False)
