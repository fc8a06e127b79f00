"""`wirewatch sources`: the outlets, adding one by its address, checking them live, OPML in and out."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pipeline.errors import BadInput
from pipeline.furniture import Paragraph
from pipeline.types import Source
from wirewatch import bootstrap
from wirewatch.fetching import Fetch, with_fetch
from wirewatch.terminal import Console, say

sources_app = typer.Typer(help="The outlets that are watched.", no_args_is_help=True)
STATE_STYLES = {"healthy": "green", "failing": "red", "blocked": "yellow", "quiet": "yellow"}
FURNITURE_TIMES = ("first_seen", "last_seen", "confirmed", "kept")


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(sources_app, name="sources")


@sources_app.command("list")
def list_sources(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one source a line.")] = False,
) -> None:
    """Every source with its state, last success, stories a day and last error."""
    settings = context.obj.settings()
    sources = bootstrap.load_sources(settings)
    health = {}
    if bootstrap.is_archive(settings):
        with bootstrap.open_archive(settings, read_only=True) as archive:
            health = {one.source_id: one for one in archive.records.health(bootstrap.now())}
    if as_json:
        for source in sources.values():
            say(json.dumps(_row(source, health.get(source.id)), ensure_ascii=False))
        return
    rows = [_row(source, health.get(source.id)) for source in sources.values()]
    console = Console()
    console.print(_table(rows, named=console.width >= 110))
    for row in rows:
        if row["error"] and row["state"] != "not collected":
            console.print(f"[yellow]{row['id']}[/]: ", end="", soft_wrap=True)
            console.print(row["error"], markup=False, highlight=False, soft_wrap=True)
    console.print(f"[dim]{len(sources)} sources. Your own: {settings.sources_folder}[/]", soft_wrap=True)


def _table(rows: list[dict[str, Any]], named: bool) -> Table:
    """`named` False leaves the names out, for a narrow terminal."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("id", no_wrap=True)
    if named:
        table.add_column("name", no_wrap=True)
    for heading in ("", "state", "last success"):
        table.add_column(heading, no_wrap=True)
    table.add_column("a day", justify="right")
    table.add_column("articles", justify="right")
    for row in rows:
        state = f"[{STATE_STYLES.get(row['state'], 'dim')}]{row['state']}[/]"
        last = (row["last_success"] or "")[5:16].replace("T", " ")
        figures = (f"{row['per_day']:.1f}", str(row["articles"]))
        name = (Text(row["name"]),) if named else ()
        table.add_row(row["id"], *name, Text(row["country"]), state, last, *figures)
    return table


def _row(source: Source, health: Any) -> dict[str, Any]:
    addresses = len(source.feeds) + len(source.sitemaps) + len(source.news_sitemaps) + len(source.sections)
    state = "not collected" if source.blocked else health.state if health else "new"
    return {
        "id": source.id,
        "name": source.name,
        "country": source.country,
        "language": source.language,
        "kind": source.kind,
        "addresses": addresses,
        "state": state,
        "last_success": health.last_success.isoformat() if health and health.last_success else None,
        "per_day": health.per_day if health else 0.0,
        "articles": health.articles if health else 0,
        "error": source.blocked or (health.last_error if health else ""),
        "confirmed": source.confirmed.isoformat() if source.confirmed else None,
        "confirmed_how": source.confirmed_how,
    }


@sources_app.command("add")
def add(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The outlet's address, for example https://outlet.example")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Save without asking.")] = False,
) -> None:
    """Find an outlet's feeds, sitemaps and language; show them, then save it as a source."""
    sourcing = bootstrap.make_sourcing(context.obj.settings())
    found = sourcing.preview(address, within=None)
    console = Console(soft_wrap=True)
    source = found.source
    console.print(f"[bold]{source.name}[/] ({source.country}, {source.language})  {source.homepage}")
    for one in found.found:
        newest = f", newest {one.newest:%Y-%m-%d %H:%M}" if one.newest else ""
        words = one.problem or f"{one.entries} entries{newest}"
        mark = "[red]✗[/]" if one.problem else "[green]✓[/]"
        console.print(f"  {mark} {one.kind:<12} {one.url}  ", end="")
        console.print(words, style="dim", markup=False)
    for note in found.notes:
        console.print(f"  {note}", style="dim", markup=False)
    sourcing.check(source, over=True)
    if source.id in sourcing.sources:
        console.print(f"A source called {source.id} is there already; saving replaces it by this one.")
    if yes or typer.confirm("Save it?", default=True):
        path = sourcing.save(source, over=True)
        console.print(f"Saved as {path}. `wirewatch run` collects it; one that is going notices it by itself.")


@sources_app.command("check")
def check(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of sources; none for all.")] = None,
) -> None:
    """Ask every address of the sources now, and say what it answers. Exit code 1 when one does not work."""
    from crawlers.discover import check_source
    from crawlers.readers import read_listing

    settings = context.obj.settings(only=tuple(ids) if ids else None)
    sources = [source for source in bootstrap.load_sources(settings).values() if not source.blocked]

    async def work(fetch: Fetch) -> Any:
        return await asyncio.gather(*(check_source(source, fetch, read_listing) for source in sources))

    console = Console(soft_wrap=True)
    bad = 0
    for source, checked in zip(sources, with_fetch(settings, work), strict=True):
        console.print(f"[bold]{source.id}[/]")
        for one in checked:
            bad += bool(one.problem)
            console.print(f"  {'[red]✗[/]' if one.problem else '[green]✓[/]'} {escape(one.url)}  ", end="")
            console.print(_answer(one), style="dim", markup=False, highlight=False)
    console.print(f"{len(sources)} sources checked, {bad} addresses do not work")
    if bad:
        raise typer.Exit(1)


def _answer(checked: Any) -> str:
    """What an address answered, in words."""
    if checked.problem:
        return str(checked.problem)
    newest = f", newest {checked.newest:%Y-%m-%d %H:%M}" if checked.newest else ""
    moved = f"; moved to {checked.moved_to}" if checked.moved_to else ""
    return f"{checked.entries} entries{newest}{moved}"


@sources_app.command("furniture")
def list_furniture(
    context: typer.Context,
    source_id: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="Id of a source; none for all.")] = None,
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help="This paragraph of SOURCE is text, for good.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one paragraph a line.")] = False,
) -> None:
    """Paragraphs that recur under unlike stories of an outlet and are left out of its texts, with samples."""
    settings = context.obj.settings()
    if keep and not source_id:
        raise BadInput("name the source whose paragraph is to be kept: `wirewatch sources furniture SOURCE --keep KEY`")
    with bootstrap.open_archive(settings, read_only=not keep) as archive:
        for key in keep or ():
            if not archive.records.keep_paragraph(source_id or "", _key_of(key), bootstrap.now()):
                raise BadInput(f"{source_id} has no paragraph {key}; the command without --keep lists them")
            say(f"{key} is text from now on; a page that is read again gets it back")
        if not keep:
            _print_furniture(archive.records.furniture(source_id or ""), as_json)


def _key_of(printed: str) -> int:
    """A key as printed: 16 hex digits."""
    try:
        return int.from_bytes(bytes.fromhex(printed), "big", signed=True)
    except (ValueError, OverflowError):
        raise BadInput(f"{printed} is no key of a paragraph: they are 16 hex digits") from None


def _print_furniture(paragraphs: list[Paragraph], as_json: bool) -> None:
    console = Console(soft_wrap=True)
    for one in paragraphs:
        key = one.key.to_bytes(8, "big", signed=True).hex()
        state = "text" if one.kept else "left out" if one.confirmed else "seen"
        if as_json:
            times = {name: at.isoformat() if (at := getattr(one, name)) else None for name in FURNITURE_TIMES}
            row = {"source": one.source_id, "key": key, "state": state, "articles": one.witnesses, **times}
            say(json.dumps({**row, "sample": one.sample}, ensure_ascii=False))
            continue
        console.print(f"[bold]{one.source_id}[/] {key}  {state}, {len(one.witnesses)} unlike stories", highlight=False)
        console.print(f"  {one.sample}", style="dim", markup=False, highlight=False)
    if not as_json:
        left_out = sum(one.dropped for one in paragraphs)
        console.print(f"[dim]{left_out} paragraphs are left out, {len(paragraphs) - left_out} are not[/]")


@sources_app.command("import")
def import_opml(context: typer.Context, path: Annotated[Path, typer.Argument(help="An OPML file.")]) -> None:
    """Add the feeds of an OPML file as sources, one for each site."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from None
    sourcing = bootstrap.make_sourcing(context.obj.settings())
    held = sourcing.opml(data)
    for name, why in held.left:
        say(f"{name}: {why}" + ("" if why.endswith("as it is") else ", left out"))
    for source in held.fresh:
        sourcing.save(source)
    say(f"{len(held.fresh)} sources added to {sourcing.folder}")


@sources_app.command("export")
def export_opml(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="Where to write; none for standard output.")] = None,
) -> None:
    """Write all sources with feeds as OPML."""
    from crawlers.opml import write_opml

    data = write_opml(bootstrap.load_sources(context.obj.settings()).values())
    if path is None:
        say(data.decode())
    else:
        path.write_bytes(data)
        say(f"written to {path}")
