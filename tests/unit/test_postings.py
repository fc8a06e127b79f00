"""Postings: what is added is found, common keys are cut short, the oldest are forgotten."""

from __future__ import annotations

import random
from collections import defaultdict

import numpy as np
import pytest

from pipeline.postings import FLUSH, PER_KEY, Keys, Postings


def keys(*values: int) -> Keys:
    return np.array(values, dtype=np.uint32)


def under(postings: Postings, *values: int) -> list[int]:
    (stored,) = postings.look_up([keys(*values)])
    return sorted([*stored.tolist(), *postings.recent(keys(*values))])


@pytest.mark.parametrize("documents", [0, 1, FLUSH - 1, FLUSH, 5 * FLUSH + 7])
def test_every_document_is_found_under_each_of_its_keys(documents: int) -> None:
    draw = random.Random(documents)
    postings, expected = Postings(), defaultdict(list)
    for number in range(documents):
        own = {draw.randrange(2**32) for _ in range(6)}
        postings.add(number, keys(*own))
        for key in own:
            expected[key].append(number)
    for key, numbers in expected.items():
        assert under(postings, key) == numbers
    assert under(postings, 12345) == []


def test_many_queries_are_answered_each_for_itself() -> None:
    postings = Postings()
    for number in range(2 * FLUSH):
        postings.add(number, keys(number << 20, (number % 300) << 8 | 1))
    answers = postings.look_up([keys(5 << 20, 5 << 8 | 1), keys(), keys(77), keys(7 << 20), keys(2**32 - 1)])
    assert [answer.tolist() for answer in answers] == [[5, 5, 305, 605, 905], [], [], [7], []]


def test_of_a_common_key_the_earliest_documents_of_an_array_are_known() -> None:
    postings = Postings()
    for number in range(4 * FLUSH):
        postings.add(number, keys(9))
    found = under(postings, 9)
    assert found[:PER_KEY] == list(range(PER_KEY))
    assert len(found) < 6 * PER_KEY


def test_forgotten_documents_are_not_found_and_leave_room_for_later_ones() -> None:
    postings = Postings()
    for number in range(FLUSH):
        postings.add(number, keys(9))
    postings.forget(FLUSH - 2)
    for number in range(FLUSH, 8 * FLUSH):
        postings.add(number, keys(9, number))
    assert min(under(postings, 9)) >= FLUSH - 2
    postings.forget(8 * FLUSH)
    assert postings.look_up([keys(9)])[0].tolist() == []


@pytest.mark.parametrize("documents", [PER_KEY + 1, FLUSH, 5 * FLUSH + 20])
def test_removed_documents_do_not_stand_before_later_ones(documents: int) -> None:
    postings = Postings()
    for number in range(documents):
        if number:
            postings.remove(number - 1)
        postings.add(number, keys(9, number))
    assert documents - 1 in under(postings, 9)


def test_room_says_when_the_arrays_change() -> None:
    postings = Postings()
    for number in range(FLUSH - 1):
        postings.add(number, keys(number))
        assert postings.room == FLUSH - number - 1
    assert postings.look_up([keys(3)])[0].tolist() == []
    postings.add(FLUSH - 1, keys(7))
    assert postings.room == FLUSH
    assert postings.look_up([keys(3)])[0].tolist() == [3]
