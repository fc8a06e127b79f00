"""What the back ends weigh alike, so that one query ranks alike on all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.types import Document

TITLE_BOOST = 3.0
NEWER_BY = timedelta(days=730)  # a story younger by this counts double
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RECENCY_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_MOST = 1000.0
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Since 1970, exact."""
    return (moment - EPOCH) // _MICROSECOND


def youth(document: Document) -> float:
    """What a score is multiplied with: 1 for 2020 and before, doubled every `NEWER_BY`, at most 1000."""
    moment = min(document.published or document.first_seen, document.first_seen)
    doublings = max(0.0, (moment - _RECENCY_FROM) / NEWER_BY)
    return float(min(2.0**doublings, _MOST))
