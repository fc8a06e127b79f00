"""How two texts overlap, one by one and many at once."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pipeline.nearness import SHORT, Sketch, compare, contained, pack, sketch_of, unpack_sketch


def text(draw: random.Random, pool: list[int], size: int) -> Sketch:
    """A sketch of `size` shingles out of a pool, some of them its lead, and of some figures."""
    own = draw.sample(pool, size)
    lead, figures = own[: draw.randint(0, min(30, size))], draw.sample(pool, draw.choice((0, 3, 60)))
    return sketch_of(*(np.array(sorted(part), dtype=np.uint64) for part in (lead, own, figures)))


@pytest.mark.parametrize("seed", range(20))
def test_many_are_compared_as_one_by_one(seed: int) -> None:
    draw = random.Random(seed)
    pool = [draw.randrange(2**62) for _ in range(1500)]
    new = text(draw, pool, draw.choice((1, 20, 150, 400, 1200)))
    others = [text(draw, pool, draw.choice((1, 12, 100, 190, 193, 700, 1500))) for _ in range(draw.randint(1, 16))]
    found = contained(new, [pack(one) for one in others])
    expected = [1.0 if min(new.size, one.size) <= SHORT else compare(new, one).contained for one in others]
    assert [share for share, _ in found] == pytest.approx(expected)
    assert [size for _, size in found] == [one.size for one in others]


def test_a_text_is_wholly_in_itself_and_not_in_another() -> None:
    one, other = (text(random.Random(3), list(range(at, 2**62, 2**50)), 500) for at in (0, 2**40))
    assert contained(one, [pack(one), pack(other), pack(one)]) == [(1.0, 500), (0.0, 500), (1.0, 500)]


def test_a_packed_sketch_is_the_same_sketch() -> None:
    one = text(random.Random(4), list(range(0, 2**62, 2**50)), 500)
    again = unpack_sketch(pack(one))
    assert (again.limit, again.size) == (one.limit, one.size)
    for name in ("lead", "body", "figures"):
        assert getattr(again, name).tolist() == getattr(one, name).tolist()
