"""Agency, earliest carrier and tree of a story, from its copies alone."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.lineup import line_up
from pipeline.origin import came_out, origin_of
from pipeline.provenance import AGENCY, Carried, Derived, How, provenance
from pipeline.types import Article

NOON = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

P = (
    "Ministers from thirty countries agreed on Tuesday to limit the use of autonomous weapons, after days of talks.",
    "“Nobody wants a machine to decide who lives,” the secretary, Ines Calder, told reporters outside the old hall.",
    "The programme will cost 12,000 crowns a year, and 340 inspectors will visit laboratories from early March.",
    "Earlier talks failed in the spring when four delegations walked out over the difficult question of verification.",
    "Shipyards along the coast have asked for three years to adapt their patrol boats to whatever rules are agreed.",
    "A final text will be read aloud in six languages before the delegates return to their capitals at the weekend.",
)
OWN = "Fishermen in our own harbour said that they had seen no inspector since the lighthouse burned down in June."
OTHER = "The ferry to the northern islands was delayed by fog, and three hundred passengers spent a night on board."


def copy(name: str, *paragraphs: str, minutes: float = 0, **fields: object) -> Carried:
    one = Article(
        f"a-{name}", f"https://{name}.example/1", f"https://{name}.example/1", name, "Ministers agree on weapons",
        text="\n\n".join(paragraphs), published=NOON + minutes * MINUTE, published_how="json-ld",
        published_confidence=0.9, first_seen=NOON + (minutes + 5) * MINUTE,
    )  # fmt: skip
    return Carried(replace(one, **fields), f"The {name.title()}")  # type: ignore[arg-type]


WIRE = {"wire": "Reuters", "wire_how": "dateline", "dateline_places": ("VELMOUTH",), "dateline_agency": "Reuters"}


def by_id(*copies: Carried) -> dict[str, Derived]:
    return {one.article_id: one for one in provenance(copies).copies}


def test_the_agency_is_named_by_the_copies_together() -> None:
    copies = [
        copy("alba", *P, **WIRE),
        copy("bern", *P, minutes=1, wire="Reuters", wire_how="credit", credit="Reporting by Ana Vidal; Reuters"),
        copy("cork", *P, minutes=2, wire="AP", wire_how="byline"),
        copy("dover", *P, minutes=3),
    ]
    origin = provenance(copies).origin
    assert origin is not None
    assert (origin.agency, origin.named, origin.copies, origin.others) == ("Reuters", 2, 4, (("AP", 1),))
    assert 0.6 < origin.strength < 0.7
    assert [(one.how, one.copies, one.sample) for one in origin.evidence] == [
        ("dateline", 1, "VELMOUTH (Reuters)"),
        ("credit", 1, "Reporting by Ana Vidal; Reuters"),
    ]


def test_a_story_that_names_no_agency_has_no_origin_but_an_earliest_carrier() -> None:
    found = provenance([copy("bern", *P, minutes=1), copy("alba", *P)])
    assert found.origin is None
    assert found.earliest is not None
    assert (found.earliest.outlet, found.earliest.parent, found.earliest.how) == ("The Alba", "", How.FIRST)
    [bern] = found.children("a-alba")
    assert (bern.how, bern.share) == (How.SHARE, 1.0)
    assert "100% of it is in The Alba" in bern.reasons[0]


def test_what_a_copy_cut_and_added_is_told_against_the_fullest() -> None:
    one = by_id(
        copy("alba", *P, **WIRE),
        copy("bern", *P, minutes=1, **WIRE),
        copy("cork", P[0], P[1], OWN, P[3], minutes=2, **WIRE),
    )["a-cork"]
    assert (one.parent, one.how, one.against) == (AGENCY, How.AGENCY, "a-alba")
    assert [passage.text for passage in one.cut] == [P[2], f"{P[4]}\n\n{P[5]}"]
    assert [passage.text for passage in one.added] == [OWN]
    assert one.share == pytest.approx(0.5, abs=0.05)
    assert one.words_added == len(OWN.split())


def test_a_dateline_is_neither_cut_nor_added() -> None:
    line = "NEW YORK/WASHINGTON/SAN FRANCISCO, Feb 24 (Reuters) - "
    wire = WIRE | {"dateline_places": ("New York", "Washington", "San Francisco")}
    found = by_id(copy("alba", line + P[0], *P[1:], **wire), copy("bern", *P, minutes=1), copy("cork", *P, minutes=2))
    assert all(one.cut == one.added == () for one in found.values())


def test_what_only_the_compared_copy_has_is_not_cut_by_the_others() -> None:
    found = by_id(
        copy("alba", *P, OWN, **WIRE),
        copy("bern", *P, minutes=1, **WIRE),
        copy("cork", *P, minutes=2, **WIRE),
        copy("dover", *P, minutes=3, **WIRE),
    )
    assert (found["a-cork"].cut, found["a-cork"].share) == ((), 1.0)


def test_the_agency_s_own_text_is_what_copies_are_compared_with() -> None:
    own = {"wire": "Reuters", "wire_how": "address"}
    found = by_id(
        copy("wire", *P, OTHER, minutes=2, **own),
        *(copy(name, *P[:4], minutes=at, **WIRE) for at, name in enumerate(("alba", "bern", "cork"))),
    )
    assert {one.against for one in found.values()} == {"a-wire", ""}
    assert [passage.text for passage in found["a-bern"].cut] == ["\n\n".join((*P[4:], OTHER))]


def test_an_addition_shared_with_one_outlet_points_to_it() -> None:
    found = by_id(
        copy("alba", *P, **WIRE),
        copy("bern", *P[:2], OWN, *P[2:], minutes=1, **WIRE),
        copy("cork", *P, minutes=2, **WIRE),
        copy("dover", *P, minutes=3, **WIRE),
        copy("essex", *P[:2], OWN, *P[2:5], minutes=4, **WIRE),
    )
    one = found["a-essex"]
    assert (one.parent, one.how) == ("a-bern", How.EDITS)
    assert one.reasons[0].startswith("19 words put in as in The Bern's copy: “Fishermen in our own harbour")
    assert one.against == "a-bern"
    assert found["a-bern"].parent == AGENCY


def test_a_cut_before_the_end_shared_with_one_outlet_points_to_it() -> None:
    found = by_id(
        copy("alba", *P, **WIRE),
        copy("bern", P[0], P[3], P[4], P[5], minutes=1),
        copy("cork", *P, minutes=2, **WIRE),
        copy("dover", *P[:4], minutes=3, **WIRE),
        copy("essex", *P[:4], minutes=4, **WIRE),
        copy("fife", P[0], P[3], P[4], minutes=5),
    )
    assert (found["a-fife"].parent, found["a-fife"].how) == ("a-bern", How.EDITS)
    assert "words left out as in The Bern's copy" in found["a-fife"].reasons[0]
    assert found["a-essex"].parent == AGENCY, "desks cut from the end by themselves"


def test_a_credit_that_names_an_outlet_is_believed() -> None:
    found = by_id(copy("alba", *P, **WIRE), copy("bern", *P, minutes=1, credit="First published by The Alba"))
    assert (found["a-bern"].parent, found["a-bern"].how) == ("a-alba", How.CREDIT)


def test_a_second_article_of_an_outlet_derives_from_its_first() -> None:
    again = copy("alba", *P, minutes=9, id="a-again")
    assert by_id(copy("alba", *P, **WIRE), again)["a-again"].how is How.OUTLET


def test_a_headline_alone_is_carried_but_not_compared() -> None:
    one = by_id(copy("alba", *P, **WIRE), copy("bern", minutes=1))["a-bern"]
    assert (one.how, one.share, one.cut, one.against) == (How.HEADLINE, None, (), "")
    without = by_id(copy("alba", *P), copy("bern", minutes=1))["a-bern"]
    assert (without.parent, without.how) == ("a-alba", How.HEADLINE)


def test_the_clock_used_is_told() -> None:
    seen = NOON + 5 * MINUTE
    one = copy("alba").article
    assert (came_out(one).at, came_out(one).clock, came_out(one).confidence) == (NOON, "published", 0.9)
    later = came_out(replace(one, published=NOON + timedelta(hours=3)))
    assert (later.at, later.clock, later.why) == (
        seen, "first seen", "its time of publication (json-ld) is later than we saw it",
    )  # fmt: skip
    unsure = came_out(replace(one, published_confidence=0.3))
    assert (unsure.at, unsure.clock) == (seen, "first seen")
    day = came_out(replace(one, published=NOON.replace(hour=0, minute=0, second=0)))
    assert (day.at, day.clock) == (seen, "published, the day alone")
    old = NOON.replace(month=2, day=1, hour=0, minute=0, second=0)
    assert came_out(replace(one, published=old)).at == old + timedelta(hours=36)
    assert came_out(replace(one, published=None)).clock == "first seen"
    assert came_out(replace(one, first_seen=None)).at == NOON
    nothing = came_out(replace(one, published=None, first_seen=None))
    assert (nothing.at, nothing.clock, nothing.confidence) == (None, "unknown", 0.0)


def test_copies_without_a_time_come_last() -> None:
    found = provenance([copy("alba", *P, published=None, first_seen=None), copy("bern", *P)])
    assert [one.outlet for one in found.copies] == ["The Bern", "The Alba"]


def test_the_order_of_the_copies_does_not_matter() -> None:
    copies = [copy(name, *P[: 2 + at % 4], minutes=at % 3, **WIRE) for at, name in enumerate("abcdefgh")]
    first = provenance(copies)
    random.Random(3).shuffle(copies)
    assert provenance(copies) == first


def test_a_story_of_one_copy_and_of_none() -> None:
    one = provenance([copy("alba", *P, **WIRE)])
    assert [(told.parent, told.how, told.share) for told in one.copies] == [(AGENCY, How.AGENCY, None)]
    assert (provenance([]).copies, provenance([]).origin, provenance([]).earliest) == ((), None, None)
    assert origin_of([]) is None
    assert line_up([]).reference is None


@pytest.mark.parametrize("text", ["", "…", "word", "word " * 20_000, "文" * 20_000, "Sign up now: newsletter"])
def test_hostile_texts(text: str) -> None:
    found = provenance([copy("alba", text), copy("bern", text, minutes=1), copy("cork", *P, minutes=2)])
    assert len(found.copies) == 3
    assert all(one.share is None or 0 <= one.share <= 1 for one in found.copies)


def test_languages_may_mix() -> None:
    chinese = "政府は火曜日、自律型兵器の使用を制限する新しい条約に署名したと発表した。交渉は二日間続いた。"
    found = provenance([copy("alba", *P), copy("bern", chinese, minutes=1), copy("cork", chinese, minutes=2)])
    assert [one.parent for one in found.copies] == ["", "", "a-bern"]


def test_two_hundred_copies_form_one_tree() -> None:
    dice = random.Random(5)
    copies = [
        copy(f"o{at:03d}", *P[: dice.randint(2, 6)], *dice.sample([OWN, OTHER], 1), minutes=at, **WIRE)
        for at in range(200)
    ]
    found = provenance(copies)
    known = {AGENCY}
    for one in found.copies:
        assert one.parent in known, "a copy derives from an earlier one"
        known.add(one.article_id)
