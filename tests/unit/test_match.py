"""Learning subscriptions, and what runs."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from pipeline.watch import Subscription
from search import match
from search.match import LiveMatcher
from search.parse import parse
from search.required import required
from tests.contract.index_backends import NOON, article

DRONES = article(1, "Drones over the harbour", "The navy tested unmanned boats.")
CHIPS = article(2, "Export rules for chips", "Customs found old drones.")


def one(id: str, query: str, **changes: object) -> Subscription:
    return replace(Subscription(f"name {id}", query, id=id), **changes)  # type: ignore[arg-type]


def told(matcher: LiveMatcher) -> dict[str, list[str]]:
    return {id: list(ids) for id, ids in matcher.match([DRONES, CHIPS], NOON).items()}


def test_those_that_match_are_told_with_all_their_articles_in_order() -> None:
    matcher = LiveMatcher([one("a", "drone"), one("b", "title:drone"), one("c", "submarine"), one("d", "-navy")])
    assert told(matcher) == {"a": ["a0001", "a0002"], "b": ["a0001"], "d": ["a0002"]}


def test_an_article_that_an_engine_cannot_read_a_query_on_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    """A page made to hurt: one character begins more words than tantivy tries for a phrase."""
    page = article(3, text="AI " + " ".join(f"中{chr(code)}" for code in range(0x4F00, 0x9000)))
    matcher = LiveMatcher([one("a", '"AI 中"'), one("b", "AI"), one("c", "AI NEAR/3 中")])
    with caplog.at_level(logging.WARNING):
        assert matcher.match([DRONES, page], NOON) == {"b": ["a0003"]}
    assert "'\"AI 中\"' was not matched: a single character" in caplog.text


def test_a_changed_query_takes_the_place_of_the_old_one_and_a_removed_one_is_silent() -> None:
    matcher = LiveMatcher([one("a", "drone"), one("b", "drone")])
    matcher.learn([one("a", "chips")], ["b", "never heard of"])
    assert told(matcher) == {"a": ["a0002"]}
    matcher.learn([one("a", "chips", active=False)])
    assert told(matcher) == {}
    matcher.learn([one("a", "chips")])
    assert told(matcher) == {"a": ["a0002"]}


def test_what_cannot_be_read_is_told_once_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        matcher = LiveMatcher([one("a", 'drone "unclosed'), one("b", "drone")])
        matcher.learn([one("c", "chips")])
        told(matcher)
    assert [record.message for record in caplog.records] == [
        "the subscription 'name a' matches nothing: unclosed quote at 7: a \" is missing"
    ]
    assert matcher.broken.keys() == {"a"}
    assert told(matcher) == {"b": ["a0001", "a0002"], "c": ["a0002"]}
    matcher.learn([one("a", "navy")])
    assert not matcher.broken
    assert told(matcher)["a"] == ["a0001"]


def test_the_last_state_of_an_article_counts() -> None:
    matcher = LiveMatcher([one("a", "drone"), one("b", "boats")])
    assert matcher.match([DRONES, replace(DRONES, title="", text="Quiet.")], NOON) == {}


def test_times_count_back_from_the_time_of_matching() -> None:
    matcher = LiveMatcher([one("a", "drone seen:P1D")])
    assert told(matcher).keys() == {"a"}
    assert matcher.match([DRONES], NOON.replace(day=17)) == {}


def test_equal_queries_run_once_and_those_that_cannot_match_never(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    original = match.article_query
    monkeypatch.setattr(match, "article_query", lambda schema, node: (ran.append(node), original(schema, node))[1])
    matcher = LiveMatcher([one("a", "drone navy"), one("b", "drone  navy"), one("c", "submarine"), one("d", "chip*")])
    assert told(matcher).keys() == {"a", "b", "d"}
    assert ran == [parse("drone navy"), parse("chip*")] or ran == [parse("chip*"), parse("drone navy")]


def test_compiled_queries_are_kept_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    original = match.article_query
    monkeypatch.setattr(match, "article_query", lambda schema, node: (made.append(node), original(schema, node))[1])
    monkeypatch.setattr(match, "KEPT", 2)
    matcher = LiveMatcher([one("a", "drone"), one("b", "navy")])
    assert told(matcher) == told(matcher) == {"a": ["a0001", "a0002"], "b": ["a0001"]}
    assert len(made) == 2
    matcher.learn([one("c", "chips")])
    assert told(matcher) == told(matcher)
    assert len(made) > 3, "one more than are kept"


def test_no_index_is_made_when_nothing_can_match(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = LiveMatcher([one("a", "submarine"), one("b", "navy chips"), one("c", "drone", active=False)])
    monkeypatch.setattr("search.batch.Opened", None)  # would raise
    assert told(matcher) == {}


def test_who_uses_a_query_follows_it() -> None:
    matcher = LiveMatcher(
        [one("a", 'search:"name b" navy'), one("b", 'search:"name c" OR submarine', active=False), one("c", "drone")]
    )
    assert told(matcher) == {"a": ["a0001"], "c": ["a0001", "a0002"]}
    matcher.learn([one("c", "chips", active=False)])
    assert told(matcher) == {}
    matcher.learn([one("b", "boats", active=False)])
    assert told(matcher) == {"a": ["a0001"]}
    matcher.learn([], ["b"])
    assert told(matcher) == {}
    assert str(matcher.broken["a"]).startswith("no saved query 'name b' at 8")
    matcher.learn([one("d", "boats", name="name b", active=False)])
    assert told(matcher) == {"a": ["a0001"]}


def test_a_name_that_becomes_another_is_found_no_more_under_the_old_one() -> None:
    matcher = LiveMatcher([one("a", 'search:"name b"'), one("b", "drone", active=False)])
    matcher.learn([one("b", "drone", name="other", active=False)])
    assert matcher.broken.keys() == {"a"}
    matcher.learn([one("a", "search:other")])
    assert not matcher.broken
    assert told(matcher) == {"a": ["a0001", "a0002"]}


def test_a_circle_breaks_those_in_it_and_heals() -> None:
    matcher = LiveMatcher([one("a", 'search:"name b"'), one("b", 'search:"name a"'), one("c", 'search:"name a" navy')])
    assert matcher.broken.keys() == {"a", "b", "c"}
    matcher.learn([one("b", "drone")])
    assert not matcher.broken
    assert told(matcher) == {"a": ["a0001", "a0002"], "b": ["a0001", "a0002"], "c": ["a0001"]}


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        ("drones", 1),
        ('"air forces"', 2),
        ("drone -navy", 1),
        ("drone OR navy", 1),
        ("drone OR -navy", 0),
        ("-drone", 0),
        ("*", 0),
        ("seen:P1D", 0),
        ("outlet:post country:SG", 2),
        ("chip* topic:ai", 2),
        ("drone NEAR/3 navy", 2),
        ("copies:>3 changed:P1D", 0),
        ("(a b) OR (c d)", 1),
    ],
)
def test_what_is_required_is_no_less_than_it_can_be(query: str, clauses: int) -> None:
    """A test that lets all pass would be as sound, and no use."""
    assert len(required(parse(query))) == clauses
