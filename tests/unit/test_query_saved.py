"""Saved queries inside others."""

from __future__ import annotations

import re

import pytest

from pipeline.errors import BadQuery
from search.ast import Saved
from search.limits import MAX_CLAUSES, MAX_DEPTH
from search.parse import parse
from search.saved import MAX_NESTED, expand

SAVED = {
    "ports": "harbour OR quay",
    "asia": "country:(SG OR MY)",
    "port watch": 'search:ports search:asia -"port wine"',
    "lately": "seen:P1D",
    "self": "a search:self",
    "ping": "search:pong",
    "pong": "b -search:ping",
    "broken": "a (b",
    "user of broken": "search:broken",
    "lost": "search:nowhere",
    "everything": "",
} | {f"deep {number}": f'search:"deep {number - 1}"' for number in range(1, 20)}
SAVED["deep 0"] = "x"
SAVED["five"] = "a b c d e"
SAVED |= {f"grow {number}": f'search:"grow {number - 1}" search:"grow {number - 1}"' for number in range(1, 10)}
SAVED["grow 0"] = "search:five " * 40
SAVED["down 0"] = "-" * (MAX_DEPTH - 1) + "a"
SAVED |= {f"down {number}": "-" * (MAX_DEPTH - 1) + f'search:"down {number - 1}"' for number in range(1, 9)}


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("a", "a"),
        ("search:ports", "harbour OR quay"),
        ("a search:ports", "a (harbour OR quay)"),
        ("a OR search:ports", "a OR harbour OR quay"),
        ("-search:ports", "-(harbour OR quay)"),
        ('a search:"port watch"', 'a (harbour OR quay) country:(SG OR MY) -"port wine"'),
        ("search:lately", "seen:P1D"),
        ("a search:everything", "a *"),
        ("search:(ports OR asia)", "harbour OR quay OR country:SG OR country:MY"),
        (f'search:"deep {MAX_NESTED - 1}"', "x"),
        ("search:five " * (MAX_CLAUSES // 5), "a b c d e " * (MAX_CLAUSES // 5)),
    ],
)
def test_stands_for_what_was_saved(query: str, meant: str) -> None:
    assert expand(parse(query), SAVED.get) == parse(meant)


@pytest.mark.parametrize(
    ("query", "column", "said"),
    [
        ('a search:"port wach"', 10, "no saved query 'port wach' at 10: did you mean 'port watch'?"),
        ("a search:PORTS", 10, "did you mean 'ports'"),
        ("a search:zzz", 10, "no saved query 'zzz' at 10: save it first"),
        ("a search:lost", 10, "no saved query 'nowhere' at 10"),
        ("search:self", 8, "break the circle self > self"),
        ("a -search:ping", 11, "break the circle ping > pong > ping"),
        ("search:broken", 8, "'broken' cannot be read at 8: unclosed parenthesis at 3"),
        ('b search:"user of broken"', 10, "'broken' cannot be read at 10"),
        (f'search:"deep {MAX_NESTED}"', 8, "at most 10 saved queries"),
        ("search:five " * (MAX_CLAUSES // 5 + 1), MAX_CLAUSES // 5 * 12 + 8, "too many words"),
        ('search:"grow 5"', 8, "too many words"),
        ('search:"down 8"', 8, "too deep"),
        ('-search:"down 0" -search:"down 0"', 26, ""),
    ],
)
def test_refuses(query: str, column: int, said: str) -> None:
    if not said:  # at the very bound
        expand(parse(query), SAVED.get, SAVED)
        return
    with pytest.raises(BadQuery) as caught:
        expand(parse(query), SAVED.get, SAVED)
    assert (caught.value.column, said in str(caught.value)) == (column, True), str(caught.value)


def test_each_is_looked_up_once_and_left_as_it_is_where_there_is_none() -> None:
    asked: list[str] = []

    def lookup(name: str) -> str | None:
        asked.append(name)
        return SAVED.get(name)

    expand(parse("search:five search:five -search:five"), lookup)
    assert asked == ["five"]
    node = parse("a OR b")
    assert expand(node, lookup) is node or expand(node, lookup) == node
    assert expand(Saved("ports"), lookup) == parse("harbour OR quay")  # one that was never typed has no column
    with pytest.raises(BadQuery, match=re.escape("no saved query 'x' at 1")):
        expand(Saved("x"), lookup)
