"""In-page state: the article that a page hands to its own script, for pages that print little or nothing of it.

Forms that are read: `<script type="application/json">` (Next.js, Nuxt 3's indexed values), `name = {…}` and
`name = JSON.parse("…")` (Arc's Fusion, Redux and Apollo stores), and `self.__next_f.push([1, "…"])` (React's server
components). Article bodies in them are HTML, lists of elements (Arc), or trees of rich text (ProseMirror, Contentful,
Portable Text): all of them end in paragraphs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lxml import etree
from lxml.html import document_fromstring

from pipeline.blocks import ENOUGH, blocks
from pipeline.errors import Unreadable
from pipeline.html import key, strip
from pipeline.jsonld import plain

MAX_STATE = 3_000_000  # characters of one script
MAX_NODES = 50_000  # values looked at; so many characters of text count as one more:
CHARACTERS = 50
MAX_TRIES = 300  # places in a script where a value may begin
DEEPEST = 60
NAMED = 12  # letters of a title that names a story
LONGEST = 400  # characters of a title
_JSON = json.JSONDecoder(strict=False)
_ASSIGNED = re.compile(r"""=\s*(?:JSON\.parse\(\s*(?=")|(?=[{\[]))""")
_PUSHED = re.compile(r"""__next_f\.push\(\s*(?=\[)""")
_ROW = re.compile(rb"([0-9a-f]{1,6}):(?:T([0-9a-f]{1,6}),)?")
_TITLE = re.compile(r"title|headline|heading|^hed$", re.I)
_INLINE = ("text", "value", "content", "children", "content_elements")
_KINDS = ("type", "_type", "nodeType", "__typename", "blockName", "tag", "tagName", "kind", "component")
_PARAGRAPH = re.compile(
    r"^(?:core/)?(?:p|paragraph|paragraphs?block|text|textblock|block|h[1-6]|head(?:er|ing)s?(?:-\d)?|subheadline|"
    r"crosshead|blockquote|quote|list-?item|li)$",
    re.I,
)
_TAGS = ("p", "h2", "h3", "h4", "li", "blockquote")
_APART = re.compile(
    r"image|photo|picture|video|audio|galler|embed|advert|\bads?\b|promo|relat|recirc|recommend|newsletter|author|byline|"
    r"caption|interstitial|widget_?type|poll|\bnav|footer|menu|teaser|card|comment|share|social|seo|meta|description|"
    r"synopsis|summary|excerpt|abstract|keyword|\btags?\b|url|href|slug|path|config|transl|style|script|alt$|label|credit",
    re.I,
)
_ENDS = re.compile(r"[.!?。！？؟…:;»”\"'’)\]]$")
LINE = 40  # characters from which on a line without a full stop is taken for prose


def state_body(scripts: Sequence[str], title: str) -> tuple[str, ...]:
    """Paragraphs of the article under this title in the state of a page; () when there is none.

    `scripts` are the texts of the page's scripts that are no JSON-LD. Never raises on odd values.
    """
    return _Search(scripts, title).best


class _Search:
    """One search through all values of a page's state, of bounded length."""

    def __init__(self, scripts: Sequence[str], title: str) -> None:
        self.wanted = key(title)
        self.left = MAX_NODES
        self.best: tuple[str, ...] = ()
        values, self.rows = _values([script for script in scripts if len(script) <= MAX_STATE])
        for value in values if len(self.wanted) >= NAMED else []:
            self.look(value, 0)

    def look(self, value: Any, depth: int) -> None:
        """Find the best article in `value`."""
        self.left -= 1
        if self.left < 0 or depth > DEEPEST or not isinstance(value, dict | list):
            return
        if isinstance(value, dict) and self.named(value):
            found = tuple(_merged(self.paragraphs(value, depth)))
            if sum(map(len, found)) > max(ENOUGH, sum(map(len, self.best))):
                self.best = found
        for inner in value.values() if isinstance(value, dict) else value:
            self.look(inner, depth + 1)

    def named(self, node: dict[str, Any]) -> bool:
        """Whether a node, or what it holds by name, has the page's title."""
        held = [inner for inner in node.values() if isinstance(inner, dict)]
        return any(self.says(inner) for one in (node, *held[:50]) for name, inner in one.items() if _TITLE.search(name))

    def says(self, value: Any) -> bool:
        """Whether this is the page's title, or a part or a longer form of it; Arc has several of each."""
        values = list(value.values())[:4] if isinstance(value, dict) else [value]
        keys = [key(plain(one)) for one in values if isinstance(one, str) and len(one) < LONGEST]
        return any(len(k) >= NAMED and (k in self.wanted or self.wanted in k) for k in keys)

    def paragraphs(self, value: Any, depth: int) -> Iterator[str]:
        """The paragraphs under a value, in its order; of a node's members, those of the one that has most."""
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            return
        if isinstance(value, str):
            text = self.rows.get(value, value)
            self.left -= len(text) // CHARACTERS
            yield from _lines(text)
        elif _is_paragraph(value):
            yield from _lines("".join(self.pieces(value, depth)), always=True)
        elif isinstance(value, list):
            for item in value:
                yield from self.paragraphs(item, depth + 1)
        elif isinstance(value, dict) and not any(_APART.search(kind) for kind in _kinds(value)):
            longest: list[str] = []
            for name, inner in value.items():
                if not _APART.search(name) and not _TITLE.search(name) and isinstance(inner, str | list | dict):
                    found = list(self.paragraphs(inner, depth + 1))
                    longest = max(longest, found, key=lambda lines: sum(map(len, lines)))
            yield from longest

    def pieces(self, value: Any, depth: int) -> Iterator[str]:
        """The texts inside one paragraph: words are split where the outlet split them, and nowhere else."""
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            return
        if isinstance(value, str):
            yield self.rows.get(value, value)
        elif isinstance(value, list):
            for item in value[1:] if value and value[0] in _TAGS else value:
                yield from self.pieces(item, depth + 1)
        elif isinstance(value, dict):
            inner = next((value[name] for name in _INLINE if value.get(name)), None)
            yield from self.pieces(inner, depth + 1)


def _kinds(node: dict[str, Any]) -> list[str]:
    return [kind for name in _KINDS if isinstance(kind := node.get(name), str) and len(kind) < LINE]


def _is_paragraph(value: Any) -> bool:
    """Whether what is in it is the text of one paragraph: it says so, or has only leaves for children."""
    if isinstance(value, list):
        return len(value) > 1 and isinstance(value[0], str) and value[0] in _TAGS
    if not isinstance(value, dict):
        return False
    if any(_PARAGRAPH.search(kind) for kind in _kinds(value)):
        return any(value.get(name) for name in _INLINE)
    children = value.get("children")
    return isinstance(children, list) and any(isinstance(c, dict) and isinstance(c.get("text"), str) for c in children)


def _lines(text: str, *, always: bool = False) -> Iterator[str]:
    """Paragraphs of a text or of HTML; what is no prose (an address, an identifier, a date) is none."""
    if "<" in text and ">" in text:
        try:
            found = blocks(strip(document_fromstring(f"<body>{text}</body>")))
        except (etree.LxmlError, ValueError, AssertionError, Unreadable):
            return
        always = always or "<p" in text
        lines = [block.line for block in found]
    else:
        lines = [plain(line) for line in text.split("\n")]
    for line in lines:
        spaced = " " in line or not line.isascii()
        if spaced and (always or len(line) >= LINE or _ENDS.search(line)):
            yield line


def _merged(lines: Iterable[str]) -> Iterator[str]:
    """Without what is said twice: states hold a body in several forms."""
    seen: set[str] = set()
    for line in lines:
        k = key(line)
        if k and k not in seen:
            seen.add(k)
            yield line


def _values(scripts: Sequence[str]) -> tuple[list[Any], dict[str, str]]:
    """The JSON values in the scripts, and the texts that values name as "$1f"."""
    values: list[Any] = []
    pushed: list[str] = []
    for script in scripts:
        text = script.strip()
        if text[:1] in ("{", "["):
            values.append(_resolved(_at(text, 0)[0]))
        elif found := [_at(text, match.end())[0] for match in _PUSHED.finditer(text)]:
            pushed += [row[1] for row in found if isinstance(row, list) and len(row) > 1 and isinstance(row[1], str)]
        else:
            values += _assigned(text)
    rows: dict[str, str] = {}
    for name, row in _flight("".join(pushed).encode(errors="ignore")):
        if isinstance(row, str):
            rows[f"${name}"] = row
        else:
            values.append(row)
    return values, rows


def _flight(data: bytes) -> Iterator[tuple[str, Any]]:
    """Rows of React's stream: `1f:{…}` up to the end of the line, `1f:T3e8,…` over so many bytes."""
    at = 0
    while match := _ROW.search(data, at):
        name = match[1].decode()
        if match[2]:
            at = match.end() + int(match[2], 16)
            yield name, data[match.end() : at].decode(errors="ignore")
        else:
            end = data.find(b"\n", match.end())
            at = len(data) if end < 0 else end
            value, _ = _at(data[match.end() : at].decode(errors="ignore"), 0)
            if isinstance(value, dict | list):
                yield name, value


def _assigned(text: str) -> Iterator[Any]:
    """Values that a script gives to its variables."""
    at = 0
    for _ in range(MAX_TRIES):
        match = _ASSIGNED.search(text, at)
        if match is None:
            return
        value, at = _at(text, match.end())
        yield _at(value, 0)[0] if isinstance(value, str) else value


def _at(text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins there, None for none, and where it ends."""
    try:
        return _JSON.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, at


def _resolved(value: Any) -> Any:
    """Nuxt 3 writes a flat list in which the members of each value are places in that list."""
    if not (isinstance(value, list) and len(value) > 2 and isinstance(value[0], list | dict)):
        return value
    whole = value[0].values() if isinstance(value[0], dict) else value[0][1:]
    if not all(isinstance(place, int) for place in whole):
        return value

    left = MAX_NODES

    def member(place: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if type(place) is not int or not 0 <= place < len(value) or depth > DEEPEST or left < 0:
            return None
        one = value[place]
        if isinstance(one, dict):
            return {name: member(inner, depth + 1) for name, inner in one.items()}
        if isinstance(one, list):
            return [member(inner, depth + 1) for inner in (one[1:] if one and isinstance(one[0], str) else one)]
        return one

    return member(0, 0)
