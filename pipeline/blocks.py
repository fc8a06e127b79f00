"""A page as blocks of text in reading order: paragraphs, headings, list items, cells; each with where it stands.

What tells story from furniture is measured on these blocks (`pipeline.judge`); a body is made of those that are kept,
so that no words merge and none come from what a reader does not see.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from lxml import etree

from pipeline.html import Tree

DEEPEST = 200  # levels of elements that are followed; browsers stop at 512, libxml2 at 256
MOST = 3_000  # blocks of a page


def _words(text: str) -> list[str]:
    return text.split()


_BLOCK = frozenset(
    _words(
        """
        address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
        figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr li main nav ol p pre section summary table tbody td
        tfoot th thead tr ul video audio html
        """
    )
)
_SKIPPED = frozenset(
    _words(
        """
        button select option input textarea noscript script style svg iframe template head object embed map math
        canvas link meta label progress datalist rt rp
        """
    )
)
_SAYS: dict[str, list[str]] = tomllib.loads(
    resources.files("pipeline").joinpath("classes.toml").read_text(encoding="utf-8")
)
WORDS = tuple(_SAYS)
_PATTERNS = tuple(re.compile("|".join(patterns)) for patterns in _SAYS.values())
_UNSEEN = re.compile(
    r"(?:^|\s)(?:visually-?hidden|sr-only|screen-?reader(?:-text)?|u-hidden|hidden|is-hidden|offscreen|a11y-hidden|hide|"
    r"invisible|d-none|print-only|(?:[\w-]*[_-])?(?:tooltip|popover|rollover|hovercard)[\w-]*-(?:block|content|body|text))"
    r"(?=$|\s)(?!.*(?:-|:)(?:block|flex|grid|inline)\b)"
)
HIDDEN_STORY = 700  # characters: more than that under a hidden element waits behind a paywall or a script, and is read
_TOLD_HIDDEN: Any = etree.XPath(".//*[@hidden or @style]")
_STYLED_AWAY = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)

# Elements a block stands in; each is one bit.
INSIDE = (
    "aside", "figure", "figcaption", "footer", "nav", "header", "form", "table", "ul", "ol", "blockquote", "article",
    "main", "section", "dl", "details", "a",
)  # fmt: skip
_BIT = {name: 1 << place for place, name in enumerate(INSIDE)}
# Elements apart from the story when they stand in no article and hold none of these. What stands in the latter two is
# read after all where the rest of the page has no story; of 1,073 blocks in them, 6 are part of one.
_LISTS: dict[str, tuple[str, ...]] = {"nav": ("article", "main"), "footer": ("article", "main")}
_BESIDE: dict[str, tuple[str, ...]] = {"aside": ("article", "main", "h1"), "header": ("article", "main", "h1")}
_STORY = _BIT["article"] | _BIT["main"]
ENOUGH = 250  # characters of a body that is a body; trafilatura's own minimum
ONLY_LINK = 200  # characters: shorter texts that are nothing but a link are no part of a story: 5 of 1,582 are


@dataclass(slots=True)
class Block:
    """One run of text between two block boundaries. White space is folded."""

    text: str
    tag: str  # of the nearest block element: "p", "li", "h2", "td", "div", …
    linked: int  # characters of it inside links
    strong: int  # characters in bold or italics
    near: int  # what the element and the two around it say of themselves, as bits of WORDS
    far: int  # what any element around it says
    inside: int  # bits of INSIDE
    depth: int
    place: int  # number of the element that holds the block element: siblings share it
    above: int  # number of the element that holds that one
    article: int  # number of the <article> it stands in, 0 for none
    links: int  # short texts that are nothing but a link, left out between the block before and this one
    kind: str  # tag and classes of the block element and its holder: alike blocks share it

    @property
    def line(self) -> str:
        """The block as a paragraph of a body."""
        return f"- {self.text}" if self.tag == "li" else self.text


@dataclass(slots=True)
class _Where:
    """What is handed down while walking."""

    tag: str
    near: tuple[int, int, int]
    far: int
    inside: int
    depth: int
    number: int  # of this element
    place: int
    above: int
    article: int
    classes: str
    held: str  # classes of the holder


@dataclass(slots=True)
class _Run:
    """The block that is being read."""

    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    strong: int = 0


def blocks(tree: Tree) -> list[Block]:
    """All blocks of a page without scripts (`pipeline.html.strip`), at most MOST; empty when there is no body."""
    body = tree if tree.tag == "body" else tree.find(".//body")
    if body is None:
        body = tree
    away = frozenset(element for element in _TOLD_HIDDEN(body) if _styled_away(element))
    found = _Walker(away, _LISTS | _BESIDE).read(body)
    if sum(len(block.text) - block.linked for block in found) < ENOUGH:
        found = _Walker(away, _LISTS).read(body)
    return found


@lru_cache(maxsize=20_000)
def _said(*names: str) -> tuple[int, str]:
    """Bits of WORDS, and the names as they are compared: digits tell nothing of a kind."""
    whole = re.sub(r"\d+", "0", " ".join(names).strip().lower()[:400])
    return sum(1 << place for place, pattern in enumerate(_PATTERNS) if pattern.search(whole)), whole


@lru_cache(maxsize=20_000)
def _unseen(names: str) -> bool:
    return _UNSEEN.search(names.lower()) is not None


class _Walker:
    """One pass over the tree."""

    def __init__(self, away: frozenset[Tree], apart: Mapping[str, tuple[str, ...]]) -> None:
        self.away, self.apart = away, apart
        self.found: list[Block] = []
        self.run = _Run()
        self.count = 0
        self.links = 0

    def read(self, body: Tree) -> list[Block]:
        """The blocks of a page."""
        top = _Where("body", (0, 0, 0), 0, 0, 0, 0, 0, 0, 0, "", "")
        self.walk(body, top, False, False)
        self.flush(top)
        return self.found

    def walk(self, element: Tree, where: _Where, linked: bool, strong: bool) -> None:
        """Text of `element` and what is in it."""
        self.add(element.text, linked, strong)
        for child in element:
            tag = child.tag
            if isinstance(tag, str) and len(self.found) < MOST:
                self.enter(child, tag, where, linked, strong)
            self.add(child.tail, linked, strong)

    def enter(self, child: Tree, tag: str, where: _Where, linked: bool, strong: bool) -> None:
        """One child: skipped, flowed through, or a block of its own."""
        if tag == "br":
            self.run.pieces.append("\n")
            return
        names = child.get("class")
        if (
            tag in _SKIPPED
            or where.depth > DEEPEST
            or ((child in self.away or (names and _unseen(names))) and not _long(child))
        ):
            self.run.pieces.append(" ")
            return
        if tag not in _BLOCK:
            inner = where
            if names or tag == "a":
                inner = self.inside(child, tag, names, where, own=False)
            self.walk(child, inner, linked or tag == "a", strong or tag in ("b", "strong", "em", "i"))
            return
        self.flush(where)
        if tag in self.apart and not where.inside & _STORY and next(child.iter(*self.apart[tag]), None) is None:
            return
        inner = self.inside(child, tag, names, where, own=True)
        if tag == "tr" and not any(e.tag in _BLOCK and e.tag not in ("td", "th") for e in child.iterdescendants()):
            self.row(child, inner, linked, strong)
        else:
            self.walk(child, inner, linked, strong)
        self.flush(inner)

    def row(self, element: Tree, where: _Where, linked: bool, strong: bool) -> None:
        """A table's row is one block, its cells set apart."""
        for at, cell in enumerate(element):
            if isinstance(cell.tag, str):
                self.add(" | " if at else "", False, False)
                self.walk(cell, where, linked, strong)

    def inside(self, child: Tree, tag: str, classes: str | None, where: _Where, own: bool) -> _Where:
        """Where the insides of `child` are. An inline element keeps the block it is in."""
        said, names = _said(classes or "", child.get("id") or "", child.get("itemprop") or "")
        bit = _BIT.get(tag, 0)
        if not own:
            near = (where.near[0] | said, where.near[1], where.near[2])
            return _Where(
                where.tag, near, where.far | said, where.inside | bit, where.depth + 1, where.number, where.place,
                where.above, where.article, where.classes, where.held,
            )  # fmt: skip
        self.count += 1
        near = (said, where.near[0], where.near[1])
        classes = f"{tag}.{names}"
        return _Where(
            tag, near, where.far | said, where.inside | bit, where.depth + 1, self.count, where.number, where.place,
            self.count if tag == "article" else where.article, classes, where.classes,
        )  # fmt: skip

    def add(self, text: str | None, linked: bool, strong: bool) -> None:
        """A piece of running text."""
        if not text:
            return
        self.run.pieces.append(text.replace("\n", " ") if "\n" in text else text)
        if linked or strong:
            length = len(text.strip())
            self.run.linked += length * linked
            self.run.strong += length * strong

    def flush(self, where: _Where) -> None:
        """End the block; two line breaks in a row separate paragraphs in it."""
        run = self.run
        if not run.pieces:
            return
        self.run = _Run()
        whole = "".join(run.pieces)
        if run.linked > 0.9 * len(whole.strip()) < ONLY_LINK:
            self.links += 1
            return
        parts = re.split(r"\n[ \t\xa0]*\n\s*", whole) if "\n" in whole else [whole]
        texts = [text for part in parts if (text := " ".join(part.split()))]
        total = sum(map(len, texts)) or 1
        near = where.near[0] | where.near[1] | where.near[2]
        for text in texts:
            share = len(text) / total
            self.found.append(
                Block(
                    text,
                    where.tag,
                    round(run.linked * share),
                    round(run.strong * share),
                    near,
                    where.far,
                    where.inside,
                    where.depth,
                    where.place,
                    where.above,
                    where.article,
                    self.links,
                    f"{where.classes}<{where.held}",
                )
            )
            self.links = 0


def _styled_away(element: Tree) -> bool:
    return element.get("hidden") is not None or _STYLED_AWAY.search(element.get("style") or "") is not None


def _long(element: Tree) -> bool:
    """Whether it holds a story, hidden or not."""
    return len("".join(element.itertext()).strip()) >= HIDDEN_STORY
