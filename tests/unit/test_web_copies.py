"""The copies of a story as a tree, a list and a picture: nothing stands apart from what it derives from."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.novelty import NOTHING_NEW, Novelty
from pipeline.origin import Came
from pipeline.provenance import AGENCY, Derived, How, Passage, Provenance
from pipeline.types import Tagging
from records.values import ArticleView
from tests.contract.records_kit import NOW, article, entry
from web.copies import BINS, PAGE, WHOLE, Node, compared, listed, timeline, tree
from web.lookup import Carrier, Traced


def carrier(number: int, parent: str = AGENCY, minutes: float | None = None, new: float = 0.0) -> Carrier:
    """The copy of that number; its id is "a" and the number."""
    told = replace(article(entry("alba", f"copy-{number}")), id=f"a{number}", title=f"Headline {number}")
    at = None if minutes is None else NOW + timedelta(minutes=minutes)
    came = Came(at, "published" if number % 2 else "first seen", "by a clock", 1.0)
    against = parent if parent not in ("", AGENCY) else ""
    cut = (Passage("words", 0, 5, number % 7),)
    derived = Derived(f"a{number}", f"Outlet {number}", came, parent, How.AGENCY, ("why",), against, 0.5, (), cut)
    view = ArticleView(told, Tagging(), "s", f"Outlet {number}", "GB", "near", 0.9, 1)
    return Carrier(view, derived, Novelty(new) if new else NOTHING_NEW)


def traced(carriers: Sequence[Carrier]) -> Traced:
    return Traced("s", Provenance(None, tuple(one.derived for one in carriers)), tuple(carriers))


def nodes(some: Sequence[Node]) -> Iterator[Node]:
    for one in some:
        yield one
        yield from nodes(one.below)


@pytest.mark.parametrize("seed", range(10))
def test_a_large_tree_shows_what_others_derive_from_and_counts_the_rest(seed: int) -> None:
    chance = random.Random(seed)
    carriers = [carrier(0)]
    for number in range(1, 300):
        parent = AGENCY if chance.random() < 0.4 else f"a{chance.randrange(number)}"
        carriers.append(carrier(number, parent, number, chance.random()))
    roots, more = tree(traced(carriers), "a299")
    shown = list(nodes(roots))
    assert len(shown) in (WHOLE, WHOLE + 1) and len(shown) + more + sum(one.more for one in shown) <= 300
    ids = {one.carrier.derived.article_id for one in shown}
    assert {"a0", "a299"} <= ids and len(ids) == len(shown)
    assert all(one.carrier.derived.parent in ids | {AGENCY} for one in shown)


def test_a_small_tree_shows_all() -> None:
    carriers = [carrier(0), carrier(1, "a0"), carrier(2, "a1"), carrier(3)]
    roots, more = tree(traced(carriers))
    assert [one.carrier.derived.article_id for one in nodes(roots)] == ["a0", "a1", "a2", "a3"] and not more


def test_the_list_is_sorted_and_paged() -> None:
    story = traced([carrier(number, minutes=number) for number in range(120)])
    last = listed(story, page=99)
    assert (last.page, last.pages, len(last.carriers), last.found) == (3, 3, 120 - 2 * PAGE, 120)
    assert [one.derived.words_cut for one in listed(story, "cut").carriers][:3] == [6, 6, 6]
    assert listed(story, "new").carriers[0].derived.article_id == listed(story, "odd").carriers[0].derived.article_id
    assert [one.derived.article_id for one in listed(story, find="HEADLINE 70").carriers] == ["a70"]


def test_the_picture_holds_every_copy_that_has_a_time() -> None:
    few = timeline(traced([carrier(0, minutes=0), carrier(1, "a0", 30), carrier(2, minutes=60), carrier(3)]))
    assert few is not None and [one.x for one in few.dots] == [2.0, 50.0, 98.0] and few.undated == 1
    assert [one.back for one in few.dots] == [None, (2.0, few.dots[0].y), None]
    assert [one.left for one in few.dots] == [False, False, True]
    assert [one.sure for one in few.dots] == [
        False,
        True,
        False,
    ]
    many = timeline(traced([carrier(number, minutes=number**1.5) for number in range(200)]))
    assert many is not None and not many.dots and sum(one.count for one in many.bins) == 200
    assert len(many.bins) <= BINS and all(one.x >= 2.0 and one.x + one.width <= 98.1 for one in many.bins)
    assert timeline(traced([carrier(0, minutes=1), carrier(1)])) is None


def test_the_first_copy_is_compared_with_one_that_was_made_of_it() -> None:
    carriers = [carrier(0), carrier(1), carrier(2, "a0")]
    story = traced(carriers)
    assert [compared(story, one) for one in carriers] == ["a2", "a0", "a0"]
