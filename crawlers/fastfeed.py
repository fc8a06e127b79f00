"""The fast reader: plain, well-formed RSS and Atom, read as feedparser would read it, at a fortieth of its time.

It takes a feed only when it is sure of feedparser's answer, and says None to everything else: other encodings than
UTF-8, a doctype, markup inside text elements, relative or missing links, dates in other forms than RFC 822 and ISO
8601, an element twice that may come once, an element of feedparser's vocabulary that it has no handler for. What
feedparser does with an order of elements (which of description, media:description, itunes:summary and
content:encoded is the summary) is done here in the same order. A test runs both over feedparser's own test suite.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from lxml import etree

from crawlers import vocabulary as names
from crawlers.entries import (
    MAX_ENTRIES,
    MAX_SUMMARY,
    date_of,
    headline,
    language_code,
    make_entry,
    mend_encoding,
    parse_when,
    plain,
    shorten,
    unique,
)
from crawlers.pauses import read_schedule
from pipeline.types import Entry, Listing

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)[\"']")
_UTF8 = ("utf-8", "utf8", "us-ascii", "ascii")
_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[^\s<>;\\]*)?(?<![?#])")
_MAIL = r"[\w.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,4}"
_PERSON = re.compile(rf"{_MAIL} \(([^()<>@]+)\)|([^()<>@]+) <{_MAIL}>|{_MAIL}", re.ASCII)
_VERSIONS = {"0.91": "rss 0.91", "0.92": "rss 0.92", "0.93": "rss 0.93", "0.94": "rss 0.94"}
_HTML_TYPES = ("html", "text/html", "xhtml", "application/xhtml+xml")
_TEXT_TYPES = {"text": False, "text/plain": False, "html": True, "text/html": True}


class _Odd(Exception):
    """Something that only feedparser may judge."""


class _Draft:
    """What is known of an entry (or of the feed) while its elements are read in their order."""

    def __init__(self, html: bool) -> None:
        self.html = html  # whether text without a type is HTML: RSS
        self.link: str | None = None
        self.guid: str | None = None
        self.permalink = False
        self.title: str | None = None
        self.title_html = html
        self.media_title = False
        self.title_open = False  # an element came after which feedparser takes another title
        self.summary: etree._Element | None = None
        self.summary_html = html
        self.summary_depth = 0  # 0: only copied from the content
        self.content: etree._Element | None = None
        self.content_html = html
        self.has_content = False
        self.authors: list[str] = []
        self.tags: list[str] = []
        self.language = ""
        self.dates: dict[str, tuple[str, datetime]] = {}


_Handler = Callable[[_Draft, etree._Element, int], None]
_Handlers = Mapping[str, _Handler]


def read_fast(body: bytes, headers: Mapping[str, str], fetched: datetime) -> Listing | None:
    """The listing, or None when feedparser must judge. Never raises; `Listing.reader` is "fast"."""
    charset = _CHARSET.search(headers.get("content-type", ""))
    declared = _DECLARED.match(body, 3 if body.startswith(b"\xef\xbb\xbf") else 0)
    if (
        (charset and charset[1].lower() not in _UTF8)
        or (declared and declared[1].decode().lower() not in _UTF8)
        or b"<!DOCTYPE" in body
        or b"<!ENTITY" in body
    ):
        return None
    try:
        return _read(etree.fromstring(body, _parser()), body, fetched)
    except (_Odd, etree.XMLSyntaxError, ValueError):
        return None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


def _read(root: etree._Element, body: bytes, fetched: datetime) -> Listing:
    """Dispatch on the root; raise _Odd."""
    feed, items, kind, handlers = _split(root)
    language = language_code(feed.language)
    entries, _ = unique(_entry(item, handlers, feed.html, language, fetched) for item in items[:MAX_ENTRIES])
    schedule = read_schedule(body)
    return Listing(
        entries,
        kind,
        "fast",
        title=headline(feed.title or "", feed.title_html),
        language=language,
        home=feed.link if feed.link is not None else feed.guid or "",
        ttl=schedule.ttl,
        skip_hours=schedule.skip_hours,
        skip_days=schedule.skip_days,
        warning=f"only {MAX_ENTRIES} of {len(items)} entries read" if len(items) > MAX_ENTRIES else "",
    )


def _split(root: etree._Element) -> tuple[_Draft, list[etree._Element], str, _Handlers]:
    """(what the feed says of itself, its items, its format, the handlers of their elements)."""
    tag, version = root.tag, root.get("version", "")
    if tag == "rss" and len(root) == 1 and root[0].tag == "channel" and not root[0].attrib:
        kind = _VERSIONS.get(version) or ("rss 2.0" if version.startswith("2.") else "rss")
        parts, item, handlers = list(root[0]), "item", RSS
    elif tag == names.ATOM + "feed":
        kind, parts, item, handlers = "atom 1.0", list(root), names.ATOM + "entry", ATOM
    elif tag == names.RDF + "RDF" and _is_rss1(root):
        channel = names.RSS1 + "channel"
        parts = [part for holder in root.findall(channel) for part in holder]
        parts += [part for part in root if part.tag != channel]
        kind, item, handlers = "rss 1.0", names.RSS1 + "item", RDF
    else:
        raise _Odd
    feed = _Draft(handlers is not ATOM)
    if handlers is not RDF:
        feed.language = root.get(names.LANG, root.get("lang", ""))
    items = [part for part in parts if part.tag == item]
    for part in parts:
        if part.tag != item:
            _describe(feed, part, handlers)
    return feed, items, kind, handlers


def _is_rss1(root: etree._Element) -> bool:
    """Whether an RDF document is a plain RSS 1.0 feed: one channel, then its image, items and text input."""
    known = {names.RSS1 + name for name in ("channel", "item", "image", "textinput")}
    tags = [part.tag for part in root]
    return (
        names.ATOM_URI not in root.nsmap.values() and known.issuperset(tags) and tags.count(names.RSS1 + "channel") == 1
    )


def _describe(feed: _Draft, part: etree._Element, handlers: _Handlers) -> None:
    """One element of the feed's own. What could leak into its entries is odd."""
    name = part.tag.rpartition("}")[2]
    handler = handlers.get(part.tag)
    if len(part):
        if name not in _BRANCHES:
            raise _Odd
    elif (handler is None and name.lower() in _CORE) or handler in (_content, _plain_summary):
        raise _Odd
    elif handler is _title:
        if feed.title is None:
            _title(feed, part, 1)
    elif handler is _link and part.get("href") is None and not (part.text or "").strip():
        feed.link = ""
    elif handler in (_link, _language) or (handler is _guid and handlers is ATOM):
        handler(feed, part, 1)


def _entry(item: etree._Element, handlers: _Handlers, html: bool, language: str, fetched: datetime) -> Entry:
    """The entry of an item element."""
    draft = _Draft(html)
    for part in item:
        handler = handlers.get(part.tag)
        if handler is None:
            _pass_over(draft, part, 1)
        else:
            handler(draft, part, 1)
    link = draft.link or (_checked(draft.guid or "") if draft.permalink and draft.link is None else "")
    if not link or (draft.media_title and (not draft.title or draft.title_open)):
        raise _Odd
    dates = draft.dates
    published, how = date_of([("feed:" + name, *dates[name]) for name in _DATES if name in dates], fetched)
    entry = make_entry(
        link,
        title=headline(draft.title or "", draft.title_html),
        summary=_summary(draft),
        authors=tuple(dict.fromkeys(draft.authors)),
        published=published,
        how=how,
        language=language_code(draft.language) or language,
        tags=tuple(dict.fromkeys(draft.tags)),
        edited=dates["updated"][0] if "updated" in dates else "",
    )
    if entry is None:
        raise _Odd
    return entry


def _summary(draft: _Draft) -> str:
    """Plain text of the summary, of the content when it is empty."""
    for element, html in ((draft.summary, draft.summary_html), (draft.content, draft.content_html)):
        if element is not None and (text := mend_encoding((element.text or "").strip())):
            return plain(text) if html else shorten(" ".join(text.split()), MAX_SUMMARY)
    return ""


def _pass_over(draft: _Draft, element: etree._Element, depth: int) -> None:
    """An element without a handler: odd, unless neither it nor what it holds means anything (but for Media RSS)."""
    if not names.harmless(element.tag, element.prefix):
        raise _Odd
    for part in element:
        handler = NESTED.get(part.tag)
        if handler is None:
            _pass_over(draft, part, depth + 1)
        else:
            handler(draft, part, depth + 1)


def _text(element: etree._Element) -> str:
    """Its text, which must be all it holds."""
    if len(element):
        raise _Odd
    text = element.text
    if not text:
        return ""
    text = text.strip()
    return text if text.isascii() else mend_encoding(text)


def _is_html(draft: _Draft, element: etree._Element, default: bool) -> bool:
    """Whether a text element holds HTML, by its type; odd types and modes are odd."""
    html = default
    for name, value in _attributes(element) if element.keys() else ():
        if name == "type" and value.lower() in _TEXT_TYPES:
            html = _TEXT_TYPES[value.lower()]
        elif draft.html or not name.startswith("{http://www.w3.org/XML/1998/namespace}"):
            raise _Odd
    return html or draft.html


def _attributes(element: etree._Element) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in element.items()]


def _checked(link: str) -> str:
    """A link that is the same after resolving it."""
    if not _LINK.fullmatch(link) or "?#" in link:
        raise _Odd
    return link


# --- handlers: one element each, in feedparser's reading -----------------------------------------------------------


def _title(draft: _Draft, element: etree._Element, depth: int) -> None:
    if draft.title is not None:
        raise _Odd
    draft.title = _text(element)
    draft.title_html = _is_html(draft, element, False)


def _media_title(draft: _Draft, element: etree._Element, depth: int) -> None:
    _text(element)
    draft.media_title = True


def _opens_title(draft: _Draft, element: etree._Element, depth: int) -> None:
    _text(element)
    draft.title_open = True


def _link(draft: _Draft, element: etree._Element, depth: int) -> None:
    href = element.get("href")
    if href is None:
        if not draft.html or element.attrib:
            raise _Odd
        draft.link = _checked(_text(element))
        return
    if len(element) or element.get("url") or element.get("uri"):
        raise _Odd
    rel = element.get("rel", "alternate").lower()
    if rel == "alternate" and element.get("type", "html").lower() in _HTML_TYPES:
        draft.link = _checked(href)


def _guid(draft: _Draft, element: etree._Element, depth: int) -> None:
    if draft.guid is not None:
        raise _Odd
    draft.permalink = True
    for name, value in _attributes(element) if element.keys() else ():
        if name.lower() == "ispermalink":
            draft.permalink = value == "true"
    draft.guid = _text(element)


def _describes(default: bool) -> _Handler:
    """A summary, unless there is one: then it is content, once."""

    def handle(draft: _Draft, element: etree._Element, depth: int) -> None:
        if len(element):
            raise _Odd
        html = _is_media(element) or _is_html(draft, element, default)
        if draft.summary is not None and not draft.has_content:
            draft.has_content = True
            if draft.content is None:
                draft.content, draft.content_html = element, html
        elif not draft.summary_depth or depth <= draft.summary_depth:
            draft.summary, draft.summary_html, draft.summary_depth = element, html, depth
        elif not draft.html:
            raise _Odd

    return handle


def _is_media(element: etree._Element) -> bool:
    """Whether it is a media:description of HTML or of no type."""
    return element.tag == names.MEDIA + "description" and element.get("type", "html") == "html"


def _content(draft: _Draft, element: etree._Element, depth: int) -> None:
    if len(element):
        raise _Odd
    html = _is_html(draft, element, element.tag == names.CONTENT + "encoded")
    draft.has_content = True
    if draft.summary is None:
        draft.summary, draft.summary_html = element, html
    if draft.content is None:
        draft.content, draft.content_html = element, html


def _byline(draft: _Draft, element: etree._Element, depth: int) -> None:
    """An author as one text: a name, or an address with a name in one of the two usual ways."""
    name = _text(element)
    if "@" in name:
        person = _PERSON.fullmatch(name)
        if person is None:
            raise _Odd
        name = (person[1] or person[2] or "").strip()
    if name:
        draft.authors.append(name)


def _person(draft: _Draft, element: etree._Element, depth: int) -> None:
    """An author of Atom."""
    if (element.text or "").strip():
        raise _Odd
    for part in element:
        if len(part):
            raise _Odd
        if part.tag == names.ATOM + "name":
            if name := (part.text or "").strip():
                draft.authors.append(name)
        elif part.tag not in _PERSON_PARTS and not names.harmless(part.tag, part.prefix):
            raise _Odd


def _contributor(draft: _Draft, element: etree._Element, depth: int) -> None:
    if any(len(part) or part.tag not in _PERSON_PARTS for part in element):
        raise _Odd


def _dated(name: str) -> _Handler:
    """A date, which may come once."""

    def handle(draft: _Draft, element: etree._Element, depth: int) -> None:
        raw = _text(element)
        when = parse_when(raw)
        if when is None or name in draft.dates:
            raise _Odd
        draft.dates[name] = (raw, when)

    return handle


def _category(draft: _Draft, element: etree._Element, depth: int) -> None:
    value = _text(element)
    if element.keys():
        term = element.get("term", "").strip()
        if (term and value) or (element.get("label") and not term):
            raise _Odd
        value = term or value
    if value:
        draft.tags.append(value)


def _keywords(draft: _Draft, element: etree._Element, depth: int) -> None:
    draft.tags.extend(filter(None, (word.strip() for word in _text(element).split(","))))


def _language(draft: _Draft, element: etree._Element, depth: int) -> None:
    draft.language = _text(element)


def _skip(draft: _Draft, element: etree._Element, depth: int) -> None:
    if len(element):
        raise _Odd


_plain_summary = _describes(False)
_BRANCHES = frozenset(
    ("image", "author", "textinput", "textInput", "items", "skipHours", "skipDays", "owner", "contributor")
)
_CORE = frozenset(("rss", "channel", "feed", "item", "entry", "title", "link", "language"))
_DATES = ("published", "updated", "created")
_PERSON_PARTS = frozenset(names.ATOM + name for name in ("name", "uri", "email"))
_COMMON: dict[str, _Handler] = {
    names.DC + "creator": _byline,
    names.DC + "author": _byline,
    names.DC + "title": _title,
    names.DC + "description": _describes(True),
    names.DC + "date": _dated("updated"),
    names.DC + "subject": _category,
    names.DC + "language": _language,
    names.DCTERMS + "issued": _dated("published"),
    names.DCTERMS + "modified": _dated("updated"),
    names.DCTERMS + "created": _dated("created"),
    names.CONTENT + "encoded": _content,
    names.MEDIA + "title": _media_title,
    names.MEDIA + "description": _describes(True),
    names.MEDIA + "category": _category,
    names.MEDIA + "keywords": _keywords,
    names.ITUNES + "author": _byline,
    names.ITUNES + "summary": _plain_summary,
    names.ITUNES + "keywords": _keywords,
}
NESTED: _Handlers = {tag: handler for tag, handler in _COMMON.items() if tag.startswith(names.MEDIA)}
RSS: _Handlers = _COMMON | {
    "title": _title,
    "link": _link,
    "guid": _guid,
    "description": _describes(True),
    "author": _byline,
    "pubDate": _dated("published"),
    "category": _category,
    "language": _language,
    "source": _opens_title,
    "image": _opens_title,
    "enclosure": _skip,
    "copyright": _skip,
    names.ATOM + "link": _link,
    names.ATOM + "updated": _dated("updated"),
    names.ATOM + "published": _dated("published"),
}
RDF: _Handlers = _COMMON | {
    names.RSS1 + "title": _title,
    names.RSS1 + "link": _link,
    names.RSS1 + "description": _describes(True),
}
ATOM: _Handlers = _COMMON | {
    names.ATOM + "title": _title,
    names.ATOM + "link": _link,
    names.ATOM + "id": _guid,
    names.ATOM + "summary": _plain_summary,
    names.ATOM + "content": _content,
    names.ATOM + "author": _person,
    names.ATOM + "contributor": _contributor,
    names.ATOM + "published": _dated("published"),
    names.ATOM + "updated": _dated("updated"),
    names.ATOM + "category": _category,
    names.ATOM + "rights": _skip,
}
