"""The log of what was changed, for admins: who, what, when, to what; newest first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from pipeline.people import Role
from web.access import Asking, needs
from web.parts import Wired
from web.render import page

AT_ONCE = 100
KNOWN = (  # beginnings that are offered
    "account", "delivery", "key", "label", "output", "password", "role", "sessions", "sign-in failed", "signed in",
    "source", "subscription",
)  # fmt: skip


def router() -> APIRouter:
    """The route."""
    made = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Role.ADMIN))])

    @made.get("/audit")
    def audit(
        parts: Wired,
        request: Request,
        asking: Asking,
        who: Annotated[str, Query(max_length=100)] = "",
        what: Annotated[str, Query(max_length=100)] = "",
        before: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    ) -> Response:
        found = parts.records.audited(before=before, limit=AT_ONCE + 1, who=who.strip(), what=what.strip())
        shown = found[:AT_ONCE]
        older = {"who": who, "what": what, "before": shown[-1].seq if shown else 0}
        names = [one.name for one in parts.records.users()]
        return page(
            request,
            "audit.html",
            asking,
            lines=shown,
            older={key: value for key, value in older.items() if value} if len(found) > AT_ONCE else None,
            before=before,
            names=names,
            known=KNOWN,
            who=who,
            what=what,
        )

    return made
