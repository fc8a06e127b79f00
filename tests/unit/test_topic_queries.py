"""Topics stated as queries: the search language in a taxonomy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import BadInput
from pipeline.tag import Tagger, TagRules, load_tagger
from pipeline.taxonomy import load_taxonomy
from pipeline.types import Article, Tag
from search.topics import FIELDS, topic_queries
from tests.shared import ROOT
from workers.pool import StagePool
from workers.stages import make_tools

OWN = """
entries:
  - {id: "topic:quays", name: Quays, description: Drones at quays., query: '(drone OR "robot boat") NEAR/5 quay -film'}
  - {id: "topic:from-kyiv", name: From Kyiv, query: 'dateline:kyiv wire:reuters'}
  - id: topic:tides
    name: Tides
    aliases: [spring tide]
    query: 'title:neap* OR "tide table"~2'
  - {id: "topic:cyber", change: extend, query: '="port scanners"'}
"""
ARTICLE = Article("a", "https://halva.example/1", "", "halva", "Robot boats leave the quay", language="en")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.fixture
def tagger(own: Path) -> Tagger:
    return load_tagger(TagRules((own,), names=False), topic_queries)


def topics(tagger: Tagger, article: Article) -> dict[str, Tag]:
    return {tag.id.removeprefix("topic:"): tag for tag in tagger.tag(article).topics}


def test_gives_the_topics_whose_query_an_article_matches(tagger: Tagger) -> None:
    assert "quays" in topics(tagger, ARTICLE)
    assert "quays" not in topics(tagger, replace(ARTICLE, text="It was a film."))
    assert "quays" not in topics(tagger, replace(ARTICLE, title="Robot boats leave"))
    assert "from-kyiv" in topics(tagger, replace(ARTICLE, dateline_places=("KYIV",), wire="Reuters"))
    assert "from-kyiv" not in topics(tagger, replace(ARTICLE, dateline_places=("KYIV",)))
    assert "tides" in topics(tagger, replace(ARTICLE, title="Neaping, and why"))
    assert "cyber" in topics(tagger, replace(ARTICLE, summary="They ran port scanners."))  # beside its other rules
    assert "cyber" not in topics(tagger, replace(ARTICLE, summary="They ran a port scanner."))


def test_tells_where_the_words_stand(tagger: Tagger) -> None:
    text = "A robot boat came. Long after that, nobody remembers why, and by another quay, there was a drone."
    tag = topics(tagger, replace(ARTICLE, text=text))["quays"]
    marked = [(ARTICLE.title if span.in_title else text)[span.start : span.end] for span in tag.spans]
    assert marked == ["Robot boats", "quay", "quay", "drone"]
    assert (tag.name, tag.count, tag.in_title) == ("Quays", 4, True)
    assert topics(tagger, replace(ARTICLE, dateline_places=("Kyiv",), wire="reuters"))["from-kyiv"].count == 1


def test_a_topic_by_words_and_by_query_is_given_once(tagger: Tagger) -> None:
    found = tagger.tag(replace(ARTICLE, title="Spring tide: a tide table")).topics
    assert [tag.id for tag in found] == ["topic:tides"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{id: 'topic:x', name: X, query: 'a (b'}", r"own\.yaml, line 2 \(topic:x\): query: unclosed parenthesis at 3"),
        ("{id: 'topic:x', name: X, query: 'topic:cyber'}", r"query: topic: is not known when articles are tagged"),
        ("{id: 'topic:x', name: X, query: 'a -copies:>2'}", r"query: copies: is not known"),
        ("{id: 'topic:x', name: X, query: 'outlet:halva'}", r"query: outlet: is not known"),
        ("{id: 'topic:x', name: X, query: 'search:ports'}", r"query: search: is not known"),
        ("{id: 'topic:x', name: X, query: 'seen:2026'}", r"query: seen: is not known"),
        ("{id: 'topic:x', name: X, query: 'date:P1D'}", r"query: date: needs dates"),
        ("{id: 'topic:x', name: X, query: 3}", r"query must be a search query in quotes, not 3"),
        ("{id: 'topic:x', name: X, query: ' '}", r"query must be a search query in quotes"),
        ("{id: 'org:x', name: X, query: 'a'}", r"only topics have a query"),
    ],
)
def test_a_mistake_stops_the_start(entry: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(f"entries:\n  - {entry}\n", encoding="utf-8")
    for starts in (
        lambda rules: load_tagger(rules, topic_queries),
        make_tools,
        lambda rules: StagePool(1, rules),
    ):
        with pytest.raises(BadInput, match=said):
            starts(TagRules((path,)))


def test_none_are_run_where_there_are_none() -> None:
    assert topic_queries(load_taxonomy()) is None


def test_a_tagger_that_could_not_run_them_is_not_made(own: Path) -> None:
    with pytest.raises(ValueError, match="topics by query"):
        Tagger(load_taxonomy(own))


def test_the_query_is_part_of_what_a_topic_means(own: Path, tagger: Tagger) -> None:
    assert "by query: dateline:kyiv wire:reuters" in tagger.taxonomy.describe("topic:from-kyiv")
    own.write_text(OWN.replace("NEAR/5", "NEAR/6"), encoding="utf-8")
    assert load_tagger(TagRules((own,), names=False), topic_queries).digest != tagger.digest


def test_the_page_tells_what_a_query_may_ask() -> None:
    page = (ROOT / "docs" / "taxonomy.md").read_text(encoding="utf-8")
    assert all(f"`{field}`" in page.split("## Topics by query")[1] for field in FIELDS)
