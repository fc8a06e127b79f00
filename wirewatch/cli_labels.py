"""`wirewatch labels`: a person says which articles are the same reporting, and that wins over the machine."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from pipeline.errors import AlreadyRunning
from pipeline.labels import Label
from records.base import Records
from web import labelling
from web.labelling import evaluation_set, label_json
from wirewatch import bootstrap
from wirewatch.cli_search import Demo, chosen, reading
from wirewatch.terminal import Console, listing, say

labels_app = typer.Typer(help="Say which articles are the same reporting; kept, and undoable.", no_args_is_help=True)

What = Annotated[str, typer.Argument(help="An article: its id or address.")]
Note = Annotated[str, typer.Option(help="Why, for those who read the label later.")]
By = Annotated[str, typer.Option(help="Who says so.", show_default="the user's name")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(labels_app, name="labels")


@labels_app.command("same")
def labels_same(
    context: typer.Context, a: What, b: What, note: Note = "", by: By = "", demo: Demo = False
) -> None:  # fmt: skip
    """These two are the same reporting: their stories become one."""
    _say(context, a, b, True, note, by, demo)


@labels_app.command("differ")
def labels_differ(
    context: typer.Context, a: What, b: What, note: Note = "", by: By = "", demo: Demo = False
) -> None:  # fmt: skip
    """These two are not the same reporting: they are never in one story."""
    _say(context, a, b, False, note, by, demo)


@labels_app.command("undo")
def labels_undo(
    context: typer.Context, number: Annotated[int, typer.Argument(help="Number of the label.")], demo: Demo = False
) -> None:
    """Take a label back: the articles that it moved go back to where they were."""
    _change(context, demo, lambda records: records.take_back(number, bootstrap.now()))


@labels_app.command("list")
def labels_list(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json")] = False, demo: Demo = False
) -> None:
    """All labels, those taken back too."""
    with reading(context, demo) as archive:
        found = archive.records.labels()
        if as_json:
            for one in found:
                say(json.dumps(label_json(one), ensure_ascii=False))
            return
        table = listing("no.", "says", "about", "by", "when", "note")
        for one in found:
            told = [_headline(archive.records, id) for id in (one.a, one.b)]
            says = "same" if one.same else "differ"
            when = f"{one.made:%Y-%m-%d %H:%M}" + (f", undone {one.undone:%Y-%m-%d %H:%M}" if one.undone else "")
            table.add_row(str(one.id), says, Text("\n".join(told)), Text(one.by), when, Text(one.note))
        Console().print(table if found else "No labels yet: `wirewatch labels same A B` makes one.")


@labels_app.command("export")
def labels_export(
    context: typer.Context, folder: Annotated[Path, typer.Argument(help="Folder to write to.")], demo: Demo = False
) -> None:
    """Write the labels as an evaluation set: docs.jsonl for `wirewatch fold`, and labels.jsonl to hold it against."""
    with reading(context, demo) as archive:
        files, labels, articles = evaluation_set(archive.records, bootstrap.now())
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    say(f"{labels} labels about {articles} articles are in {folder}")


def _say(context: typer.Context, a: str, b: str, same: bool, note: str, by: str, demo: bool) -> None:
    def work(records: Records) -> Label:
        return labelling.say(records, a, b, same, by or getpass.getuser(), note, bootstrap.now())

    _change(context, demo, work)


def _change(context: typer.Context, demo: bool, work: Callable[[Records], Label]) -> None:
    """Do it, tell what is so now, and let the index follow, unless a process that collects does that."""
    from workers.indexer import catch_up

    settings = chosen(context, demo)
    with reading(context, demo):
        pass  # it is an archive: nothing is made where there is none
    with closing(bootstrap.open_the_records(settings)) as records:
        label = work(records)
        say(f"label {label.id}: {label.words}" + (" (taken back)" if label.undone else ""))
        for id in (label.a, label.b):
            view = records.article(id)
            if view is not None:
                [story] = records.stories([view.story_id])
                others = len(story.copies) - 1
                company = f"with {others} other{'s' if others > 1 else ''}" if others else "alone"
                say(f"  {id} is in {view.story_id}, {company}: {view.outlet}, {view.article.title}")
    following = bootstrap.writing_index(settings)
    with suppress(AlreadyRunning), following, bootstrap.open_archive(settings) as archive:
        catch_up(archive.records, archive.index)  # if another process collects, that one does it


def _headline(records: Records, id: str) -> str:
    view = records.article(id)
    return f"{id}  {view.outlet}: {view.article.title}" if view else f"{id}  (no more)"
