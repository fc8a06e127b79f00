"""Renders an outlet's pages from its own template (world/templates/OUTLET.html.j2) and its front from a shared one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from replay.content import WORLD, Outlet
from replay.press import Publication

LINKED_TYPES = {
    "rss": "application/rss+xml",
    "ato": "application/atom+xml",
    "jso": "application/feed+json",
}
"""Media type of a feed's <link rel=alternate>, by the first letters of its format."""


class Pages:
    """The templates, loaded once. A missing variable in a template is an error, not an empty string."""

    def __init__(self, folder: Path = WORLD / "templates") -> None:
        self._templates = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def story(
        self,
        outlet: Outlet,
        publication: Publication,
        paragraphs: Sequence[str],
        url: str,
        related: Sequence[tuple[str, Publication]],
        revised: bool,
    ) -> str:
        """A story's page; behind a paywall only the outlet's free paragraphs."""
        walled = bool(outlet.paywall) and len(paragraphs) > outlet.paywall
        shown = paragraphs[: outlet.paywall] if walled else paragraphs
        return self._templates.get_template(outlet.template or f"{outlet.id}.html.j2").render(
            outlet=outlet,
            story=publication,
            paragraphs=list(shown),
            walled=walled,
            url=url,
            home=f"https://{outlet.host}/",
            related=related,
            at=publication.dated,
            revised=revised,
            ld=_json_ld(outlet, publication, url),
            feeds=feed_links(outlet),
        )

    def front(self, outlet: Outlet, section: str, listed: Sequence[tuple[str, Publication]], at: datetime) -> str:
        """The front page, or a section's when one is named."""
        return self._templates.get_template("front.html.j2").render(
            outlet=outlet, section=section, listed=listed, at=at, feeds=feed_links(outlet)
        )


def feed_links(outlet: Outlet) -> list[tuple[str, str]]:
    """(media type, path) of every feed, as pages announce them."""
    return [(LINKED_TYPES[plan.format[:3]], plan.path) for plan in outlet.feeds]


def _json_ld(outlet: Outlet, publication: Publication, url: str) -> dict[str, object]:
    """A schema.org NewsArticle; agency copy names the agency as its source."""
    told: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": publication.title,
        "description": publication.summary,
        "datePublished": publication.dated.isoformat(),
        "dateModified": publication.dated.isoformat(),
        "mainEntityOfPage": url,
        "inLanguage": outlet.language,
        "articleSection": publication.section,
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name, "url": f"https://{outlet.host}/"},
    }
    if publication.byline:
        person = publication.byline.removeprefix("By ")
        told["author"] = {"@type": "Organization" if publication.wire else "Person", "name": person}
    if publication.wire:
        told["sourceOrganization"] = {"@type": "Organization", "name": publication.wire}
    return told
