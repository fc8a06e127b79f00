"""RSS 2.0 (https://www.rssboard.org/rss-specification), with the few extensions that readers know.

`dcterms:modified` tells what changed since it was told of: RSS itself has no element for that.
"""

from __future__ import annotations

from email.utils import format_datetime

from lxml import etree
from lxml.builder import ElementMaker

from pipeline.telling import Telling, moment
from web.feeds.feed import GENERATOR, LANGUAGE, Feed, Format, clean, content, headline, labels, language, name

_ATOM, _DC = "http://www.w3.org/2005/Atom", "http://purl.org/dc/elements/1.1/"
_CONTENT, _TERMS = "http://purl.org/rss/1.0/modules/content/", "http://purl.org/dc/terms/"
_NAMES = {"atom": _ATOM, "dc": _DC, "content": _CONTENT, "dcterms": _TERMS}
MEDIA_TYPE = "application/rss+xml"
E = ElementMaker()


def write(feed: Feed) -> bytes:
    """The document in UTF-8."""
    own = {"href": feed.address, "rel": "self", "type": MEDIA_TYPE}
    channel = E.channel(
        E.title(headline(feed.title)),
        E.link(feed.home),
        E.description(clean(feed.description)),
        etree.Element(f"{{{_ATOM}}}link", own),
        E.language(LANGUAGE),
        E.generator(GENERATOR),
        E.lastBuildDate(format_datetime(feed.updated, usegmt=True)),
        *(_item(one, feed.full) for one in feed.items),
    )
    root = etree.Element("rss", version="2.0", nsmap=_NAMES)
    root.append(channel)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _item(told: Telling, full: bool) -> etree._Element:
    item: etree._Element = E.item(E.title(headline(told.title)))
    if told.url:
        item.append(E.link(told.url))
    item.append(E.guid(told.alert.id, isPermaLink="false"))
    item.append(E.pubDate(format_datetime(told.alert.made, usegmt=True)))
    item.append(E.description(content(told, full=False)))
    if full:
        item.append(_named(_CONTENT, "encoded", content(told, full=True)))
    if outlet := name(told.outlet):
        item.append(_named(_DC, "creator", outlet))
    if code := language(told):
        item.append(_named(_DC, "language", code))
    item.extend(E.category(one) for one in labels(told))
    item.append(_named(_TERMS, "modified", moment(told.told) or ""))
    return item


def _named(space: str, tag: str, text: str) -> etree._Element:
    element = etree.Element(f"{{{space}}}{tag}")
    element.text = text
    return element


RSS = Format("rss", MEDIA_TYPE, write)
