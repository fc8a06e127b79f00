"""Why somebody was told of an article, or not: its way through the archive, and a subscription's query beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipeline.errors import BadQuery
from pipeline.telling import REASONS
from pipeline.types import Copy
from pipeline.watch import Alert, Delivery, DeliveryState, Matched, Mode, Output, OutputKind, Subscription
from records.base import Records
from records.values import ArticleView, StoryView, Trail
from search.explain import Clause, explain
from search.match import LiveMatcher
from search.parse import parse
from web.samples import because
from web.saved import names
from web.trace import Step, steps


@dataclass(frozen=True, slots=True)
class Told:
    """An alert of the article or of its story, and how it went out."""

    alert: Alert
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """What is known; `verdict` is the answer in sentences, the most telling one first."""

    asked: str  # id or address
    subscription: Subscription
    verdict: tuple[str, ...]
    steps: tuple[Step, ...] = ()  # through the archive
    article: ArticleView | None = None
    story: StoryView | None = None
    clause: Clause | None = None  # the query against the article as it is now; None = no article, or no readable query
    matched: Matched | None = None  # since when it matches, as the records noted
    told: tuple[Told, ...] = ()
    outputs: tuple[Output, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; times are ISO 8601, UTC; of outputs the kind alone."""
        return {
            "asked": self.asked,
            "subscription": {"id": self.subscription.id, "name": self.subscription.name},
            "verdict": list(self.verdict),
            "steps": [{"stage": one.stage, "when": _time(one.when), "words": one.words} for one in self.steps],
            "article": self.article.article.id if self.article else None,
            "story": self.story.id if self.story else None,
            "query": clause_json(self.clause) if self.clause else None,
            "matches_since": _time(self.matched.since) if self.matched else None,
            "matches_until": _time(self.matched.until) if self.matched else None,
            "alerts": [_told_json(one) for one in self.told],
        }


def why(records: Records, indexed: int | None, asked: str, subscription: Subscription, now: datetime) -> Why:
    """Of an article's id or address; `indexed` is the index's position in the change log (None = unknown)."""
    trail = records.trail(asked)
    if trail is None:
        return Why(asked, subscription, ("the archive has never heard of this address: no listing told of it",))
    way = tuple(steps(trail, indexed))
    view = trail.article
    if view is None:
        return Why(asked, subscription, (_unread(trail),), way)
    document = next(iter(records.documents([view.article.id])), None)
    story = next(iter(records.stories([view.story_id])), None)
    told = tuple(
        Told(alert, tuple(records.deliveries(alert=alert.seq)))
        for alert in records.alerts_of(view.article.id, subscription.id)
    )
    known = names(records.subscriptions())
    clause, wrong = None, ""
    try:
        if document is not None:
            clause = explain(parse(subscription.query), document, now, known.get, known)
    except BadQuery as error:
        wrong = f"the query of {subscription.name!r} matches nothing: {error}"
    noted = next(iter(records.matched(subscription.id, view.article.id)), None)
    outputs = tuple(one for one in records.outputs(subscription.id) if one.revoked is None)
    verdict = _verdict(subscription, view, story, clause, noted, told, outputs)
    return Why(
        asked, subscription, tuple([wrong] if wrong else verdict), way, view, story, clause, noted, told, outputs
    )  # fmt: skip


def concerned(records: Records, asked: str, now: datetime) -> list[Subscription]:
    """The subscriptions whose query matches an article now, and those that told of it or of its story; by name."""
    view = records.article(asked)
    if view is None:
        return []
    everybody = records.subscriptions()
    of = {alert.subscription_id for alert in records.alerts_of(view.article.id)}
    matcher = LiveMatcher(replace(one, active=True) for one in everybody)
    of |= matcher.match(records.documents([view.article.id]), now).keys()
    return [one for one in everybody if one.id in of]


def clause_json(clause: Clause) -> dict[str, Any]:
    """A clause and its parts as plain JSON values."""
    return {
        "text": clause.text,
        "matched": clause.matched,
        "kind": clause.kind or None,
        "where": list(clause.where),
        "parts": [clause_json(part) for part in clause.parts],
    }


def _unread(trail: Trail) -> str:
    if trail.quarantined:
        return f"its page is in quarantine, so there is no article: {trail.quarantined.error}"
    if trail.spooled:
        return "its page was fetched and waits to be read; there is no article yet"
    if trail.listed is None:
        return "there is no article of it"
    state = {"pending": "was not fetched yet", "blocked": "is blocked", "gone": "is gone"}.get(
        trail.listed.state, f"could not be read ({trail.listed.state})"
    )
    return f"its page {state}, so there is no article" + (f": {trail.listed.error}" if trail.listed.error else "")


def _verdict(
    subscription: Subscription,
    view: ArticleView,
    story: StoryView | None,
    clause: Clause | None,
    noted: Matched | None,
    told: Sequence[Told],
    outputs: Sequence[Output],
) -> Iterator[str]:
    own = [one for one in told if one.alert.article_id == view.article.id]
    if own:
        yield from (_alerted(one, outputs) for one in own)
        if clause is not None and not clause.matched:
            yield f"it matched then; as it is now it does not: {because(clause)}"
        return
    if clause is not None and not clause.matched:
        if noted is not None and noted.until is not None:
            yield f"it matched from {_minute(noted.since)} to {_minute(noted.until)}, and does no longer"
        yield f"the query does not match: {because(clause)}"
        return
    if not subscription.active:
        yield "the query matches, but the subscription is paused: what comes meanwhile is never told"
        return
    since, seen = subscription.since, view.article.first_seen
    if told and subscription.mode is not Mode.EVERY:
        yield _told_by_another(subscription, told[0], story, outputs)
    elif noted is None and since and seen and seen <= since:
        yield (
            f"the query matches, but the article was filed at {_minute(seen)}, before the subscription was saved, "
            f"changed or resumed at {_minute(since)}"
        )
    elif noted is None:
        yield (
            "the query matches as things are now, but did not when the article was last written: its times count back "
            "from now"
        )
    else:
        yield f"the query matches since {_minute(noted.since)}, and nothing was told of it"


def _alerted(one: Told, outputs: Sequence[Output]) -> str:
    return f"told at {_minute(one.alert.made)}, as {REASONS[one.alert.reason]}: {delivered(one, outputs)}"


def delivered(one: Told, outputs: Sequence[Output]) -> str:
    """Through what an alert went out, in words."""
    ways = [_way(delivery) for delivery in one.deliveries]
    ways += ["in its feed" for output in outputs if output.kind is OutputKind.LINK]
    return "; ".join(dict.fromkeys(ways)) if ways else "the subscription had no output, so it is in its alerts alone"


def _way(delivery: Delivery) -> str:
    kind = str(delivery.output.kind)
    match delivery.state:
        case DeliveryState.SENT:
            return f"{kind}, sent at {_minute(delivery.settled)}"
        case DeliveryState.DEAD:
            return f"{kind}, given up after {delivery.tries} tries: {delivery.error}"
        case _:
            tried = f", tried {delivery.tries} times: {delivery.output.error}" if delivery.output.tries else ""
            return f"{kind}, still to be sent{tried}"


def _told_by_another(
    subscription: Subscription, first: Told, story: StoryView | None, outputs: Sequence[Output]
) -> str:
    copies: Mapping[str, Copy] = {copy.article_id: copy for copy in story.copies} if story else {}
    other = copies.get(first.alert.article_id)
    by = f"with the copy at {other.outlet} ({other.url})" if other else "with another copy"
    news = ", and this copy brings nothing new" if subscription.mode is Mode.NEWS else ""
    return f"its story was told at {_minute(first.alert.made)} {by}{news}: {delivered(first, outputs)}"


def _told_json(one: Told) -> dict[str, Any]:
    return {
        "id": one.alert.id,
        "reason": str(one.alert.reason),
        "article": one.alert.article_id,
        "made": _time(one.alert.made),
        "deliveries": [
            {
                "output": delivery.output.id,
                "kind": str(delivery.output.kind),
                "state": str(delivery.state),
                "tries": delivery.tries,
                "settled": _time(delivery.settled),
                "error": delivery.error,
            }
            for delivery in one.deliveries
        ],
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "an unknown time"
