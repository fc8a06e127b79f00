"""What an outlet offers to be read by: feeds, sitemaps, its name, language and country.

Reading is done by pure functions over fetched bytes; `discover` and `check_source` only ask, through the `fetch`
they are given, so that the manners of the crawler hold for them too.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from lxml import html

from crawlers.codes import COUNTRIES, LANGUAGES
from crawlers.opml import id_for_host
from crawlers.readers import feed_links, read_listing
from crawlers.registry import bare_address
from crawlers.sections import absolute, parse_html
from crawlers.source_keys import ADDRESS_KEYS, address, is_address
from pipeline.errors import BadInput, Blocked, Unreadable, WirewatchError
from pipeline.types import Fetched, FetchFailed, Kind, Listing, NotModified, Outcome, Source

Fetch = Callable[[str], Awaitable[Outcome]]

COMMON_FEEDS = (
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feeds/rss.xml",
    "/feeds/posts/default",
    "/arc/outboundfeeds/rss/?outputType=xml",
    "/feed.json",
)
COMMON_SITEMAPS = ("/news-sitemap.xml", "/sitemap.xml")
MOST_FEEDS = 12  # announced feeds looked at; a page that announces more announces one a section
MOST_SITEMAPS = 8
MOST_HEADLINES = 5  # kept of each address, as samples
# Country domains that are sold to the whole world tell nothing of where an outlet is.
_WORLD_DOMAINS = frozenset(
    re.findall(r"\w+", "ac ai ag bz cc co fm gg im io la ly me ms nu pw sh so st tk to tv vc ws")
)
_KIND_OF = {
    "feeds": Kind.FEED,
    "sitemaps": Kind.SITEMAP,
    "news_sitemaps": Kind.NEWS_SITEMAP,
    "sections": Kind.SECTION,
}


class Read(Protocol):
    """The reader of listings: `crawlers.readers.read_listing`. Raises Unreadable or NotNews."""

    def __call__(self, page: Fetched, source: Source | None) -> Listing:
        """The entries of a fetched feed, sitemap or section page."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page tells of the outlet: codes are checked, "" when it does not tell."""

    name: str = ""
    language: str = ""
    country: str = ""
    feeds: tuple[str, ...] = ()  # addresses its head announces, those of comments left out


@dataclass(frozen=True, slots=True)
class Found:
    """An address that was tried and what it holds; `problem` in words, "" when it can be collected."""

    url: str
    kind: Kind
    title: str = ""
    entries: int = 0
    newest: datetime | None = None
    problem: str = ""
    headlines: tuple[str, ...] = ()  # the first that it lists


@dataclass(frozen=True, slots=True)
class Discovery:
    """A source as proposed, all that was tried for it, and notes for the person who decides."""

    source: Source
    found: tuple[Found, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """One address of a source as it answers now; `problem` in words, "" when it works."""

    url: str
    kind: Kind
    problem: str = ""
    moved_to: str = ""  # where a permanent redirect leads
    unchanged: bool = False  # answered "not modified": nothing was read
    entries: int = 0
    newest: datetime | None = None


def read_page(body: bytes, url: str) -> PageFacts:
    """The outlet's name, language, country and announced feeds from the head of an HTML page. Never raises."""
    try:
        root = parse_html(body, url)
    except Unreadable:
        return PageFacts()
    metas = {
        (meta.get("property") or meta.get("name") or "").strip().lower(): meta.get("content") or ""
        for meta in root.iter("meta")
    }
    language, country = _locale(root.get("lang") or root.get("xml:lang") or "")
    og_language, og_country = _locale(metas.get("og:locale", ""))
    feeds = {bare_address(url): ""}  # some pages announce themselves
    for link, title, _ in feed_links(body, url):
        if is_address(link) and "comment" not in f"{link} {title}".lower():
            feeds.setdefault(bare_address(link), link)
    return PageFacts(
        name=_squeeze(metas.get("og:site_name") or metas.get("application-name") or _title(root)),
        language=language or og_language,
        country=country or og_country,
        feeds=tuple(filter(None, feeds.values())),
    )


def robots_sitemaps(body: bytes, url: str) -> tuple[str, ...]:
    """The addresses of the `Sitemap:` lines of a robots.txt, absolute, each once."""
    found: dict[str, None] = {}
    for line in re.findall(r"(?im)^\s*sitemap\s*:\s*(\S+)", body.decode("utf-8", "replace")):
        where = absolute(line, url)
        if is_address(where):
            found[where] = None
    return tuple(found)


def country_of_host(host: str) -> str:
    """Country code by the last label of a host name, "" when it tells nothing: "bbc.co.uk" gives "GB"."""
    last = host.lower().rstrip(".").rsplit(".", 1)[-1]
    special = {"uk": "GB", "eu": "INT", "int": "INT", "gov": "US", "mil": "US"}
    code = special.get(last, last.upper())
    return code if last not in _WORLD_DOMAINS and code in COUNTRIES - {"ZZ"} else ""


def kind_of(page: Fetched, listing: Listing) -> Kind:
    """What a listing that was read turned out to be."""
    if "sitemap" not in listing.format:
        return Kind.SECTION if listing.format == "section" else Kind.FEED
    news = any(entry.published_how == "sitemap:news" for entry in listing.entries)
    return Kind.NEWS_SITEMAP if news or b"schemas/sitemap-news" in page.body else Kind.SITEMAP


async def discover(given: str, fetch: Fetch, read: Read = read_listing) -> Discovery:
    """Find what the outlet at `given` (a bare host name, any of its pages, a feed or sitemap) can be collected by.

    Nothing is saved. Raises BadInput when nothing is found, saying what was tried and what to give instead.
    """
    search = _Search(fetch, read)
    urls = _addresses(given)
    start, page = urls[0], None
    for url in urls:
        page = await search.page(url)
        if page is not None:
            start = page.url
            break
    facts = PageFacts()
    if page is None or (await search.classify(start, page, guess=True)).problem:
        facts = read_page(page.body, start) if page is not None else facts
        await search.feeds(start, facts)
        await search.sitemaps(start)
    return _proposal(start, facts, search)


async def check_source(source: Source, fetch: Fetch, read: Read = read_listing) -> list[Checked]:
    """Ask every address of a source once, in the order of its file, and tell how each answers."""
    results = []
    for key in ADDRESS_KEYS:
        for url in getattr(source, key):
            results.append(await _check(url, _KIND_OF[key], source, fetch, read))
    return results


async def _check(url: str, kind: Kind, source: Source, fetch: Fetch, read: Read) -> Checked:
    outcome = await fetch(url)
    if isinstance(outcome, FetchFailed):
        return Checked(url, kind, problem=outcome.error.message)
    if isinstance(outcome, NotModified):
        return Checked(url, kind, unchanged=True)
    moved = outcome.redirected_for_good
    try:
        listing = read(_as(outcome, kind), source)
    except WirewatchError as error:
        return Checked(url, kind, problem=error.message, moved_to=moved)
    return Checked(url, kind, moved_to=moved, entries=_size(listing), newest=_newest(listing))


class _Search:
    """What one discovery has tried so far."""

    def __init__(self, fetch: Fetch, read: Read) -> None:
        self.fetch = fetch
        self.read = read
        self.found: dict[str, Found] = {}
        self.listings: list[Listing] = []  # the feeds that were read
        self.day: date | None = None  # when the last of them was
        self.notes: list[str] = []
        self.tried: list[str] = []

    async def ask(self, url: str) -> Fetched | str:
        """The answer, or in words why there is none."""
        self.tried.append(url)
        outcome = await self.fetch(url)
        if isinstance(outcome, Fetched):
            return outcome
        if isinstance(outcome, FetchFailed):
            blocked = "; wirewatch does not get around blocks" if isinstance(outcome.error, Blocked) else ""
            return outcome.error.message + blocked
        return "answered 'not modified' to a first request"

    async def page(self, url: str) -> Fetched | None:
        """The page itself, or None with a note."""
        answer = await self.ask(url)
        if isinstance(answer, Fetched):
            return answer
        self.notes.append(f"{url}: {answer}")
        return None

    async def classify(self, url: str, page: Fetched | None = None, *, guess: bool = False) -> Found:
        """Read an address and keep what it holds; a guess that leads nowhere is not worth keeping."""
        if bare_address(url) in self.found:
            return self.found[bare_address(url)]
        answer = page if page is not None else await self.ask(url)
        result = await self._read(url, answer)
        if not (guess and result.problem):
            self.found[bare_address(result.url)] = result
        return result

    async def _read(self, url: str, answer: Fetched | str) -> Found:
        guessed = Kind.SITEMAP if "sitemap" in url.lower() else Kind.FEED
        if isinstance(answer, str):
            return Found(url, guessed, problem=answer)
        where = answer.redirected_for_good or url
        try:
            listing = self.read(_as(answer, guessed), None)
        except WirewatchError as error:
            return Found(where, guessed, problem=error.message)
        kind = kind_of(answer, listing)
        if listing.more and not listing.entries:
            kind, listing = await self._into_index(kind, listing)
        if kind is Kind.FEED:
            self.listings.append(listing)
        self.day = max(self.day or answer.fetched.date(), answer.fetched.date())
        headlines = tuple(_squeeze(entry.title)[:200] for entry in listing.entries if entry.title.strip())
        return Found(
            where, kind, _squeeze(listing.title), _size(listing), _newest(listing), headlines=headlines[:MOST_HEADLINES]
        )

    async def _into_index(self, kind: Kind, index: Listing) -> tuple[Kind, Listing]:
        """An index tells little: its newest sitemap says whether it is of news, and how new."""
        answer = await self.ask(index.more[0])
        if isinstance(answer, str):
            return kind, index
        try:
            first = self.read(_as(answer, Kind.SITEMAP), None)
        except WirewatchError:
            return kind, index
        return kind_of(answer, first), replace(index, entries=first.entries)

    async def feeds(self, start: str, facts: PageFacts) -> None:
        """The feeds a page announces or, when it announces none that can be read, those that are often there."""
        if len(facts.feeds) > MOST_FEEDS:
            self.notes.append(f"the page announces {len(facts.feeds)} feeds; the first {MOST_FEEDS} were looked at")
        for url in facts.feeds[:MOST_FEEDS]:
            await self.classify(url)
        for path in COMMON_FEEDS:
            if self.good(Kind.FEED):
                return
            await self.classify(urljoin(start, path), guess=True)

    async def sitemaps(self, start: str) -> None:
        """The sitemaps robots.txt names or, when it names none, those that are often there."""
        robots = await self.ask(urljoin(start, "/robots.txt"))
        named = robots_sitemaps(robots.body, robots.url) if isinstance(robots, Fetched) else ()
        named = tuple(sorted(named, key=lambda url: "news" not in url.lower()))
        if len(named) > MOST_SITEMAPS:
            self.notes.append(f"robots.txt names {len(named)} sitemaps; {MOST_SITEMAPS} were looked at, news first")
        for url in named[:MOST_SITEMAPS]:
            await self.classify(url)
        if not named:
            for path in COMMON_SITEMAPS:
                await self.classify(urljoin(start, path), guess=True)

    def good(self, *kinds: Kind) -> list[Found]:
        """What was found of these kinds and can be collected."""
        return [each for each in self.found.values() if each.kind in kinds and not each.problem]


def _proposal(start: str, facts: PageFacts, search: _Search) -> Discovery:
    feeds, news, plain = (search.good(kind) for kind in (Kind.FEED, Kind.NEWS_SITEMAP, Kind.SITEMAP))
    if not (feeds or news or plain):
        reasons = search.notes + [f"{each.url}: {each.problem}" for each in search.found.values()]
        raise BadInput(
            f"no feed and no sitemap found at {start}. Tried: {', '.join(search.tried)}."
            + (f" Answers: {'; '.join(reasons)}." if reasons else "")
            + " Give the address of a feed or sitemap itself, or write a source file with 'sections': docs/sources.md"
        )
    home = next((each.home for each in search.listings if is_address(each.home)), start) if not facts.name else start
    parts = urlsplit(home)
    host = parts.hostname or ""
    told = [facts.language, *(_locale(each.language)[0] for each in search.listings)]
    source = Source(
        id=id_for_host(host),
        name=facts.name or next((_squeeze(each.title) for each in search.listings if each.title.strip()), host),
        country=country_of_host(host) or facts.country or "ZZ",
        language=next((language for language in told if language), "und"),
        homepage=f"{parts.scheme}://{parts.netloc}/",
        feeds=tuple(each.url for each in feeds),
        news_sitemaps=tuple(each.url for each in news),
        sitemaps=tuple(each.url for each in plain) if not (feeds or news) else (),
        terms="not read yet: see the outlet's own terms",
        confirmed=search.day,
        confirmed_how="its addresses were read by wirewatch sources add",
    )
    return Discovery(source, tuple(search.found.values()), tuple(search.notes + _doubts(source, search)))


def _doubts(source: Source, search: _Search) -> list[str]:
    """What a person should look at before saving."""
    notes = []
    if source.language == "und":
        notes.append("no language told: set 'language' in the file")
    if source.country == "ZZ":
        notes.append("no country told: set 'country' in the file")
    elif not country_of_host(urlsplit(source.homepage).hostname or ""):
        notes.append(f"country {source.country} is a guess from the page's locale")
    if not source.sitemaps and search.good(Kind.SITEMAP):
        notes.append("plain sitemaps are left out: the feeds or news sitemaps tell what is new with less to fetch")
    if not any(each.newest for each in search.good(*Kind)):
        notes.append("none of the addresses dates its entries")
    return notes


def _addresses(given: str) -> list[str]:
    """What to try for what a person typed: the address, or https and http of a bare host, with www. last."""
    text = given.strip()
    if "://" in text:
        tries = [text]
    else:
        tries = [f"https://{text}", f"https://www.{text}", f"http://{text}"]
        if text.lower().startswith("www."):
            tries.pop(1)
    try:
        return [address(url.split("#")[0]) for url in tries]
    except ValueError as error:
        raise BadInput(
            f"{error}; give a host name such as outlet.example, or the address of any of its pages"
        ) from None


def _locale(tag: str) -> tuple[str, str]:
    """(language, country) of "en-GB", "en_GB" or "en", "" for what is not known."""
    parts = re.split(r"[-_]", tag.strip())
    language = parts[0].lower() if parts[0].lower() in LANGUAGES - {"und"} else ""
    country = next((part.upper() for part in parts[1:] if len(part) == 2 and part.upper() in COUNTRIES), "")
    return language, country if country != "ZZ" else ""


def _as(page: Fetched, kind: Kind) -> Fetched:
    return replace(page, task=replace(page.task, kind=kind))


def _size(listing: Listing) -> int:
    return len(listing.entries) or len(listing.more)


def _newest(listing: Listing) -> datetime | None:
    return max((entry.published for entry in listing.entries if entry.published), default=None)


def _title(root: html.HtmlElement) -> str:
    """The site's name in a title is what stands behind the last dash or bar."""
    title = next((_squeeze(each.text_content()) for each in root.iter("title")), "")
    return re.split(r"\s[-–—|·:]\s", title)[-1]


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
