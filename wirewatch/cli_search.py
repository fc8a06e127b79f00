"""`wirewatch show` and `quarantine`: reading the archive, also while another process collects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import BadInput
from records.base import Records
from wirewatch import bootstrap
from wirewatch.config import Settings
from wirewatch.terminal import Console, say

quarantine_app = typer.Typer(help="What could not be read, kept for a look and a replay.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one story a line.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(show)
    app.add_typer(quarantine_app, name="quarantine")


def demo_folder(settings: Settings) -> Path:
    """Where the demo keeps its archive: inside the data folder."""
    return settings.data / "demo"


def archive_settings(settings: Settings) -> Settings:
    """The settings, or those of the demo's archive when that is the only one there is (said on stderr)."""
    demo = of_demo(settings)
    if bootstrap.is_archive(settings) or not bootstrap.is_archive(demo):
        return settings
    words = "[dim]You have no archive of your own yet; this is the demo's, and its outlets are invented.[/]"
    Console(stderr=True, soft_wrap=True).print(words)
    return demo


def of_demo(settings: Settings) -> Settings:
    """The settings of the demo's archive."""
    unset = dict.fromkeys(("database_url", "elasticsearch_url", "redis_url"), "")
    update = {"data": demo_folder(settings), "demo": "127.0.0.1:0", **unset}
    return settings.model_copy(update=update)


def chosen(context: typer.Context, demo: bool) -> Settings:
    """The settings for the archive asked for: with `--demo` the demo's."""
    settings: Settings = context.obj.settings()
    return of_demo(settings) if demo else archive_settings(settings)


@contextmanager
def reading(context: typer.Context, demo: bool) -> Iterator[bootstrap.Archive]:
    """The archive asked for, to be read: the settings' own or, with `demo`, the demo's. Raise BadInput, Trouble."""
    settings = chosen(context, demo)
    with bootstrap.open_archive(settings, read_only=True) as archive:
        yield archive


@contextmanager
def reading_records(context: typer.Context, demo: bool) -> Iterator[Records]:
    """The records of the archive asked for, which need no index. Raise BadInput, Trouble."""
    settings = chosen(context, demo)
    bootstrap.must_be_archive(settings)
    with closing(bootstrap.open_the_records(settings, read_only=True)) as records:
        yield records


Demo = Annotated[bool, typer.Option("--demo", help="Look into the demo's archive.")]


def show(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A story's id, an article's id, or an address.")],
    as_json: AsJson = False,
    demo: Demo = False,
) -> None:
    """Show one article in full, or a story's earliest, with a list of its copies. The tree: `wirewatch story`."""
    from web.lookup import find_article
    from web.plain import article_json, story_json
    from wirewatch.render import print_article

    with reading_records(context, demo) as records:
        stories = records.stories([what])
        view = find_article(records, stories[0].copies[0].article_id if stories else what)
        stories = stories or records.stories([view.story_id])
    if not as_json:
        print_article(Console(), view, stories[0].copies if stories else ())
    elif what.startswith("s") and stories:
        say(json.dumps(story_json(stories[0], None, set()) | {"root": article_json(view)}, ensure_ascii=False))
    else:
        say(json.dumps(article_json(view), ensure_ascii=False))


@quarantine_app.command("list")
def quarantine_list(context: typer.Context, as_json: AsJson = False, demo: Demo = False) -> None:
    """What is in quarantine, newest first."""
    with reading(context, demo) as archive:
        kept = archive.records.quarantined()
        if as_json:
            for one in kept:
                row = {"id": one.id, "stage": one.stage, "source": one.source_id, "url": one.url, "bytes": one.size}
                say(json.dumps(row | {"kind": one.error_kind, "error": one.error, "since": one.since.isoformat()}))
            return
        console = Console(soft_wrap=True)
        for one in kept:
            console.print(
                f"[bold]{one.id:>5}[/]  {one.since:%Y-%m-%d %H:%M}  {one.stage:<8} {one.source_id:<18} ", end=""
            )
            console.print(f"{one.error_kind}: {one.error}\n       {one.url}", markup=False, highlight=False)
        console.print(
            f"{len(kept)} in quarantine" + ("; `wirewatch quarantine replay` tries them again" if kept else "")
        )


@quarantine_app.command("replay")
def quarantine_replay(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers from `quarantine list`; none for all.")] = None,
    demo: Demo = False,
) -> None:
    """Put what is in quarantine back to be read: at the next run, or by the services at once."""
    settings = chosen(context, demo)
    if not bootstrap.is_archive(settings):
        raise BadInput(f"there is no archive at {settings.data} yet")
    with bootstrap.open_archive(settings) as archive:
        addresses = [one.url for one in archive.records.quarantined() if not ids or one.id in ids]
        count = archive.records.replay(ids or None)
        if settings.redis_url:
            from wirewatch.services import read_now

            read_now(settings, archive.records, addresses)
        say(f"{count} put back; {'the workers read' if settings.redis_url else '`wirewatch run` reads'} them")
