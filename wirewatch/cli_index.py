"""`wirewatch index`: the search index is made from the records; here it is made anew, moved on and compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import Progress as Bar

from records.base import Records
from search.base import Index
from wirewatch import bootstrap, cli_search
from wirewatch.terminal import say

index_app = typer.Typer(help="The search index: made from the records, and rebuildable.", no_args_is_help=True)
_SHOWN = 20  # ids of each kind


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(index_app, name="index")


@index_app.command("rebuild")
def index_rebuild(context: typer.Context) -> None:
    """Make the search index anew from the records."""
    from search.tantivy_index import remove_index

    settings = cli_search.archive_settings(context.obj.settings())
    with bootstrap.writing_index(settings):
        if not settings.elasticsearch_url:
            remove_index(settings.data / bootstrap.INDEX)  # also one that cannot be opened any more
        with bootstrap.open_archive(settings) as archive:
            _rebuild(archive.records, archive.index)


@index_app.command("migrate")
def index_migrate(context: typer.Context) -> None:
    """Make the search index anew if it is of another version than this release writes."""
    settings = cli_search.archive_settings(context.obj.settings())
    with bootstrap.writing_index(settings), bootstrap.open_archive(settings) as archive:
        if archive.index.outdated:
            _rebuild(archive.records, archive.index)
        else:
            say("nothing to do: the index is of the version that this release writes")


@index_app.command("verify")
def index_verify(
    context: typer.Context,
    mend: Annotated[bool, typer.Option("--repair", help="Make the index agree where it does not.")] = False,
) -> None:
    """Compare the search index with the records, article by article; exit code 1 when something differs."""
    from workers.verify import repair, verify

    settings = cli_search.archive_settings(context.obj.settings())
    with bootstrap.open_archive(settings, read_only=True) as archive:
        with _bar("comparing", archive.records.totals().articles) as told:
            found = verify(archive.records, archive.index, told)
        for ids, words in (
            (found.missing, "missing from the index"),
            (found.stale, "of another state in the index"),
            (found.extra, "in the index but not in the records"),
            (found.doubled, "more than once in the index"),
        ):
            if ids:
                more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
                say(f"{len(ids)} {words}: {', '.join(ids[:_SHOWN])}{more}")
        behind = f"; {found.behind} articles are not indexed yet" if found.behind else ""
        say(f"{archive.index.count()} articles in the index, {len(found.ids())} differ{behind}")
    if found.ids() and mend:
        with bootstrap.writing_index(settings), bootstrap.open_archive(settings) as archive:
            repair(archive.records, archive.index, found)
            found = verify(archive.records, archive.index)
        say(f"{len(found.ids())} differ now" + ("; `wirewatch index rebuild` mends all" if found.ids() else ""))
    if found.ids():
        raise typer.Exit(1)


def _rebuild(records: Records, index: Index) -> None:
    from workers.indexer import rebuild

    with _bar("indexing", records.totals().last_change) as told:
        rebuild(records, index, told)
    index.refresh()
    say(f"{index.count()} articles indexed")


class _Told:
    """Moves a bar."""

    def __init__(self, bar: Bar, words: str, total: int) -> None:
        self._bar = bar
        self._task = bar.add_task(words, total=total)

    def __call__(self, done: int) -> None:
        self._bar.update(self._task, completed=done)


@contextmanager
def _bar(words: str, total: int) -> Iterator[_Told]:
    with Bar(transient=True) as bar:
        yield _Told(bar, words, total)
