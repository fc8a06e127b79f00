"""What is told of all that a query matches, on a terminal: facets, a histogram, coverage, and how to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.columns import Columns
from rich.table import Table
from rich.text import Text

from search.facets import Facet
from search.over_time import Bar, Interval
from web.answers import Answer, Ask
from wirewatch.terminal import Console

_BLOCKS = " ▏▎▍▌▋▊▉█"
_WIDEST = 40  # of a bar, in characters
_VALUE = 32  # of a facet's value, in characters


def print_answer(console: Console, answer: Answer, ask: Ask) -> None:
    """Everything below the stories."""
    if answer.facets:
        print_facets(console, answer.facets)
    if ask.histogram:
        print_histogram(console, answer.histogram, ask.histogram, ask.by)
    if answer.found:
        what = "stories" if ask.folded else "articles"
        console.print(f"[dim]{_articles(answer.total)} of {answer.held}; {len(answer.found)} {what} shown.[/]")
    else:
        console.print(f"Nothing {'more ' if ask.offset or ask.after else ''}found in {answer.held} articles.")
    if answer.next:
        console.print(f"[dim]The next page: --after {answer.next}[/]", soft_wrap=True, highlight=False)
    if answer.behind:
        console.print(f"[dim]{answer.behind} changes are not indexed yet.[/]")
    console.print(Text(answer.coverage.line(), "dim" if answer.found else ""), soft_wrap=not console.is_terminal)


def _articles(total: int) -> str:
    return "1 matching article" if total == 1 else f"{total} matching articles"


def print_facets(console: Console, facets: Mapping[str, Facet]) -> None:
    """Side by side, as many as fit."""
    tables = []
    for name, facet in facets.items():
        table = Table(box=None, show_header=True, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column(name, header_style="bold", no_wrap=True, overflow="ellipsis", max_width=_VALUE)
        table.add_column("", justify="right", style="yellow")
        for value, count in facet:
            table.add_row(Text(value), str(count))
        if not facet:
            table.add_row(Text("none", "dim"), "")
        tables.append(table)
    console.print(Columns(tables, padding=(1, 3)))
    console.print()


def print_histogram(console: Console, bars: Sequence[Bar], interval: Interval, by: str) -> None:
    """One line a bar: when, how many, drawn, and what share of all coverage then."""
    if not bars:
        console.print("[dim]Nothing to draw over time.[/]\n")
        return
    highest = max(bar.count for bar in bars)
    figures = len(str(highest))
    width = max(8, min(_WIDEST, console.width - 40 - figures))
    console.print(f"[bold]{'first seen' if by == 'seen' else 'published'} by {interval}[/] [dim](UTC; share of all)[/]")
    for bar in bars:
        line = Text(f"{_label(bar.begin, interval)}  {bar.count:>{figures}} ", no_wrap=True)
        line.append(f"{_drawn(bar.count, highest, width):<{width}}", "cyan")
        line.append(f" {bar.share:>6.1%} of {bar.of}" if bar.of else "      – of 0", "dim")
        console.print(line)
    console.print()


def _label(begin: datetime, interval: Interval) -> str:
    match interval:
        case Interval.HOUR:
            return f"{begin:%Y-%m-%d %H}h"
        case Interval.MONTH:
            return f"{begin:%Y-%m}"
        case Interval.WEEK:
            return f"{begin:%Y-%m-%d}+"
        case _:
            return f"{begin:%a %Y-%m-%d}"


def _drawn(count: int, highest: int, width: int) -> str:
    eighths = round(8 * width * count / highest) if highest else 0
    if count and not eighths:
        eighths = 1  # what is there is seen
    return "█" * (eighths // 8) + _BLOCKS[eighths % 8].strip()
