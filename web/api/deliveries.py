"""What was sent, what waits, and what was given up; and sending it again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from pipeline.watch import DeliveryState
from web.access import Asking
from web.api.paging import After, Limit, cut, from_text
from web.api.shapes import Deliveries, Replayed
from web.api.subscriptions import EDITOR
from web.api.values import Replay, delivery_json
from web.parts import Wired


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["deliveries"])

    @made.get(
        "/deliveries",
        summary="Deliveries, newest first; state=dead lists the dead letters",
        response_model=Deliveries,
        response_model_exclude_unset=True,
    )
    def listed(
        parts: Wired,
        output: Annotated[str, Query(description="Only of this output (id).")] = "",
        alert: Annotated[int, Query(ge=0, lt=2**63, description="Only of this alert (`seq`).")] = 0,
        state: Annotated[DeliveryState | None, Query(description="Only in this state.")] = None,
        limit: Limit = 100,
        after: After = "",
    ) -> dict[str, Any]:
        last = from_text(after, (0, "")) if after else None
        after_last = (int(last[0]), str(last[1])) if last else None
        found = parts.records.deliveries(output, alert=alert, state=state, limit=limit + 1, after=after_last)
        shown, next = cut(found, lambda one: (one.alert.seq, one.output.id), limit)
        return {"deliveries": [delivery_json(one) for one in shown], "next": next}

    @made.post(
        "/deliveries/replay",
        summary="Send again: since a time, these, or all dead letters of an output",
        dependencies=EDITOR,
        response_model=Replayed,
        response_model_exclude_unset=True,
    )
    def replayed(parts: Wired, asking: Asking, given: Replay) -> dict[str, Any]:
        count = parts.records.redeliver(given.output, parts.clock(), since=given.since, seqs=given.seqs)
        parts.audit(asking, "deliveries sent again", given.output, count=count)
        return {"replayed": count}

    return made
