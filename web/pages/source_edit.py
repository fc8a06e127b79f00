"""What is commonly changed of a source, as a form; what it does not show stays as it is in the source's file."""

from __future__ import annotations

import contextlib
import tomllib
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import HTMLResponse, Response

from crawlers.codes import COUNTRIES, KINDS, LANGUAGES
from crawlers.registry import to_toml
from crawlers.source_keys import ADDRESS_KEYS
from pipeline.errors import BadInput
from pipeline.people import Person, Role
from pipeline.types import Source
from web.access import Asking, needs
from web.api.sources import found
from web.forms import Form, Sent
from web.pages.source_saving import save
from web.parts import Parts, Wired
from web.render import page
from web.sourcing import faults_of, named

EDITOR = [Depends(needs(Role.EDITOR))]
TEXTS = ("name", "country", "language", "kind", "homepage", "blocked", "terms")
POLLS = ("poll_min", "poll_max")  # minutes
MINUTE = timedelta(minutes=1)
Id = Annotated[str, Path()]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/sources/{source_id}/edit", dependencies=EDITOR)
    def edit(parts: Wired, request: Request, asking: Asking, source_id: Id) -> HTMLResponse:
        source = found(parts, source_id)
        return _form(parts, request, asking, source, _as_sent(source))

    @made.post("/sources/{source_id}/edit", dependencies=EDITOR)
    def edited(parts: Wired, request: Request, asking: Asking, source_id: Id, sent: Form) -> Response:
        source = found(parts, source_id)
        try:
            return save(parts, request, asking, named(_changed(source, sent)), over=True)
        except BadInput as error:
            given = {name: sent.values[name][0] for name in _as_sent(source) if name in sent.values}
            return _form(parts, request, asking, source, _as_sent(source) | given, wrong=faults_of(error))

    return made


def _as_sent(source: Source) -> dict[str, str]:
    """The fields of the form for a source as it is."""
    lists = {key: "\n".join(getattr(source, key)) for key in ADDRESS_KEYS}
    polls = {name: f"{getattr(source, name) / MINUTE:.10g}" for name in POLLS}
    return {name: getattr(source, name) for name in TEXTS} | lists | polls


def _changed(source: Source, sent: Sent) -> dict[str, Any]:
    """The keys of its file, with what was sent in their place."""
    values: dict[str, Any] = tomllib.loads(to_toml(source))
    values |= {name: sent[name] for name in TEXTS if name in sent.values}
    for key in ADDRESS_KEYS:
        if key in sent.values:
            values[key] = sent[key].split()
    if all(name in sent.values for name in POLLS):
        values["poll_minutes"] = [_number(sent[name]) for name in POLLS]
    if any(url not in getattr(source, key) for key in ADDRESS_KEYS for url in values.get(key, ())):
        values.pop("confirmed", None)  # it was said of other addresses
        values.pop("confirmed_how", None)
    return values


def _number(text: str) -> float | str:
    """As it is where it is none: the check of the key says what would be right."""
    with contextlib.suppress(ValueError):
        value = float(text.replace(",", "."))
        return int(value) if value.is_integer() else value
    return text


def _form(
    parts: Parts,
    request: Request,
    asking: Person,
    source: Source,
    values: dict[str, str],
    *,
    wrong: dict[str, str] | None = None,
) -> HTMLResponse:
    told: dict[str, Any] = {
        "source": source,
        "values": values,
        "wrong": wrong or {},
        "lists": [key for key in ADDRESS_KEYS if key == "feeds" or values[key]],
        "kinds": KINDS,
        "countries": sorted(COUNTRIES),
        "languages": sorted(LANGUAGES),
        "cannot_write": parts.sourcing.cannot_write(),
    }
    return page(request, "source_edit.html", asking, status=400 if wrong else 200, **told)
