"""Cursors: opaque, checked, and for one query only."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from pipeline.errors import BadInput
from search.base import Order, Place
from search.cursor import Cursor, _sum, from_text, to_text
from tests.contract.index_backends import NOON

ONE = Cursor("drone seen:P7D", Order.RELEVANCE, True, NOON, Place(0.1 + 0.2, "a0123", 17, 1234))


def read(text: str, one: Cursor = ONE) -> Cursor:
    return from_text(text, one.asked, one.order, folded=one.folded)


@pytest.mark.parametrize(
    "one", [ONE, replace(ONE, order=Order.NEWEST, folded=False, place=Place(253402300799000001, "ä b", 0, 0))]
)
def test_it_comes_back_as_it_was(one: Cursor) -> None:
    text = to_text(one)
    assert read(text, one) == one and text.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("at", range(0, len(to_text(ONE)), 7))
def test_any_damage_is_told(at: int) -> None:
    text = to_text(ONE)
    other = "A" if text[at] != "A" else "B"
    for damaged in (text[:at] + other + text[at + 1 :], text[:at], text[:at] + " " + text[at:], text[:at] + "é"):
        with pytest.raises(BadInput, match="damaged"):
            read(damaged)


@pytest.mark.parametrize(
    "body",
    [
        "[]", "{}", "null", "[1]", '[1,"x",0,1.0,"a",0]', '[1,"x",0,NaN,"a",0,0]', '[1,"x",0,1e300,"a",0,0]',
        '[1,"x",0,"1","a",0,0]', '[1,"x",0,1,"a",-1,0]', '[1,"x",1e300,1,"a",0,0]', '[1,"x",null,1,"a",0,0]',
        '[1,"x",99999999999999999999999,1,"a",0,0]', "\xff",
    ],
)  # fmt: skip
def test_made_up_ones_are_refused(body: str) -> None:
    raw = body.encode("latin-1")
    with pytest.raises(BadInput, match=r"damaged|another query"):
        read(base64.urlsafe_b64encode(_sum(raw) + raw).decode().rstrip("="))


def test_it_is_for_one_query_and_order() -> None:
    for asked, order, folded in (
        ("drones", ONE.order, True),
        (ONE.asked, Order.NEWEST, True),
        (ONE.asked, ONE.order, False),
    ):
        with pytest.raises(BadInput, match="another query"):
            from_text(to_text(ONE), asked, order, folded=folded)


def test_one_of_another_release_is_told() -> None:
    raw = json.dumps([2, "new"]).encode()
    with pytest.raises(BadInput, match="another release"):
        read(base64.urlsafe_b64encode(_sum(raw) + raw).decode())
