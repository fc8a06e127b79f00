"""Bytes to one lxml tree: the right encoding, bounded size, no scripts in the way.

Everything that reads a page (metadata, permissions, body) shares the tree made here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from charset_normalizer import from_bytes
from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from pipeline.errors import NotNews, Unreadable

MAX_MARKUP = 3_000_000  # bytes without scripts; trafilatura takes 1 s for as much text, real pages have under 1 MB
MAX_ELEMENTS = 30_000  # the busiest page of our data has 13,000; 20,000 paragraphs take 1.4 s
GUESS_SAMPLE = 10_000  # bytes shown to charset_normalizer: its time grows with them

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([\w.:-]{2,40})""", re.I)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{2,40})""", re.I)
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|meta|title|div|article|section|p|h1|table|span|a)\b", re.I)
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r") + b"\x7f"
# What browsers do (WHATWG encoding standard): these labels mean the Windows or extended table.
_BROWSERS_MEAN = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}
_NOT_HTML = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"\x00\x00\x00")
_COUNT: Any = etree.XPath("count(//*)")
# One class for all elements, chosen in C: lxml.html's own lookup runs Python code for each element touched, and took
# 0.6 ms of a page.
_LOOKUP = etree.ElementDefaultClassLookup(element=HtmlElement)
_DEAD = ("script", "style", "svg", "iframe", "template", "link", "canvas", "math")

Tree: TypeAlias = Any  # an lxml.html element; lxml's stubs know half of what it can do


def codec(label: str) -> str:
    """The Python codec a charset label stands for, as browsers read it; "" when there is none."""
    try:
        name = codecs.lookup(label.strip()).name
        "".encode(name)  # refuses bytes-to-bytes codecs such as "hex"
    except (LookupError, TypeError, ValueError):
        return ""
    return _BROWSERS_MEAN.get(name, name)


def decode(body: bytes, content_type: str = "") -> str:
    """Text of an HTML answer. Order: BOM, valid UTF-8, header, meta, guess from a sample, Windows-1252.

    Valid UTF-8 beats what a header claims: text in another encoding is next to never valid UTF-8 by chance.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    head = body[:4096]
    if head.count(b"\0") > len(head) // 4:
        return body.decode("utf-16-le" if head[1:2] == b"\0" else "utf-16-be", "replace")
    claims = _claims(head, content_type)
    if "iso2022_jp" in claims and b"\x1b$" in body:  # seven-bit, so it passes for UTF-8
        return body.decode("iso2022_jp", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for name in claims:
        text = body.decode(name, "replace")
        broken = text.count("\ufffd")
        if broken * 5 <= sum(c > "\x7f" for c in text):  # a few broken bytes are forgiven: a page cut short has one
            return text
    best = from_bytes(body[: GUESS_SAMPLE // 2] + body[-GUESS_SAMPLE // 2 :]).best()
    return body.decode(codec(best.encoding if best else "") or "cp1252", "replace")


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


def words(texts: Iterable[str]) -> str:
    """Pieces of text as one line: white space folded, joined by blanks."""
    return " ".join(" ".join(texts).split())


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


def _claims(head: bytes, content_type: str) -> list[str]:
    """Codecs the header, the XML declaration and the meta element name, in that order."""
    labels = [m.group(1) for m in [_HEADER_CHARSET.search(content_type)] if m]
    labels += [
        m.group(1).decode("ascii", "replace") for m in [_XML_CHARSET.search(head), _META_CHARSET.search(head)] if m
    ]
    return [name for name in map(codec, labels) if name and name != "utf-16-le" and name != "utf-16"]
