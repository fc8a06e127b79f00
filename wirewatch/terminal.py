"""What the command line prints with: `say` and `Console`, through which no control character of a source passes.

Titles, names and what foreign servers answer may hold terminal commands (ESC [ 2 J clears the screen, ESC ] 8 makes a
link, ESC ] 52 writes the clipboard). Archives are cleaned when they are filled (`pipeline.controls`); this holds for
those filled before, and for all that never was in one.
"""

from __future__ import annotations

from collections.abc import Iterable

import rich.console
import typer
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from pipeline.controls import without_controls


def say(words: str | bytes = "", *, nl: bool = True, err: bool = False) -> None:
    """As `typer.echo`."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    clean = without_controls(text)
    typer.echo(clean.encode() if isinstance(words, bytes) else clean, nl=nl, err=err)


class Console(rich.console.Console):
    """As Rich's: what Rich itself tells the terminal (colours, the moving line) passes, what is in texts does not."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """See Rich; everything printed goes through here."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(without_controls(piece.text), piece.style)


def listing(*headings: str) -> Table:
    """A table without lines whose columns have these headings, and fold what is too long for them."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
