"""JSON-LD of a page: the node that is its article, and what stands in it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from pipeline.html import words

MAX_CLAIM = 5_000  # characters of a meta element or heading; headlines and descriptions are far shorter
MAX_JSON = 2_000_000  # characters of one JSON-LD script; those of our data stay under 400,000
MAX_POSTS = 500  # of a live blog
Node: TypeAlias = dict[str, Any]

_ARTICLE = re.compile(r"Article|Posting$|Gallery$|^Report$|AnalysisNews|OpinionNews|ReviewNews", re.I)
_TAGS = re.compile(r"<[^<>]{0,500}>")
_OPENING = re.compile(r"(?://)?\s*(?:<!\[CDATA\[|<!--)")
_TAIL_COMMA = re.compile(r",\s*([}\]])")
_BETWEEN = re.compile(r"[\W_]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))  # soft hyphens, zero widths, marks


def plain(value: str) -> str:
    """One line of plain text: entities read (twice: CMSs escape twice), tags dropped."""
    if "&" in value:
        value = html.unescape(html.unescape(value))
    value = value.translate(_INVISIBLE)
    return words([_TAGS.sub("", value) if "<" in value else value])


def key_of(value: str) -> str:
    """Letters and digits of `value` in lower case: two spellings of one thing have one key."""
    return _BETWEEN.sub("", value.lower())


def article_node(scripts: Sequence[str], titles: Sequence[str]) -> tuple[Node, dict[str, Node]]:
    """The JSON-LD node of this page's article and all nodes with an @id; of several, that with the page's title."""
    nodes = [n for s in scripts for n in _walk(_json(s), 0)]
    ids = {str(n["@id"]): n for n in nodes if "@id" in n and len(n) > 1}
    found = [n for n in nodes if any(_ARTICLE.search(t) for t in types_of(n))]
    keys = [key_of(t) for t in titles if t]
    for node in found:
        key = key_of(text_of(node.get("headline")))
        if key and any(key in k or k in key for k in keys):
            return node, ids
    return (found[0] if found else {}), ids


def _json(text: str) -> Any:
    if len(text) > MAX_JSON:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(_TAIL_COMMA.sub(r"\1", _unwrapped(text)), strict=False)
    except (ValueError, RecursionError):
        return None


def _walk(value: Any, depth: int) -> Iterator[Node]:
    """Nodes of a JSON-LD document, outer before inner; lists of other stories are not entered."""
    if isinstance(value, list) and depth < 8:
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict) and depth < 8:
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _walk(value.get(key), depth + 1)


def types_of(node: Node) -> list[str]:
    """The types of a node, as written."""
    value = node.get("@type")
    return [str(v) for v in (value if isinstance(value, list) else [value]) if v]


def _unwrapped(text: str) -> str:
    """A script without the comment or CDATA marks around it."""
    text = text.strip()
    text = text[found.end() :] if (found := _OPENING.match(text)) else text
    text = text.removesuffix(";").rstrip()
    text = text.removesuffix("]]>").removesuffix("-->").rstrip()
    return text.removesuffix("//")


def text_of(value: Any, keep_lines: bool = False) -> str:
    """Plain text of a value, of its first item, or of its name; "" for anything else."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or ""
    if not isinstance(value, str):
        return ""
    if keep_lines:
        return "\n\n".join(line for part in value.split("\n") if (line := plain(part)))
    return plain(value[:MAX_CLAIM])


def body_of(node: Node) -> str:
    """The text of an article's node, paragraphs separated by a blank line; of a live blog, that of its posts."""
    posts = node.get("liveBlogUpdate")
    nodes = [post for post in posts if isinstance(post, dict)] if isinstance(posts, list) else []
    parts = [text_of(node.get("articleBody"), keep_lines=True)]
    for post in nodes[:MAX_POSTS]:
        text = text_of(post.get("articleBody"), keep_lines=True)
        heading = text_of(post.get("headline"))
        parts += [heading if key_of(heading) not in key_of(text) else "", text]
    return "\n\n".join(part for part in parts if part)


def name_of(value: Any) -> str:
    """The name of a thing given as a node, a list or a text."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return text_of(value.get("name")) if isinstance(value, dict) else text_of(value)


def signatures(value: Any, ids: dict[str, Node]) -> tuple[list[str], list[str]]:
    """Names in an author (editor, …) property, references followed: persons, and what is said to be an organisation."""
    persons: list[str] = []
    organizations: list[str] = []
    for item in _flat(value, 0):
        if isinstance(item, dict):
            item = ids.get(str(item.get("@id")), item) if "name" not in item else item
            group = organizations if any("rganization" in t for t in types_of(item)) else persons
            group += [t for n in _flat(item.get("name"), 0) if (t := text_of(n))]
        elif text := text_of(item):
            persons.append(text)
    return persons, organizations


def _flat(value: Any, depth: int) -> Iterator[Any]:
    if isinstance(value, list) and depth < 4:
        for item in value:
            yield from _flat(item, depth + 1)
    elif value:
        yield value
