"""What a person sees while `wirewatch run` collects: stories as they arrive, and the state of every source below."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from wirewatch.bootstrap import now
from wirewatch.terminal import Console
from workers.progress import Arrival, Progress, SourceLine

OUTLET_WIDTH = 22  # cells
STATE_STYLES = {"healthy": "green", "waiting": "dim"}
STATE_WORDS = {
    "unreachable": "not reached",
    "serverfault": "server fault",
    "notnews": "no article",
    "throttled": "asked to wait",
    "pages throttled": "pages: wait",
    "pages serverfault": "pages: fault",
    "pages unreachable": "pages: none",
    "pages notnews": "no article",
}


def arrival_line(arrival: Arrival, width: int | None = None) -> Text:
    """One article on one line: time, outlet, headline, wire, and which copy of its story it is.

    With `width` (terminal cells) the headline gives way, so that what follows it is seen.
    """
    article = arrival.article
    line = Text(arrival.when.astimezone().strftime("%H:%M:%S "), "dim", no_wrap=True)
    outlet = Text(arrival.outlet, "cyan")
    outlet.truncate(OUTLET_WIDTH, overflow="ellipsis", pad=True)
    line.append_text(outlet).append(" ")
    after = Text()
    if article.wire:
        after.append(f"  {article.wire}", "magenta")
    if arrival.upgraded:
        after.append("  now with its text", "green")
    elif arrival.copies > 1:
        after.append(f"  copy {arrival.copies} of one story", "yellow")
    if article.grade == "headline":
        after.append("  headline only", "dim")
    headline = Text(article.title, "bold" if arrival.copies == 1 else "")
    if width is not None:
        headline.truncate(max(20, width - line.cell_len - after.cell_len), overflow="ellipsis")
    return line.append_text(headline).append_text(after)


def summary_line(progress: Progress, moment: datetime) -> Text:
    """The run in one line."""
    count, queue = progress.counts, progress.queues
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{count['filed'] - count['upgraded']} articles", "bold")
    line.append(f", {count['joined']} of them copies · {progress.per_minute(moment):.0f} stories/min · ")
    line.append(f"queue: {queue.get('fetching', 0)} fetching, {queue.get('reading', 0)} reading, ")
    line.append(f"{queue.get('filing', 0)} filing · {count['unchanged']} unchanged · ")
    line.append(f"{count['failed']} errors", "red" if count["failed"] else "")
    return line


def source_table(progress: Progress, rows: int) -> Table:
    """The sources, those with something to say first, in two columns of at most `rows` lines."""
    lines = sorted(progress.sources.values(), key=lambda line: (line.state == "waiting", line.name.lower()))
    shown, hidden = lines[: rows * 2], len(lines) - rows * 2
    table = Table.grid(padding=(0, 1), expand=True)
    for _ in range(2):
        table.add_column(ratio=5, no_wrap=True, overflow="ellipsis")
        table.add_column(width=14, no_wrap=True)
        table.add_column(width=8, justify="right", no_wrap=True)
    half = (len(shown) + 1) // 2
    for at in range(half):
        right = shown[half + at] if half + at < len(shown) else None
        table.add_row(*_cells(shown[at]), *(_cells(right) if right else ("", "", "")))
    if hidden > 0:
        table.add_row(Text(f"and {hidden} more: wirewatch sources list", "dim"))
    return table


def _cells(line: SourceLine) -> tuple[Text, Text, Text]:
    state = STATE_WORDS.get(line.state, line.state)
    return (
        Text(line.name),
        Text(state, STATE_STYLES.get(line.state, "yellow")),
        Text(f"{line.articles or '·'}", "bold" if line.articles else "dim"),
    )


class _Screen:
    """Rendered anew at every refresh."""

    def __init__(self, console: Console, progress: Progress, pages: str) -> None:
        self._console, self._progress, self._pages = console, progress, pages

    def __rich__(self) -> RenderableType:
        rows = max(3, min(16, self._console.height // 2 - 4))
        rule = Text("─" * self._console.width, "dim", no_wrap=True, overflow="crop")
        hint = Text("Ctrl-C stops; nothing already fetched is lost.", "dim")
        if self._pages:
            where = Text("Search and subscribe at ", "dim").append(self._pages, "not dim bold")
            hint = where.append(" · ").append_text(hint)
        notes = self._progress.notes
        last = Text(notes[-1] if notes else "", "yellow", no_wrap=True, overflow="ellipsis")
        return Group(rule, summary_line(self._progress, now()), source_table(self._progress, rows), last, hint)


def _print_arrival(console: Console, arrival: Arrival) -> None:
    """One line whatever its length: cut to the terminal's width, whole where there is no terminal."""
    if console.is_terminal:
        console.print(arrival_line(arrival, console.width), overflow="crop")
    else:
        console.print(arrival_line(arrival), soft_wrap=True)


@contextlib.contextmanager
def showing(console: Console, progress: Progress, *, quiet: bool = False, pages: str = "") -> Iterator[None]:
    """Show a run: live on a terminal, plain lines elsewhere, nothing with `quiet`. `pages` is where they are served."""
    if quiet:
        yield
        return
    progress.listeners.append(partial(_print_arrival, console))
    if not console.is_terminal:
        yield
        console.print(summary_line(progress, now()), soft_wrap=True)
        return
    with Live(_Screen(console, progress, pages), console=console, refresh_per_second=4, transient=False):
        yield
