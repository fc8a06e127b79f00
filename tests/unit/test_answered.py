"""What a fetch is counted as."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.answered import Answered, answered
from pipeline.errors import (
    Blocked,
    Gone,
    NotNews,
    Refused,
    ServerFault,
    StageFailed,
    Throttled,
    Unreachable,
    Unreadable,
    WirewatchError,
)
from pipeline.types import Fetched, FetchFailed, FetchTask, Kind, NotModified

TASK = FetchTask("https://ledger.example/feed", "ledger", Kind.FEED)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_good_answers() -> None:
    assert answered(Fetched(TASK, TASK.url, 200, {}, b"", NOW, "")) is Answered.OK
    assert answered(NotModified(TASK, NOW)) is Answered.UNCHANGED


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (Blocked("not let in"), 403, Answered.FORBIDDEN),
        (Blocked("a bot challenge"), 200, Answered.FORBIDDEN),
        (Blocked("a bot challenge"), 503, Answered.FORBIDDEN),
        (Blocked("not let in"), 401, Answered.CLIENT),
        (Blocked("not let in"), 451, Answered.CLIENT),
        (Blocked("robots.txt disallows it"), 0, Answered.REFUSED),
        (Throttled("a pause"), 429, Answered.THROTTLED),
        (Throttled("a pause"), 503, Answered.SERVER),
        (Throttled("a pause is left"), 0, None),
        (Gone("gone"), 410, Answered.CLIENT),
        (ServerFault("broken"), 500, Answered.SERVER),
        (Unreachable("no address"), 0, Answered.UNREACHABLE),
        (Unreachable("cut short"), 200, Answered.UNREACHABLE),
        (Refused("not public"), 0, Answered.REFUSED),
        (Refused("too large"), 200, Answered.REFUSED),
        (NotNews("a video"), 200, Answered.UNREADABLE),
        (Unreadable("no feed"), 0, Answered.UNREADABLE),
        (StageFailed("stumbled"), 0, Answered.UNREADABLE),
    ],
)
def test_failures(error: WirewatchError, status: int, told: Answered | None) -> None:
    assert answered(FetchFailed(TASK, error, NOW, status)) is told
