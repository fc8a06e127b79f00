"""The outlets that are watched: all of them, one of them, adding one by its address, OPML in and out."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Request, UploadFile
from starlette.responses import HTMLResponse, Response

from crawlers.codes import COUNTRIES, KINDS, LANGUAGES
from crawlers.discover import Discovery
from crawlers.registry import to_toml
from crawlers.schedule import state_in_words
from crawlers.source_keys import ADDRESS_KEYS
from pipeline.errors import BadInput, Busy
from pipeline.people import Person, Role
from pipeline.types import Source
from web.access import Asking, needs
from web.api.sources import LATEST, OPML, found
from web.pages.source_saving import files, save
from web.parts import Parts, Wired
from web.render import go_to, page
from web.sourcing import KEY_OF, faults_of, named
from web.spark import spark
from web.standing import SHOWN, STATES, Order, Wanted, chosen, silence_in_words, standing, standings

EDITOR = [Depends(needs(Role.EDITOR))]
SORTS = {
    Order.STATE: "state, worst first",
    Order.NAME: "name",
    Order.COUNTRY: "country",
    Order.STORIES: "stories in the last 24 hours",
    Order.SILENCE: "how unlikely its silence is",
    Order.SHUT: "share of 403 and 429",
    Order.SUCCESS: "last success, oldest first",
}
BADGES = {"failing": "bad", "blocked": "bad", "silent": "warn", "quiet": "warn", "healthy": "good"}
TEXTS = ("id", "name", "country", "language", "homepage", "kind", "terms", "confirmed_how")
Text = Annotated[str, Form(max_length=4096)]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/sources")
    def listed(
        parts: Wired,
        request: Request,
        asking: Asking,
        state: Annotated[str, Query(max_length=40)] = "",
        country: Annotated[str, Query(max_length=3)] = "",
        language: Annotated[str, Query(max_length=3)] = "",
        q: Annotated[str, Query(max_length=200)] = "",
        sort: Order = Order.STATE,
    ) -> HTMLResponse:
        wanted = Wanted(state, country, language, q, sort)
        everything = standings(parts.records, parts.sourcing.sources, parts.clock())
        counts = Counter(one.state for one in everything)
        values: dict[str, Any] = {
            "wanted": wanted,
            "found": [(one, spark(one.counts, one.habit)) for one in chosen(everything, wanted)],
            "all": len(everything),
            "states": [(name, counts[name], words) for name, words in STATES.items() if counts[name]],
            "countries": sorted({one.source.country for one in everything}),
            "languages": sorted({one.source.language for one in everything}),
            "sorts": SORTS,
            "badges": BADGES,
            "problem": getattr(parts.sourcing.sources, "problem", ""),
        }
        return page(request, "sources.html", asking, **values)

    @made.get("/sources/new")
    def new(parts: Wired, request: Request, asking: Asking) -> HTMLResponse:
        return _new(parts, request, asking)

    @made.post("/sources/new", dependencies=EDITOR)
    def preview(parts: Wired, request: Request, asking: Asking, address: Text = "") -> HTMLResponse:
        try:
            seen = parts.sourcing.preview(address)
        except (BadInput, Busy) as error:
            return _new(parts, request, asking, address=address, wrong=str(error), status=400)
        return _preview(parts, request, asking, seen)

    @made.post("/sources", dependencies=EDITOR)
    def saved(
        parts: Wired,
        request: Request,
        asking: Asking,
        id: Text = "",
        name: Text = "",
        country: Text = "",
        language: Text = "",
        homepage: Text = "",
        kind: Text = "",
        terms: Text = "",
        confirmed_how: Text = "",
        address: Annotated[list[str], Form(max_length=200)] = [],  # noqa: B006  # FastAPI copies it
        over: Text = "",
    ) -> Response:
        texts = dict(zip(TEXTS, (id, name, country, language, homepage, kind, terms, confirmed_how), strict=True))
        values: dict[str, Any] = {**texts, **_addresses(address)}
        return _save(parts, request, asking, values, over=bool(over))

    @made.get("/sources/import")
    def opml(parts: Wired, request: Request, asking: Asking) -> HTMLResponse:
        return _import(parts, request, asking)

    @made.post("/sources/import", dependencies=EDITOR)
    def imported(
        parts: Wired,
        request: Request,
        asking: Asking,
        file: UploadFile | None = None,
        opml: Annotated[str, Form()] = "",
        chosen: Annotated[list[str], Form()] = [],  # noqa: B006
    ) -> Response:
        data = file.file.read() if file is not None else opml.encode()
        try:
            held = parts.sourcing.opml(data)
            if not chosen:
                return _import(parts, request, asking, held=held, opml=data.decode("utf-8", "replace"))
            wanted = [source for source in held.fresh if source.id in set(chosen)]
            if parts.sourcing.cannot_write():
                return files(parts, request, asking, wanted)
            for source in wanted:
                parts.save_source(asking, source)
        except BadInput as error:
            return _import(parts, request, asking, wrong=str(error), status=400)
        return go_to("/sources", q=wanted[0].id if len(wanted) == 1 else "")

    @made.get("/sources/export.opml")
    def export(parts: Wired, asking: Asking) -> Response:
        named_file = {"content-disposition": 'attachment; filename="wirewatch-sources.opml"'}
        return Response(parts.sourcing.export(), media_type=OPML, headers=named_file)

    @made.get("/sources/{source_id}")
    def one(
        parts: Wired, request: Request, asking: Asking, source_id: Annotated[str, Path()], saved: str = ""
    ) -> HTMLResponse:
        return _one(parts, request, asking, found(parts, source_id), saved=bool(saved))

    return made


def _new(parts: Parts, request: Request, asking: Person, *, status: int = 200, **values: str) -> HTMLResponse:
    given = {"address": "", "wrong": "", "cannot_write": parts.sourcing.cannot_write()} | values
    return page(request, "source_new.html", asking, status=status, closed=parts.sourcing.closed, **given)


def _preview(parts: Parts, request: Request, asking: Person, seen: Discovery) -> HTMLResponse:
    source = seen.source
    values = {key: getattr(source, key) for key in (*TEXTS, *ADDRESS_KEYS)}
    tried = [(KEY_OF[one.kind], one, one.url in getattr(source, KEY_OF[one.kind])) for one in seen.found]
    return _form(parts, request, asking, values, tried, notes=seen.notes)


def _form(
    parts: Parts,
    request: Request,
    asking: Person,
    values: dict[str, Any],
    tried: list[Any],
    *,
    notes: tuple[str, ...] = (),
    wrong: dict[str, str] | None = None,
) -> HTMLResponse:
    told: dict[str, Any] = {
        "values": values,
        "tried": tried,
        "notes": notes,
        "wrong": wrong or {},
        "kinds": KINDS,
        "countries": sorted(COUNTRIES),
        "languages": sorted(LANGUAGES),
        "known": values["id"] in parts.sourcing.sources,
        "cannot_write": parts.sourcing.cannot_write(),
    }
    return page(request, "source_preview.html", asking, status=400 if wrong else 200, **told)


def _save(parts: Parts, request: Request, asking: Person, values: dict[str, Any], *, over: bool) -> Response:
    try:
        return save(parts, request, asking, named(values), over=over)
    except BadInput as error:
        tried = [(key, url, True) for key in ADDRESS_KEYS for url in values.get(key, ())]
        return _form(parts, request, asking, values, tried, wrong=faults_of(error))


def _addresses(given: list[str]) -> dict[str, list[str]]:
    """ "feeds https://…" of the form, by key."""
    found: dict[str, list[str]] = {key: [] for key in ADDRESS_KEYS}
    for one in given:
        key, _, url = one.partition(" ")
        if key in found:
            found[key].append(url)
    return found


def _import(parts: Parts, request: Request, asking: Person, *, status: int = 200, **values: Any) -> HTMLResponse:
    told = {"held": None, "opml": "", "wrong": "", "cannot_write": parts.sourcing.cannot_write()} | values
    return page(request, "source_import.html", asking, status=status, closed=parts.sourcing.closed, **told)


def _one(parts: Parts, request: Request, asking: Person, source: Source, *, saved: bool) -> HTMLResponse:
    now = parts.clock()
    told = standing(parts.records, source, now)
    feeds = [one for one in parts.records.feed_states() if one.source_id == source.id]
    furniture = [one for one in parts.records.furniture(source.id) if one.dropped or one.kept]
    values: dict[str, Any] = {
        "one": told,
        "spark": spark(told.counts, told.habit),
        "days": SHOWN,
        "badges": BADGES,
        "silence": silence_in_words(told.silence) if told.silence else "",
        "feeds": [(state, state_in_words(state, now)) for state in feeds],
        "listed": [(key, url) for key in ADDRESS_KEYS for url in getattr(source, key)],
        "latest": parts.records.latest(source.id, LATEST),
        "furniture": furniture,
        "toml": to_toml(source),
        "saved": saved,
        "now": now,
    }
    return page(request, "source.html", asking, **values)
