"""The store's half of subscriptions and alerts: every method is one transaction around a plain function."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from pipeline.watch import Alert, Delivery, DeliveryState, Matched, Output, Settled, Subscription
from records import outbox, subscriptions
from records.engine import Database
from records.values import Outgoing


class WatchStore:
    """See `records.watching.Watching` for what each method promises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def subscriptions(self) -> list[Subscription]:
        """All of them."""
        with self._database.read() as conn:
            return subscriptions.listed(conn)

    def subscription(self, name_or_id: str) -> Subscription | None:
        """One of them."""
        with self._database.read() as conn:
            return subscriptions.found(conn, name_or_id)

    def subscribe(self, one: Subscription, now: datetime) -> Subscription:
        """Save one."""
        with self._database.write(durable=True) as conn:
            return subscriptions.save(conn, one, now)

    def unsubscribe(self, subscription_id: str) -> None:
        """Remove one."""
        with self._database.write(durable=True) as conn:
            subscriptions.remove(conn, subscription_id)

    def outputs(self, subscription_id: str = "") -> list[Output]:
        """Where alerts go."""
        with self._database.read() as conn:
            return subscriptions.all_outputs(conn, subscription_id)

    def link(self, token: str) -> Output | None:
        """The output of that token."""
        with self._database.read() as conn:
            return subscriptions.link(conn, token)

    def put_output(self, one: Output, now: datetime) -> Output:
        """Save one."""
        with self._database.write(durable=True) as conn:
            return subscriptions.put_output(conn, one, now)

    def revoke_output(self, output_id: str, now: datetime) -> None:
        """Take it out of use."""
        with self._database.write(durable=True) as conn:
            subscriptions.revoke_output(conn, output_id, now)

    def alerts(
        self,
        subscription_id: str = "",
        *,
        after: int = 0,
        limit: int = 100,
        since: datetime | None = None,
        newest: bool = False,
    ) -> list[Alert]:
        """The outbox."""
        with self._database.read() as conn:
            return outbox.listed(conn, subscription_id, after, limit, since, newest)

    def alerts_of(self, article_id: str, subscription_id: str = "") -> list[Alert]:
        """What was told of an article or its story."""
        with self._database.read() as conn:
            return outbox.of_article(conn, article_id, subscription_id)

    def alert_days(self, since: datetime) -> dict[str, dict[date, int]]:
        """Alerts by day."""
        with self._database.read() as conn:
            return outbox.days(conn, since)

    def last_alerts(self) -> dict[str, datetime]:
        """The last alert of each."""
        with self._database.read() as conn:
            return outbox.last(conn)

    def matched(self, subscription_id: str, article_id: str = "") -> list[Matched]:
        """What matches, or did."""
        with self._database.read() as conn:
            return outbox.matched(conn, subscription_id, article_id)

    def due_deliveries(self, now: datetime, each: int = 20, outputs: int = 200) -> list[Delivery]:
        """What is to be sent."""
        with self._database.read() as conn:
            return outbox.due(conn, now, each, outputs)

    def due_digests(self, now: datetime) -> list[tuple[Output, list[Alert]]]:
        """What is to be sent together."""
        with self._database.read() as conn:
            return outbox.digests(conn, now)

    def settle(self, tries: Sequence[Settled], now: datetime) -> None:
        """How sending went. Durable: an alert that was sent is not to be sent again after a power cut."""
        with self._database.write(durable=True) as conn:
            outbox.settle(conn, tries, now)

    def set_due(self, output_id: str, due: datetime) -> None:
        """When to send next."""
        with self._database.write() as conn:
            outbox.set_due(conn, output_id, due)

    def deliveries(
        self,
        output_id: str = "",
        *,
        alert: int = 0,
        state: DeliveryState | None = None,
        limit: int = 100,
        after: tuple[int, str] | None = None,
    ) -> list[Delivery]:
        """How sending stands."""
        with self._database.read() as conn:
            return outbox.deliveries_of(conn, output_id, alert, state, limit, after)

    def outgoing(self) -> Outgoing:
        """How sending stands."""
        with self._database.read() as conn:
            return outbox.outgoing(conn)

    def redeliver(
        self, output_id: str, now: datetime, *, since: datetime | None = None, seqs: Sequence[int] = ()
    ) -> int:
        """Send again."""
        with self._database.write(durable=True) as conn:
            return outbox.redeliver(conn, output_id, since, seqs)
