"""Tagging: whole words, case, context, topics and relevance, with the traps that news sets."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tag import MAX_SPANS, Tagger
from pipeline.taxonomy import load_taxonomy
from pipeline.tokens import BREAK, Tokens, split
from pipeline.types import Article, Span, Tagging
from tests.shared import shared_data

TAGGER = Tagger(load_taxonomy())


def tag(title: str, text: str = "", summary: str = "") -> Tagging:
    return TAGGER.tag(Article("a", "", "", "s", title, text, summary))


def entities(title: str, text: str = "") -> set[str]:
    return {found.id for found in tag(title, text).entities}


def topics(title: str, text: str = "") -> set[str]:
    return {found.id.removeprefix("topic:") for found in tag(title, text).topics}


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Claude passes a coding exam, says Anthropic", True),
        ("Claude, the chatbot, gets a memory", True),
        ("CLAUDE IS LET INTO CLASSIFIED AI NETWORKS", True),
        ("Claude Monet painted the harbour in fog", False),
        ("Jean-Claude Juncker opens the AI summit", False),
        ("Claude Moreau wins the cycling race", False),
    ],
)
def test_claude_is_the_model_only_in_its_company(title: str, wanted: bool) -> None:
    assert ("system:claude" in entities(title)) is wanted


@pytest.mark.parametrize(
    ("title", "identity", "wanted"),
    [
        ("Palantir wins a contract from the army", "org:palantir", True),
        ("Sauron used the palantir to see afar", "org:palantir", False),
        ("Pippin looks into the Palantir stone", "org:palantir", False),
        ("Shield AI flies a jet", "org:shield-ai", True),
        ("The shield and AI", "org:shield-ai", False),
        ("Apple opens a lab in Cupertino", "org:apple", True),
        ("An apple a day", "org:apple", False),
        ("Apple pie recipes from our readers in tech", "org:apple", False),
        ("Amazon rainforest fires spread", "org:amazon", False),
        ("Marines aim high", "signal:ai", False),
        ("He told us so", "place:united-states", False),
        ("The US says no", "place:united-states", True),
        ("U.S. says no", "place:united-states", True),
        ("Turkey orders jets", "place:turkey", True),
        ("Roast turkey for twelve", "place:turkey", False),
        ("Pentagon's plan for drones", "org:us-department-of-defense", True),
        ("A pentagon has five sides", "org:us-department-of-defense", False),
        ("DARPA’s swarm", "org:darpa", True),
        ("Polish troops march", "place:poland", True),
        ("How to polish silver", "place:poland", False),
        ("Zürich meets Erdoğan", "person:recep-tayyip-erdogan", True),
        ("Air Combat Command flies the YFQ-44A", "system:yfq-44a", True),
        ("India buys V-BATs", "system:v-bat", True),
        ("Crews of F-35s wait", "system:f-35", True),
        ("MAVEN orbiter studies Mars for NASA", "system:maven", False),
        ("Project Maven gets a new contract from the Pentagon", "system:maven", True),
    ],
)
def test_names_and_their_doubles(title: str, identity: str, wanted: bool) -> None:
    assert (identity in entities(title)) is wanted


@pytest.mark.parametrize(
    ("title", "text", "wanted"),
    [
        ("Army buys radios", "The U.S. Army said so.", 2),  # the full name vouches for the short one
        ("Army buys radios", "Hegseth said so.", 1),
        ("Army buys radios", "The minister in Lindmark said so.", 0),
        ("U.S. Army buys radios", "Nothing more.", 1),
    ],
)
def test_a_short_name_needs_a_full_one_or_company(title: str, text: str, wanted: int) -> None:
    assert sum(one.count for one in tag(title, text).entities if one.id == "org:us-army") == wanted


def test_a_title_in_capitals_says_nothing_by_case() -> None:
    assert "org:us-department-of-defense" in entities("PENTAGON TESTS RADAR")
    assert "place:united-states" in entities("US TESTS RADAR", "They told us little.")
    assert "place:united-states" not in entities("Radar tested", "they told us little.")


def test_the_longest_name_wins() -> None:
    assert entities("German Army tests radar") == {"org:german-army"}
    assert "place:mexico" not in entities("New Mexico lab opens")


def test_counts_and_places_of_mentions() -> None:
    found = tag("Anthropic sues", "Anthropic said. OpenAI did not.\n\nAnthropic's lawyers filed on Friday.").entities
    assert [(one.id, one.count, one.in_title) for one in found] == [
        ("org:anthropic", 3, True),
        ("org:openai", 1, False),
    ]
    assert found[0].name == "Anthropic"


def test_tags_say_where_they_stand() -> None:
    title, text = (
        "Élan ﬁnds: Anthropic’s model",
        "“Anthropic” said.\n\nThe U.S. Army — and e\u0301lite AI firms — asked A\u00adnthropic.",
    )
    found = tag(title, text)
    stands = {
        one.id: [(title if at.in_title else text)[at.start : at.end] for at in one.spans] for one in found.entities
    }
    assert stands["org:anthropic"] == ["Anthropic", "Anthropic", "A\u00adnthropic"]
    assert stands["org:us-army"] == ["U.S. Army"]
    [companies] = [one for one in found.topics if one.id == "topic:ai-models-companies"]
    assert "AI firms" in [text[at.start : at.end] for at in companies.spans if not at.in_title]


def test_the_first_places_are_kept() -> None:
    [found] = tag("Anthropic", "Anthropic. " * 50).entities
    assert (found.count, len(found.spans), found.spans[1]) == (51, MAX_SPANS, Span(0, 9))


@given(st.text(max_size=60), st.text(max_size=200))
def test_words_are_where_they_are_said_to_be(title: str, body: str) -> None:
    words = Tokens(title, body)
    assert len(words.joined.split()) == len(words)
    for at, folded in enumerate(words.joined.split()):
        if folded != BREAK:
            assert split(words.printed(at, at + 1)) == (folded,)
            start, end, in_title = words.apart(*words.place(at, at + 1))
            assert in_title == (at < words.title_words)
            assert (title if in_title else body)[start:end] == words.printed(at, at + 1)


def test_no_name_runs_across_paragraphs_or_out_of_the_headline() -> None:
    assert "org:shield-ai" not in entities("A new shield", "AI came later.")
    assert "org:lockheed-martin" not in entities("x", "Red Cat\n\nHoldings fell.") - {"org:red-cat"}
    assert "org:red-cat" not in entities("Red", "Cat Holdings")


def test_one_mention_far_down_is_no_topic_two_are() -> None:
    filler = " ".join(["the choir sang another song about rivers"] * 30)
    assert "quantum" not in topics("Choir on tour", f"{filler} near a quantum computer")
    assert "quantum" in topics("Choir on tour", f"{filler} near a quantum computer and a quantum sensor")
    assert "quantum" in topics("Choir visits a quantum computer", filler)


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Navy tests swarm of drones", {"autonomous-weapons", "drones-unmanned"}),
        ("Army lasers shoot down drones over the range", {"counter-drone"}),
        ("Army awards contract for AI that sorts radar images", {"military-ai-procurement"}),
        ("Senate bill would ban AI from federal hiring", {"ai-policy-law"}),
        ("Anthropic ships a new model", {"ai-models-companies"}),
        ("Chip export rules tighten on China", {"export-controls-chips"}),
        ("Ransomware gang hits a hospital", {"cyber"}),
        ("Pentagon chooses four firms to build AI agents", {"military-ai-procurement"}),
        ("Rover lands in space for the first time", {"space"}),
        ("Recruits train with simulators at the training ground", {"training-simulation"}),
        ("Towards adaptive inference: a framework for language models", {"research"}),
        ("Guardrails asked for as the navy tries AI", {"ethics-safety"}),
        ("Software is to pick targets for the brigade", {"command-control-targeting"}),
        ("Navy orders a second nuclear submarine", {"nuclear"}),
    ],
)
def test_topics(title: str, wanted: set[str]) -> None:
    assert wanted <= topics(title)


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Laser brings down drones over the range", {"counter-drone"}),
        ("Interceptor drones hunt drones over the range", {"counter-drone", "drones-unmanned"}),
        ("Drones fly over the range", {"drones-unmanned"}),
    ],
)
def test_drones_that_are_the_target_are_no_subject(title: str, wanted: set[str]) -> None:
    assert topics(title) & {"counter-drone", "drones-unmanned"} == wanted


def test_general_news_has_none_of_the_watched_topics() -> None:
    assert topics("Council repairs the old bridge", "The bridge reopens in May after a year of work.") == set()


RELEVANT = [
    "Pentagon asks AI firms for models on secret networks",
    "Robot wingmen fly beside fighter jets",
    "ARMY TESTS AUTONOMOUS DRONE SWARM",
    "Anthropic and the Defense Department fall out",
    "Killer robots debated in Geneva",
    "Machine learning helps the navy find mines",
    "Shield AI names a new chief executive",
    "ARMY USED AI TO PICK TARGETS",
    "Pilotless helicopter of the marines lands by itself",
    "AI-guided drones reach the refinery",
]
NOT_RELEVANT = [
    "Greece sends warships after drone strikes",
    "Drones deliver vaccines to islands",
    "Army orders 300 loitering munitions",
    "Laser brings down drones in a test",
    "Autonomous taxis reach the airport",
    "AI finds new antibiotics",
    "Defense attorney uses AI to draft a brief",
    "Salvation Army tries a chatbot",
    "Defending language models against sleeper agents",
    "Basque regional autonomy debated by the army of lawyers",
    "Air force orders new tankers",
]


@pytest.mark.parametrize("title", RELEVANT)
def test_relevant(title: str) -> None:
    tagging = tag(title)
    assert tagging.relevance >= 0.5
    assert "headline" in tagging.reasons[0]


@pytest.mark.parametrize("title", NOT_RELEVANT)
def test_not_relevant(title: str) -> None:
    assert tag(title).relevance < 0.5


def test_relevance_falls_with_distance() -> None:
    filler = " ".join(["the choir sang another song about rivers"] * 20)
    together = tag("Choir on tour", f"The army uses AI to plan. {filler}").relevance
    apart = tag("Choir on tour", f"The army came. {filler} AI was mentioned.").relevance
    assert tag("Army uses AI").relevance > together > apart > 0
    assert together >= 0.5 > apart


def test_a_word_in_passing_makes_no_article_relevant() -> None:
    filler = " ".join(["the choir sang another song about rivers"] * 20)
    assert tag("Choir on tour", f"{filler} They hummed a tune on killer robots.").relevance < 0.5
    assert tag("Choir on tour", f"{filler} Killer robots and the loyal wingman were named.").relevance >= 0.5


def test_reasons_are_in_words() -> None:
    reasons = tag("Army buys AI for radar").reasons
    assert reasons[0] == '"AI" and "Army" in the headline'
    assert tag("Choir on tour") == Tagging()


def test_the_summary_is_read_when_there_is_no_text() -> None:
    assert tag("Choir on tour", summary="The Pentagon bought AI.").relevance >= 0.5


@given(st.text(max_size=300), st.text(max_size=600))
def test_never_raises_and_is_deterministic(title: str, text: str) -> None:
    one = tag(title, text)
    assert one == tag(title, text)
    assert 0 <= one.relevance <= 1


@pytest.mark.shared
def test_hand_labelled_items() -> None:
    """Relevance F1 at least .90, and .75 with borderline items counted as negative (keyword rule: .778 and .596)."""
    hits = borderline = false = missed = 0
    for line in shared_data("tagging", "dev.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        said = tag(item["title"], item["description"]).relevance >= 0.5
        hits += said and item["relevant"] == 2
        borderline += said and item["relevant"] == 1
        false += said and item["relevant"] == 0
        missed += not said and item["relevant"] == 2
    assert 2 * hits / (2 * hits + false + missed) >= 0.90
    assert 2 * hits / (2 * hits + false + borderline + missed) >= 0.75
