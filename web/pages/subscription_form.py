"""The form that makes a subscription from any search, or changes one: it is tried on the archive before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from pipeline.errors import Away, Trouble
from pipeline.outputs import shown
from pipeline.people import Person, Role
from pipeline.telling import REASONS
from pipeline.watch import Every, OutputKind, Subscription
from search.importing import Origin
from web.access import Asking, needs
from web.backtest import BUDGET, Backtest, backtest
from web.forms import Form, Sent, Wrong, asked
from web.pages.subscription import view
from web.parts import Parts, Wired
from web.render import go_to, page
from web.samples import Tried
from web.samples import tried as tried_samples
from web.saved import understood
from web.watch_form import Draft, filled, meant, of, outputs, translate, with_name
from web.watching import found, save
from web.wording import MODES_EXPLAINED, WEEKDAYS, pointed, verdict

LONGEST_ADDRESS = 3000  # characters of a form that may stand in an address
ORIGINS: Mapping[Origin, str] = {
    Origin.GOOGLE: "Google Alerts",
    Origin.FRESHRSS: "FreshRSS",
    Origin.MINIFLUX: "Miniflux, a keep rule",
    Origin.MINIFLUX_BLOCK: "Miniflux, a block rule",
}
EDITOR = [Depends(needs(Role.EDITOR))]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/subscriptions/new", dependencies=EDITOR)
    def new(parts: Wired, request: Request, asking: Asking) -> HTMLResponse:
        sent, wrong = asked(request), Wrong()
        draft = filled(sent, wrong)
        if sent["text"]:
            draft = translate(draft, sent["text"], sent["from"], wrong)
        draft = with_name(draft, [one.name for one in parts.records.subscriptions()])
        if not draft.query:
            return form(parts, request, asking, draft, sent, wrong, None)
        one = meant(parts, draft, None, wrong)
        return form(parts, request, asking, draft, sent, wrong, one)

    @made.post("/subscriptions/new", dependencies=EDITOR)
    def sent(parts: Wired, request: Request, asking: Asking, sent: Form) -> Response:
        wrong = Wrong()
        draft = with_name(filled(sent, wrong), [one.name for one in parts.records.subscriptions()])
        if sent["do"] != "save":
            address = urlencode([(name, value) for name, values in sent.values.items() for value in values])
            if len(address) <= LONGEST_ADDRESS and not has_secrets(sent):
                return go_to(f"/subscriptions/new?{address}#tried")
            return form(parts, request, asking, draft, sent, wrong, meant(parts, draft, None, wrong))
        one = meant(parts, draft, None, wrong)
        ways = outputs(parts, sent, wrong)
        if wrong or draft.tried != draft.trial():
            return form(parts, request, asking, draft, sent, wrong, one, again=not wrong)
        one = save(parts, one)
        saved = [parts.records.put_output(replace(way, subscription_id=one.id), parts.clock()) for way in ways]
        parts.audit(asking, "subscription made", one.name, id=one.id, query=one.query)
        for way in saved:
            parts.audit(asking, "output made", one.name, id=way.id, kind=str(way.kind), target=shown(way.target))
        keys = [way for way in saved if way.kind is OutputKind.WEBHOOK]
        if keys:  # shown this once: an address would keep them
            return view(parts, request, asking, one, said="saved", new=keys[0])
        return go_to(f"/subscriptions/{one.id}", said="saved")

    @made.get("/subscriptions/{name}/edit", dependencies=EDITOR)
    def edit(parts: Wired, request: Request, asking: Asking, name: str) -> HTMLResponse:
        one = found(parts, name)
        wrong, draft = Wrong(), of(one)
        meant(parts, draft, one, wrong)
        return form(parts, request, asking, draft, Sent({}), wrong, one, changes=one)

    @made.post("/subscriptions/{name}/edit", dependencies=EDITOR)
    def changed(parts: Wired, request: Request, asking: Asking, name: str, sent: Form) -> Response:
        old, wrong = found(parts, name), Wrong()
        draft = filled(sent, wrong)
        one = meant(parts, draft, old, wrong)
        if wrong or sent["do"] != "save" or draft.tried != draft.trial():
            again = sent["do"] == "save" and not wrong
            return form(parts, request, asking, draft, sent, wrong, one, changes=old, again=again)
        one = save(parts, one)
        parts.audit(asking, "subscription changed", one.name, id=one.id, query=one.query)
        return go_to(f"/subscriptions/{one.id}", said="changed")

    return made


def has_secrets(sent: Sent) -> bool:
    """Whether a form holds what may not stand in an address."""
    return any(sent[name] for name in ("webhook", "secret", "notify", "digest"))


def form(
    parts: Parts,
    request: Request,
    asking: Person,
    draft: Draft,
    sent: Sent,
    wrong: Wrong,
    one: Subscription | None,
    *,
    changes: Subscription | None = None,
    again: bool = False,
) -> HTMLResponse:
    """The form with what `one` would have told, if its query can be read; `changes` = the one that it changes."""
    tried: Backtest | None = None
    trouble, samples = "", list[Tried]()
    if one is not None and not {"query", "mode"} & wrong.fields.keys():
        draft.tried = draft.trial()
        now, node = parts.clock(), understood(one, parts.records.subscriptions())
        try:
            samples = list(tried_samples(one, node, parts.records, parts.tag, now))
            tried = backtest(node, one.mode, parts.index, parts.records, now, days=draft.days, budget=one.budget)
        except (Away, Trouble) as error:
            trouble = str(error)
    values: dict[str, Any] = {
        "draft": draft, "sent": sent, "wrong": wrong.fields, "tried": tried, "trouble": trouble, "samples": samples,
        "again": again, "changes": changes, "verdict": verdict(tried) if tried else (), "modes": MODES_EXPLAINED,
        "pointed": pointed(draft.query, draft.column) if draft.column else "", "usual_budget": BUDGET,
        "origins": ORIGINS, "every": list(Every), "weekdays": WEEKDAYS, "reasons": REASONS,
    }  # fmt: skip
    return page(request, "subscription_form.html", asking, status=400 if wrong else 200, **values)
