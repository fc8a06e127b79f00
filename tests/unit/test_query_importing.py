"""Queries of other systems as ours: the same, or a note, or a refusal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import BadQuery
from search.ast import Near, Word, leaves
from search.format import format_query
from search.importing import Imported, from_freshrss, from_google, from_miniflux
from search.parse import parse


def blocked(text: str) -> Imported:
    return from_miniflux(text, block=True)


@pytest.mark.parametrize(
    ("text", "ours", "noted"),
    [
        ("drone", "drone", ""),
        ("drone navy OR army -toy", "drone (navy OR army) -toy", ""),
        ("a AND b|c", "a (b OR c)", ""),
        ('"autonomous weapons" site:mil', '"autonomous weapons" site:mil', ""),
        ("(a OR b) -site:www.example.com", "(a OR b) -site:example.com", ""),
        ("site:example.com/news", "url:example.com/news*", "how addresses begin"),
        ('intitle:"ai arms"', 'title:"ai arms"', ""),
        ("intext:drone", "body:drone", ""),
        ("allintitle: drone navy", "title:drone title:navy", ""),
        ("allintext:drone -navy", "body:drone -body:navy", ""),
        ('drone AROUND(5) "us navy"', 'drone NEAR/5 "us navy"', ""),
        ('"the * of war"', '"the of war"~3', "up to 3"),
        ("+drones", "=drones", ""),
        ("~drone", "drone", "no synonyms"),
        ("x after:2024-01-02 before:2024/06/01", "x date:2024-01-02.. date:..2024-05-31", "day of publication"),
        ("source:straits_times x", 'outlet:"straits times" x', "outlet"),
        ("inurl:example.com", "site:example.com", "as the site example.com"),
        ("* x", "x", "left out"),
        ("a & b", "a b", "'&' has no letter or digit"),
        ("a or b", "a or b", ""),
        ("NOT a", '"NOT" a', "a word to Google"),
        ("foo:bar x", '"foo:bar" x', "foo: is not known"),
        ("“x y” -(b c)", '"x y" -(b c)', ""),
        ("", "*", ""),
    ],
)
def test_google(text: str, ours: str, noted: str) -> None:
    made = from_google(text)
    assert made.query == parse(ours), format_query(made.query)
    assert noted in " ".join(made.notes[1:])
    assert len(made.notes) == (2 if noted else 1)
    assert "synonyms" in made.notes[0]


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ('a "b', 3, "unclosed quote"),
        ("(a", 1, "unclosed parenthesis"),
        ("a)", 2, "unopened parenthesis"),
        ("a OR", 3, "OR has nothing beside it"),
        ("x filetype:pdf", 3, "only news pages"),
        ("location:us x", 1, "country:US"),
        ("x inurl:drone", 3, "only a site"),
        ("10..20 x", 1, "a range of numbers"),
        ("a AROUND(99) b", 3, "at most 30"),
        ("a AROUND(2) intitle:b", 3, "a word or phrase stands at each side"),
        ("AROUND(2) b", 1, "nothing beside it"),
        ('site:"a b"', 1, "host name"),
        ("x before:soon", 3, "no date"),
        ("dro*ne", 1, "whole words"),
        ("-" * 5 + "a", 5, ""),
        ("(" * 60 + "a" + ")" * 60, 51, "too deep"),
        ("a" * 10_001, 10_001, "too long"),
        ("ab " * 501, 1501, "too many words"),
    ],
)
def test_google_refuses(text: str, column: int, said: str) -> None:
    if not said:  # a row of minus signs excludes once
        assert from_google(text).query == parse("-a")
        return
    with pytest.raises(BadQuery) as caught:
        from_google(text)
    assert (caught.value.column, said in str(caught.value)) == (column, True), str(caught.value)


@pytest.mark.parametrize(
    ("text", "ours", "noted"),
    [
        ("drone or missile navy", "drone OR missile navy", "letters inside words"),
        ("intitle:'ai arms' !toy", 'title:"ai arms" -toy', "letters inside words"),
        ("author:Smith OR author:'Jane Doe'", 'author:Smith OR author:"Jane Doe"', "letters inside words"),
        ("#ai+safety", 'topic:"ai safety"', "tags of feeds"),
        ("-#'ai safety'", '-topic:"ai safety"', "tags of feeds"),
        ("inurl:https://example.com/news", "url:https://example.com/news*", "how addresses begin"),
        ("search:mine -search:'x y'", 'search:mine -search:"x y"', ""),
        ("date:2014", "seen:2014", "UTC"),
        ("date:2014-03", "seen:2014-03", "UTC"),
        ("date:201403", "seen:2014-03", "UTC"),
        ("date:2014-03-30", "seen:2014-03-30", "UTC"),
        ("date:2014-05-30T13", "seen:2014-05-30T13:00Z..2014-05-30T14:00Z", "UTC"),
        ("date:2014-05-30T13:30", "seen:2014-05-30T13:30Z..2014-05-30T13:31Z", "UTC"),
        ("date:2014-02/2014-04", "seen:2014-02..2014-04", "UTC"),
        ("date:2014-02--2014-04", "seen:2014-02..2014-04", "UTC"),
        ("date:2014-02/04", "seen:2014-02..2014-04", "UTC"),
        ("date:2014-02-03/05", "seen:2014-02-03..2014-02-05", "UTC"),
        ("date:2014-02-03T22:00/22:15", "seen:2014-02-03T22:00Z..2014-02-03T22:16Z", "UTC"),
        ("date:2014-02-03T22:00/15", "seen:2014-02-03T22:00Z..2014-02-03T22:16Z", "UTC"),
        ("date:2014-03/", "seen:2014-03..", "UTC"),
        ("date:/2014-03", "seen:..2014-03", "UTC"),
        ("date:2014-03/P1W", "seen:2014-03-01..2014-03-07", "UTC"),
        ("date:2014-03/P1M", "seen:2014-03", "UTC"),
        ("date:P1W/2014-05-25T23:59:59", "seen:2014-05-18T23:59:59Z..2014-05-25T23:59:59Z", "UTC"),
        ("pubdate:P1W", "date:P1W", "UTC"),
        ("!pubdate:p3d/", "-date:P3D", "UTC"),
        ("date:P1DT1H/", "seen:P1DT1H", "UTC"),
        ("!((author:A intitle:b) OR (author:C))", "-(author:A title:b OR author:C)", "letters inside words"),
        (r"intitle:/\bdrones?\b/i", "title:=drone OR title:=drones", ""),
        (r"/\bdrone/i", "drone*", ""),
        ("/(killer|armed) drone/i", '"killer drone" OR "armed drone"', "letters inside words"),
        ("author:/^Alice Dupont$/im", 'author:"Alice Dupont"', "^ and $"),
        (r"\(a\)", '"(a)"', "letters inside words"),
    ],
)
def test_freshrss(text: str, ours: str, noted: str) -> None:
    made = from_freshrss(text)
    assert made.query == parse(ours), format_query(made.query)
    assert noted in " ".join(made.notes)
    assert bool(made.notes) == bool(noted)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("a f:12,13", 3, "outlet:example"),
        ("L:*", 1, "labels are not kept"),
        ('label:"my label"', 1, "labels are not kept"),
        ("!e:1639310674957894", 2, "means nothing here"),
        ("S:3", 1, 'search:"its name"'),
        ("inurl:drone", 1, "only a site"),
        ("date:x", 1, "no interval"),
        ("date:2014-13", 1, "no interval"),
        ("date:2014/2013", 1, "ends before it begins"),
        ("date:2014-01-31/P1M", 1, "differ from system to system"),
        ("date:P", 1, "no interval"),
        ("intitle:/^Lo+l/i", 13, "repeats letters"),
        ("intitle:(a b)", 1, "nothing after intitle"),
        ("search:/x/", 9, "it takes a value"),
        ("(a", 1, "unclosed parenthesis"),
        ("intitle:&", 1, "nothing to search for"),
    ],
)
def test_freshrss_refuses(text: str, column: int, said: str) -> None:
    with pytest.raises(BadQuery) as caught:
        from_freshrss(text)
    assert (caught.value.column, said in str(caught.value)) == (column, True), str(caught.value)


@pytest.mark.parametrize(
    ("text", "ours", "noted"),
    [
        (r"EntryTitle=(?i)\b(drone|uav)\b", "title:=drone OR title:=uav", ""),
        ("EntryTitle=(?i)drone", "title:drone", "letters inside words"),
        (r"EntryTitle=\bdrone\b", "title:=drone", "case does not matter"),
        ("EntryTitle=(?i)\\bkiller\\s+robots?\\b\r\n\r\nEntryAuthor=(?i)smith", "", "letters inside words"),
        ("EntryTitle=(?i)[Dd]rone.*[Nn]avy", "title:drone title:navy", "in any order"),
        (r"EntryTitle=(?i)^\[sponsored\]", "title:=sponsored", "^ and $"),
        (r"EntryContent=(?i)autonom\w*", "body:autonom*", "without HTML"),
        ("EntryTag=(?i)ai", "topic:ai", "tags of feeds"),
        (r"EntryURL=(?i)example\.com", "site:example.com", "as the site"),
        ("EntryURL=(?i)https?://example.com/a/", "url:http://example.com/a/* OR url:https://example.com/a/*", "begin"),
        ("EntryDate=future", "date:>PT0S", ""),
        ("EntryDate=before:2024-01-01", "date:<2024-01-01", ""),
        ("EntryDate=after:2024-01-01", "date:>2024-01-01T00:00Z", ""),
        ("EntryDate=between:2024-01-01,2024-02-01", "date:2024-01-01T00:00:00.000001Z..2024-01-31", ""),
        ("EntryDate=max-age:30d", "date:<P30D", ""),
        ("EntryDate=max-age:1h30m", "date:<PT1H30M", ""),
        ("(?i)sponsored", "title:sponsored OR author:sponsored", "a rule without a field"),
        ("", "*", ""),
    ],
)
def test_miniflux(text: str, ours: str, noted: str) -> None:
    made = from_miniflux(text)
    ours = ours or 'title:="killer robot" OR title:="killer robots" OR author:smith'
    assert made.query == parse(ours), format_query(made.query)
    assert noted in " ".join(made.notes)
    assert bool(made.notes) == bool(noted)
    if text:
        assert blocked(text).query == parse(f"-({ours})")


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("EntryCommentsURL=x", 1, "has no counterpart"),
        ("EntryTitle=a\nEntryThing=x", 14, "a rule begins with EntryTitle="),
        ("EntryTitle=.*", 12, "finds everything"),
        ("EntryTitle=[0-9]+", 13, r"such a \[ \]"),
        ("EntryTitle=[^a]", 13, r"such a \[ \]"),
        ("EntryTitle=(", 13, "not closed"),
        ("EntryTitle=a)", 13, r"a \) too many"),
        ("EntryTitle=(?!x)a", 13, "looks ahead"),
        (r"EntryTitle=(a)\1", 15, r"a \\1"),
        ("EntryTitle=a{3}", 13, "counts"),
        ("EntryTitle=a.b", 14, r"a single \."),
        ("EntryTitle=*", 12, "repeats nothing"),
        (r"EntryTitle=\w*ing", 12, "rest of a word"),
        ("EntryTitle=" + "(a|b)" * 12, 52, "more than 200"),
        ("EntryTitle=" + "(" * 60, 63, "too deep"),
        ("EntryURL=drone", 10, "only a site"),
        ("EntryDate=soon", 11, "no rule for dates"),
        ("EntryDate=before:2024-02-30", 11, "no day"),
        ("EntryDate=between:2024-02-01,2024-01-01", 11, "no rule for dates"),
        ("EntryDate=max-age:1y", 11, "no duration"),
    ],
)
def test_miniflux_refuses(text: str, column: int, said: str) -> None:
    with pytest.raises(BadQuery) as caught:
        from_miniflux(text)
    assert (caught.value.column, bool(re.search(said, str(caught.value)))) == (column, True), str(caught.value)


_SIGNS = list("ab cd\"'()|*-!+~&#/\\.?:[]^$=OR\n")
_WORDS = [
    "intitle:",
    "site:",
    "AROUND(3)",
    "date:",
    "2014-03",
    "/P1W",
    "EntryTitle=",
    "EntryDate=",
    "(?i)",
    "\\b",
    "inurl:",
]


@pytest.mark.parametrize("text", [":0_", "_x", "\\b_7", "EntryTitle=:a", "EntryTitle=\\bé"])
def test_what_begins_a_word_is_long_enough_without_its_signs(text: str) -> None:
    """`:0` is one letter to begin with, however many signs stand around it."""
    for read in (from_miniflux, blocked):
        made = read(text).query
        assert parse(format_query(made)) == made


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(_SIGNS + _WORDS), max_size=14).map("".join) | st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_column(text: str) -> None:
    for read in (from_google, from_freshrss, from_miniflux, blocked):
        try:
            made = read(text)
        except BadQuery as error:
            assert 1 <= error.column <= len(text) + 1
            assert len(str(error)) < 400
        else:
            assert parse(format_query(made.query)) == made.query


def test_near_sides_are_words_of_one_kind() -> None:
    assert [type(leaf) for leaf in leaves(from_google("a AROUND(1) b c").query)] == [Near, Word]
    with pytest.raises(BadQuery, match="a word or phrase stands at each side"):
        from_google("+a AROUND(1) b")
