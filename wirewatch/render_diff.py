"""Two texts side by side in one column: what was kept, changed, moved, cut and added."""

from __future__ import annotations

from itertools import groupby

from rich.table import Table
from rich.text import Text

from pipeline.edits import Act, Piece
from pipeline.revisions import Changed, Revised
from web.comparing import Difference
from wirewatch.render import local
from wirewatch.terminal import Console

KEPT_WORDS = 40  # a longer passage without a change is shown by its ends
ENDS = 110  # characters of each end
MARKS = {Act.KEPT: (" ", ""), Act.MOVED: ("»", "yellow"), Act.CUT: ("−", "red"), Act.ADDED: ("+", "green")}


def print_difference(console: Console, found: Difference, *, full: bool = False) -> None:
    """Both headlines, the shares in common, the facts that changed, then the texts; unless `full` in extracts."""
    console.print(_heads(found))
    console.print()
    console.print(_counts(found))
    facts = _facts(found.revised)
    if facts.row_count:
        console.print(facts)
    console.print()
    console.print(_pieces(found, full))


def _heads(found: Difference) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for letter, side in (("A", found.old), ("B", found.new)):
        told = Text.assemble((side.name, "cyan"), (f" · {local(side.when)}\n", "dim"), (side.title, "bold"))
        table.add_row(letter, told)
    return table


def _counts(found: Difference) -> Text:
    both, pieces = found.comparison.alignment, found.comparison
    told = Text(f"{both.a_in_b:.0%} of A is in B, {both.b_in_a:.0%} of B is in A")
    for act, word in ((Act.CUT, "cut"), (Act.ADDED, "added"), (Act.MOVED, "moved")):
        if count := pieces.count(act):
            told.append(f" · {count} words {word}", MARKS[act][1])
    if changed := sum(len(piece.edits) for piece in pieces.pieces):
        told.append(f" · {changed} small edits" if changed > 1 else " · 1 small edit")
    return told.append(f"\n{found.revised.summary()}", "dim")


def _facts(found: Revised) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column()
    for name, changes in (("figures", found.figures), ("names", found.names)):
        for sentence, alike in groupby(changes, key=lambda one: one.new_sentence or one.old_sentence):
            told = Text(", ").join(map(_change, alike))
            table.add_row(name, told.append(f"  {' '.join(sentence.split())}", "dim"))
            name = ""
    for notice in found.notices:
        table.add_row("notice", Text(notice))
    return table


def _change(change: Changed) -> Text:
    old, new = change.old.strip() or "—", change.new.strip() or "—"
    return Text.assemble((old, "red"), (" → ", "dim"), (new, "green"))


def _pieces(found: Difference, full: bool) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column()
    for piece in found.comparison.pieces:
        mark, style = MARKS[piece.act]
        for at, paragraph in enumerate(_shown(piece, found, full).split("\n\n")):
            table.add_row(Text(mark if not at else " ", style), paragraph.append("\n"))
    return table


def _shown(piece: Piece, found: Difference, full: bool) -> Text:
    if piece.act is Act.CUT:
        return Text(found.old.text[piece.a : piece.a_end], "red")
    style = MARKS[piece.act][1] or "dim"
    if piece.act is Act.ADDED:
        return Text(found.new.text[piece.b : piece.b_end], style)
    told = Text()
    at = piece.b
    for edit in piece.edits:
        told.append(found.new.text[at : edit.b], style)
        at = max(at, edit.b_end)
        old, new = found.old.text[edit.a : edit.a_end], found.new.text[edit.b : edit.b_end]
        if old:
            told.append(f"{' ' if not new else ''}[-{old}-]", "red")
        if new:
            told.append(f"{{+{new}+}}", "green")
    told.append(found.new.text[at : piece.b_end], style)
    if full or piece.edits or piece.words <= KEPT_WORDS:
        return told
    gap = Text(
        f" … {piece.words} words kept … " if piece.act is Act.KEPT else f" … {piece.words} words moved … ", "cyan"
    )
    return _start(told).append_text(gap).append_text(_end(told))


def _start(text: Text) -> Text:
    return text[: len(text.plain[:ENDS].rsplit(" ", 1)[0])]


def _end(text: Text) -> Text:
    return text[len(text) - len(text.plain[-ENDS:].split(" ", 1)[-1]) :]
