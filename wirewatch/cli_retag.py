"""`wirewatch retag`: the articles of the archive tagged anew, after the taxonomy or the rules changed."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.errors import AlreadyRunning, BadInput
from records.base import Records
from records.values import Retag
from wirewatch import bootstrap, cli_search
from wirewatch.config import Settings
from wirewatch.terminal import say

ROLE = "retagger"


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(retag)


def retag(
    context: typer.Context,
    anew: Annotated[bool, typer.Option("--anew", help="From the start, also where this was done before.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Tag the archive's articles anew by the taxonomy as it is now; goes on where it was stopped."""
    settings = cli_search.archive_settings(context.obj.settings())
    if not bootstrap.is_archive(settings):
        raise BadInput(f"there is no archive at {settings.data} yet: `wirewatch run` makes one")
    with (
        closing(bootstrap.open_the_records(settings)) as records,
        records.hold(ROLE, timeout=timedelta(0)),
    ):
        state = _retag(records, settings, anew, quiet)
    say(f"{state.seen} articles, {state.changed} of them with other tags than before")
    if state.kept:
        say(f"{state.kept} keep their tags: what they were made of is not ours to keep, so it is not there to read")
    _index(settings)


def _retag(records: Records, settings: Settings, anew: bool, quiet: bool) -> Retag:
    from pipeline.tag import load_tagger
    from search.topics import topic_queries
    from workers.retag import retag as work

    tagger = load_tagger(bootstrap.tag_rules(settings), topic_queries)
    begun = Retag(tagger.digest) if anew else records.retag_state(tagger.digest)
    if begun.done:
        say("nothing to do: the archive was tagged by these rules before (--anew does it again)")
        return begun
    if begun.seen:
        say(f"going on after {begun.seen} articles")
    columns = (TextColumn("tagging"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True, disable=quiet) as bar:
        task = bar.add_task("tagging", total=records.totals().articles)
        return work(records, tagger, lambda state: bar.update(task, completed=state.seen), anew=anew)


def _index(settings: Settings) -> None:
    """On disk, where nobody collects, the index follows at once."""
    from workers.indexer import catch_up

    if settings.elasticsearch_url:
        say("the indexer brings the search index up to date")
        return
    try:
        with bootstrap.writing_index(settings), bootstrap.open_archive(settings) as archive:
            catch_up(archive.records, archive.index)
            archive.index.refresh()
    except AlreadyRunning:
        say("the run that goes on brings the search index up to date with what it files next")
