"""What the records promise of subscriptions and alerts: the second half of the Records Protocol (see `records.base`).

In the transaction that writes an article, moves it or tags it, what it says now is matched against all active
subscriptions, and what comes of that is written: the outbox can neither lose a story nor invent one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from pipeline.types import Document
from pipeline.watch import Alert, Delivery, DeliveryState, Matched, Output, Settled, Subscription
from records.values import Outgoing


class Matcher(Protocol):
    """What runs the queries; given to the records by who opens them. One thread at a time."""

    def learn(self, changed: Iterable[Subscription], removed: Iterable[str] = ()) -> None:
        """These subscriptions are new or others than before, those (ids) are no more.

        Paused ones come too, for active ones may use their queries. One whose query cannot be read is logged and
        matches nothing; it never raises.
        """

    def match(self, documents: Sequence[Document], now: datetime) -> Mapping[str, Sequence[str]]:
        """Subscription id -> ids of the articles that its query matches at `now`, of active ones that match any."""


class Watching(Protocol):
    """Subscriptions, their outputs, the outbox."""

    def subscriptions(self) -> list[Subscription]:
        """All of them, by name."""

    def subscription(self, name_or_id: str) -> Subscription | None:
        """One of them."""

    def subscribe(self, one: Subscription, now: datetime) -> Subscription:
        """Save a new subscription (id "") or a changed one. Raise BadInput when its name is taken, or id unknown."""

    def unsubscribe(self, subscription_id: str) -> None:
        """Remove it with its outputs and alerts; an unknown id changes nothing."""

    def outputs(self, subscription_id: str = "") -> list[Output]:
        """Those of one subscription or of all, revoked ones too, oldest first."""

    def link(self, token: str) -> Output | None:
        """The output of kind LINK that has this token; `revoked` tells whether it still may be answered."""

    def put_output(self, one: Output, now: datetime) -> Output:
        """Save a new output (id "") or a changed one. Raise BadInput for an unknown subscription or id."""

    def revoke_output(self, output_id: str, now: datetime) -> None:
        """It takes no more; what is pending for it is dropped. Raise BadInput for an unknown id."""

    def alerts(
        self,
        subscription_id: str = "",
        *,
        after: int = 0,
        limit: int = 100,
        since: datetime | None = None,
        newest: bool = False,
    ) -> list[Alert]:
        """The outbox after that `seq`, in order of it; `since` = made then or later; `newest` = the last ones first."""

    def alerts_of(self, article_id: str, subscription_id: str = "") -> list[Alert]:
        """What was told because of one article, or of the story that it is in."""

    def alert_days(self, since: datetime) -> dict[str, dict[date, int]]:
        """Alerts made since then: subscription id -> day (UTC) -> how many; days without any are left out."""

    def last_alerts(self) -> dict[str, datetime]:
        """When each subscription that ever told of something did so last, by id."""

    def matched(self, subscription_id: str, article_id: str = "") -> list[Matched]:
        """Which articles written since it was saved match it or did, in order of `since`, then id; or only that one."""

    def due_deliveries(self, now: datetime, each: int = 20, outputs: int = 200) -> list[Delivery]:
        """Pending ones of webhooks and notifications that are due: up to `each` of up to `outputs` outputs.

        In order of output, then first_seen, then seq: the first of an output is to be settled before its next is sent.
        """

    def due_digests(self, now: datetime) -> list[tuple[Output, list[Alert]]]:
        """Digests that are due, each with all that is pending for it (none: only its due time is to be moved on)."""

    def settle(self, tries: Sequence[Settled], now: datetime) -> None:
        """Write how tries went. A failed one keeps its output back until `due`."""

    def set_due(self, output_id: str, due: datetime) -> None:
        """When a digest goes out next."""

    def deliveries(
        self,
        output_id: str = "",
        *,
        alert: int = 0,
        state: DeliveryState | None = None,
        limit: int = 100,
        after: tuple[int, str] | None = None,
    ) -> list[Delivery]:
        """Of one output, of one alert (its seq), in one state, or all; newest first, those of one alert by output.

        `after` = only what comes after that seq and output.
        """

    def outgoing(self) -> Outgoing:
        """How sending stands, in numbers."""

    def redeliver(
        self, output_id: str, now: datetime, *, since: datetime | None = None, seqs: Sequence[int] = ()
    ) -> int:
        """Put alerts of the output's subscription to be sent (again): those made since then, those named, or all dead.

        Ids stay, so a receiver knows those that it has. Returns how many.
        """
