"""A served application over an archive with enough in it for every page: invented stories of three weeks.

A wire story at eight outlets, with cut, rewritten and edited copies; original stories of topics, agencies, languages
and countries; a failing, a blocked and a silent source; subscriptions with all kinds of outputs, alerts, deliveries
that went, wait and failed; pages and a listing in quarantine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from crawlers.guard import Guard
from pipeline.errors import ServerFault, StageFailed, Unreadable
from pipeline.ids import story_id
from pipeline.types import Entry, EventAssignment, Source, Tag, Tagging
from pipeline.watch import DeliveryState, Every, Mode, Output, OutputKind, Settled, Subscription
from records.values import PageFailure
from tests.contract.records_kit import article, entry, fetched, filed, listed, poll, source
from tests.integration.web_house import BEGAN, WebHouse, web_house
from web.sourcing import Sourcing

OUTLETS: tuple[Source, ...] = (
    source("alba"),
    source("bern", name="Berner Blatt", country="CH", language="de"),
    source("cork", name="Cork Courier", country="IE"),
    source("dunes", name="The Dunes Daily", country="US"),
    source("elbe", name="Elbe Zeitung", country="DE", language="de"),
    source("fjord", name="Fjord Post", country="NO"),
    source("garonne", name="Le Garonne", country="FR", language="fr"),
    source("hoshi", name="Hoshi Shimbun", country="JP", language="ja"),
    source("inlet", name="Inlet Press", country="CA"),
    source("jade", name="Jade Times", country="SG"),
    source("kelp", name="The Kelp Gazette", country="AU", blocked="answers 403 to all that we ask"),
    source("lagoon", name="Lagoon Star", country="IT", language="it"),
)
BIG = "The ministry bought forty autonomous drones for the harbour on Monday, two officials said."
MORE = (
    "The contract with Anvil Systems runs until spring and costs 31 million euros, according to the officials.",
    "A spokeswoman for the port called the purchase “a first step” and would not say who steers the drones.",
    "Opposition members asked whether artificial intelligence may choose what the drones follow.",
    "The ministry answered that a person decides, and that a report comes in May.",
)
OWN = "Our correspondent saw twelve of them on Tuesday."
EDITED = "Correction: an earlier version of this article gave the price as 13 million euros."
LONG_WORD = "Luftverteidigungsdrohnenabwehrsystembeschaffungsverordnung"
SUBJECTS = (  # title, text, topic, entity, agency, language
    ("Army tests drone swarm over the moor", "autonomous-weapons", "Anvil Systems", "", "en"),
    ("Parliament asks for rules on military AI", "regulation", "European Parliament", "AFP", "en"),
    ("Bundeswehr prüft KI für die Aufklärung", "intelligence", "Bundeswehr", "dpa", "de"),
    ("Le Sénat débat des armes autonomes", "autonomous-weapons", "Sénat", "AFP", "fr"),
    ("防衛省、無人機の運用に人工知能", "drones", "防衛省", "Kyodo", "ja"),
    ("Chip maker wins defence contract", "procurement", "Northgate Chips", "Reuters", "en"),
    (f"Streit über die {LONG_WORD}", "procurement", "Bundestag", "", "de"),
    ("Pilots train beside a machine", "training", "Air Staff", "AP", "en"),
)


@contextmanager
def furnished(folder: Path) -> Iterator[WebHouse]:
    """The application over that archive; its clock stands at `BEGAN`."""
    sourcing = Sourcing({one.id: one for one in OUTLETS}, folder / "sources", Guard())
    with web_house(folder, parts={"sourcing": sourcing}) as house:
        house.records.sync_sources(OUTLETS)
        _subscriptions(house)
        _originals(house)
        _wire_story(house)
        _sources(house)
        _deliveries(house)
        house.clock.now = BEGAN
        house.index.refresh()
        yield house
        house.clock.now = BEGAN


def put(house: WebHouse, one: Entry, text: str, story: Entry | None = None, **changes: Any) -> None:
    """Listed, fetched and filed at the clock's time, in a story of its own or in that which another founded."""
    tagging = changes.pop("tagging", Tagging())
    plain = {"notices": (), "wire": "", "wire_how": "", "credit": "", "dateline_places": (), "dateline_agency": ""}
    told = article(one, text, **plain | changes)
    event = EventAssignment("e1" if "drone" in one.title.lower() else f"e-{one.id}")
    made = filed(told, story_id((story or one).id), "near" if story else "first", tagging=tagging)
    house.records.record_polls([poll(told.source_id, one)], house.clock())
    rows = house.records.spool([fetched(one, content_hash=told.version)])
    house.records.commit([replace(made, event=event)], [row.id for row in rows], house.clock())
    house.index.apply(house.records.documents([one.id]), [], house.records.sizes().last_change)


def _originals(house: WebHouse) -> None:
    """Two a day over three weeks."""
    speaking = [one for one in OUTLETS if one.id not in ("kelp", "lagoon")]
    for number in range(42):
        title, topic, name, agency, language = SUBJECTS[number % len(SUBJECTS)]
        house.clock.now = BEGAN - timedelta(days=21) + timedelta(hours=12 * number)
        where = speaking[number % len(speaking)]
        one = entry(where.id, f"story-{number}", title=f"{title} ({number + 1})", language=language)
        one = replace(one, published=house.clock() - timedelta(minutes=20))
        text = f"{title}.\n\n{MORE[number % len(MORE)]}\n\nNumber {number + 1} of the series."
        tagging = Tagging((Tag(f"topic:{topic}", topic.replace("-", " ").title(), 2, True),), _entity(name), 0.7)
        told = {"wire": agency, "wire_how": "credit" if agency else "", "authors": (f"Writer {number % 5}",)}
        put(house, one, text, tagging=tagging, language=language, **told)


def _entity(name: str) -> tuple[Tag, ...]:
    return (Tag("org:" + name.lower().replace(" ", "-"), name), Tag("name:jane-roe", "Jane Roe", kind="person"))


def _wire_story(house: WebHouse) -> None:
    """One piece of an agency at eight outlets within four hours; the third copy is edited later."""
    root: Entry | None = None
    tagging = Tagging((Tag("topic:drones", "Drones", 3, True),), _entity("Anvil Systems"), 0.95, ("in the headline",))
    for number, where in enumerate(("alba", "cork", "dunes", "elbe", "fjord", "inlet", "jade", "bern")):
        house.clock.now = BEGAN - timedelta(hours=5) + timedelta(minutes=25 * number)
        title = "Ministry buys forty drones for harbour" + (f" — {where.title()} live" if number == 5 else "")
        one = entry(where, "forty-drones", title=title, published=house.clock() - timedelta(minutes=7))
        kept = (
            MORE[: 4 - number % 3] if number != 6 else ("Our correspondent saw twelve of them on Tuesday.", *MORE[:2])
        )
        told = {"wire": "Reuters", "wire_how": "dateline", "credit": "Reuters", "dateline_places": ("LONDON",)}
        put(house, one, "\n\n".join((BIG, *kept)), root, tagging=tagging, **told)
        root = root or one
        if number == 2:
            house.clock.pass_(minutes=10)
            text = "\n\n".join((BIG.replace("forty", "forty-two"), *kept, EDITED))
            put(house, one, text, root, tagging=tagging, notices=(EDITED,), **told)


def _sources(house: WebHouse) -> None:
    """One fails, one has been silent for two weeks, one is blocked; some pages and a listing are in quarantine."""
    now = house.clock.now = BEGAN
    good = {"last_try": now, "last_success": now, "last_new": now, "per_day": 4.0}
    for one in OUTLETS:
        if one.id not in ("fjord", "kelp", "lagoon"):
            house.records.record_polls([poll(one.id, **good)], now)
    words = "https://fjord.example/feed answered 503 Service Unavailable"
    bad = {"failures": 6, "error": words, "error_kind": "ServerFault", "last_success": now - timedelta(days=2)}
    house.records.record_polls([poll("fjord", **good | bad)], now)
    quiet = {"last_success": now, "last_new": now - timedelta(days=14), "per_day": 3.0}
    house.records.record_polls([poll("lagoon", **good | quiet)], now)
    pages = [entry("jade", f"odd-{number}", title=f"An odd page {number}") for number in range(3)]
    listed(house.records, *pages)
    for one, row in zip(pages, house.records.spool([fetched(page) for page in pages]), strict=True):
        error = StageFailed("the stage `extract` raised RecursionError", source_id="jade", url=one.url)
        house.records.quarantine("extract", error, now, spool_id=row.id)
    listing = Unreadable("no feed: the document ends in line 3", source_id="elbe", url="https://elbe.example/feed")
    house.records.quarantine("feed", listing, now, body=b"<rss><channel>")
    lost = entry("inlet", "lost")
    listed(house.records, lost)
    fault = ServerFault("answered 500", source_id="inlet", url=lost.url)
    house.records.pages_failed([PageFailure(lost.id, "failed", fault, None)], now)


def _subscriptions(house: WebHouse) -> None:
    """Before the stories, so that they are told; with a link, a webhook, a notification and a digest."""
    house.clock.now = BEGAN - timedelta(days=22)
    drones = house.subscribe("drone OR drones", Mode.EVERY, "harbour drones")
    house.link(drones)
    house.subscribe('topic:regulation OR "military AI"', Mode.STORY, "rules for military AI")
    contracts = house.subscribe("topic:procurement -country:CH", Mode.NEWS, "contracts")
    paused = Subscription("paused since spring", "wire:Kyodo", active=False, note="Waits for the new desk.")
    house.records.subscribe(paused, house.clock())
    for kind, target, more in (
        (OutputKind.WEBHOOK, "https://hooks.example/wirewatch", {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}),
        (OutputKind.NOTIFY, "mailto://user:pass@mail.example?to=desk@mail.example", {}),
        (OutputKind.DIGEST, "mailto://user:pass@mail.example?to=chief@mail.example", {"every": Every.DAY}),
    ):
        house.records.put_output(Output(contracts.id, kind, target, **more), house.clock())
        house.records.put_output(Output(drones.id, kind, target, **more), house.clock())


def _deliveries(house: WebHouse) -> None:
    """Most went, one is given up, one is tried again."""
    now = house.clock.now = BEGAN
    for number, one in enumerate(house.records.due_deliveries(now, each=12)):
        how = (DeliveryState.DEAD, "hooks.example answered 410 Gone") if number == 3 else (DeliveryState.SENT, "")
        house.records.settle([Settled(one.output.id, one.alert.seq, *how)], now)
    for one in house.records.due_deliveries(now, each=1):
        later = now + timedelta(minutes=5)
        again = Settled(one.output.id, one.alert.seq, DeliveryState.PENDING, "hooks.example: timed out", later)
        house.records.settle([again], now)
