"""OPML in and out: the lists of feeds that other readers export, and ours for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from crawlers.codes import LANGUAGES
from crawlers.registry import bare_address
from crawlers.source_keys import is_address
from crawlers.xmlguard import local_name
from pipeline.errors import BadInput
from pipeline.types import Source

MAX_BYTES = 20_000_000  # a list of 100,000 feeds is about 20 MB
# Hosts that serve the feeds of many outlets: what they serve is not one site.
_SHARED_HOSTS = ("feedburner.com", "feedburner.google.com", "rss.app", "feedblitz.com", "rsshub.app", "news.google.com")
_FEED_LABELS = ("www", "feeds", "feed", "rss", "e00", "api", "m")  # first labels that do not tell outlets apart
_SECOND_LEVEL = ("ac", "co", "com", "edu", "gob", "gov", "gouv", "go", "mil", "ne", "net", "or", "org")


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    """One feed of an OPML file. `folder` is the titles of the outlines it lies in, outermost first."""

    title: str
    xml_url: str
    html_url: str = ""
    language: str = ""
    folder: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether `xml_url` is an address we can ask."""
        return is_address(self.xml_url)


def read_opml(data: bytes) -> list[OpmlFeed]:
    """The feeds of an OPML file, each address once, in its order; broken XML is read as far as it makes sense.

    Feeds whose address we cannot ask are there too (`OpmlFeed.usable` is False), so that a person can be told.
    Raises BadInput for what is no OPML, is larger than MAX_BYTES or declares XML entities.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(f"the OPML file has {len(data):,} bytes; the most that is read is {MAX_BYTES:,}")
    # Every entity of a bomb has to be declared, in whatever width the encoding writes it.
    if b"<!ENTITY" in data.replace(b"\0", b""):
        raise BadInput("the OPML file declares XML entities, which no list of feeds needs: not read")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadInput(f"not an OPML file: {error}") from error
    if root is None or _local(root) not in ("opml", "body", "outline"):
        raise BadInput(
            "not an OPML file: it must hold <opml> with <outline xmlUrl=…>; export it from your reader again"
        )
    feeds: dict[str, OpmlFeed] = {}
    for outline in root.iter():
        values = {str(key).lower(): str(value).strip() for key, value in outline.attrib.items()}
        url = _plain_address(values.get("xmlurl", ""))
        key = bare_address(url) if is_address(url) else url
        if _local(outline) == "outline" and url and key not in feeds:
            feeds[key] = OpmlFeed(
                title=_title(values),
                xml_url=url,
                html_url=_plain_address(values.get("htmlurl", "")),
                language=values.get("language", ""),
                folder=_folder(outline),
            )
    return list(feeds.values())


def sources_from_opml(data: bytes) -> list[Source]:
    """One Source a site from the usable feeds of an OPML file, ids from host names and unlike each other.

    What OPML does not tell is "ZZ" (country) and, unless the feed says it, "und" (language). Raises as `read_opml`.
    """
    sites: dict[str, list[OpmlFeed]] = {}
    for feed in read_opml(data):
        if feed.usable:
            sites.setdefault(_site(feed), []).append(feed)
    taken: set[str] = set()
    return [_source(site, feeds, taken) for site, feeds in sites.items()]


def write_opml(sources: Iterable[Source], title: str = "Wirewatch sources") -> bytes:
    """OPML 2.0 of the sources, a folder a country. A source without feeds is there as a link to its home page."""
    opml = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = _clean(title)
    body = etree.SubElement(opml, "body")
    folders: dict[str, etree._Element] = {}
    for source in sorted(sources, key=lambda source: (source.country, source.name.casefold(), source.id)):
        if source.country not in folders:
            folders[source.country] = etree.SubElement(body, "outline", text=source.country, title=source.country)
        folder = folders[source.country]
        name = {"text": _clean(source.name), "title": _clean(source.name)}
        for url in source.feeds:
            where = {"xmlUrl": url, "htmlUrl": source.homepage, "language": source.language}
            etree.SubElement(folder, "outline", {"type": "rss", **name, **where})
        if not source.feeds:
            etree.SubElement(folder, "outline", {"type": "link", **name, "url": source.homepage})
    return etree.tostring(opml, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def id_for_host(host: str) -> str:
    """A source id from a host name: "www.bbc.co.uk" gives "bbc", "news.un.org" gives "news-un"."""
    plain = unicodedata.normalize("NFKD", host.lower()).encode("ascii", "ignore").decode()
    labels = [label for label in plain.split(".") if label]
    while len(labels) > 2 and labels[0] in _FEED_LABELS:
        labels.pop(0)
    if len(labels) > 1 and not labels[-1].isdigit():
        country = labels.pop()
        if len(labels) > 1 and len(country) == 2 and labels[-1] in _SECOND_LEVEL:
            labels.pop()
    return re.sub(r"[^a-z0-9]+", "-", "-".join(labels)).strip("-")[:60].rstrip("-") or "source"


def unlike(id_: str, taken: Iterable[str]) -> str:
    """`id_`, with "-2", "-3" … behind it if it is taken."""
    used = set(taken)
    number = 2
    name = id_
    while name in used:
        name = f"{id_}-{number}"
        number += 1
    return name


def _source(site: str, feeds: list[OpmlFeed], taken: set[str]) -> Source:
    first = feeds[0]
    home = next((feed.html_url for feed in feeds if is_address(feed.html_url)), "")
    parts = urlsplit(home or first.xml_url)
    host = parts.hostname or site
    id_ = unlike(id_for_host(site) if "/" in site else id_for_host(host), taken)
    taken.add(id_)
    language = next((feed.language[:2].lower() for feed in feeds if feed.language), "und")
    return Source(
        id=id_,
        name=first.title if len(feeds) == 1 and first.title else _common_title(feeds) or host,
        country="ZZ",
        language=language if language in LANGUAGES else "und",
        homepage=f"{parts.scheme}://{parts.netloc}/",
        feeds=tuple(feed.xml_url for feed in feeds),
        confirmed_how="not confirmed: taken from an OPML file",
    )


def _site(feed: OpmlFeed) -> str:
    """What the feeds of one outlet have in common: the host of its pages, or of the feed unless many share that."""
    for url in (feed.html_url, feed.xml_url):
        parts = urlsplit(url) if is_address(url) else None
        if parts is None or not parts.hostname:
            continue
        host = parts.hostname
        if any(host == shared or host.endswith("." + shared) for shared in _SHARED_HOSTS):
            continue
        labels = host.split(".")
        while len(labels) > 2 and labels[0] in _FEED_LABELS:
            labels.pop(0)
        return ".".join(labels)
    parts = urlsplit(feed.xml_url)
    return f"{parts.path}{'-' if parts.query else ''}{parts.query}".lower() or feed.xml_url


def _common_title(feeds: list[OpmlFeed]) -> str:
    """ "BBC News - World" and "BBC News - Technology" have "BBC News" in common."""
    words = [re.split(r"\s+", feed.title) for feed in feeds if feed.title]
    common: list[str] = []
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        common.append(column[0])
    return " ".join(common).rstrip(" -–—|:>»,")


def _folder(outline: etree._Element) -> tuple[str, ...]:
    titles: list[str] = []
    for parent in outline.iterancestors():
        if _local(parent) == "outline":
            title = _title({str(key).lower(): str(value) for key, value in parent.attrib.items()})
            if title:
                titles.append(title)
    return tuple(reversed(titles))


def _title(values: dict[str, str]) -> str:
    return re.sub(r"\s+", " ", values.get("title") or values.get("text") or "").strip()


def _local(element: etree._Element) -> str:
    """The element's name without its namespace, lower case; "" for a comment or the like."""
    return local_name(element.tag).lower() if isinstance(element.tag, str) else ""


def _plain_address(url: str) -> str:
    """Old readers write feed:https://… and feed://…"""
    url = re.sub(r"(?i)^feed:(?=https?:)", "", url.strip())
    return re.sub(r"(?i)^feed:/*", "http://", url)


def _clean(text: str) -> str:
    """Without the characters XML has no place for."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
