"""Subscribers for tests of whole runs: what they were told must be what search finds, whatever happened meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from pipeline.watch import DeliveryState, Mode, Output, OutputKind, Subscription
from records.base import Records
from search.ast import resolve
from search.base import Index
from search.parse import parse
from search.saved import expand
from tests.services.receiver import Receiver

MANY = 1_000_000
NOBODY = "https://desk.example/"  # where nothing is sent in these tests


def subscribe(records: Records, queries: Sequence[str], now: datetime, target: str = NOBODY) -> list[Subscription]:
    """One for each query, named after it, in every mode by turns; each with a webhook."""
    modes = list(Mode)
    made = []
    for at, query in enumerate(queries):
        made.append(records.subscribe(Subscription(query, query, modes[at % len(modes)]), now))
        secret = "whsec_c2VjcmV0IG9mIHRoZSBkZXNrLCBmb3IgdGVzdHM="
        records.put_output(Output(made[-1].id, OutputKind.WEBHOOK, target, secret), now)
    return made


def hold_together(records: Records, index: Index, now: datetime) -> int:
    """Assert that what search finds is what matches and was told, once; returns how many articles were found."""
    subscriptions = records.subscriptions()
    named = {one.name: one.query for one in subscriptions}
    count = 0
    for of in subscriptions:
        query = resolve(expand(parse(of.query), named.get), now)
        found = sorted(hit.article_id for _, hits in index.walk(query) for hit in hits)
        count += len(found)
        assert found == sorted(one.article_id for one in records.matched(of.id) if one.until is None), of.query
        alerts = records.alerts(of.id, limit=MANY)
        assert len({one.id for one in alerts}) == len(alerts)
        if of.mode is Mode.EVERY:
            told = Counter(one.article_id for one in alerts)
            assert set(found) <= set(told)
            assert set(told.values()) <= {1}
        else:
            assert all(records.alerts_of(id, of.id) for id in found)
        [output] = records.outputs(of.id)
        assert {one.alert.seq for one in records.deliveries(output.id, limit=MANY)} == {one.seq for one in alerts}
    return count


def waiting(records: Records) -> str:
    """What is still to be sent, in words; "" when nothing is."""
    pending = len(records.deliveries(state=DeliveryState.PENDING, limit=MANY))
    return f"{pending} deliveries wait" if pending else ""


def got_all(records: Records, by: Receiver) -> int:
    """Assert that every alert came, and nothing else; returns how many came more than once."""
    ids = by.ids()
    assert set(ids) == {one.id for one in records.alerts(limit=MANY)}
    assert not records.deliveries(state=DeliveryState.DEAD)
    return len(ids) - len(set(ids))
