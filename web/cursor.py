"""The outbox read by a cursor: in order, from any number or time on, as often as one likes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field

from pipeline.watch import Alert
from records.telling import tell
from web.parts import Parts

MOST = 500


class Asked(BaseModel):
    """From where on. Both given: what fits both."""

    after: int = Field(
        default=0, ge=0, lt=2**63, description="Only what has a greater `seq`: the `next` of the last answer."
    )
    since: AwareDatetime | None = Field(default=None, description="Only what was told since; ISO 8601 with a zone.")


class Paged(Asked):
    """And how much of it at once."""

    limit: int = Field(default=100, ge=1, le=MOST, description="So many alerts at most.")


PagedQuery = Annotated[Paged, Query()]


def page(parts: Parts, subscription_id: str, asked: Paged) -> dict[str, Any]:
    """Alerts in order of `seq`; `next` is what to ask after, whether or not there is `more` by now."""
    alerts = read(parts, subscription_id, asked.after, asked.limit + 1, asked.since)
    shown = alerts[: asked.limit]
    return {
        "alerts": [one.to_json() for one in tell(parts.records, shown)],
        "next": shown[-1].seq if shown else asked.after,
        "more": len(alerts) > len(shown),
    }


def read(parts: Parts, subscription_id: str, after: int, limit: int, since: datetime | None) -> list[Alert]:
    """The outbox of one subscription."""
    return parts.records.alerts(subscription_id, after=after, limit=limit, since=since)


def newest(parts: Parts, subscription_id: str = "") -> int:
    """The number of the last alert, 0 when there is none."""
    return max((one.seq for one in parts.records.alerts(subscription_id, newest=True, limit=1)), default=0)
