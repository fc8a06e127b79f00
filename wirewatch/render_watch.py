"""Subscriptions and back-tests on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from pipeline.outputs import shown
from pipeline.telling import REASONS, Telling
from pipeline.watch import Output, OutputKind, Subscription
from search.explain import Clause
from web.backtest import BUDGET, Backtest, Fired
from web.samples import Failed
from web.watchplan import Step
from web.wording import MODES, counted, output_words, verdict
from wirewatch.render import local
from wirewatch.terminal import Console, listing

BARS = " ▁▂▃▄▅▆▇█"


def print_backtest(console: Console, tried: Backtest) -> None:
    """What would have been told: how often, when, the newest of it, and what to think of."""
    bold, rest = verdict(tried)
    head = Text(bold, "bold").append(rest, "")
    console.print(head)
    if tried.fired:
        console.print(_calendar(tried))
    for one in tried.examples:
        console.print(Padding(_example(one), (0, 0, 0, 2)))
    for words in tried.bounds:
        console.print(Text(f"  {words}", "dim"))
    for words in tried.warnings:
        console.print(warning(words))


def warning(words: str) -> Text:
    """One line that stands out."""
    return Text("! ", "bold yellow").append(words, "yellow")


def _calendar(tried: Backtest) -> Text:
    """A bar for each day, scaled to the loudest."""
    most = max(count for _, count in tried.per_day)
    bars = "".join(BARS[-(-count * (len(BARS) - 1) // most)] for _, count in tried.per_day)
    line = Text(f"  {tried.per_day[0][0]:%d %b} ", "dim")
    return line.append(bars, "cyan").append(f" {tried.per_day[-1][0]:%d %b}", "dim")


def _example(one: Fired) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{local(one.when)}  ", "dim").append(REASONS[one.reason], "dim")
    line.append(f" · {one.copy.outlet} ({one.copy.country})", "cyan")
    if one.copies > 1:
        line.append(f" · {counted(one.copies, 'copy', 'copies')}", "yellow")
    return line.append(f" · {one.copy.title}")


def print_failed(console: Console, failed: Failed, place: Text | None = None) -> None:
    """A sample that is not as it must be, and the query clause by clause."""
    wanted = "must match" if failed.must else "must not match"
    line = (place or Text("✗ ", "bold red")).append(f"{wanted}: ", "red").append(f"“{failed.sample}” {failed.words}")
    console.print(line, soft_wrap=True)
    if failed.clause is not None:
        console.print(Padding(clause_tree(failed.clause), (0, 0, 0, 4)))


def print_plan(console: Console, steps: Sequence[Step]) -> None:
    """What would become of each subscription."""
    signs = {"add": ("+", "green"), "change": ("~", "yellow"), "keep": ("=", "dim"), "remove": ("-", "red")}
    for step in steps:
        sign, style = signs.get(step.deed, ("·", "dim"))
        line = Text(f"{sign} ", style).append(step.name, "bold" if not step.idle else "dim")
        if step.deed == "leave":
            line.append("  is not in the file, and stays: --prune removes it", "dim")
        console.print(line)
        if step.deed == "add" and step.wanted is not None:
            console.print(Text(f"    {step.wanted.mode}: {step.wanted.query}", "green"))
        for name, old, new in step.changes:
            console.print(Text(f"    {name}: ").append(_value(old), "red").append(" → ").append(_value(new), "green"))
        for output in step.new_outputs:
            console.print(Text(f"    + {output_words(output)}", "green"))
        for output in step.old_outputs:
            console.print(Text(f"    - {output_words(output)}", "red"))


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return counted(len(value), "sample")
    return "none" if value in (None, "") else str(value)


def clause_tree(clause: Clause) -> Tree:
    """A query with a mark at each of its parts, and where words stand."""
    tree = Tree(_clause(clause), guide_style="dim")
    for part in clause.parts:
        tree.add(clause_tree(part))
    return tree


def _clause(clause: Clause) -> Text:
    line = Text("✓ " if clause.matched else "✗ ", "green" if clause.matched else "red")
    joined = {"and": "all of", "or": "any of", "not": "none of"}.get(clause.kind)
    line.append(joined or clause.text, "dim" if joined else "")
    return line.append(f"  in {' and '.join(clause.where)}", "dim") if clause.where else line


def print_list(console: Console, rows: Sequence[tuple[Subscription, int, str]]) -> None:
    """Subscriptions, each with the number of its outputs and what is wrong with it."""
    table = listing("name", "mode", "outputs", "query")
    for one, outputs, wrong in rows:
        name = Text(one.name, "bold" if one.active else "dim")
        if not one.active:
            name.append(" (paused)", "dim")
        query = Text(one.query)
        if wrong:
            query.append(f"\n{wrong}", "red")
        table.add_row(name, str(one.mode), str(outputs), query)
    console.print(table)


def print_subscription(
    console: Console,
    one: Subscription,
    outputs: Sequence[Output],
    told: Sequence[Telling],
    dead: int,
    wrong: str,
    users: Sequence[str],
) -> None:
    """One subscription with its outputs and what it told last."""
    console.print(Text(one.name, "bold"))
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column()
    table.add_row("query", Text(one.query).append(f"\n{wrong}", "red") if wrong else Text(one.query))
    table.add_row("tells", Text(MODES[one.mode]))
    state = "since" if one.active else "paused; was saved or last went on"
    table.add_row("active" if one.active else "", Text(f"{state} {local(one.since)}" if one.since else state))
    if one.must or one.must_not:
        samples = f"{counted(len(one.must), 'sample')} must match, {len(one.must_not)} must not"
        table.add_row("checked", Text(f"{samples}: `wirewatch watch check`"))
    table.add_row("warns", Text(f"from {BUDGET if one.budget is None else one.budget:g} alerts a day on"))
    if users:
        table.add_row("used by", Text(", ".join(users)))
    if one.note:
        table.add_row("note", Text(one.note))
    for at, output in enumerate(outputs):
        table.add_row("" if at else "goes to", _output(output))
    if not outputs:
        table.add_row("goes to", Text("nothing yet: `wirewatch watch output add`", "yellow"))
    if dead:
        table.add_row(
            "", Text(f"{counted(dead, 'delivery', 'deliveries')} given up: `wirewatch watch deliveries`", "red")
        )
    table.add_row("id", Text(one.id, "dim"))
    console.print(table)
    console.print()
    if not told:
        console.print(Text("It has told of nothing yet.", "dim"))
    for each in told:
        console.print(_told(each))


def _output(output: Output) -> Text:
    line = Text(output_words(output))
    if output.revoked:
        return Text(f"{line.plain}, revoked {local(output.revoked)}", "dim")
    if output.failing_since:
        line.append(f"\nfailing since {local(output.failing_since)}: {output.error}", "red")
    return line.append(f"  {output.id}", "dim")


def _told(each: Telling) -> RenderableType:
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{local(each.alert.made)}  {REASONS[each.alert.reason]}", "dim")
    line.append(f" · {each.outlet} ({each.country})", "cyan").append(f" · {each.title}")
    news = [Text(f"    + {piece}", "green", no_wrap=True, overflow="ellipsis") for piece in each.new[:3]]
    return Group(line, *news)


def output_json(one: Output) -> dict[str, Any]:
    """An output as plain JSON values, without its secrets."""
    return {
        "id": one.id,
        "kind": str(one.kind),
        "target": shown(one.target) or None,
        "every": str(one.every) if one.kind is OutputKind.DIGEST else None,
        "revoked": one.revoked.isoformat() if one.revoked else None,
        "failing_since": one.failing_since.isoformat() if one.failing_since else None,
        "error": one.error or None,
    }
