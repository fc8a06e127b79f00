"""Writes feeds in every format, and sitemaps: plain functions from items to text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Item:
    """One story as a listing tells it. `html` is the whole text as HTML, or "" when the feed gives none."""

    link: str
    guid: str
    title: str
    summary: str
    published: datetime
    updated: datetime
    author: str = ""
    section: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What a listing says of itself. `address` is its own."""

    title: str
    home: str
    address: str
    language: str
    description: str = ""
    ttl: int = 1  # minutes
    skip_hours: tuple[int, ...] = ()  # UTC


def feed(format: str, head: Head, items: Sequence[Item]) -> tuple[str, str]:
    """A feed in one of FORMATS, as (content type, text). Raises KeyError for a format not known."""
    content_type, write = FORMATS[format]
    return content_type, write(head, items)


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _channel(head: Head) -> str:
    return _tag("title", head.title) + _tag("link", head.home) + _tag("description", head.description or head.title)


def _rss091(head: Head, items: Sequence[Item]) -> str:
    told = "\n".join(
        f"<item>{_tag('title', i.title)}{_tag('link', i.link)}{_tag('description', i.summary)}</item>" for i in items
    )
    language = _tag("language", head.language)
    return f'{XML}<rss version="0.91"><channel>{_channel(head)}{language}\n{told}\n</channel></rss>\n'


def _rss092(head: Head, items: Sequence[Item]) -> str:
    told = "\n".join(
        f"<item>{_tag('title', i.title)}{_tag('link', i.link)}{_tag('description', i.summary)}"
        f"{_tag('pubDate', format_datetime(i.published))}{_tag('category', i.section)}</item>"
        for i in items
    )
    built = _tag("lastBuildDate", format_datetime(items[0].updated)) if items else ""
    return f'{XML}<rss version="0.92"><channel>{_channel(head)}{built}\n{told}\n</channel></rss>\n'


def _rss20(head: Head, items: Sequence[Item]) -> str:
    spaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom"'
    )
    self_link = f'<atom:link href={quoteattr(head.address)} rel="self" type="application/rss+xml"/>'
    hours = "".join(f"<hour>{hour}</hour>" for hour in head.skip_hours)
    skip = f"<skipHours>{hours}</skipHours>" if hours else ""
    meta = f"{_tag('language', head.language)}{self_link}<ttl>{head.ttl}</ttl>{skip}"
    return (
        f'{XML}<rss version="2.0" {spaces}><channel>{_channel(head)}{meta}\n{_rss20_items(items)}\n</channel></rss>\n'
    )


def _rss20_items(items: Iterable[Item]) -> str:
    def one(item: Item) -> str:
        whole = f"<content:encoded><![CDATA[{item.html}]]></content:encoded>" if item.html else ""
        permanent = "true" if item.guid == item.link else "false"
        return (
            f"<item>{_tag('title', item.title)}{_tag('link', item.link)}"
            f'<guid isPermaLink="{permanent}">{escape(item.guid)}</guid>{_tag("dc:creator", item.author)}'
            f"{_tag('category', item.section)}{_tag('pubDate', format_datetime(item.published))}"
            f"{_tag('description', item.summary)}{whole}</item>"
        )

    return "\n".join(one(item) for item in items)


def _rss10(head: Head, items: Sequence[Item]) -> str:
    spaces = (
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    order = "".join(f"<rdf:li rdf:resource={quoteattr(i.link)}/>" for i in items)
    told = "\n".join(
        f"<item rdf:about={quoteattr(i.link)}>{_tag('title', i.title)}{_tag('link', i.link)}"
        f"{_tag('description', i.summary)}{_tag('dc:creator', i.author)}{_tag('dc:subject', i.section)}"
        f"<dc:date>{i.published.isoformat(timespec='seconds')}</dc:date></item>"
        for i in items
    )
    meta = f"{_channel(head)}<dc:language>{head.language}</dc:language>"
    return (
        f"{XML}<rdf:RDF {spaces}><channel rdf:about={quoteattr(head.address)}>{meta}"
        f"<items><rdf:Seq>{order}</rdf:Seq></items></channel>\n{told}\n</rdf:RDF>\n"
    )


def _atom03(head: Head, items: Sequence[Item]) -> str:
    def one(item: Item) -> str:
        return (
            f'<entry>{_tag("title", item.title)}<link rel="alternate" type="text/html" href={quoteattr(item.link)}/>'
            f"{_tag('id', item.guid)}<issued>{_z(item.published)}</issued><modified>{_z(item.updated)}</modified>"
            f'<author>{_tag("name", item.author or head.title)}</author><summary type="text/plain">'
            f"{escape(item.summary)}</summary></entry>"
        )

    link = f'<link rel="alternate" type="text/html" href={quoteattr(head.home)}/>'
    when = f"<modified>{_z(items[0].updated)}</modified>" if items else ""
    told = "\n".join(one(item) for item in items)
    start = f'<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="{head.language}">'
    return f"{XML}{start}{_tag('title', head.title)}{link}{when}\n{told}\n</feed>\n"


def _atom10(head: Head, items: Sequence[Item]) -> str:
    def one(item: Item) -> str:
        whole = f'<content type="html">{escape(item.html)}</content>' if item.html else ""
        section = f"<category term={quoteattr(item.section)}/>" if item.section else ""
        return (
            f"<entry>{_tag('title', item.title)}<link href={quoteattr(item.link)}/>{_tag('id', item.guid)}"
            f"<published>{item.published.isoformat(timespec='seconds')}</published>"
            f"<updated>{item.updated.isoformat(timespec='seconds')}</updated>"
            f"<author>{_tag('name', item.author or head.title)}</author>{section}"
            f'<summary type="html">{escape("<p>" + escape(item.summary) + "</p>")}</summary>{whole}</entry>'
        )

    when = f"<updated>{items[0].updated.isoformat(timespec='seconds')}</updated>" if items else ""
    links = f'<link href={quoteattr(head.home)}/><link rel="self" href={quoteattr(head.address)}/>'
    told = "\n".join(one(item) for item in items)
    start = f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{head.language}">'
    return f"{XML}{start}{_tag('title', head.title)}{_tag('id', head.address)}{links}{when}\n{told}\n</feed>\n"


def _json11(head: Head, items: Sequence[Item]) -> str:
    told = [
        {
            "id": item.guid,
            "url": item.link,
            "title": item.title,
            "summary": item.summary,
            **({"content_html": item.html} if item.html else {"content_text": item.summary}),
            "date_published": item.published.isoformat(timespec="seconds"),
            "date_modified": item.updated.isoformat(timespec="seconds"),
            **({"authors": [{"name": item.author}]} if item.author else {}),
            "tags": [item.section] if item.section else [],
        }
        for item in items
    ]
    start = {"version": "https://jsonfeed.org/version/1.1", "title": head.title, "home_page_url": head.home}
    more = {"feed_url": head.address, "language": head.language, "items": told}
    return json.dumps({**start, **more}, ensure_ascii=False, indent=1)


FORMATS: Mapping[str, tuple[str, Callable[[Head, Sequence[Item]], str]]] = {
    "rss091": ("text/xml; charset=utf-8", _rss091),
    "rss092": ("application/xml; charset=utf-8", _rss092),
    "rss10": ("application/rdf+xml; charset=utf-8", _rss10),
    "rss20": ("application/rss+xml; charset=utf-8", _rss20),
    "atom03": ("application/xml; charset=utf-8", _atom03),
    "atom10": ("application/atom+xml; charset=utf-8", _atom10),
    "json11": ("application/feed+json; charset=utf-8", _json11),
}


def sitemap(items: Iterable[Item]) -> str:
    """A plain sitemap with lastmod."""
    told = "\n".join(f"<url>{_tag('loc', i.link)}<lastmod>{_z(i.updated)}</lastmod></url>" for i in items)
    return f'{XML}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{told}\n</urlset>\n'


def news_sitemap(head: Head, items: Iterable[Item]) -> str:
    """A Google-news sitemap: title, publication and time of every story."""
    paper = (
        f"<news:publication>{_tag('news:name', head.title)}{_tag('news:language', head.language)}</news:publication>"
    )
    told = "\n".join(
        f"<url>{_tag('loc', i.link)}<news:news>{paper}<news:publication_date>"
        f"{i.published.isoformat(timespec='seconds')}</news:publication_date>{_tag('news:title', i.title)}"
        "</news:news></url>"
        for i in items
    )
    spaces = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    )
    return f"{XML}<urlset {spaces}>\n{told}\n</urlset>\n"


def sitemap_index(addresses: Iterable[str], changed: datetime) -> str:
    """An index that names other sitemaps, the newest first."""
    told = "\n".join(f"<sitemap>{_tag('loc', a)}<lastmod>{_z(changed)}</lastmod></sitemap>" for a in addresses)
    return f'{XML}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{told}\n</sitemapindex>\n'


def _z(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
