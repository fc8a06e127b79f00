"""Story links of a section page, for outlets that have no feed."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urljoin

from lxml import html
from lxml.etree import ParserError, XMLSyntaxError

from crawlers.entries import MAX_ENTRIES, date_of, headline, language_code, make_entry
from crawlers.sitemaps import sitemap_date
from pipeline.errors import Unreadable
from pipeline.types import Entry, Listing
from pipeline.urls import same_site

MAX_PAGE = 4 << 20  # bytes of a page that are looked at
_AWAY = frozenset(("nav", "footer", "aside", "form", "dialog"))
_AWAY_WORDS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|footer|sidebar|most-(?:read|popular)|trending|related|"
    r"newsletter|social|share|cookie|promo|sponsored|advert\w*|pagination|tags?|byline)(?:$|[\s_-])",
    re.IGNORECASE,
)
_NOT_STORIES = re.compile(
    r"/(?:tags?|topics?|authors?|profile|contributors?|categor(?:y|ies)|sections?|search|login|signin|register|subscribe|"
    r"subscriptions?|newsletters?|podcasts?|videos?|gallery|galleries|photos?|live-tv|about(?:-us)?|contact(?:-us)?|"
    r"privacy(?:-policy)?|terms(?:-of-(?:use|service))?|cookies?|help|careers?|jobs|advertise|rss|feeds?|page|"
    r"wp-(?:admin|content|login)|events?|shop|store)(?:/|$|\.)|\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|xml|rss|css|js)$",
    re.IGNORECASE,
)
_DATED = re.compile(r"/(?:19|20)\d\d[/-]?[01]?\d(?:[/-]|\b)")
_NUMBERED = re.compile(r"(?:^|[/_.-])[a-z]{0,4}\d{5,}(?:$|[/_.-])|\d{6,}", re.IGNORECASE)
_SLUG = re.compile(r"/[^/]*[^\W\d_]+(?:[-_][^\W_]+){3,}[^/]*/?$")
_MIN_LETTERS = 18  # of a headline; "Read more" and names of sections are shorter
_MIN_WORDS = 3
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")  # scripts that put no spaces between words


def read_section(body: bytes, url: str, fetched: datetime, allow: tuple[re.Pattern[str], ...] = ()) -> Listing:
    """Stories that an HTML page links to, in its order, with the link's text as title.

    A link is a story when it stays on the site, is not part of the page's furniture, and its address or its text
    looks like one (two of: dated, numbered or slug address, headline-like text). An address that matches one of
    `allow` needs no more than that. A date is given only where a <time> stands beside the link. Raises Unreadable.
    """
    page = parse_html(body, url)
    base = base_of(page, url)
    found: dict[str, Entry] = {}
    for link in page.iter("a"):
        entry = _story(link, base, url, fetched, allow)
        if entry is None:
            continue
        known = found.get(entry.id)
        if known is None or len(entry.title) > len(known.title):  # the picture's link comes before the headline's
            found[entry.id] = entry
    title = page.findtext(".//title") or ""
    return Listing(
        tuple(found.values())[:MAX_ENTRIES],
        "section",
        "lxml",
        title=headline(title, True),
        language=language_code(page.get("lang") or ""),
        home=url,
        warning="" if found else "no story links found on the page",
    )


def parse_html(body: bytes, url: str) -> html.HtmlElement:
    """An HTML tree of a page. Raises Unreadable when there is none."""
    body = body[:MAX_PAGE]
    try:
        body.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError as error:
        encoding = "utf-8" if error.start > len(body) - 4 else ""
    try:
        page = html.document_fromstring(body, parser=html.HTMLParser(encoding=encoding or None, no_network=True))
    except (ParserError, XMLSyntaxError, ValueError, LookupError) as error:
        raise Unreadable(f"not an HTML page: {error}", url=url) from error
    return page


def base_of(page: html.HtmlElement, url: str) -> str:
    """What relative links of a page are resolved against."""
    for element in page.iter("base"):
        if element.get("href"):
            return absolute(element.get("href"), url) or url
    return url


def absolute(href: str, base: str) -> str:
    """An absolute http(s) address, or ""."""
    try:
        made = urljoin(base, href.strip())
    except ValueError:
        return ""
    return made if made.startswith(("http://", "https://")) else ""


def _story(
    link: html.HtmlElement, base: str, url: str, fetched: datetime, allow: tuple[re.Pattern[str], ...]
) -> Entry | None:
    """The entry of a link, or None when it is no story."""
    href = link.get("href") or ""
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:")):
        return None
    address = absolute(href, base).partition("#")[0]
    if not address or not same_site(address, url) or address.rstrip("/") == url.partition("#")[0].rstrip("/"):
        return None
    title = _headline(link)
    wanted = any(pattern.search(address) for pattern in allow)
    if not wanted and (_NOT_STORIES.search(_path(address)) or _furniture(link)):
        return None
    if not wanted and _score(address, title, link) < 2:
        return None
    raw, published, how = _time_beside(link, fetched)
    return make_entry(address, title=title, published=published, how=how, edited=raw)


def _path(address: str) -> str:
    return "/" + address.partition("?")[0].partition("://")[2].partition("/")[2]


def _score(address: str, title: str, link: html.HtmlElement) -> int:
    """How much a link looks like a story: its address (dated, numbered, slug) and its text (headline-like)."""
    path = _path(address)
    score = bool(_DATED.search(path)) + bool(_NUMBERED.search(path)) + bool(_SLUG.search(path))
    words = len(title.split())
    text = (len(title) >= _MIN_LETTERS and words >= _MIN_WORDS) or len(_UNSPACED.findall(title)) >= 8
    heading = any(parent.tag in ("h1", "h2", "h3", "h4") for parent in link.iterancestors()) or bool(
        link.xpath(".//h1|.//h2|.//h3|.//h4")
    )
    inside = any(parent.tag in ("article", "main") for parent in link.iterancestors())
    return min(score, 2) + (text + (heading or (inside and score > 0)) if text else 0)


def _headline(link: html.HtmlElement) -> str:
    """Text of a link: of the heading inside it if there is one, else its own, else what its picture says."""
    for heading in link.xpath(".//h1|.//h2|.//h3|.//h4"):
        if text := headline(heading.text_content(), False):
            return text
    text = headline(link.text_content(), False)
    return text or headline(link.get("title") or link.get("aria-label") or "", False)


def _furniture(link: html.HtmlElement) -> bool:
    """Whether a link stands in navigation, footer, sidebar or the like."""
    for parent in link.iterancestors():
        if parent.tag in _AWAY or parent.get("role") in ("navigation", "contentinfo", "search"):
            return True
        if parent.tag in ("body", "html", "main"):
            return False
        if parent.tag == "header" and parent.getparent() is not None and parent.getparent().tag == "body":
            return True
        if _AWAY_WORDS.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"):
            return True
    return False


def _time_beside(link: html.HtmlElement, fetched: datetime) -> tuple[str, datetime | None, str]:
    """(as written, date, how) of the <time> in the smallest block around a link that holds no other story's time."""
    block = link
    for parent in link.iterancestors():
        if parent.tag in ("body", "main", "section", "ul", "ol"):
            break
        if len(parent.xpath(".//time[@datetime]")) > 1:
            break
        block = parent
        if parent.tag in ("article", "li"):
            break
    for element in block.xpath(".//time[@datetime]"):
        raw = element.get("datetime").strip()
        published, how = date_of([("time element", raw, sitemap_date(raw))], fetched)
        return raw, published, how
    return "", None, ""
