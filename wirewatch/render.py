"""Stories on a terminal; the same as JSON is made by `web.plain`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.padding import Padding
from rich.text import Text

from pipeline.types import Copy
from records.values import ArticleView, StoryView
from search.highlight import Highlighted, Marked
from wirewatch.terminal import Console

COPIES_SHOWN = 12


def local(moment: datetime | None) -> str:
    """A time in the reader's zone, to the minute; "undated" for None."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else "undated"


def marked(piece: Marked, style: str = "") -> Text:
    """Text with the matches of a query shown."""
    text = Text(piece.text.replace("\n", " "), style)
    for start, end in piece.spans:
        text.stylize("bold black on yellow", start, end)
    return Text("… " if piece.cut_before else "").append_text(text).append(" …" if piece.cut_after else "")


def print_story(
    console: Console,
    number: int,
    story: StoryView,
    shown: Highlighted,
    matching: set[str],
    standing: str,
    *,
    folded: bool = True,
) -> None:
    """One story: the headline of the copy that stands for it, where and when, snippets, and the others beneath."""
    first = next((copy for copy in story.copies if copy.article_id == standing), story.copies[0])
    head = Text(f"{number:>3}  ", overflow="fold")
    head.append_text(marked(shown.title, "bold"))
    console.print(head)
    line = Text("     ")
    line.append(f"{first.outlet} ({first.country})", "cyan")
    line.append(f" · {local(first.published)}")
    wires = sorted(story.wires) if folded else [first.wire] * bool(first.wire)
    if wires:
        line.append(f" · {', '.join(wires)}", "magenta")
    if len(story.copies) > 1:
        told = f"{len(story.copies)} copies at {len(story.sources)} outlets"
        line.append(f" · {told if folded else f'one of {told}'}", "yellow")
    if first.grade == "headline":
        line.append(" · headline only", "dim")
    line.append(f" · {story.id if folded else first.article_id}", "dim")
    console.print(line, soft_wrap=not console.is_terminal)
    for snippet in shown.fragments:
        console.print(Padding(marked(snippet), (0, 0, 0, 5)))
    others = [copy for copy in story.copies if copy is not first] if folded else []
    for copy in others[:COPIES_SHOWN]:
        console.print(Padding(copy_line(copy, copy.article_id in matching), (0, 0, 0, 7)))
    if len(others) > COPIES_SHOWN:
        more = len(others) - COPIES_SHOWN
        console.print(Padding(Text(f"… and {more} more: wirewatch show {story.id}", "dim"), (0, 0, 0, 7)))
    console.print()


def copy_line(copy: Copy, matches: bool = True) -> Text:
    """One copy on one line; `matches` False dims a copy that the query itself does not find."""
    line = Text("↳ ", "dim", no_wrap=True, overflow="ellipsis")
    line.append(f"{copy.outlet} ({copy.country})", "cyan" if matches else "dim")
    line.append(f" · {local(copy.published)} · ", "" if matches else "dim")
    line.append(copy.title, "" if matches else "dim")
    if copy.method not in ("first", ""):
        line.append(f"  {how_alike(copy)}", "dim")
    return line


def how_alike(copy: Copy) -> str:
    """Why a copy is in its story, in words."""
    if copy.method == "exact":
        return "same text"
    if copy.method == "headline":
        return "same headline"
    return f"{copy.score:.0%} of the shorter text shared"


def print_article(console: Console, view: ArticleView, copies: Sequence[Copy]) -> None:
    """One article in full, with how each thing is known."""
    article = view.article
    console.print(Text(article.title, "bold"))
    line = Text(f"{view.outlet} ({view.country})", "cyan")
    line.append(f" · {local(article.published)}")
    if article.published_how:
        line.append(f" (known from {article.published_how}, {article.published_confidence:.0%} sure)", "dim")
    console.print(line)
    facts = {
        "by": ", ".join(article.authors),
        **{role: ", ".join(names) for role, names in article.contributors.items()},
        "wire": f"{article.wire} (by {article.wire_how})" if article.wire else "",
        "dateline": ", ".join(article.dateline_places),
        "first seen": local(article.first_seen),
        "topics": ", ".join(tag.name for tag in view.tagging.topics),
        "names": ", ".join(tag.name for tag in view.tagging.entities),
        "AI in defence": f"{view.tagging.relevance:.2f}" + "".join(f"; {why}" for why in view.tagging.reasons),
        "notices": " · ".join(article.notices),
        "paywall": "yes" if article.paywalled else "",
        "kept": f"{article.grade}" + (f" ({article.storage_why})" if article.storage_why else ""),
        "known by": "; ".join(f"{name}: {one.how}" for name, one in article.known.items()),
        "versions": str(view.versions) if view.versions > 1 else "",
        "address": article.url,
        "story": view.story_id,
    }
    for name, value in facts.items():
        if value:
            console.print(Text(f"{name:>14}  ", "dim").append(value, ""))
    console.print()
    console.print(Text(article.text or article.summary or "(only the headline is known)"))
    if len(copies) > 1:
        console.print(Text(f"\nOne story, {len(copies)} copies:", "bold"))
        for copy in copies:
            console.print(Padding(copy_line(copy), (0, 0, 0, 2)))
        console.print(Text(f"Who took it from whom: wirewatch story {view.story_id}", "dim"))
