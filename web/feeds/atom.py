"""Atom (RFC 4287)."""

from __future__ import annotations

from lxml import etree
from lxml.builder import ElementMaker

from pipeline.telling import Telling, moment
from web.feeds.feed import GENERATOR, LANGUAGE, Feed, Format, clean, content, labels, language, name

_ATOM = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MEDIA_TYPE = "application/atom+xml"
E = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})


def write(feed: Feed) -> bytes:
    """The document in UTF-8."""
    root = E.feed(
        {_LANG: LANGUAGE},
        E.id(feed.id),
        E.title(clean(feed.title), type="text"),
        E.subtitle(clean(feed.description)),
        E.updated(moment(feed.updated) or ""),
        E.link(rel="self", href=feed.address, type=MEDIA_TYPE),
        E.link(rel="alternate", href=feed.home),
        E.author(E.name(GENERATOR)),
        E.generator(GENERATOR),
        *(_entry(one, feed.full) for one in feed.items),
    )
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _entry(told: Telling, full: bool) -> etree._Element:
    entry: etree._Element = E.entry(
        E.id(f"urn:wirewatch:{told.alert.id}"),
        E.title(clean(told.title), type="text"),
        E.updated(moment(told.told) or ""),
        E.published(moment(told.alert.made) or ""),
    )
    if told.url:
        entry.append(E.link(rel="alternate", href=told.url))
    if outlet := name(told.outlet):
        entry.append(E.author(E.name(outlet)))
    entry.extend(E.category(term=one) for one in labels(told))
    body = E.content(content(told, full), type="html")
    entry.append(body)
    entry.set(_LANG, language(told))
    return entry


ATOM = Format("atom", MEDIA_TYPE, write)
