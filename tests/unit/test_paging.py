"""Pages of lists: by a key, or in an order of their own."""

from __future__ import annotations

import pytest

from pipeline.errors import BadInput
from web.api.paging import Paged, following, from_text, sliced, to_text

ROWS = ["delta", "alpha", "charlie", "bravo"]


def through(rows: list[str], limit: int, *, own_order: bool) -> list[list[str]]:
    """All pages."""
    found, after = [], ""
    while True:
        asked = Paged(limit=limit, after=after)
        shown, after = following(rows, str, asked) if own_order else sliced(rows, lambda one: (one,), asked)
        found.append(shown)
        if not after:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("own_order", [False, True])
def test_pages_give_every_row_once(limit: int, own_order: bool) -> None:
    pages = through(ROWS, limit, own_order=own_order)
    assert [one for page in pages for one in page] == (ROWS if own_order else sorted(ROWS))
    assert all(len(page) == limit for page in pages[:-1]) and len(pages) == -(-len(ROWS) // limit)


def test_an_empty_list_is_one_page() -> None:
    assert sliced([], lambda one: (one,), Paged(after=to_text(("x",)))) == ([], "")
    assert following([], str, Paged()) == ([], "")


def test_a_row_of_an_order_of_its_own_that_is_gone_is_said() -> None:
    with pytest.raises(BadInput, match="'echo', after which the page begins, is gone"):
        following(ROWS, str, Paged(after=to_text(("echo",))))


@pytest.mark.parametrize("key", [("a", 1), ("", 0), ("ü, \U0001f6a2", -(2**62))])
def test_a_cursor_is_read_as_it_was_written(key: tuple[str, int]) -> None:
    assert from_text(to_text(key), ("", 0)) == key


@pytest.mark.parametrize("key", [(1, "a"), ("a",), ("a", 1, 2), ("a\0", 1), ("a", 2**63), ("a", True)])
def test_a_cursor_of_another_list_is_refused(key: tuple[str | int, ...]) -> None:
    with pytest.raises(BadInput, match="and of this list"):
        from_text(to_text(key), ("", 0))
