"""Which event a story belongs to."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from pipeline.events import EventDesk, Row, event_id
from pipeline.terms import terms
from pipeline.types import Article, EventAssignment

HOUR, DAY = 3600.0, 86400.0
START = 1_770_000_000.0

FERRY = (
    "Ferry sinks off Norland",
    "A ferry with 41 people aboard sank off Norland on Monday, the coastguard in Estby said.",
)
FERRY_TOO = (
    "41 feared lost in Norland ferry disaster",
    "The coastguard at Estby was searching cold water on Monday after the ferry from Norland went down with 41 aboard.",
)
FERRY_LATER = (
    "Norland ferry: divers find the wreck",
    "Divers sent by the Estby coastguard found the Norland ferry, which sank with 41.",
)
BUDGET = (
    "Parliament passes budget",
    "Deputies in Brackwater voted 212 to 180 for a budget that raises the tax on sugar.",
)
VERDICT = "Court frees banker Oduya", "A court in Lunde acquitted Peter Oduya of fraud over 3 million crowns in loans."


def packed(story: tuple[str, str]) -> bytes:
    title, text = story
    return terms(Article(id="a1", url="", canonical_url="", source_id="x", title=title, text=text))


def state(desk: EventDesk) -> object:
    """All that decides what the desk will do next, with ids for its own numbers."""
    ids = {number: event.id for number, event in desk._events.items()}
    return (
        [
            (e.id, e.founded, e.last, sorted((s.id, s.seen, s.terms) for s in e.stories), [a.tolist() for a in e.sum()])
            for e in desk._events.values()
        ],
        {term: [ids[number] for number in numbers] for term, numbers in desk._postings.items()},
        {int(at): int(desk._frequency[at]) for at in desk._frequency.nonzero()[0]},
        sorted(desk._stories),
        desk._latest,
    )


def stream(count: int, seed: int) -> list[tuple[str, float, bytes]]:
    """Stories of a few hours' distance on recurring events, in made words."""
    draw = random.Random(seed)
    names = ["".join(draw.choice("bdgklmnrst") + draw.choice("aeiou") for _ in range(4)) for _ in range(300)]
    made = []
    for number in range(count):
        about = random.Random(number // 12 * 4 + draw.randrange(4) + 1000 * seed).sample(names, 6)
        words = draw.sample(about, 4) + draw.sample(names, 5)
        made.append((f"s{number:03d}", START + number * 2 * HOUR, packed((" ".join(words[:6]), " ".join(words)))))
    return made


def test_different_reporting_on_one_happening_is_one_event() -> None:
    desk = EventDesk()
    first = desk.assign("s01", START, packed(FERRY))
    assert first == EventAssignment("e01")
    assert desk.assign("s02", START + HOUR, packed(BUDGET)) == EventAssignment("e02")
    joined = desk.assign("s03", START + 2 * HOUR, packed(FERRY_TOO))
    assert (joined.event_id, joined.like) == ("e01", "s01")
    assert 0 < joined.score < 1
    assert joined.shared >= 5


def test_it_names_the_story_that_it_is_most_like() -> None:
    desk = EventDesk()
    desk.assign("s01", START, packed(FERRY))
    desk.assign("s02", START, packed(FERRY_TOO))
    assert desk.assign("s03", START, packed(FERRY_TOO)).like == "s02"


def test_a_headline_joins_reports_with_text() -> None:
    desk = EventDesk()
    desk.assign("s01", START, packed(BUDGET))
    desk.assign("s02", START, packed(FERRY))
    assert desk.assign("s03", START, packed(("Norland ferry sinks with 41 aboard", ""))).event_id == "e02"


def test_a_story_without_terms_is_an_event_of_its_own() -> None:
    desk = EventDesk()
    assert desk.assign("s01", START, b"").event_id == "e01"
    assert desk.assign("s02", START, b"").event_id == "e02"
    assert desk.assign("s01", START, packed(FERRY)).event_id == "e01"


def test_an_event_closes_when_nothing_came_for_some_days() -> None:
    desk = EventDesk(quiet=timedelta(days=3))
    desk.assign("s01", START, packed(FERRY))
    assert desk.assign("s02", START + 3 * DAY, packed(FERRY)).event_id == "e02"


def test_similarity_fades_with_silence() -> None:
    soon, late = EventDesk(), EventDesk()
    for desk in (soon, late):
        desk.assign("s01", START, packed(FERRY))
    near = soon.assign("s02", START + HOUR, packed(FERRY))
    far = late.assign("s02", START + DAY, packed(FERRY))
    assert near.event_id == far.event_id == "e01"
    assert near.score > far.score


def test_a_late_earlier_report_is_no_further_off_than_its_event() -> None:
    desk = EventDesk()
    desk.assign("s01", START, packed(FERRY))
    desk.assign("s02", START + DAY, packed(FERRY))
    assert desk.assign("s03", START + HOUR, packed(FERRY)).score == pytest.approx(1.0)


def test_an_event_lasts_no_longer_than_the_window() -> None:
    desk = EventDesk(window=timedelta(days=5))
    events = [desk.assign(f"s{day:02d}", START + day * DAY, packed(FERRY)).event_id for day in range(14)]
    assert events == ["e00"] * 6 + ["e06"] * 6 + ["e12"] * 2


def test_daily_reports_of_one_form_are_not_one_event() -> None:
    draw = random.Random(5)
    desk = EventDesk()
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Monday", "Tuesday", "Wednesday"]
    firms = ["Arvo", "Belmar", "Corvin", "Dunmore", "Estrel", "Fenwick", "Garrod", "Halden", "Iverson", "Jarrow"]
    events = set()
    for number, day in enumerate(days):
        a, b = draw.sample(firms, 2)
        up, down, level = draw.randint(11, 99) / 10, draw.randint(11, 99) / 10, draw.randint(4000, 4999)
        text = (
            f"Shares in Brackwater closed at {level} points on {day}, with investors weighing earnings. {a} gained "
            f"{up} percent and {b} lost {down} percent. The crown cost {draw.randint(700, 799) / 100} to the dollar."
        )
        story = f"Brackwater shares close as {a} gains", text
        events.add(desk.assign(f"s{number}", START + number * DAY, packed(story)).event_id)
    assert len(events) >= 6


def test_whole_events_are_forgotten_with_their_counts() -> None:
    desk = EventDesk()
    for story, seen, its in stream(60, 1):
        desk.assign(story, seen, its)
    desk.forget(START + 1000 * DAY)
    assert len(desk) == 0
    assert not desk._events
    assert not desk._postings
    assert not desk._frequency.any()


def test_what_is_forgotten_leaves_the_state_of_what_remains() -> None:
    desk, rows = EventDesk(), list[Row]()
    for story, seen, its in stream(60, 2):
        rows.append((story, desk.assign(story, seen, its).event_id, seen, its))
    desk.forget(START + 60 * HOUR)
    assert 0 < len(desk) < 60
    remade = EventDesk()
    remade.restore(row for row in rows if row[1] in {event.id for event in desk._events.values()})
    assert state(remade) == state(desk)


@pytest.mark.parametrize("seed", range(4))
def test_a_restored_desk_is_the_desk_that_was_lost(seed: int) -> None:
    desk = EventDesk(window=timedelta(days=3))
    rows = dict[str, Row]()
    draw = random.Random(seed)
    stories = stream(120, seed)
    joined = 0
    for number, (story, seen, its) in enumerate(stories):
        event = desk.assign(story, seen, its).event_id
        rows[story] = (story, event, seen, its)
        joined += event != event_id(story)
        if number % 5 == 0:  # a page came later
            story, seen, _, its = *stories[draw.randrange(max(0, number - 15), number + 1)][:2], b"", stories[number][2]
            rows[story] = (story, desk.assign(story, seen, its).event_id, seen, its)
        if number % 20 == 19:
            remade = EventDesk(window=timedelta(days=3))
            remade.restore(rows.values())
            assert state(remade) == state(desk)
            desk = remade
    assert 20 < joined < 110


def test_the_page_of_a_headline_replaces_its_terms() -> None:
    desk = EventDesk()
    desk.assign("s01", START, packed(BUDGET))
    desk.assign("s02", START, packed((FERRY[0], "")))
    assert desk.assign("s02", START + HOUR, packed(FERRY)).event_id == "e02"
    twin = EventDesk()
    twin.restore([("s01", "e01", START, packed(BUDGET)), ("s02", "e02", START, packed(FERRY))])
    twin._latest = desk._latest
    assert state(twin) == state(desk)
    assert desk.assign("s03", START + HOUR, packed(FERRY_TOO)).event_id == "e02"


def test_an_upgraded_story_stays_unless_it_is_like_another_event_only() -> None:
    desk = EventDesk()
    desk.assign("s01", START, packed(FERRY))
    desk.assign("s02", START, packed(BUDGET))
    desk.assign("s03", START, packed(FERRY_TOO))
    assert desk.assign("s03", START, packed(VERDICT)).event_id == "e01"  # like nothing else
    assert desk.assign("s03", START, packed(FERRY_LATER)).event_id == "e01"
    moved = desk.assign("s03", START, packed(BUDGET))
    assert (moved.event_id, moved.like) == ("e02", "s02")
    assert desk.assign("s01", START, packed(BUDGET)).event_id == "e01"  # it founded the event


def test_a_word_of_one_much_reported_event_stays_rare() -> None:
    desk = EventDesk()
    for number in range(40):
        desk.assign(f"s{number:02d}", START, packed(FERRY))
    assert desk._frequency.max() == 1
    assert (
        desk.assign("s99", START, packed(("Divers in Norland", "Divers are sent to the ferry that sank."))).event_id
        == "e00"
    )


def test_assignment_is_the_same_for_the_same_order() -> None:
    first, second = EventDesk(), EventDesk()
    assert [first.assign(*one) for one in stream(80, 3)] == [second.assign(*one) for one in stream(80, 3)]


def test_a_story_that_was_merged_leaves_and_its_event_keeps_its_id() -> None:
    desk = EventDesk()
    desk.assign("s01", START, packed(FERRY))
    assert desk.assign("s02", START + HOUR, packed(FERRY_TOO)).event_id == "e01"
    desk.leave("s01")
    desk.leave("s77")
    assert len(desk) == 1
    assert desk.assign("s03", START + 2 * HOUR, packed(FERRY_LATER)).event_id == "e01", "though its founder left"
    for story in ("s02", "s03"):
        desk.leave(story)
    assert len(desk) == 0
    assert desk.assign("s04", START + 3 * HOUR, packed(FERRY)).event_id == "e04", "an event without stories is no more"
