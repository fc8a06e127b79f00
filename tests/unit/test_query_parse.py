"""The grammar, its errors and its limits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.errors import BadQuery
from search.ast import (
    Ago,
    And,
    Count,
    Everything,
    Is,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Saved,
    Word,
    before,
    leaves,
    names_used,
    resolve,
)
from search.format import format_query
from search.importing import Imported, from_freshrss, from_google, from_miniflux
from search.limits import MAX_ARRANGEMENTS, MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH, MAX_PREFIXES, MAX_TEXT, check
from search.parse import parse
from tests.hostile_queries import TEXTS
from tests.queries import nodes

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def day(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


A, B, C, D = (Word(letter) for letter in "abcd")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("", Everything()),
        (" \n\t", Everything()),
        ("*", Everything()),
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a\u3000b", And((A, B))),
        ("a and b", And((A, Word("and"), B))),
        ("a OR b c", Or((A, And((B, C))))),
        ("a b OR c d", Or((And((A, B)), And((C, D))))),
        ("(a OR b) AND NOT c", And((Or((A, B)), Not(C)))),
        ("(a b) c", And((A, B, C))),
        ("a OR (b OR c)", Or((A, B, C))),
        ("NOT a OR b", Or((Not(A), B))),
        ("-a", Not(A)),
        ("--a", Not(Not(A))),
        ("-(a b)", Not(And((A, B)))),
        ("a AND(b OR c)NOT(d)", And((A, Or((B, C)), Not(D)))),
        ("F-35", Word("F-35")),
        ("10:30", Word("10:30")),
        ('"a b"', Phrase("a b")),
        ("“a b” „c d“", And((Phrase("a b"), Phrase("c d")))),
        (r'"say \"a\" \\ b"', Phrase('say "a" \\ b')),
        ('"AND"', Phrase("AND")),
        ("=a", Word("a", exact=True)),
        ('="a b"', Phrase("a b", exact=True)),
        ("ab*", Prefix("ab")),
        ("技*", Prefix("技")),
        ("title:a", Word("a", "title")),
        ("TITLE:a", Word("a", "title")),
        ("title:=a", Word("a", "title", exact=True)),
        ("body:ab*", Prefix("ab", "body")),
        ('-title:(a OR "b c")', Not(Or((Word("a", "title"), Phrase("b c", "title"))))),
        ("country:(SG OR MY)", Or((Is("country", "SG"), Is("country", "MY")))),
        ("url:https://a.example/x?y=z-1", Is("url", "https://a.example/x?y=z-1")),
        ("url:(https://a.example OR b.example/*)", Or((Is("url", "https://a.example"), Is("url", "b.example/", True)))),
        ("entity:org:anthropic", Is("entity", "org:anthropic")),
        ('author:"J. Smith"', Is("author", "J. Smith")),
        ("date:2024", Range("date", day(2024), day(2025))),
        ("date:2024-02", Range("date", day(2024, 2), day(2024, 3))),
        ("date:2024-12", Range("date", day(2024, 12), day(2025))),
        ("date:2024-02-29", Range("date", day(2024, 2, 29), day(2024, 3))),
        ("date:2024-12-31..2025", Range("date", day(2024, 12, 31), day(2026))),
        ("seen:2026-01-01T08:00+08:00..", Range("seen", day(2026), None)),
        ("seen:..2026-01-01T00:00", Range("seen", None, day(2026))),
        ("seen:P1D", Range("seen", Ago("P1D"), None)),
        ("seen:P7D..P1D", Range("seen", Ago("P7D"), Ago("P1D"))),
        ("changed:>P1D", Range("changed", Ago("P1D"), None)),
        ("changed:>=P1D", Range("changed", Ago("P1D"), None)),
        ("changed:<P1D", Range("changed", None, Ago("P1D"))),
        ("seen:>=2026-01-01", Range("seen", day(2026), None)),
        ("seen:>2026-01", Range("seen", day(2026, 2), None)),
        ("seen:<2026-01", Range("seen", None, day(2026))),
        ("seen:<=2026", Range("seen", None, day(2027))),
        ("seen:>2026-01-01T00:00", Range("seen", day(2026).replace(microsecond=1), None)),
        ("seen:<=2026-01-01T00:00", Range("seen", None, day(2026).replace(microsecond=1))),
        ("copies:5", Count("copies", 5, 5)),
        ("copies:=5", Count("copies", 5, 5)),
        ("copies:>5", Count("copies", 6, None)),
        ("copies:>=5", Count("copies", 5, None)),
        ("copies:<5", Count("copies", None, 4)),
        ("copies:<=5", Count("copies", None, 5)),
        ("copies:2..5", Count("copies", 2, 5)),
        ("copies:2..", Count("copies", 2, None)),
        ("copies:>=0", Count("copies", 1, None)),
        ("copies:0..5", Count("copies", 1, 5)),
        ("copies:..5", Count("copies", None, 5)),
        ("copies:(1 OR >9)", Or((Count("copies", 1, 1), Count("copies", 10, None)))),
        ("dateline:Kyiv", Is("dateline", "Kyiv")),
        ('dateline:"New York"', Is("dateline", "New York")),
        ("search:ports", Saved("ports")),
        ('search:"port watch"', Saved("port watch")),
        ("-search:(a OR b)", Not(Or((Saved("a"), Saved("b"))))),
        ('"a b"~2', Phrase("a b", slop=2)),
        ('"a b"~0', Phrase("a b")),
        ('title:="a b"~2', Phrase("a b", "title", exact=True, slop=2)),
        ('("a b"~2)', Phrase("a b", slop=2)),
        ("a NEAR/3 b", Near(A, B, 3)),
        ("a NEAR/0 b", Near(A, B, 0)),
        ("a NEAR/3 b c", And((Near(A, B, 3), C))),
        ("c a NEAR/3 b", And((C, Near(A, B, 3)))),
        ("NOT a NEAR/3 b", Not(Near(A, B, 3))),
        ("a NEAR/3 b OR c NEAR/4 d", Or((Near(A, B, 3), Near(C, D, 4)))),
        ('(a NEAR/3 "b c")', Near(A, Phrase("b c"), 3)),
        ("a NEAR/3(b OR c)", Or((Near(A, B, 3), Near(A, C, 3)))),
        ("title:(a NEAR/3 b)", Near(Word("a", "title"), Word("b", "title"), 3)),
        ("title:a NEAR/3 title:b", Near(Word("a", "title"), Word("b", "title"), 3)),
        ("=a NEAR/3 =b", Near(Word("a", exact=True), Word("b", exact=True), 3)),
        ('"NEAR" a near/3', And((Phrase("NEAR"), A, Word("near/3")))),
        ('"!a" what? yahoo! c++', And((Phrase("!a"), Word("what?"), Word("yahoo!"), Word("c++")))),
    ],
)
def test_reads(text: str, node: Node) -> None:
    assert parse(text) == node
    assert parse(format_query(node)) == node


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ('a b "c d', 5, "unclosed quote"),
        ('"', 1, "unclosed quote"),
        ("(a", 1, "unclosed parenthesis"),
        ("(a OR (b)", 1, "unclosed parenthesis"),
        ("a)", 2, "unopened parenthesis"),
        (")", 1, "unopened parenthesis"),
        ("a ()", 3, "empty parentheses"),
        ("AND a", 1, "AND has nothing before it"),
        ("a AND", 3, "AND has nothing after it"),
        ("a OR  OR b", 3, "OR has nothing after it"),
        ("a AND OR b", 3, "AND has nothing after it"),
        ("(a OR )", 4, "OR has nothing after it"),
        ("a NOT", 3, "NOT has nothing after it"),
        ("a - b", 3, "a lone -"),
        ("-", 1, "a lone -"),
        ("titel:a", 1, "did you mean 'title'"),
        ("source:a", 1, "did you mean 'outlet'"),
        ("a qqq:b", 3, "unknown field 'qqq'"),
        ("https://a.example", 1, "url:https://"),
        ("title:", 1, "nothing after title:"),
        ("title: a", 1, "nothing after title:"),
        ("(title:)", 2, "nothing after title:"),
        ("title:-a", 7, "put it before the field"),
        ("title:(a body:b)", 10, "inside title:( )"),
        ("country:=SG", 9, "the exact form"),
        ("country:S*", 9, ""),
        ("country:SG*", 9, "whole values"),
        ("country:Singapore", 9, "two-letter code"),
        ("grade:good", 7, "headline, partial, full"),
        ("site:https://a.example/x", 6, "host name"),
        ("lang:english", 6, "two-letter code"),
        ("a*b", 2, "inside a word"),
        ("*a", 1, "inside a word"),
        ("a*", 1, "at least two letters"),
        ("f-3*", 1, "at least two letters"),
        ("topic:a*", 7, "at least two letters"),
        ("=ab*", 1, "= together with *"),
        ("=", 1, ""),
        ("= a", 1, "nothing after ="),
        ("a & b", 3, "write AND, or nothing"),
        ("a || b", 3, "write OR"),
        ("a % b", 3, "nothing to search for in '%'"),
        ('"a b" ~3', 7, "without a space"),
        ("a NEAR5 b", 3, "write NEAR/5"),
        ("a W/5 b", 3, "write NEAR/5"),
        ('"..."', 1, "nothing to search for"),
        ('"a b"~', 6, "no number after ~"),
        ('"a b"~x', 6, "no number after ~"),
        ('"a b"~-1', 6, "no number after ~"),
        ('"a b"~31', 6, "at most 30"),
        ('"a b"~2x', 6, "no number after ~"),
        ('"a b"~2(c)', 8, "put a space"),
        ('"a b"~2"c"', 6, "no number after ~"),
        ('"a"~2', 4, "two words or more"),
        ('"人工智能"~2', 7, "two words or more"),
        ('author:"a b"~2', 13, "title or body"),
        ('"a b c d e f"~9', 1, "too many ways"),
        ("NEAR/3 a", 1, "NEAR/3 has nothing before it"),
        ("a NEAR/3", 3, "NEAR/3 has nothing after it"),
        ("(a NEAR/3 )", 4, "NEAR/3 has nothing after it"),
        ("a NEAR/3 OR b", 3, "NEAR/3 has nothing after it"),
        ("a NEAR b", 3, "NEAR has no number"),
        ("a !b", 3, "a ! before a word"),
        ("title:!b", 7, "a ! before a word"),
        ("a +b", 3, "a + before a word"),
        ("~b", 1, "a ~ before a word"),
        ("a b~2", 3, "a ~ behind a word"),
        ("b~", 1, "a ~ behind a word"),
        ("b^2", 1, "a ^ behind a word"),
        ("b?c", 1, "a ? inside a word"),
        ("/b+c/i", 1, "a regular expression"),
        ("a NEAR/ b", 3, "no number after NEAR/"),
        ("a NEAR/x b", 3, "no number after NEAR/"),
        ("a NEAR/31 b", 3, "at most 30"),
        ("a NEAR/999999999999 b", 3, "no number after NEAR/"),
        ("a NEAR/3 -b", 10, "a - behind NEAR"),
        ("a NEAR/3 NOT b", 3, "NEAR/3 has nothing after it"),
        ("a NEAR/3 b NEAR/3 c", 12, "a second NEAR"),
        ("a NEAR/3 bc*", 3, "stand at each side"),
        ('a NEAR/3 "b c"~2', 3, "stand at each side"),
        ("a NEAR/3 (b c)", 3, "stand at each side"),
        ("a NEAR/3 country:SG", 3, "stand at each side"),
        ("* NEAR/3 a", 3, "stand at each side"),
        ("title:a NEAR/3 b", 9, "two fields"),
        ("a NEAR/3 =b", 3, "before both sides"),
        ("title:NEAR/3", 7, "NEAR/3 has nothing before it"),
        ("(a OR " * 20 + "a" + ")" * 20 + " NEAR/30 (" + "bb-c OR " * 20 + "c)", 143, "too many"),
        ("copies:", 1, "nothing after copies:"),
        ("copies:x", 8, "copies:>5"),
        ("copies:-1", 8, "a - inside a field"),
        ("copies:0", 8, "always one"),
        ("copies:<1", 8, "always one"),
        ("copies:5..2", 8, "ends before it begins"),
        ("copies:..", 8, "copies:>5"),
        ("copies:>2..3", 8, "copies:>5"),
        ("copies:>", 8, "copies:>5"),
        ("copies:1*", 8, ""),
        ("copies:12*", 8, "copies:>=10"),
        ("copies:1.5", 8, "copies:>5"),
        ("copies:٣", 8, "copies:>5"),
        ("copies:9999999999", 8, "copies:>5"),
        ("seen:>", 6, "no date"),
        ("seen:>P", 6, "ISO-8601"),
        ("seen:>2026..2027", 6, "no date"),
        ("seen:<2026-13", 6, "there is no"),
        ("seen:<=2249-12-31T23:59:59.999999Z", 6, "out of range"),
        ("changed:yes", 9, "no date"),
        ("place:kyiv", 1, "did you mean 'dateline'"),
        ('search:" "', 8, "the name of a saved query"),
        ("search:ab*", 8, "whole name"),
        ("search:" + "a" * 201, 8, "at most 200"),
        ("search:=a", 8, "the exact form"),
        ('"a"b', 4, "put a space"),
        ('a"b"', 2, "put a space"),
        ("url:a.example/(x)", 15, "put a space"),
        ("date:2026-13", 6, "there is no 2026-13"),
        ("date:2026-02-30", 6, "there is no 2026-02-30"),
        ("date:2026..2025", 6, "ends before it begins"),
        ("date:..", 6, "at least one end"),
        ("date:0000", 6, ""),
        ("date:9999", 6, "out of range"),
        ("seen:P9999Y", 6, ""),
        ("seen:P", 6, "ISO-8601"),
        ("seen:p1d", 6, "no date"),
        ("date:2026*", 6, ""),
        ("seen:2026-01-01T10:00", 6, "needs a range"),
        ("seen:2026-01-01T25:00..", 6, ""),
        ("ab* " * 51, 201, "too many prefixes"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), MAX_DEPTH + 1, "too deep"),
        ("-" * (MAX_DEPTH + 1) + "a", MAX_DEPTH + 1, "too deep"),
        ("a " * (MAX_CLAUSES + 1), 2 * MAX_CLAUSES + 1, "too many words"),
        ('"' + "a " * 101 + '"', 1, "words in a row"),
        ("a " + "b" * (MAX_TEXT + 1), 3, "at most 2000 characters"),
        ('a NEAR/1 "' + "b " * 20 + '"', 3, "21 words with NEAR at 3: 20 is the most"),
        ('"' + "b " * 21 + '"~1', 1, "21 words with ~ at 1: 20 is the most"),
        ("a" * (MAX_LENGTH + 1), MAX_LENGTH + 1, "10000 is the most"),
    ],
)
def test_refuses(text: str, column: int, said: str) -> None:
    with pytest.raises(BadQuery) as caught:
        parse(text)
    assert caught.value.column == column
    assert said in str(caught.value)
    assert f"at {column}" in str(caught.value) or len(text) > MAX_LENGTH


def test_bounds_hold_for_a_tree_as_for_a_text() -> None:
    """`check` is what trees meet that were not typed; it agrees with the parser at the very bound."""
    pair = "a-b NEAR/30 c "  # 62 ways
    for most, too_many in (
        ("a " * MAX_CLAUSES, Word("b")),
        ("ab* " * MAX_PREFIXES, Prefix("xy")),
        (pair * (MAX_ARRANGEMENTS // 62), Near(Phrase("a b"), C, 30)),
        ("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH, None),
        ("-" * MAX_DEPTH + "a", None),
    ):
        node = parse(most)
        check(node)
        with pytest.raises(BadQuery, match="too"):
            check(And((node, too_many)) if too_many else parse_of_negations(MAX_DEPTH + 1))
        if too_many:
            with pytest.raises(BadQuery, match="too"):
                parse(f"{most} {format_query(too_many)}")


def parse_of_negations(count: int) -> Node:
    node: Node = A
    for _ in range(count):
        node = Not(node)
    return node


def test_leaves_and_names() -> None:
    node = parse('a search:x (b NEAR/3 "c d" OR -(search:"y z" copies:>2)) search:x')
    assert [type(leaf).__name__ for leaf in leaves(node)] == ["Word", "Saved", "Near", "Saved", "Count", "Saved"]
    assert [type(leaf).__name__ for leaf in leaves(node, negated=False)] == ["Word", "Saved", "Near", "Saved"]
    assert names_used(node) == ("x", "y z")


def test_largest_query_is_read() -> None:
    assert isinstance(parse("(" * MAX_DEPTH + "a " * MAX_CLAUSES + ")" * MAX_DEPTH), And)


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_query_is_refused_shortly_or_within_bounds(name: str) -> None:
    """How long it takes is measured by `./run bench queries`."""
    for read in (parse, from_google, from_freshrss, from_miniflux):
        try:
            made = read(TEXTS[name])
        except BadQuery as error:
            assert len(str(error)) < 400
        else:
            check(made.query if isinstance(made, Imported) else made)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.sampled_from(list('ab*-=:()"“\\ .~<>AND/ORTE技é2026P')), max_size=40) | st.text(max_size=40))
@example("title:a:b")
@example("=A:")
@example("=AND")
@example("==0")
@example("=-a")
@example('x "\\')
@example("a NEAR/3 b NEAR/")
@example('a NEAR/3 "b"~1')
def test_any_text_is_read_or_refused_with_a_column(text: str) -> None:
    try:
        node = parse(text)
    except BadQuery as error:
        assert 1 <= error.column <= len(text) + 1
    else:
        assert parse(format_query(node)) == node


WORDS = ["drone", "F-35", "naïve", "Pentagon's", "AND.", "and", "人工智能", "title", "a=b", "c-d", "5%", "\\w"]
VALUES = [
    ("outlet", "The Paper"),
    ("author", 'J. "Jo" Smith'),
    ("author", "smith"),
    ("wire", "AP"),
    ("topic", "ai-safety"),
    ("entity", "org:x"),
    ("url", "https://a.example/b-c"),
    ("site", "a.example"),
    ("country", "SG"),
    ("lang", "en"),
    ("grade", "full"),
    ("dateline", "New York"),
]
SAVED = ["ports", "Port watch", 'the "best"', "-a", "x*", "NEAR/3", "é"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nodes(WORDS, ["dro", "f-35", "人工", "na"], VALUES, relative=True, saved=SAVED))
def test_format_is_read_as_the_same(node: Node) -> None:
    assert parse(format_query(node)) == node


@pytest.mark.parametrize("text", ["AND", "x:y", "NEAR/3", "NEAR", "!a", "a^2", "-a", "=a", "a*", "a b"])
def test_format_of_a_word_no_query_makes_means_the_same(text: str) -> None:
    assert parse(format_query(Word(text))) == Phrase(text)


def test_durations_count_back_from_now() -> None:
    assert parse("seen:P1D", now=NOW) == Range("seen", datetime(2026, 3, 30, 12, tzinfo=UTC), None)
    assert resolve(parse("a OR NOT (b seen:P7D..PT6H)"), NOW) == parse("a OR NOT (b seen:P7D..PT6H)", now=NOW)
    with pytest.raises(BadQuery, match="ends before it begins"):
        parse("seen:P1D..P7D", now=NOW)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("P1M", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        ("P1Y1M", datetime(2025, 2, 28, 12, tzinfo=UTC)),
        ("P2Y1M", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("P3M", datetime(2025, 12, 31, 12, tzinfo=UTC)),
        ("P1W", datetime(2026, 3, 24, 12, tzinfo=UTC)),
        ("P1DT12H", datetime(2026, 3, 30, 0, tzinfo=UTC)),
        ("PT90M", datetime(2026, 3, 31, 10, 30, tzinfo=UTC)),
    ],
)
def test_before(duration: str, expected: datetime) -> None:
    assert before(NOW, duration) == expected
