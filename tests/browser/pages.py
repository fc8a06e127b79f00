"""The pages that are looked at in all kinds of windows: what the menu leads to, and what is listed here."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.routing import APIRoute

from pipeline.ids import article_id, story_id
from web.pages import PAGES as ROUTED
from web.render import SECTIONS

ARTICLE = article_id("https://alba.example/forty-drones")
STORY = story_id(ARTICLE)  # of `furnished`, at eight outlets
EDITED = article_id("https://dunes.example/forty-drones")  # its third copy, which has two versions


@dataclass(frozen=True, slots=True)
class Shown:
    """A page under a name for its pictures; `status` is what it is answered with."""

    name: str
    path: str
    status: int = 200


_MADE = {route.path for one in ROUTED for route in one.router().routes if isinstance(route, APIRoute)}
MENU = tuple(Shown(name.lower(), path) for path, name in SECTIONS if path in _MADE)
LISTED = (
    Shown("search-found", "/?q=drones"),
    Shown("search-wrong", "/?q=drones+AND+(harbour", 400),
    Shown("search-nothing", "/?q=drones+zeppelin"),
    Shown("search-narrowed", "/?q=drones+-country:US+seen:P7D&order=newest&share=1&more=outlet"),
    Shown("search-each", "/?q=drones&each=1"),
    Shown("search-like", "/?like=" + ARTICLE),
    Shown("help", "/help"),
    Shown("subscription-new", "/subscriptions/new"),
    Shown("subscription-tried", "/subscriptions/new?q=drones&days=20"),
    Shown("subscription-silent", "/subscriptions/new?q=drones+zeppelin&budget=1&must=Zeppelins"),
    Shown("subscription-wrong", "/subscriptions/new?q=drones+AND+(harbour", 400),
    Shown("subscription", "/subscriptions/harbour%20drones"),
    Shown("subscription-paused", "/subscriptions/paused%20since%20spring"),
    Shown("subscription-edit", "/subscriptions/contracts/edit"),
    Shown("subscription-remove", "/subscriptions/contracts/remove"),
    Shown("not-there", "/nowhere", 404),
    Shown("story", f"/stories/{STORY}"),
    Shown("story-list", f"/stories/{STORY}?show=list&sort=cut"),
    Shown("story-diff", f"/stories/{STORY}/diff"),
    Shown("story-versions", f"/articles/{EDITED}/versions"),
    Shown("story-why", f"/articles/{EDITED}/why"),
    Shown("labels", "/labels"),
    Shown("source", "/sources/alba"),
    Shown("source-edit", "/sources/alba/edit"),
    Shown("source-new", "/sources/new"),
    Shown("source-import", "/sources/import"),
    Shown("quarantine", "/operations/quarantine"),
    Shown("quarantine-one", "/operations/quarantine/1"),
    Shown("trace", "/operations/trace?url=https://alba.example/forty-drones"),
)
PAGES = (*MENU, *LISTED)
