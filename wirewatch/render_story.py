"""A story's provenance on a terminal, as a tree of who carried it when."""

from __future__ import annotations

from datetime import datetime

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from pipeline.novelty import Novelty
from pipeline.origin import Came, Origin
from pipeline.provenance import AGENCY, Derived, How, Passage
from records.values import ArticleView
from web.lookup import Carrier, Traced
from wirewatch.render import local
from wirewatch.terminal import Console

BESIDE = 8  # other stories on the event
SHOWN = 3  # finds of one kind that a line names


def print_trace(console: Console, story: Traced, *, full: bool = False) -> None:
    """Headline, origin, earliest carrier, and the tree; with `full` the passages cut and added and what was new."""
    first = story.carriers[0]
    outlets = len({one.view.article.source_id for one in story.carriers})
    console.print(Text(first.view.article.title, "bold"))
    copies = _count(len(story.carriers), "copy", "copies")
    console.print(Text(f"{copies} at {_count(outlets, 'outlet', 'outlets')} · {story.id}\n", "dim"))
    console.print(_facts(story))
    console.print()
    origin = story.provenance.origin
    roots = [one for one in story.carriers if one.derived.parent in ("", AGENCY)]
    if origin is not None:
        tree = Tree(Text(origin.agency, "bold magenta"), guide_style="dim")
        _grow(tree, roots, story, full)
        console.print(tree)
    else:
        for root in roots:
            tree = Tree(_told(root, story, full), guide_style="dim")
            _grow(tree, _below(root, story), story, full)
            console.print(tree)
    _print_event(console, story, full)


def _print_event(console: Console, story: Traced, full: bool) -> None:
    """Other reporting on the same event, the nearest in time first to last."""
    if not story.beside:
        return
    console.print(Text(f"\nOther reporting on the same event ({_event_id(story)}):", "dim"))
    shown = story.beside if full else story.beside[:BESIDE]
    for one in shown:
        first = one.copies[0]
        line = Text("  ").append(f"{first.outlet} ({first.country})", "cyan").append(f" · {local(first.published)} · ")
        line.append(first.title)
        if len(one.copies) > 1:
            line.append(f" · {_count(len(one.copies), 'copy', 'copies')}", "yellow")
        line.append(f" · {one.id}", "dim")
        console.print(line, soft_wrap=not console.is_terminal)
    if len(shown) < len(story.beside):
        console.print(Text(f"  … and {len(story.beside) - len(shown)} more: --full", "dim"))


def _event_id(story: Traced) -> str:
    return story.event.event_id if story.event else ""


def _facts(story: Traced) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column()
    table.add_row("from", _origin(story.provenance.origin))
    first = story.carriers[0]
    earliest = Text().append(f"{first.derived.outlet} ({first.view.country})", "cyan")
    earliest.append(f" · {_moment(first.derived.came)}")
    table.add_row("earliest", earliest)
    seen = first.view.article.first_seen
    if local(seen) != local(first.derived.came.at):
        table.add_row("", Text(f"first seen {local(seen)}", "dim"))
    for one in story.labels:
        table.add_row("said", Text(f"{one.words} (label {one.id}{f', by {one.by}' if one.by else ''})"))
    return table


def _origin(origin: Origin | None) -> Text:
    if origin is None:
        return Text("no copy names an agency")
    told = Text().append(origin.agency, "bold magenta")
    told.append(
        f" · {origin.strength:.0%} sure · named by {origin.named} of {_count(origin.copies, 'copy', 'copies')}", ""
    )
    for one in origin.evidence:
        told.append(f"\n{one.how} in {one.copies}: “{one.sample}”", "dim")
    if origin.others:
        others = ", ".join(f"{name} in {count}" for name, count in origin.others)
        told.append(f"\nothers named: {others}", "dim")
    return told


def _moment(came: Came) -> str:
    if came.at is None:
        return came.why
    sure = f", {came.confidence:.0%} sure" if came.clock.startswith("published") else ""
    return f"{local(came.at)} ({came.clock}: {came.why}{sure})"


def _grow(tree: Tree, carriers: list[Carrier], story: Traced, full: bool) -> None:
    for one in carriers:
        _grow(tree.add(_told(one, story, full)), _below(one, story), story, full)


def _below(carrier: Carrier, story: Traced) -> list[Carrier]:
    return [one for one in story.carriers if one.derived.parent == carrier.derived.article_id]


def _told(carrier: Carrier, story: Traced, full: bool) -> Group:
    """One copy: a line of what it is, then lines of why it hangs here, what it brought and what was changed since."""
    derived, view = carrier.derived, carrier.view
    head = Text().append(f"{_short(derived.came, story)} ", "dim")
    head.append(derived.outlet, "bold cyan").append(f" ({view.country})" if view.country else "", "cyan")
    fullest = any(one.against == derived.article_id and one.parent == AGENCY for one in story.provenance.copies)
    head.append_text(_edits(derived, fullest=fullest))
    lines: list[Text | Padding] = [head]
    if view.article.title != story.carriers[0].view.article.title:
        lines.append(Text(f"“{view.article.title}”", "italic"))
    lines.append(Text(f"{_filed(view)} · {_why(derived, full)}", "dim"))
    if carrier.new:
        lines.append(Text().append("new: ", "green").append(_new(carrier.new)))
    for one in carrier.revisions:
        lines.append(Text().append(f"revised {local(one.seen)}: ", "yellow").append(one.changed.summary()))
    if full:
        lines.append(Text(f"{derived.article_id} · {view.article.url}", "dim"))
        lines.extend(Padding(_passage("−", one, "red"), (0, 0, 0, 2)) for one in derived.cut)
        lines.extend(Padding(_passage("+", one, "green"), (0, 0, 0, 2)) for one in derived.added)
    return Group(*lines)


def _short(came: Came, story: Traced) -> str:
    """A time as short as it is plain: without the day when the whole story is of one."""
    if came.at is None:
        return "undated"
    days = {_day(one.came.at) for one in story.provenance.copies if one.came.at}
    return f"{came.at.astimezone():%H:%M}" if len(days) == 1 else f"{came.at.astimezone():%m-%d %H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d}"


def _edits(derived: Derived, *, fullest: bool) -> Text:
    told = Text()
    if derived.how is How.HEADLINE:
        return told.append(" · headline only", "dim")
    if derived.share is None:
        return told.append(" · the fullest copy, which the others are compared with", "dim") if fullest else told
    told.append(f" · kept {derived.share:.0%}")
    if derived.words_cut:
        told.append(f" −{derived.words_cut}", "red")
    if derived.words_added:
        told.append(f" +{derived.words_added}", "green")
    return told.append(" words", "dim") if derived.words_cut or derived.words_added else told


def _filed(view: ArticleView) -> str:
    """How the desk came to put the copy into this story."""
    return view.method if view.method in ("first", "exact") else f"{view.method} {view.score:.2f}"


def _why(derived: Derived, full: bool) -> str:
    """Why a copy hangs where it hangs; that nothing speaks against it goes without saying."""
    plainly = derived.how in (How.AGENCY, How.FIRST) and not full
    return derived.reasons[0] if plainly else "; ".join(derived.reasons)


def _new(new: Novelty) -> str:
    told = []
    if new.sentences:
        told.append(_count(len(new.sentences), "sentence", "sentences"))
    for found, one, many in ((new.figures, "figure", "figures"), (new.names, "name", "names")):
        if found:
            told.append(f"{_count(len(found), one, many)} ({_some([piece.text for piece in found])})")
    if new.entities and not new.names:
        told.append(f"names ({_some(list(new.entities))})")
    return ", ".join(told)


def _some(texts: list[str]) -> str:
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return ", ".join(" ".join(text.split()) for text in texts[:SHOWN]) + more


def _passage(sign: str, passage: Passage, style: str) -> Text:
    return Text(f"{sign} {' '.join(passage.text.split())}", style)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
