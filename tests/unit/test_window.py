"""The documents of the desk's window: kept in columns, given back as they were."""

from __future__ import annotations

import random

from pipeline.ids import article_id, story_id
from pipeline.stories import Stories, Story
from pipeline.window import Document, Window


def document(name: str, seen: float = 0.0, story: Story | None = None, source: str = "gazette") -> Document:
    id = article_id(name)
    return Document(id, story or Story(story_id(id)), source, seen, 2**64 - 1, 7, name.encode())


def test_a_document_is_given_back_as_it_was() -> None:
    window = Window(Stories())
    made = [
        document("one", 3.25),
        Document("doc-1", Story("doc-1"), "", 1.5, 0, 0, b""),  # an id of another form, no text
        Document("A" + "0" * 20, Story("s1"), "gazette", 2.0, 1, 2, b"x"),
    ]
    numbers = [window.add(one) for one in made]
    assert [window.get(number) for number in numbers] == made
    assert [window.find(one.id) for one in made] == numbers
    assert (window.get(99), window.get(-1), window.find("doc-2")) == (None, None, None)
    assert len(window) == 3


def test_a_story_lasts_as_long_as_a_document_of_it() -> None:
    stories = Stories()
    window = Window(stories)
    first, story = document("one"), Story("s1")
    window.add(first._replace(story=story))
    second = window.add(document("two", story=story))
    assert story.size == 2
    assert window.remove(first.id) == first._replace(story=story)
    assert window.remove(first.id) is None
    assert (story.size, story in stories) == (1, True)
    window.forget(1.0)
    assert (story.size, story in stories) == (0, False)
    assert not window.holds(second)


def test_a_document_follows_its_story_through_mergers_and_by_hand() -> None:
    stories = Stories()
    window = Window(stories)
    small, large, other = Story("s1"), Story("s2"), Story("s3")
    number = window.add(document("one", story=small))
    window.add(document("two", story=large))
    window.add(document("three", story=large))
    assert stories.merge(small, large) is large
    assert window.get(number) == document("one", story=large)
    window.move(number, other)
    assert window.get(number) == document("one", story=other)
    assert (large.size, other.size) == (2, 1)


def test_the_oldest_are_forgotten_as_far_as_they_came_in_order() -> None:
    window = Window(Stories())
    for name, seen in (("one", 1.0), ("two", 2.0), ("three", 9.0), ("late", 1.0), ("five", 10.0)):
        window.add(document(name, seen))
    assert window.forget(5.0) == 2
    assert [window.holds(number) for number in range(5)] == [False, False, True, True, True]
    assert window.forget(9.5) == 4
    found = window.get(4)
    assert found is not None
    assert (found.id, found.seen) == (article_id("five"), 10.0)
    assert len(window) == 1


def test_numbers_hold_while_the_front_is_dropped() -> None:
    draw, window = random.Random(1), Window(Stories())
    alive: dict[int, Document] = {}
    for at in range(3000):
        one = document(f"page-{at}", float(at), source=f"outlet-{at % 7}")
        number = window.add(one)
        assert number == at
        alive[number] = one
        if draw.random() < 0.1:
            gone = draw.choice(list(alive))
            assert window.remove(alive[gone].id) == alive.pop(gone)
        if at % 50 == 0:
            window.forget(at - 200.0)
            alive = {number: one for number, one in alive.items() if one.seen >= at - 200.0}
    assert {number: window.get(number) for number in range(3000) if window.holds(number)} == alive
    assert len(window) == len(alive)
