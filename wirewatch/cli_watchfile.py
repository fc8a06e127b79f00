"""`wirewatch watch check`, `apply` and `export`: subscriptions as files for git."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from pipeline.errors import BadInput
from pipeline.types import Article
from records.base import Records
from web.watchcheck import Checked, checked, checked_json, problems_json, saved, with_texts
from web.watchfile import Problem, WatchFile, read_watch_file
from wirewatch import bootstrap, config
from wirewatch.cli_search import Demo, chosen, reading_records
from wirewatch.terminal import Console, say
from wirewatch.watching import writing

File = Annotated[Path, typer.Argument(help="A watch file, in YAML.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("check")(watch_check)
    app.command("apply")(watch_apply)
    app.command("export")(watch_export)


def watch_check(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="A watch file; none = those saved.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    demo: Demo = False,
) -> None:
    """Check subscriptions and their samples; exit code 1 when any fails. A file with texts needs no archive."""
    with _records_if_any(context, demo) as records:
        if file is None and records is None:
            raise BadInput("there is no archive here: give a watch file")
        read = saved(records) if file is None and records is not None else read_watch_file(file or Path())
        found = _checked(context, demo, read, records)
    whole = read.problems
    if as_json:
        told = [checked_json(one) for one in found] + [
            {"name": None, "ok": False, "problems": problems_json(whole)}
        ] * bool(whole)
        say(json.dumps(told, ensure_ascii=False))
    else:
        _print(Console(), file, found, whole)
    if whole or not all(one.sound for one in found):
        raise typer.Exit(1)


def watch_apply(
    context: typer.Context,
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove subscriptions that are not in the file, and outputs it leaves out.")
    ] = False,
    yes: Yes = False,
    demo: Demo = False,
) -> None:
    """Make the archive's subscriptions those of a watch file; what would change is shown first."""
    from web.watchplan import carry_out, plan
    from wirewatch.cli_outputs import tell_new
    from wirewatch.render_watch import print_plan

    console = Console()
    read = read_watch_file(file)
    with writing(context, demo) as (settings, records):
        found = _checked(context, demo, read, records, samples=False)
        if read.problems or not all(one.sound for one in found):
            _print(console, file, found, read.problems)
            raise typer.Exit(1)
        entries = [with_texts(one, _page) for one in read.entries]
        outputs = [one for one in records.outputs() if one.revoked is None]
        steps = plan(entries, records.subscriptions(), outputs, config.variable, prune=prune)
        print_plan(console, steps)
        if dry_run or all(step.idle for step in steps):
            return
        if not yes:
            if not sys.stdin.isatty():
                raise BadInput("nobody is there to be asked: say --yes")
            if not typer.confirm("Do it?"):
                raise typer.Exit(1)
        made = list(carry_out(steps, records, bootstrap.now(), secrets.token_bytes, bootstrap.check_output(settings)))
    for one in made:
        tell_new(one, bootstrap.public_address(settings))
    say("done")


def watch_export(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write to.", show_default=False)] = None,
    demo: Demo = False,
) -> None:
    """Write all subscriptions as a watch file. Environment variables stand for targets, which hold secrets."""
    from web.watchplan import as_yaml
    from web.wording import output_words

    with reading_records(context, demo) as records:
        outputs = [one for one in records.outputs() if one.revoked is None]
        text, variables = as_yaml(records.subscriptions(), outputs)
    if output is None:
        say(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    for name, one in variables.items():
        say(f"to be set where the file is applied: {name} ({output_words(one)})", err=True)


@contextmanager
def _records_if_any(context: typer.Context, demo: bool) -> Iterator[Records | None]:
    settings = chosen(context, demo)
    if not bootstrap.is_archive(settings):
        yield None
        return
    with closing(bootstrap.open_the_records(settings, read_only=True)) as records:
        yield records


def _checked(
    context: typer.Context, demo: bool, read: WatchFile, records: Records | None, *, samples: bool = True
) -> list[Checked]:
    tag = bootstrap.tagger(chosen(context, demo))
    return list(checked(read, records, tag, bootstrap.now(), samples=samples, page=_page))


def _page(path: Path) -> Article:
    """The article that a page in a file holds. Raise Unreadable and the like."""
    from pipeline.read import read_alone
    from web.reading import NOBODY, page_of
    from wirewatch.cli_read import Given, content

    article = read_alone(page_of(content(Given("", path=path)), "", bootstrap.now()), NOBODY).article
    return replace(article, id=article.id or "sample")


# --- telling --------------------------------------------------------------------------------
def _print(console: Console, file: Path | None, found: Sequence[Checked], whole: Sequence[Problem]) -> None:
    from web.wording import counted
    from wirewatch.render_watch import print_failed

    def place(line: int) -> Text:
        return Text(f"{file}:{line}: " if line else f"{file}: ", "dim") if file else Text()

    for problem in whole:
        console.print(Text("✗ ", "bold red").append_text(place(problem.line)).append(problem.words), soft_wrap=True)
    for one in found:
        sign = Text("✓ ", "green") if one.sound else Text("✗ ", "bold red")
        console.print(sign.append(one.name, "bold").append(f"  {counted(one.samples, 'sample')}", "dim"))
        for problem in one.problems:
            console.print(Text("  ").append_text(place(problem.line)).append(problem.words), soft_wrap=True)
        for line, failed in one.failed:
            print_failed(console, failed, Text("  ").append_text(place(line)))
    bad = sum(not one.sound for one in found)
    words = f"{counted(len(found), 'subscription')}, {bad} with problems" if found else "no subscriptions"
    console.print(Text(words, "dim"))
