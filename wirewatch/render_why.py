"""Why somebody was told of an article or not, on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.telling import REASONS
from web.why import Why, delivered
from wirewatch.render import local
from wirewatch.render_watch import clause_tree, counted


def print_why(console: Console, why: Why) -> None:
    """The answer, then what it rests on: the article's way, its story, the query's clauses, what was delivered."""
    console.print(Text(why.article.article.title if why.article else why.asked, "bold"))
    for at, words in enumerate(why.verdict):
        console.print(Text("→ " if at == 0 else "  ", "bold cyan").append(words, "bold" if at == 0 else ""))
    if why.steps:
        console.print()
        console.print(_way(why))
    if why.clause:
        verb = "matches" if why.clause.matched else "does not match"
        console.print(Text(f"\nThe query of {why.subscription.name!r} {verb} it as it is now:", "dim"))
        console.print(Padding(clause_tree(why.clause), (0, 0, 0, 2)))
    if why.told:
        console.print(Text("\nWhat was told of it and of its story:", "dim"))
    for one in why.told:
        own = why.article is not None and one.alert.article_id == why.article.article.id
        line = Text(f"  {local(one.alert.made)}  ").append(REASONS[one.alert.reason], "cyan")
        line.append(" · this article" if own else f" · {_copy(why, one.alert.article_id)}")
        line.append(f" · {delivered(one, why.outputs)}")
        console.print(line.append(f"  {one.alert.id}", "dim"), soft_wrap=not console.is_terminal)


def _way(why: Why) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for step in why.steps:
        table.add_row(step.stage, local(step.when) if step.when else "", Text(step.words))
    if why.story and len(why.story.copies) > 1:
        outlets = len({copy.source_id for copy in why.story.copies})
        copies = f"{counted(len(why.story.copies), 'copy', 'copies')} at {counted(outlets, 'outlet')}"
        table.add_row("story", "", Text(f"{why.story.id}: {copies}, the earliest at {why.story.copies[0].outlet}"))
    return table


def _copy(why: Why, article_id: str) -> str:
    for copy in why.story.copies if why.story else ():
        if copy.article_id == article_id:
            return f"the copy at {copy.outlet}"
    return f"article {article_id}"
