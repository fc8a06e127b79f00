"""What somebody has, run through the pipeline's own stages: items tagged, documents folded, a page read. Nothing of it
is kept."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, Field

from pipeline.errors import BadInput
from pipeline.people import Role
from pipeline.types import Article
from web.access import needs
from web.api.item_shapes import FoldedItems, PageTold, TaggedItems
from web.api.values import Given
from web.folding import agreement, fold
from web.parts import PageGiven, Parts, Wired
from web.problems import Unread
from web.tagging import tagging_json, wanted_topics

MOST_TAGGED = 200
MOST_FOLDED = 1000
HTTP = r"^https?://[^\s/?#]+[^\s]*$"


class Item(Given):
    """A text with its headline."""

    id: str = Field(min_length=1, max_length=200)
    title: str = Field(max_length=10_000)
    text: str = ""
    outlet: str = Field(default="", max_length=200)
    url: str = Field(default="", max_length=4096)
    published: AwareDatetime | None = None

    def article(self) -> Article:
        """As the stages take it."""
        when = self.published
        return Article(self.id, self.url, "", self.outlet, self.title, self.text, published=when, first_seen=when)


class ToTag(Given):
    """Items, and what is wanted of them."""

    items: list[Item] = Field(min_length=1, max_length=MOST_TAGGED)
    only: list[str] = Field(default=[], max_length=1000, description="Topics to tell of; none = all.")
    names: bool | None = Field(default=None, description="Names outside the taxonomy too; null = as set.")


class Pair(Given):
    """What a person says of two documents."""

    a: str
    b: str
    same: bool


class ToFold(Given):
    """Documents in the order in which they were seen."""

    documents: list[Item] = Field(min_length=1, max_length=MOST_FOLDED)
    labels: list[Pair] = Field(default=[], max_length=10_000, description="It is told how many of them hold.")


class ToRead(Given):
    """A page: its HTML, or the address from which it is fetched."""

    html: str | None = Field(default=None, description="The page itself; `url` is its address then.")
    url: str = Field(default="", max_length=4096, pattern=f"{HTTP}|^$")
    fetched: AwareDatetime | None = Field(default=None, description="When it was; null = now.")
    source: str = Field(default="", max_length=200, description="Read with this source's rules.")
    as_archived: bool = Field(default=False, description="Only what an archive keeps.")


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["items"])

    @made.post("/tag", summary="Tag items as the pipeline does", response_model=TaggedItems)
    def tagged(parts: Wired, given: ToTag) -> dict[str, Any]:
        tagger = parts.taggers(given.names)
        wanted = wanted_topics(tagger, given.only)
        return {"items": [tagging_json(one.id, tagger.tag(one.article()), wanted) for one in given.items]}

    @made.post("/fold", summary="Tell which documents are copies of one story", response_model=FoldedItems)
    def folded(given: ToFold) -> dict[str, Any]:
        ids = [one.id for one in given.documents]
        if len(set(ids)) < len(ids):
            twice = next(id for id in ids if ids.count(id) > 1)
            raise BadInput(f"two documents have the id {twice!r}: each needs its own")
        done = fold(one.article() for one in given.documents)
        held, of = agreement(((one.a, one.b, one.same) for one in given.labels), done)
        return {"documents": [one.to_json() for one in done], "labels": {"held": held, "of": of}}

    @made.post(
        "/read",
        summary="Read a page as the pipeline does, from its HTML or its address",
        response_model=PageTold,
        responses={422: {"description": "The page cannot be read."}},
        dependencies=[Depends(needs(Role.EDITOR))],  # it makes this machine ask others
    )
    def read(parts: Wired, given: ToRead) -> dict[str, Any]:
        return _read(parts, given)

    return made


def _read(parts: Parts, given: ToRead) -> dict[str, Any]:
    if given.html is None and not given.url:
        raise BadInput("give the page's `html`, or the `url` from which it is to be fetched")
    told = parts.read_page(
        PageGiven(given.url, given.html, given.fetched or parts.clock(), given.source, given.as_archived)
    )
    if "error" in told:
        raise Unread(told["error"]["message"])
    return told
