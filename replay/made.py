"""Generated sites for benches and tests: many pages, or many feeds, each made on the fly from (seed, index)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import cast
from xml.sax.saxutils import escape

from replay import listings, prose
from replay.answers import Answer, Request, Site, content, words
from replay.listings import Head, Item
from replay.server import World

END = datetime(2026, 2, 25, 8, 0, tzinfo=UTC)
"""When the newest generated page came out; fixed, so that two runs serve the same bytes."""
BETWEEN = timedelta(seconds=30)
COPIES = 0.25
"""Share of generated pages that are lightly edited copies of an earlier one."""
FEED_ITEMS = 100
CHROME = (120_000, 240_000)
"""Bytes around the text of a generated page, least and most; drawn once for each host. With the shares below a page
has some 180 KB, 1,030 elements and 620 words of story: the medians of 218 recorded news pages are 189 KB, 882 and 628,
their means 252 KB, 995 and 825. trafilatura takes 10 ms for it, on recorded pages 14 (median) and 18 (mean)."""
SCRIPT, LINKS, TEASERS = 0.7, 0.06, 0.24
TERMS = "Generated for a test or a benchmark; it exists on this machine only."


@dataclass(frozen=True, slots=True)
class MadeStory:
    """A generated story. `origin` is the number of the story that it copies, its own if it copies none."""

    number: int
    origin: int
    title: str
    paragraphs: tuple[str, ...]
    byline: str
    published: datetime


@dataclass(frozen=True, slots=True)
class MadeSite:
    """One generated outlet: every `hosts`-th page from `turn` on, with a feed of the newest and a sitemap of all."""

    seed: int
    turn: int
    hosts: int
    pages: int

    @property
    def host(self) -> str:
        """The site's host name."""
        return f"www.made{self.turn:04d}.example"

    async def answer(self, request: Request) -> Answer:
        """A page, the feed, the sitemap or robots.txt."""
        path = request.path
        if path == "/robots.txt":
            return content("User-agent: *\nDisallow:\n", "text/plain")
        if path == "/feed.xml":
            head = Head(self.host, f"https://{self.host}/", f"https://{self.host}{path}", "en")
            return content(listings.feed("rss20", head, self._items(FEED_ITEMS))[1], "application/rss+xml", tagged=True)
        if path == "/sitemap.xml":
            return content(listings.sitemap(self._items(self.pages)), "application/xml")
        number = path.removeprefix("/news/").removesuffix(".html")
        if number.isdecimal() and int(number) < self.pages and int(number) % self.hosts == self.turn:
            story = made_story(self.seed, int(number), self.pages)
            return content(page(self.host, self.seed + self.turn, story), "text/html; charset=utf-8", compress=False)
        return words(404, "No such page.")

    def url(self, number: int) -> str:
        """The address of a page of this site."""
        return f"https://{self.host}/news/{number}.html"

    def _items(self, most: int) -> Sequence[Item]:
        numbers = range(self.turn, self.pages, self.hosts)[-most:]
        return [self._item(number, full=most == FEED_ITEMS) for number in reversed(numbers)]

    def _item(self, number: int, *, full: bool) -> Item:
        when = END - BETWEEN * (self.pages - number)
        url = self.url(number)
        if not full:  # a sitemap needs no text, and there may be thousands
            return Item(url, url, "", "", when, when)
        story = made_story(self.seed, number, self.pages)
        return Item(url, url, story.title, story.paragraphs[0], when, when, story.byline)


@dataclass(slots=True)
class MadeWorld(World):
    """Generated outlets, and which of their pages are copies of which."""

    seed: int = 1
    pages: int = 0

    def sources(self) -> list[dict[str, object]]:
        """Each outlet as the keys of a Wirewatch source; pages are found through the sitemap."""
        return [_source(host, "sitemaps", "/sitemap.xml") for host in self.hosts]

    def truth(self) -> list[dict[str, object]]:
        """Every page's address with the number of the story it is a copy of (its own for originals)."""
        hosts = len(self.sites)
        sites = [cast(MadeSite, self.sites[host]) for host in self.hosts]
        return [{"url": sites[n % hosts].url(n), "piece": origin(self.seed, n)} for n in range(self.pages)]


def made_world(*, pages: int, hosts: int = 20, seed: int = 1) -> MadeWorld:
    """`pages` generated pages spread over `hosts` outlets; page n is on host n modulo hosts."""
    sites = [MadeSite(seed, turn, hosts, pages) for turn in range(hosts)]
    return MadeWorld(cast(Mapping[str, Site], {site.host: site for site in sites}), seed=seed, pages=pages)


def origin(seed: int, number: int) -> int:
    """The story that a generated story goes back to: its own number unless it is a copy."""
    while True:
        chance = random.Random(f"{seed} origin {number}")
        if number < 8 or chance.random() >= COPIES:
            return number
        number = chance.randrange(number)


def made_story(seed: int, number: int, pages: int) -> MadeStory:
    """A generated story; a copy is cut from the end, loses a paragraph now and then, and may get its own headline."""
    first = origin(seed, number)
    chance = random.Random(f"{seed} text {first}")
    title = prose.headline(chance)
    paragraphs = [prose.paragraph(chance) for _ in range(chance.randint(7, 18))]
    desk = random.Random(f"{seed} desk {number}")
    if first != number:
        paragraphs = paragraphs[: len(paragraphs) - desk.randint(0, 2)]
        if desk.random() < 0.5:
            del paragraphs[desk.randrange(2, len(paragraphs))]
        if desk.random() < 0.5:
            title = prose.headline(desk)
    return MadeStory(
        number, first, title, tuple(paragraphs), f"By {prose.person(desk)}", END - BETWEEN * (pages - number)
    )


@lru_cache(maxsize=64)
def _chrome(seed: int, host: str) -> tuple[str, str, str]:
    """What surrounds a host's stories: in the head, above the text and below it. Most of it is scripts and styles."""
    chance = random.Random(f"{seed} chrome")
    size = chance.randint(*CHROME)

    def filled(share: float, one: Callable[[str], str]) -> str:
        parts: list[str] = []
        length = 0.0
        while length < size * share:
            parts.append(one(prose.place(chance)))
            length += len(parts[-1])
        return "".join(parts)

    def rule(name: str) -> str:
        colour, margin = chance.randrange(1 << 24), chance.randint(0, 40)
        return f".{name.lower()}-{margin}{{margin:{margin}px;color:#{colour:06x}}}"

    def link(name: str) -> str:
        return f'<li class="nav__item"><a class="nav__link" href="/{name.lower()}/">{name}</a></li>'

    def teaser(name: str) -> str:
        return (
            f'<div class="card card--{name.lower()}" data-id="{chance.randrange(10**9)}"><div class="card__media">'
            f'<img src="/i/{name}.jpg" alt="{name}"></div><div class="card__text">'
            f'<a class="card__link" href="/t/{name}"><h3 class="card__title">{prose.headline(chance)}</h3></a>'
            f'<p class="card__more">{prose.sentence(chance)}</p>'
            f'<div class="card__foot"><span class="card__time">2 min</span></div></div></div>'
        )

    def state(name: str) -> str:
        return f'{{"id":{chance.randrange(10**9)},"name":"{name}","url":"/{name.lower()}/","tags":["{name}"]}},'

    style = f"<style>{filled(SCRIPT / 2, rule)}</style>"
    script = f"<script>window.__STATE__=[{filled(SCRIPT / 2, state)}null]</script>"
    above = f'<header><div class="logo">{host}</div><nav><ul>{filled(LINKS, link)}</ul></nav></header>'
    return style + script, above, f'<aside class="more"><h2>More stories</h2>{filled(TEASERS, teaser)}</aside>'


def _block(number: int, paragraph: str) -> str:
    """A paragraph as pages carry it: links and stress inside, now and then a figure or an empty place between."""
    first, _, rest = escape(paragraph).partition(" ")
    linked = f'<a href="/topic/{number}" class="link">{first}</a>' if number % 3 == 1 else first
    body = f'<div class="block block--text"><p class="block__p">{linked} {rest}</p></div>'
    if number % 4 == 2:
        body += f'<div class="ad-slot" id="ad-{number}" data-slot="{number}"><div class="ad-slot__in"></div></div>'
    if number % 7 == 3:
        body += f'<figure><img src="/i/{number}.jpg" alt=""><figcaption>Picture {number}</figcaption></figure>'
    return body


def page(host: str, seed: int, story: MadeStory) -> str:
    """A generated story as a page of realistic weight (see CHROME), in one of three layouts."""
    head, above, below = _chrome(seed, host)
    title, when = escape(story.title), story.published.isoformat()
    layout = seed % 3
    opening = ('<article><div class="body">', '<main><div id="story">', '<div class="content"><section>')[layout]
    closing = ("</div></article>", "</div></main>", "</section></div>")[layout]
    text = "\n".join(_block(number, paragraph) for number, paragraph in enumerate(story.paragraphs))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} | {host}</title>'
        f'<link rel="canonical" href="https://{host}/news/{story.number}.html">'
        f'<meta property="og:title" content="{title}"><meta property="article:published_time" content="{when}">'
        f'<meta name="author" content="{story.byline.removeprefix("By ")}">{head}</head><body>{above}'
        f'{opening}<h1>{title}</h1><p class="byline">{story.byline}</p><time datetime="{when}">{when[:10]}</time>\n'
        f"{text}\n{closing}{below}<footer><p>{host}, made for a test.</p></footer></body></html>"
    )


class FeedSite:
    """One generated feed on a host of its own. `version` counts how often it got new items."""

    __slots__ = ("_fresh", "_held", "items", "number", "seed", "version")

    def __init__(self, seed: int, number: int, items: int) -> None:
        self.seed, self.number, self.items = seed, number, items
        self.version = 0
        self._fresh: int = 0  # items added since the start
        self._held: Answer | None = None

    @property
    def host(self) -> str:
        """The site's host name."""
        return f"www.f{self.number:04d}.example"

    def add(self, new: int) -> None:
        """Give the feed so many new items; the oldest fall off its end."""
        self.version += 1
        self._fresh += new
        self._held = None

    async def answer(self, request: Request) -> Answer:
        """The feed, a page of one of its items, or robots.txt."""
        if request.path == "/feed.xml":
            if self._held is None:
                self._held = self._feed()
            return self._held
        if request.path == "/robots.txt":
            return content("User-agent: *\nDisallow:\n", "text/plain")
        item = request.path.removeprefix("/s/").removesuffix(".html")
        if item.isdecimal():
            story = made_story(self.seed, self.number * 100_000 + int(item), 1)
            return content(page(self.host, self.seed + self.number % 50, story), "text/html; charset=utf-8")
        return words(404, "No such page.")

    def _feed(self) -> Answer:
        head = Head(self.host, f"https://{self.host}/", f"https://{self.host}/feed.xml", "en", ttl=5)
        newest = self.items + self._fresh
        items = [self._item(n) for n in range(newest, newest - self.items, -1)]
        content_type, text = listings.feed("atom10" if self.number % 4 == 0 else "rss20", head, items)
        return content(text, content_type, changed=END + timedelta(minutes=self.version))

    def _item(self, number: int) -> Item:
        chance = random.Random((self.seed << 40) + (self.number << 20) + number)
        link = f"https://{self.host}/s/{number}.html"
        when = END - timedelta(minutes=37 * (self.items - number) + self.number % 37)
        summary = prose.sentence(chance) + " " + prose.sentence(chance)
        return Item(link, link, prose.headline(chance), summary, when, when, prose.person(chance))


@dataclass(slots=True)
class FeedsWorld(World):
    """Generated feeds, which `advance` gives new items."""

    rounds: int = 0

    def sources(self) -> list[dict[str, object]]:
        """Each feed as the keys of a Wirewatch source of its own."""
        return [_source(host, "feeds", "/feed.xml") for host in self.hosts]

    def advance(self, share: float, new: int = 2) -> int:
        """Give a share (0..1) of the feeds `new` new items, other feeds every time; returns how many got some."""
        if not 0 <= share <= 1 or new < 1:
            raise ValueError("share lies between 0 and 1, and new is at least 1")
        self.rounds += 1
        sites = [cast(FeedSite, site) for site in self.sites.values()]
        chosen = random.Random(self.rounds).sample(sites, round(share * len(sites)))
        for site in chosen:
            site.add(new)
        return len(chosen)


def feeds_world(*, feeds: int = 2000, items: int = 20, seed: int = 1) -> FeedsWorld:
    """`feeds` generated feeds of `items` items, each at /feed.xml of its own host; one in four is Atom, the rest RSS.

    The control `/__replay__/advance?share=0.1` (and `&new=2`) gives a share of them new items.
    """
    sites = [FeedSite(seed, number, items) for number in range(1, feeds + 1)]
    world = FeedsWorld(cast(Mapping[str, Site], {site.host: site for site in sites}))
    world.controls["advance"] = lambda arguments: {
        "advanced": world.advance(float(arguments.get("share", "1")), int(arguments.get("new", "2")))
    }
    return world


def _source(host: str, listing: str, path: str) -> dict[str, object]:
    return {
        "id": host.removeprefix("www.").removesuffix(".example"),
        "name": host,
        "country": "INT",
        "language": "en",
        "homepage": f"https://{host}/",
        listing: [f"https://{host}{path}"],
        "terms": TERMS,
    }
