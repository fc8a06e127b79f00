"""Why somebody was told of an article or not, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.telling import REASONS
from records.values import StoryView, Trail
from web.trace import Step, steps
from web.why import Why, delivered
from web.wording import counted
from wirewatch.render import local
from wirewatch.render_watch import clause_tree
from wirewatch.terminal import Console


def print_why(console: Console, why: Why, *, way: bool = True) -> None:
    """The answer, then what it rests on: the article's way, its story, the query's clauses, what was delivered."""
    if way:
        console.print(Text(why.article.article.title if why.article else why.asked, "bold"))
    else:
        console.print()
    for at, words in enumerate(why.verdict):
        console.print(Text("→ " if at == 0 else "  ", "bold cyan").append(words, "bold" if at == 0 else ""))
    if way and why.steps:
        console.print()
        console.print(_way(why.steps, why.story))
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


def print_nobody(console: Console, asked: str, trail: Trail | None, indexed: int | None, subscriptions: int) -> None:
    """The same for an article that no subscription matches or told of."""
    title = trail.article.article.title if trail and trail.article else asked
    console.print(Text(title, "bold"))
    if trail is None:
        words = "the archive has never heard of this address: no listing told of it"
    elif trail.article is None:
        words = "there is no article of it"
    else:
        words = f"none of {counted(subscriptions, 'subscription')} matches it or told of it"
    console.print(Text("→ ", "bold cyan").append(words, "bold"))
    if trail is not None:
        console.print()
        console.print(_way(tuple(steps(trail, indexed)), None))


def _way(way: Sequence[Step], story: StoryView | None) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for step in way:
        table.add_row(step.stage, local(step.when) if step.when else "", Text(step.words))
    if story and len(story.copies) > 1:
        copies = f"{counted(len(story.copies), 'copy', 'copies')} at {counted(len(story.sources), 'outlet')}"
        table.add_row("story", "", Text(f"{story.id}: {copies}, the earliest at {story.copies[0].outlet}"))
    return table


def _copy(why: Why, article_id: str) -> str:
    for copy in why.story.copies if why.story else ():
        if copy.article_id == article_id:
            return f"the copy at {copy.outlet}"
    return f"article {article_id}"
