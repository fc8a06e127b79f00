"""The command line: global options, `run`, `demo` and `doctor`; the rest in modules of their own."""

from __future__ import annotations

import asyncio
import signal
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from wirewatch import (
    __version__,
    bootstrap,
    cli_answers,
    cli_filters,
    cli_fold,
    cli_index,
    cli_labels,
    cli_people,
    cli_query,
    cli_read,
    cli_retag,
    cli_search,
    cli_serve,
    cli_sources,
    cli_story,
    cli_watch,
    cli_web,
    cli_why,
)
from wirewatch.config import Settings, config_path, load
from wirewatch.terminal import Console, say

app = typer.Typer(
    name="wirewatch",
    help="Watch news outlets; see one wire story once, however many outlets carry it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
cli_sources.add_to(app)
cli_answers.add_to(app)
cli_search.add_to(app)
cli_query.add_to(app)
cli_serve.add_to(app)
cli_story.add_to(app)
cli_index.add_to(app)
cli_read.add_to(app)
cli_filters.add_to(app)
cli_fold.add_to(app)
cli_labels.add_to(app)
cli_people.add_to(app)
cli_retag.add_to(app)
cli_watch.add_to(app)
cli_web.add_to(app)
cli_why.add_to(app)


@dataclass(frozen=True, slots=True)
class Front:
    """What every command gets: the settings' origin, and where to print."""

    config: Path | None
    data: Path | None

    def settings(self, **given: Any) -> Settings:
        """Read settings; options given on the command line win. Raise BadSetting."""
        return load(self.config, **({"data": self.data} | given))


def _version(wanted: bool) -> None:
    if wanted:
        say(f"wirewatch {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(help="Folder of the archive.", show_default=False)] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file (wirewatch.toml).", show_default=False)
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show version.")] = False,
) -> None:
    """Options for all commands."""
    context.obj = Front(config, data)


@app.command()
def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Fetch everything that is due, then end.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Collect from this source only (may be repeated).")] = None,
    web: Annotated[bool, typer.Option("--web", help="Serve the pages and the API as well.")] = False,
) -> None:
    """Collect on schedule until stopped (Ctrl-C), or once."""
    settings = context.obj.settings(only=tuple(only) if only else None)
    sources = bootstrap.open_shelf(settings)
    with bootstrap.collecting(settings.data):
        _collect(settings, sources, Console(), once=once, quiet=quiet, web=web)


@app.command()
def demo(
    context: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help="Go on with the archive of the last demo.")] = False,
    seconds: Annotated[float | None, typer.Option("--for", help="Stop by itself after so many seconds.")] = None,
    speed: Annotated[float, typer.Option(help="How fast the outlets publish.", min=0.1, max=100)] = 1.0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
    web: Annotated[bool, typer.Option("--web/--no-web", help="Serve the pages and the API as well.")] = True,
) -> None:
    """Watch invented outlets, served on this machine, in an archive of its own."""
    from wirewatch.demo import demo_settings, demo_sources, empty, serving

    home = context.obj.settings()
    folder = cli_search.demo_folder(home)
    console = Console()
    with bootstrap.collecting(folder), serving(speed) as port:
        if not keep:
            empty(folder)
        settings = demo_settings(home, folder, port)
        if not quiet:
            console.print(
                "[bold]The demo.[/] Its outlets and their stories are invented; everything else is real: "
                "the crawler, its manners, the folding of copies, the index.\n"
                f"Archive: {folder} (each demo begins it anew, without its subscriptions; --keep goes on with it)\n"
                "Search it in a terminal, now or afterwards: [bold]wirewatch search 'anthropic AND pentagon'[/] "
                "(in a clone: ./run search …)",
                soft_wrap=True,
            )
        _collect(settings, demo_sources(), console, quiet=quiet, seconds=seconds, web=web, any_port=True)


def _collect(
    settings: Settings,
    sources: Any,
    console: Console,
    *,
    quiet: bool,
    web: bool,
    once: bool = False,
    seconds: float | None = None,
    any_port: bool = False,
) -> None:
    """Run the runner under the crawler's reactor; SIGINT and SIGTERM stop it cleanly, a second one at once.

    With `web`, pages and API are served beside it; with `any_port`, at any port when theirs is taken.
    """
    from crawlers.crawl import run_in_reactor
    from wirewatch.beside import pages_beside
    from wirewatch.live import showing

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _stop, runner, loop)
        if seconds is not None:
            loop.call_later(seconds, runner.stop)
        await runner.run(once=once)

    with (
        bootstrap.open_archive(settings) as archive,
        bootstrap.make_runner(settings, archive, sources) as runner,
        pages_beside(settings, any_port=any_port) if web else nullcontext("") as address,
    ):
        if address and not quiet:
            console.print(f"Open [bold]{address}[/] in a browser to search and to subscribe\n", soft_wrap=True)
        with showing(console, runner.progress, quiet=quiet, pages=address):
            run_in_reactor(main())
    if not quiet:
        console.print(f"Stopped. The archive is at {settings.data}", soft_wrap=True)


def _stop(runner: Any, loop: asyncio.AbstractEventLoop) -> None:
    runner.stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)


@app.command()
def doctor(context: typer.Context) -> None:
    """Check every part and say what is wrong in words; exit code 1 when something is."""
    from wirewatch.doctor import examine

    settings = context.obj.settings()
    console = Console()
    console.print(
        f"wirewatch {__version__} · configuration {config_path(context.obj.config)} · archive {settings.data}"
    )
    sound = True
    for finding in examine(settings):
        sound = sound and finding.good
        console.print(f"{'[green]ok[/]  ' if finding.good else '[red]bad[/] '} {finding.part}: ", end="")
        console.print(finding.words, markup=False, highlight=False, soft_wrap=True)
    if not sound:
        raise typer.Exit(1)
