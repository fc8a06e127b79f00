"""The demo's world: invented outlets that go on publishing while the server runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from replay.answers import Site
from replay.bulletins import Bulletins
from replay.content import Outlet, load_outlets, load_pieces
from replay.faults import FaultySite
from replay.outlet import OutletSite
from replay.pages import Pages
from replay.press import Pace, publish
from replay.server import World

TERMS = "An outlet invented for the Wirewatch demo; it exists on this machine only."


@dataclass(slots=True)
class DemoWorld(World):
    """The demo's sites, and what is true of them."""

    outlets: dict[str, OutletSite] = field(default_factory=dict)

    def sources(self) -> list[dict[str, object]]:
        """Each outlet as the keys of a Wirewatch source."""
        return [_source(site.outlet) for site in self.outlets.values()]

    def truth(self) -> list[dict[str, object]]:
        """Every publication that is out now, oldest first.

        `url` is canonical, `urls` all addresses that lead there; `piece` is the piece of reporting it is a copy of,
        `event` what it reports on (pieces can share one), `kind` the way it was carried.
        """
        told: list[dict[str, object]] = [
            {
                "url": site.url(publication),
                "urls": site.addresses(publication),
                "outlet": site.outlet.id,
                "piece": publication.piece,
                "event": publication.event,
                "kind": publication.kind,
                "wire": publication.wire,
                "title": publication.title,
                "published": publication.dated.isoformat(),
            }
            for site in self.outlets.values()
            for publication in site.published()
        ]
        return sorted(told, key=lambda one: str(one["published"]))


def demo_world(
    now: Callable[[], datetime],
    speed: float = 1.0,
    *,
    frozen: bool = False,
    faults: bool = True,
) -> DemoWorld:
    """The demo, started at `now()`; `now` must give aware times. Deterministic: the clock alone decides what is out.

    `speed` 2 publishes twice as fast; `frozen` has everything out at once and no bulletins after it; without `faults`
    no outlet misbehaves. Raises ValueError naming the outlet or story file that does not fit.
    """
    outlets = load_outlets()
    pace = Pace(now(), speed, frozen)
    publications, end = publish(load_pieces(), outlets, pace)
    newsrooms = [] if frozen else [outlet.id for outlet in outlets.values() if _prints_bulletins(outlet)]
    bulletins = Bulletins(newsrooms, end, speed)
    pages = Pages()
    sites = {
        outlet.id: OutletSite(outlet, [p for p in publications if p.outlet == outlet.id], bulletins, pages, now)
        for outlet in outlets.values()
    }
    by_host: dict[str, Site] = {}
    for site in sites.values():
        answering: Site = FaultySite(site, site.outlet.fresh_faults()) if faults and site.outlet.faults else site
        for host in _hosts(site.outlet):
            by_host[host] = answering
    return DemoWorld(by_host, outlets=sites)


def _hosts(outlet: Outlet) -> Iterable[str]:
    bare = outlet.host.removeprefix("www.")
    return {outlet.host, bare, f"www.{bare}", outlet.listed_host or outlet.host}


def _prints_bulletins(outlet: Outlet) -> bool:
    return outlet.language == "en" and bool(outlet.feeds) and not outlet.faults


def _source(outlet: Outlet) -> dict[str, object]:
    def at(*paths: str) -> list[str]:
        return [f"https://{outlet.host}{path}" for path in paths if path]

    news = outlet.news_sitemap and (outlet.sitemap_index or outlet.news_sitemap)
    sections = [f"/{section}/" for section in outlet.sections] if outlet.section_pages else []
    return {
        "id": outlet.id,
        "name": outlet.name,
        "country": outlet.country,
        "language": outlet.language,
        "homepage": f"https://{outlet.host}/",
        "kind": outlet.kind,
        "feeds": at(*(plan.path for plan in outlet.feeds if plan.listed)),
        "sitemaps": at(outlet.sitemap),
        "news_sitemaps": at(news),
        "sections": at(*sections),
        "allow": list(outlet.allow),
        "deny": list(outlet.deny),
        "carries": list(outlet.carries),
        "terms": TERMS,
    }
