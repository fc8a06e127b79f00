"""Stories on a terminal, and the same as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from pipeline.types import Copy
from records.values import ArticleView, StoryView
from search.highlight import Highlighted, Marked

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
    wires = sorted({copy.wire for copy in (story.copies if folded else (first,)) if copy.wire})
    if wires:
        line.append(f" · {', '.join(wires)}", "magenta")
    outlets = len({copy.source_id for copy in story.copies})
    if len(story.copies) > 1:
        told = f"{len(story.copies)} copies at {outlets} outlets"
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


def story_json(story: StoryView, shown: Highlighted | None, matching: set[str]) -> dict[str, Any]:
    """A story as plain JSON values; times are ISO 8601, UTC."""
    value: dict[str, Any] = {
        "id": story.id,
        "title": story.copies[0].title,
        "copies": [copy_json(copy) | {"matches": copy.article_id in matching} for copy in story.copies],
        "outlets": sorted({copy.outlet for copy in story.copies}),
    }
    if shown is not None:
        value["snippets"] = [snippet.text for snippet in shown.fragments]
    return value


def copy_json(copy: Copy) -> dict[str, Any]:
    """A copy as plain JSON values."""
    return {
        "id": copy.article_id,
        "title": copy.title,
        "url": copy.url,
        "outlet": copy.outlet,
        "source": copy.source_id,
        "country": copy.country,
        "published": copy.published.isoformat() if copy.published else None,
        "first_seen": copy.first_seen.isoformat(),
        "grade": str(copy.grade),
        "wire": copy.wire,
        "method": copy.method,
        "score": round(copy.score, 3),
    }


def article_json(view: ArticleView) -> dict[str, Any]:
    """An article as plain JSON values."""
    article = view.article
    return {
        "id": article.id,
        "story": view.story_id,
        "url": article.url,
        "title": article.title,
        "authors": list(article.authors),
        "contributors": {role: list(names) for role, names in article.contributors.items()},
        "outlet": view.outlet,
        "country": view.country,
        "language": article.language,
        "published": article.published.isoformat() if article.published else None,
        "published_offset": article.published_offset,
        "published_how": article.published_how,
        "published_confidence": article.published_confidence,
        "first_seen": article.first_seen.isoformat() if article.first_seen else None,
        "wire": article.wire,
        "wire_how": article.wire_how,
        "credit": article.credit,
        "dateline": list(article.dateline_places),
        "dateline_date": article.dateline_date.isoformat() if article.dateline_date else None,
        "dateline_agency": article.dateline_agency,
        "notices": list(article.notices),
        "paywalled": article.paywalled,
        "grade": str(article.grade),
        "storage": str(article.storage),
        "storage_why": article.storage_why,
        "topics": [tag.id for tag in view.tagging.topics],
        "entities": [tag.id for tag in view.tagging.entities],
        "relevance": view.tagging.relevance,
        "reasons": list(view.tagging.reasons),
        "known": {name: {"how": one.how, "confidence": one.confidence} for name, one in article.known.items()},
        "version": article.version,
        "versions": view.versions,
        "method": view.method,
        "score": view.score,
        "text": article.text,
    }


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
