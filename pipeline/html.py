"""Bytes to one lxml tree: the right encoding, bounded size, no scripts in the way.

Everything that reads a page (metadata, permissions, body) shares the tree made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from pipeline.charset import decode
from pipeline.errors import NotNews, Unreadable

MAX_MARKUP = 3_000_000  # bytes without scripts; trafilatura takes 1 s for as much text, real pages have under 1 MB
MAX_ELEMENTS = 30_000  # the busiest page of our data has 13,000; 20,000 paragraphs take 1.4 s
MAX_ATTRIBUTES = 5_000  # of one tag: the parser's time grows with their square, 20,000 take 0.9 s
LONG_TAG = 20_000  # bytes below which no tag can have so many

_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|meta|title|div|article|section|p|h1|table|span|a)\b", re.I)
_TAG = re.compile(rb"""<[a-zA-Z][^\s>]*+(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?)*+""")
_QUOTED = re.compile(rb"""=\s*+(?:"[^"]*+"|'[^']*+')""")
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r") + b"\x7f"
_NOT_HTML = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"\x00\x00\x00")
_COUNT: Any = etree.XPath("count(//*)")
# One class for all elements, chosen in C: lxml.html's own lookup runs Python code for each element touched, and took
# 0.6 ms of a page.
_LOOKUP = etree.ElementDefaultClassLookup(element=HtmlElement)
_DEAD = ("script", "style", "svg", "iframe", "template", "link", "canvas", "math")

Tree: TypeAlias = Any  # an lxml.html element; lxml's stubs know half of what it can do


def parse(body: bytes, content_type: str = "") -> Tree:
    """One tree of an HTML answer, JSON-LD scripts still in it.

    Raises NotNews when the bytes are no HTML, Unreadable when there is more markup than we read.
    """
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start or start.startswith(_NOT_HTML):
        raise NotNews("no HTML: the answer is empty or a binary file")
    if len(body) > MAX_MARKUP:
        body = _without_scripts(body)
        if len(body) > MAX_MARKUP:
            raise Unreadable(f"the page has more than {MAX_MARKUP // 1_000_000} MB of markup")
    if _overloaded(body) and _overloaded(_without_scripts(body)):
        raise Unreadable(f"the page has a tag of more than {MAX_ATTRIBUTES} attributes")
    text = decode(body, content_type)
    data = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    if not _MARKUP.search(data):
        raise NotNews("no HTML: the answer holds no markup")
    parser: Any = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(_LOOKUP)
    try:
        tree = document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise NotNews(f"no HTML: {error}") from error
    return tree


def strip(tree: Tree) -> Tree:
    """Cut out of `tree`, in place, what is never text: scripts, styles, drawings. Texts after them stay.

    Raises Unreadable when what is left has more elements than we read.
    """
    etree.strip_elements(tree, *_DEAD, with_tail=False)
    if _COUNT(tree) > MAX_ELEMENTS:
        raise Unreadable(f"the page has more than {MAX_ELEMENTS} elements")
    return tree


def key(text: str) -> str:
    """Letters and digits only, case folded: two spellings of one text have one key."""
    return "".join(filter(str.isalnum, text.casefold()))


def words(texts: Iterable[str]) -> str:
    """Pieces of text as one line: white space folded, joined by blanks."""
    return " ".join(" ".join(texts).split())


def _overloaded(body: bytes) -> bool:
    """Whether a tag has more attributes than we read; in a script, what looks like a tag may be none."""
    long = (tag for tag in _TAG.findall(body) if len(tag) > LONG_TAG)
    return any(len(_QUOTED.sub(b" ", tag).replace(b"/", b" ").split()) > MAX_ATTRIBUTES for tag in long)


def _without_scripts(body: bytes) -> bytes:
    """`body` without scripts and styles but JSON-LD, in one pass; what follows an unclosed one goes with it."""
    lower = body.lower()
    for name in (b"script", b"style"):
        kept: list[bytes] = []
        at = 0
        while (start := lower.find(b"<" + name, at)) >= 0:
            end = lower.find(b"</" + name, start)
            end = len(body) if end < 0 else end
            kept.append(body[at:end] if b"ld+json" in lower[start : start + 300] else body[at:start])
            at = end
        body = b"".join((*kept, body[at:]))
        lower = body.lower()
    return body
