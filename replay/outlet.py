"""One invented outlet as a site: pages, feeds, sitemaps, front and section pages, robots.txt."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from replay import listings
from replay.answers import Answer, Request, content, redirect, words
from replay.bulletins import Bulletins
from replay.content import FeedPlan, Outlet
from replay.listings import Head, Item
from replay.pages import Pages
from replay.press import Publication

SITEMAP_ITEMS = 500
RELATED = 4
MOST_PAGES_HELD = 64
TRACKERS = ("utm_", "fbclid", "cmpid")


class OutletSite:
    """Answers for one outlet's hosts. What it shows follows the clock; answers are kept until something changes."""

    def __init__(
        self,
        outlet: Outlet,
        publications: Sequence[Publication],
        bulletins: Bulletins,
        pages: Pages,
        clock: Callable[[], datetime],
    ) -> None:
        self.outlet = outlet
        self._all = sorted(publications, key=lambda p: p.appears)
        self._changes = sorted(when for p in self._all for when in (p.appears, p.moves_at, p.revised_at) if when)
        self._bulletins = bulletins
        self._pages = pages
        self._clock = clock
        self._state = (-1, -1)
        self._out: list[Publication] = []
        self._held: dict[str, Answer] = {}
        self._where: dict[str, Publication] = {}
        self._moved: dict[str, str] = {}
        self._now = clock()

    async def answer(self, request: Request) -> Answer:
        """Whatever the outlet has at this address now."""
        if request.host != self.outlet.host:
            return redirect(f"https://{self.outlet.host}{request.target}")
        self._refresh()
        target = _without_trackers(request)
        if target in self._moved:
            return redirect(self._moved[target])
        held = self._held.get(target)
        if held is None:
            held = self._made(target)
            if len(self._held) >= MOST_PAGES_HELD:
                self._held.clear()
            self._held[target] = held
        return held

    def published(self) -> list[Publication]:
        """What is out now, the newest first; of the endless bulletins only the latest."""
        self._refresh()
        return self._out

    def url(self, publication: Publication) -> str:
        """The canonical address that a publication has now."""
        return (
            f"https://{self.outlet.host}{self._path(self.outlet.address, publication, publication.slug_at(self._now))}"
        )

    def addresses(self, publication: Publication) -> list[str]:
        """Every address that leads to a publication: canonical, earlier, and as feeds list it."""
        old = f"https://{self.outlet.host}{self._path(self.outlet.address, publication, publication.slug)}"
        return list(dict.fromkeys([self.url(publication), old, self.listed(publication)]))

    def listed(self, publication: Publication) -> str:
        """The address as feeds and sitemaps give it, without tracking."""
        if not (self.outlet.listed_address or self.outlet.listed_host):
            return self.url(publication)
        pattern = self.outlet.listed_address or self.outlet.address
        scheme = "http" if self.outlet.listed_host else "https"
        path = self._path(pattern, publication, publication.slug_at(self._now))
        return f"{scheme}://{self.outlet.listed_host or self.outlet.host}{path}"

    def _refresh(self) -> None:
        self._now = self._clock()
        state = (bisect_right(self._changes, self._now), self._bulletins.count(self._now))
        if state == self._state:
            return
        self._state = state
        out = [p for p in self._all if p.appears <= self._now]
        out += self._bulletins.latest(self.outlet, self._now)
        self._out = sorted(out, key=lambda p: (p.dated, p.number), reverse=True)
        self._held.clear()
        self._where = {self._path(self.outlet.address, p, p.slug_at(self._now)): p for p in self._out}
        self._moved = {}
        for publication in self._out:
            now_at = self.url(publication)
            slugs = {publication.slug, publication.slug_at(self._now)}
            for pattern in filter(None, (self.outlet.address, self.outlet.listed_address)):
                for path in (self._path(pattern, publication, slug) for slug in slugs):
                    if path not in self._where:
                        self._moved[path] = now_at

    def _made(self, target: str) -> Answer:
        outlet = self.outlet
        if target == "/robots.txt":
            return content(outlet.robots, "text/plain; charset=utf-8")
        for plan in outlet.feeds:
            if target == plan.path:
                return self._feed(plan)
        if target in (outlet.sitemap, outlet.news_sitemap, outlet.sitemap_index):
            return self._sitemap(target)
        if target == "/" or target.strip("/") in outlet.sections:
            section = target.strip("/")
            shown = [p for p in self._out if section in ("", p.section)][:30]
            listed = [(self.url(p), p) for p in shown]
            return content(self._pages.front(outlet, section, listed, self._newest()), "text/html; charset=utf-8")
        publication = self._where.get(target)
        if publication is None:
            return words(404, "No such page.")
        return self._page(publication)

    def _page(self, publication: Publication) -> Answer:
        earlier = [p for p in self._all if p.appears <= publication.appears and p is not publication]
        related = [(self.url(p), p) for p in earlier[-RELATED:]]
        revised = publication.revised_at is not None and self._now >= publication.revised_at
        html = self._pages.story(
            self.outlet, publication, publication.paragraphs_at(self._now), self.url(publication), related, revised
        )
        answer = content(html, "text/html; charset=utf-8", changed=publication.dated)
        return answer.with_headers(**self.outlet.headers)

    def _items(self, publications: Sequence[Publication], tracking: str = "", full: bool = False) -> list[Item]:
        return [
            Item(
                link=_tracked(self.listed(p), tracking),
                guid=f"tag:{self.outlet.host},2026:{p.number}" if tracking else self.listed(p),
                title=p.title,
                summary=p.summary,
                published=p.dated,
                updated=p.dated if not p.revised_at else max(p.dated, p.revised_at.astimezone(p.dated.tzinfo)),
                author=p.byline,
                section=p.section,
                html="".join(f"<p>{escape(text)}</p>" for text in p.paragraphs_at(self._now)) if full else "",
            )
            for p in publications
        ]

    def _head(self, path: str) -> Head:
        outlet = self.outlet
        opposite = (self._changes[0].hour + 12) % 24 if self._changes else 0
        return Head(
            title=outlet.name,
            home=f"https://{outlet.host}/",
            address=f"https://{outlet.host}{path}",
            language=outlet.language,
            description=outlet.tagline,
            # an hour half a day from the start: said, as many outlets do, and never in the demo's way
            skip_hours=(opposite,),
        )

    def _newest(self) -> datetime:
        return max([self._now.replace(microsecond=0) if not self._out else self._out[0].dated])

    def _feed(self, plan: FeedPlan) -> Answer:
        chosen = [p for p in self._out if not plan.sections or p.section in plan.sections][: plan.items]
        items = self._items(chosen, plan.tracking, plan.full)
        content_type, text = listings.feed(plan.format, self._head(plan.path), items)
        changed = max((item.updated for item in items), default=None)
        return content(text, plan.type or content_type, changed=changed)

    def _sitemap(self, path: str) -> Answer:
        outlet = self.outlet
        items = self._items(self._out[:SITEMAP_ITEMS])
        if path == outlet.sitemap_index:
            named = [f"https://{outlet.host}{p}" for p in (outlet.news_sitemap, outlet.sitemap) if p]
            text = listings.sitemap_index(named, self._newest())
        elif path == outlet.news_sitemap:
            text = listings.news_sitemap(self._head(path), items)
        else:
            text = listings.sitemap(items)
        answer = content(text, "application/xml; charset=utf-8", changed=self._newest())
        if path.endswith(".gz"):
            answer = replace(answer, body=answer.zipped, zipped=b"").with_headers(Content_Type="application/gzip")
        return answer

    def _path(self, pattern: str, publication: Publication, slug: str) -> str:
        day = publication.dated
        return pattern.format(
            slug=slug,
            number=publication.number,
            section=publication.section,
            y=f"{day:%Y}",
            m=f"{day:%m}",
            d=f"{day:%d}",
        )


def _tracked(url: str, tracking: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{tracking}" if tracking else url


def _without_trackers(request: Request) -> str:
    if not request.query:
        return request.path
    kept = [(k, v) for k, v in parse_qsl(request.query, keep_blank_values=True) if not k.startswith(TRACKERS)]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
