"""The story desk: copies fold, whatever newsrooms did to them; look-alikes do not."""

from __future__ import annotations

import itertools
import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.assign import StoryDesk
from pipeline.fingerprint import fingerprint
from pipeline.ids import article_id, story_id
from pipeline.types import Article, Assignment
from tests.shared import shared_data

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TITLE = "Harbour guard buys autonomous boats after winter trial"
REPORT = [
    "The harbour guard of Port Ellery will buy nine autonomous boats after a winter trial in which they "
    "patrolled the outer "
    "channel without a crew, its commander said on Monday.",
    "The boats carry cameras and a small radar, and their software decides alone where to look next, but "
    "a sailor ashore must "
    "approve every pursuit.",
    "Commander Ines Quarrow said the trial had found two smuggling skiffs and a drifting fishing net in 31 nights.",
    "The council set aside 14 million crowns for the purchase, and the first three boats are due before "
    "the autumn storms.",
    "Fishermen have complained that the boats came close to their lines, and the guard promised lights "
    "and a radio call.",
    "Port Ellery lost a crewed cutter to ice two years ago and has struggled to recruit sailors ever since.",
]
OTHER = [
    "A court in Lindmark ordered the weather office to publish the forecasts it sells to airlines, ending"
    " a dispute of six years.",
    "Judge Tomas Aldine wrote that data gathered with public money belongs to the public, whatever contracts say.",
    "The office earned a fifth of its income from airlines and warned that two radar stations might have to close.",
    "Airlines welcomed the ruling and asked for the archive as well, which holds readings from the age of sail.",
]
MARKET = (
    "Shares rose {a} per cent on Monday, with the benchmark index closing at {b} points, led by {c} counters.\n\n"
    "Across the market {d} stocks advanced while {e} declined, with {f} billion shares worth {g} billion "
    "changing hands.\n\n"
    "Analysts said that investors were waiting for the decision of the central bank later this week."
)


def make(
    name: str,
    paragraphs: list[str] | str,
    title: str = TITLE,
    outlet: str = "",
    at: timedelta = timedelta(),
) -> Article:
    text = paragraphs if isinstance(paragraphs, str) else "\n\n".join(paragraphs)
    url = f"https://{name}.example/story"
    return Article(
        id=article_id(url),
        url=url,
        canonical_url=url,
        source_id=outlet or name,
        title=title,
        text=text,
        first_seen=NOON + at,
    )


def assign(desk: StoryDesk, *articles: Article) -> list[Assignment]:
    return desk.assign([(article, fingerprint(article)) for article in articles])


def second(first: Article, then: Article) -> Assignment:
    """How the second of two articles is assigned."""
    return assign(StoryDesk(), first, then)[1]


def restyled(paragraphs: list[str]) -> list[str]:
    swaps = {
        "harbour": "harbor",
        "Harbour": "Harbor",
        "Monday": "March 2",
        "said": "told reporters",
        "will buy": "is to buy",
    }
    out = paragraphs
    for old, new in swaps.items():
        out = [paragraph.replace(old, new) for paragraph in out]
    return out


COPIES = {
    "same": REPORT,
    "cut": REPORT[:3],
    "trimmed inside": [REPORT[0], REPORT[1], REPORT[3], REPORT[5]],
    "brief": [REPORT[0]],
    "restyled": restyled(REPORT),
    "dateline and credit": ["PORT ELLERY, March 2 (Reuters) - " + REPORT[0], *REPORT[1:], "Reporting by A. Writer"],
    "banners": ["Sign up now: the morning letter", *REPORT[:2], "Advertisement", *REPORT[2:]],
    "padded": [*REPORT, *OTHER[1:]],
    "padded inside": [*REPORT[:3], OTHER[2], OTHER[3], *REPORT[3:]],
    "paragraph in front": [OTHER[3], *REPORT],
    "figures updated": [p.replace("31", "33").replace("14 million", "16 million") for p in REPORT],
    "reflowed": [" ".join(REPORT[:3]), " ".join(REPORT[3:])],
}


@pytest.mark.parametrize("edit", COPIES)
def test_a_copy_joins_its_report(edit: str) -> None:
    original = make("gazette", REPORT)
    copy = make("courier", COPIES[edit], title="What the night patrol found", at=timedelta(hours=5))
    assigned = second(original, copy)
    assert (assigned.story_id, assigned.like) == (story_id(original.id), original.id)
    assert assigned.method == ("exact" if edit in ("same", "reflowed", "banners") else "near")
    assert assigned.score >= 0.5


@pytest.mark.parametrize("edit", COPIES)
def test_the_original_joins_a_copy_seen_before_it(edit: str) -> None:
    copy = make("courier", COPIES[edit])
    assert second(copy, make("gazette", REPORT, at=timedelta(hours=1))).story_id == story_id(copy.id)


FOLLOWUP = [
    "Fishermen blocked the mouth of Port Ellery with forty trawlers on Thursday and demanded that the "
    "guard moor its new boats.",
    "Their speaker, Oda Ferrin, said lines worth a season had been cut, and that nobody ashore answered "
    "the radio at night.",
    "The council meets next week to hear both sides, and a ferry company has lost three sailings.",
]
LOOKALIKES = {
    "follow-up with old background": [*FOLLOWUP, REPORT[4], REPORT[5]],
    "roundup": [
        OTHER[0],
        REPORT[0],
        FOLLOWUP[0],
        "Elsewhere, the museum of tides reopened with a room on knots and charts.",
    ],
    "another report": OTHER,
}


@pytest.mark.parametrize("kind", LOOKALIKES)
@pytest.mark.parametrize("swapped", [False, True])
def test_a_lookalike_is_its_own_story(kind: str, swapped: bool) -> None:
    pair = [
        make("gazette", REPORT),
        make("courier", LOOKALIKES[kind], title="Anger in the harbour grows as boats patrol"),
    ]
    assert second(*(reversed(pair) if swapped else pair)).method == "first"


def test_copies_padded_with_the_same_paragraphs_stay_apart() -> None:
    background = [*FOLLOWUP, LOOKALIKES["roundup"][3]]
    one, two = make("gazette", [*REPORT[:4], *background]), make("courier", [*OTHER, *background], title="Court opens")
    assert second(one, two).method == "first"


def test_market_reports_of_one_form_stay_apart_but_a_copy_of_one_folds() -> None:
    monday = MARKET.format(a=1.2, b=5210, c="energy", d=301, e=188, f=1.31, g=2.2)
    tuesday = MARKET.format(a=0.4, b=5231, c="banking", d=240, e=260, f=1.18, g=1.9)
    title = "Stocks close higher as markets wait"
    first = make("gazette", monday, title)
    assert second(first, make("courier", tuesday, title)).method == "first"
    assert second(first, make("courier", monday + "\n\n" + OTHER[3], title)).story_id == story_id(first.id)


def test_boilerplate_of_one_outlet_does_not_fold_its_short_items() -> None:
    about = (
        "The harbour column appears every weekday and is written from the pier by our own correspondents, who"
        " welcome "
        "letters, corrections, photographs of strange fish and news of arrivals, departures, weddings and lost dogs."
    )
    seal = "A grey seal slept on the slipway until noon while children drew it in chalk beside empty crab pots."
    lamp = "The lighthouse lamp was replaced by a dimmer one that saves oil and annoys two owls behind the lens."
    one = make("gazette", f"{about} {seal}", "Seal sleeps on slipway again today")
    two = make("gazette2", f"{about} {lamp}", "Lighthouse lamp replaced at pier today", "gazette")
    assert second(one, two).method == "first"


def test_a_roundup_does_not_join_through_the_brief_it_holds() -> None:
    report, brief = make("gazette", REPORT), make("courier", [REPORT[0]], at=timedelta(minutes=1))
    roundup = make("herald", [REPORT[0], *OTHER, *FOLLOWUP], title="Evening briefing", at=timedelta(minutes=2))
    assigned = assign(StoryDesk(), report, brief, roundup)
    assert [one.method for one in assigned] == ["first", "near", "first"]


@pytest.mark.parametrize(
    ("first", "then", "method"),
    [
        (make("gazette", ""), make("courier", ""), "headline"),
        (make("gazette", REPORT), make("courier", "", title="UPDATE 1-" + TITLE), "headline"),
        (make("gazette", ""), make("courier", REPORT), "headline"),
        (make("gazette", ""), make("courier", "", at=timedelta(days=4)), "first"),  # too late
        (make("gazette", ""), make("gazette2", "", outlet="gazette"), "first"),  # the same outlet
        (make("gazette", "", "Boats and bells"), make("courier", "", "Boats and bells"), "first"),  # too few words
        (make("gazette", REPORT), make("courier", OTHER), "first"),  # both have a text: the text decides
    ],
)
def test_headlines_fold_only_without_text(first: Article, then: Article, method: str) -> None:
    assigned = second(first, then)
    assert assigned.method == method
    if method == "headline":
        assert assigned.score < 1
        assert assigned.like == first.id


def test_a_headline_that_heads_several_stories_joins_none() -> None:
    desk = StoryDesk()
    assert assign(desk, make("a", REPORT), make("b", OTHER), make("c", ""))[2].method == "first"


def test_an_upgrade_keeps_its_story_while_it_matches() -> None:
    desk = StoryDesk()
    original, teaser = make("gazette", REPORT), make("courier", "")
    assign(desk, original, teaser)
    (kept,) = assign(desk, make("courier", REPORT[:4]))
    assert (kept.method, kept.story_id, kept.like) == ("kept", story_id(original.id), original.id)
    assert len(desk) == 2


def test_an_upgrade_that_tells_something_else_leaves() -> None:
    desk = StoryDesk()
    assign(desk, make("gazette", REPORT), make("courier", ""))
    (moved,) = assign(desk, make("courier", OTHER))
    assert (moved.method, moved.story_id) == ("first", story_id(moved.article_id))


def test_an_article_alone_is_assigned_anew_and_may_find_company() -> None:
    desk = StoryDesk()
    original, teaser = make("gazette", REPORT), make("courier", "", title="Night patrol")
    assign(desk, original, teaser)
    (found,) = assign(desk, make("courier", REPORT[:4], title="Night patrol"))
    assert (found.method, found.story_id) == ("near", story_id(original.id))


def test_the_founder_of_a_story_with_company_keeps_it() -> None:
    desk = StoryDesk()
    original = make("gazette", REPORT)
    assign(desk, original, make("courier", REPORT[:4]))
    (kept,) = assign(desk, make("gazette", OTHER))
    assert (kept.method, kept.story_id) == ("kept", story_id(original.id))


def test_a_message_that_comes_twice_changes_nothing() -> None:
    desk = StoryDesk()
    articles = [make("gazette", REPORT), make("courier", REPORT[:4]), make("herald", OTHER)]
    before = assign(desk, *articles)
    after = assign(desk, *articles)
    assert [one.story_id for one in after] == [one.story_id for one in before]
    assert {one.method for one in after} == {"kept"}
    assert len(desk) == 3


def test_every_order_finds_the_same_groups_and_one_order_the_same_answer() -> None:
    copies = [make(f"outlet{i}", text) for i, text in enumerate([REPORT, REPORT[:4], restyled(REPORT), OTHER])]
    for order in itertools.permutations(copies):
        one = assign(StoryDesk(), *order)
        assert one == assign(StoryDesk(), *order)
        stories = {assigned.article_id: assigned.story_id for assigned in one}
        assert (
            stories[copies[0].id]
            == stories[copies[1].id]
            == stories[copies[2].id]
            == story_id(next(article.id for article in order if article is not copies[3]))
        )
        assert stories[copies[3].id] == story_id(copies[3].id)


def test_batches_do_not_matter() -> None:
    copies = [make(f"outlet{i}", text) for i, text in enumerate([REPORT, OTHER, REPORT[:4], restyled(OTHER)])]
    desk = StoryDesk()
    assert [assign(desk, copy)[0] for copy in copies] == assign(StoryDesk(), *copies)


def test_a_restored_desk_goes_on_where_it_was() -> None:
    known = [make("gazette", REPORT), make("courier", OTHER), make("herald", "", at=timedelta(hours=1))]
    later = [make("post", REPORT[:4]), make("echo", restyled(OTHER)), make("herald", REPORT[:5])]
    desk, rebuilt = StoryDesk(), StoryDesk()
    assigned = assign(desk, *known)
    rows = [
        (article.id, one.story_id, article.first_seen or NOON, fingerprint(article), article.source_id)
        for article, one in zip(known, assigned, strict=True)
    ]
    rebuilt.restore(rows)
    assert len(rebuilt) == len(desk)
    assert assign(rebuilt, *later) == assign(desk, *later)


def test_what_is_out_of_the_window_is_forgotten() -> None:
    desk = StoryDesk(window=timedelta(days=2))
    assign(desk, make("gazette", REPORT))
    (late,) = assign(desk, make("courier", REPORT, at=timedelta(days=3)))
    assert (late.method, len(desk)) == ("first", 1)


def test_forget_lets_go_of_old_articles_only() -> None:
    desk = StoryDesk()
    assign(desk, *(make(f"o{i}", "", f"Headline of story number {i}", at=timedelta(hours=i)) for i in range(10)))
    desk.forget(NOON + timedelta(hours=6))
    assert len(desk) == 4


def test_a_long_stream_stays_small_and_still_finds_copies() -> None:
    desk = StoryDesk(window=timedelta(hours=10))
    draw = random.Random(7)
    words = [
        f"{a}{b}{c}" for a in ("kel", "mor", "tan", "vis") for b in ("ar", "en", "ith") for c in ("dun", "fell", "ock")
    ]
    for i in range(1200):
        text = " ".join(draw.choices(words, k=60))
        assign(desk, make(f"o{i}", text, f"Report number {i} on matter {i}", at=timedelta(minutes=i)))
    assert len(desk) <= 601
    (copy,) = assign(desk, make("echo", text + " " + OTHER[0], at=timedelta(minutes=1200)))
    assert copy.like == article_id("https://o1199.example/story")


@pytest.mark.shared
def test_real_texts_fold_well() -> None:
    """B-cubed F1 of at least .97 on the syndicated set, in order of the stream (tuned MinHash .933, tf-idf .956)."""
    desk, found = StoryDesk(), {}
    for line in shared_data("copies", "docs.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        article = Article(item["id"], "", "", item["outlet"], item["title"], item["text"])
        article = Article(**{**_fields(article), "first_seen": datetime.fromisoformat(item["published"])})
        found[item["id"]] = desk.assign([(article, fingerprint(article))])[0].story_id
    lines = shared_data("copies", "gold.jsonl").read_text(encoding="utf-8").splitlines()
    gold = {item["id"]: item["cluster"] for item in map(json.loads, lines)}
    assert _b_cubed(found, gold) >= 0.97


def _fields(article: Article) -> dict[str, object]:
    return {name: getattr(article, name) for name in article.__slots__}


def _b_cubed(found: dict[str, str], gold: dict[str, str]) -> float:
    precision = recall = 0.0
    for one in gold:
        mine = {other for other in gold if found[other] == found[one]}
        right = {other for other in gold if gold[other] == gold[one]}
        precision += len(mine & right) / len(mine) / len(gold)
        recall += len(mine & right) / len(right) / len(gold)
    return 2 * precision * recall / (precision + recall)
