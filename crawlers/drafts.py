"""The elements of a feed's entries, one handler each, in feedparser's reading: `fastfeed` drives them.

A handler takes the draft of an entry, the element and its depth below the entry, and raises `Odd` at whatever only
feedparser may judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from lxml import etree

from crawlers import vocabulary as names
from crawlers.entries import mend_encoding, parse_when, person_name

_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[^\s<>;\\]*)?(?<![?#])")
_HTML_TYPES = ("html", "text/html", "xhtml", "application/xhtml+xml")
_TEXT_TYPES = {"text": False, "text/plain": False, "html": True, "text/html": True}


class Odd(Exception):
    """Something that only feedparser may judge."""


class Draft:
    """What is known of an entry (or of the feed) while its elements are read in their order."""

    link: str | None = None
    guid: str | None = None
    permalink = False
    title: str | None = None
    media_title = False
    title_open = False  # an element came after which feedparser takes another title
    summary: etree._Element | None = None
    summary_depth = 0  # 0: only copied from the content
    content: etree._Element | None = None
    has_content = False
    authors: tuple[str, ...] = ()
    mailed = False  # the author came with a mail address
    tags: tuple[str, ...] = ()
    language = ""

    def __init__(self, html: bool) -> None:
        """`html`: whether text without a type is HTML, as in RSS."""
        self.html = self.title_html = self.summary_html = self.content_html = html
        self.dates: dict[str, tuple[str, datetime]] = {}


Handler = Callable[[Draft, etree._Element, int], None]
Handlers = Mapping[str, Handler]


def pass_over(draft: Draft, element: etree._Element, depth: int) -> None:
    """An element without a handler: odd, unless neither it nor what it holds means anything (but for Media RSS)."""
    if not names.harmless(element.tag, element.prefix):
        raise Odd
    for part in element:
        handler = NESTED.get(part.tag)
        if handler is None:
            pass_over(draft, part, depth + 1)
        else:
            handler(draft, part, depth + 1)


def _text(element: etree._Element) -> str:
    """Its text, which must be all it holds."""
    if len(element):
        raise Odd
    text = element.text
    if not text:
        return ""
    text = text.strip()
    return text if text.isascii() else mend_encoding(text)


def _is_html(draft: Draft, element: etree._Element, default: bool) -> bool:
    """Whether a text element holds HTML, by its type; odd types and modes are odd."""
    html = default
    for name, value in _attributes(element) if element.keys() else ():
        if name == "type" and value.lower() in _TEXT_TYPES:
            html = _TEXT_TYPES[value.lower()]
        elif draft.html or not name.startswith("{http://www.w3.org/XML/1998/namespace}"):
            raise Odd
    return html or draft.html


def _attributes(element: etree._Element) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in element.items()]


def checked(link: str) -> str:
    """A link that is the same after resolving it."""
    if not _LINK.fullmatch(link) or "?#" in link:
        raise Odd
    return link


def read_title(draft: Draft, element: etree._Element, depth: int) -> None:
    """The title, which may come once."""
    if draft.title is not None:
        raise Odd
    draft.title = _text(element)
    draft.title_html = _is_html(draft, element, False)


def _media_title(draft: Draft, element: etree._Element, depth: int) -> None:
    _text(element)
    draft.media_title = True


def _opens_title(draft: Draft, element: etree._Element, depth: int) -> None:
    _text(element)
    draft.title_open = True


def read_link(draft: Draft, element: etree._Element, depth: int) -> None:
    """RSS's link, or Atom's when it leads to an HTML page; the last one counts."""
    href = element.get("href")
    if href is None:
        if not draft.html or element.attrib:
            raise Odd
        draft.link = checked(_text(element))
        return
    if len(element) or element.get("url") or element.get("uri"):
        raise Odd
    rel = element.get("rel", "alternate").lower()
    if rel == "alternate" and element.get("type", "html").lower() in _HTML_TYPES:
        draft.link = checked(href)


def read_guid(draft: Draft, element: etree._Element, depth: int) -> None:
    """An id, which stands in for a missing link unless it says that it is none."""
    if draft.guid is not None:
        raise Odd
    draft.permalink = True
    for name, value in _attributes(element) if element.keys() else ():
        if name.lower() == "ispermalink":
            draft.permalink = value == "true"
    draft.guid = _text(element)


def _describes(default: bool) -> Handler:
    """A summary, unless there is one: then it is content, once."""

    def handle(draft: Draft, element: etree._Element, depth: int) -> None:
        if len(element):
            raise Odd
        html = _is_media(element) or _is_html(draft, element, default)
        if draft.summary is not None and not draft.has_content:
            draft.has_content = True
            if draft.content is None:
                draft.content, draft.content_html = element, html
        elif not draft.summary_depth or depth <= draft.summary_depth:
            draft.summary, draft.summary_html, draft.summary_depth = element, html, depth
        elif not draft.html:
            raise Odd

    return handle


def _is_media(element: etree._Element) -> bool:
    """Whether it is a media:description of HTML or of no type."""
    return element.tag == names.MEDIA + "description" and element.get("type", "html") == "html"


def read_content(draft: Draft, element: etree._Element, depth: int) -> None:
    """The whole text: also the summary as long as there is no other."""
    if len(element):
        raise Odd
    html = _is_html(draft, element, element.tag == names.CONTENT + "encoded")
    draft.has_content = True
    if draft.summary is None:
        draft.summary, draft.summary_html = element, html
    if draft.content is None:
        draft.content, draft.content_html = element, html


def _byline(draft: Draft, element: etree._Element, depth: int) -> None:
    """An author as one text: a name, or an address with a name in one of the two usual ways."""
    name = _text(element)
    if draft.mailed or ("@" in name and draft.authors):
        raise Odd
    if "@" in name:
        draft.mailed = True
        told = person_name(name)
        if told is None:
            raise Odd
        name = told
    if name:
        draft.authors += (name,)


def _person(draft: Draft, element: etree._Element, depth: int) -> None:
    """An author of Atom."""
    if (element.text or "").strip():
        raise Odd
    for part in element:
        if len(part):
            raise Odd
        if part.tag == names.ATOM + "name":
            if name := (part.text or "").strip():
                draft.authors += (name,)
        elif part.tag not in _PERSON_PARTS and not names.harmless(part.tag, part.prefix):
            raise Odd


def _contributor(draft: Draft, element: etree._Element, depth: int) -> None:
    if any(len(part) or part.tag not in _PERSON_PARTS for part in element):
        raise Odd


def _dated(name: str) -> Handler:
    """A date, which may come once."""

    def handle(draft: Draft, element: etree._Element, depth: int) -> None:
        raw = _text(element)
        when = parse_when(raw)
        if when is None or name in draft.dates:
            raise Odd
        draft.dates[name] = (raw, when)

    return handle


def _category(draft: Draft, element: etree._Element, depth: int) -> None:
    value = _text(element)
    if element.keys():
        term = element.get("term", "").strip()
        if (term and value) or (element.get("label") and not term):
            raise Odd
        value = term or value
    if value:
        draft.tags += (value,)


def _keywords(draft: Draft, element: etree._Element, depth: int) -> None:
    if element.keys():
        raise Odd
    draft.tags += tuple(filter(None, (word.strip() for word in _text(element).split(","))))


def read_language(draft: Draft, element: etree._Element, depth: int) -> None:
    """A language tag, as written."""
    draft.language = _text(element)


def _skip(draft: Draft, element: etree._Element, depth: int) -> None:
    if len(element):
        raise Odd


plain_summary = _describes(False)
_PERSON_PARTS = frozenset(names.ATOM + name for name in ("name", "uri", "email"))
_COMMON: dict[str, Handler] = {
    names.DC + "creator": _byline,
    names.DC + "author": _byline,
    names.DC + "title": read_title,
    names.DC + "description": _describes(True),
    names.DC + "date": _dated("updated"),
    names.DC + "subject": _category,
    names.DC + "language": read_language,
    names.DCTERMS + "issued": _dated("published"),
    names.DCTERMS + "modified": _dated("updated"),
    names.DCTERMS + "created": _dated("created"),
    names.CONTENT + "encoded": read_content,
    names.MEDIA + "title": _media_title,
    names.MEDIA + "description": _describes(True),
    names.MEDIA + "category": _category,
    names.MEDIA + "keywords": _keywords,
    names.ITUNES + "author": _byline,
    names.ITUNES + "summary": plain_summary,
    names.ITUNES + "keywords": _keywords,
}
NESTED: Handlers = {tag: handler for tag, handler in _COMMON.items() if tag.startswith(names.MEDIA)}
RSS: Handlers = _COMMON | {
    "title": read_title,
    "link": read_link,
    "guid": read_guid,
    "description": _describes(True),
    "author": _byline,
    "pubDate": _dated("published"),
    "category": _category,
    "language": read_language,
    "source": _opens_title,
    "image": _opens_title,
    "enclosure": _skip,
    "copyright": _skip,
    names.ATOM + "link": read_link,
    names.ATOM + "updated": _dated("updated"),
    names.ATOM + "published": _dated("published"),
}
RDF: Handlers = _COMMON | {
    names.RSS1 + "title": read_title,
    names.RSS1 + "link": read_link,
    names.RSS1 + "description": _describes(True),
}
ATOM: Handlers = _COMMON | {
    names.ATOM + "title": read_title,
    names.ATOM + "link": read_link,
    names.ATOM + "id": read_guid,
    names.ATOM + "summary": plain_summary,
    names.ATOM + "content": read_content,
    names.ATOM + "author": _person,
    names.ATOM + "contributor": _contributor,
    names.ATOM + "published": _dated("published"),
    names.ATOM + "updated": _dated("updated"),
    names.ATOM + "category": _category,
    names.ATOM + "rights": _skip,
}
