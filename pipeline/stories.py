"""Which stories the desk knows, by id: how large each is, which were found to be one, which a person keeps apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Story:
    """A story with articles in the window. One that was merged into another points there."""

    id: str
    size: int = 0
    first: int = -1  # number of its first document
    into: Story | None = None


class Stories:
    """The stories of the window. One that loses its last article is forgotten."""

    def __init__(self) -> None:
        self._stories: dict[str, Story] = {}
        self._apart: set[frozenset[str]] = set()

    def __contains__(self, story: Story) -> bool:
        return self._stories.get(story.id) is story

    def called(self, id: str) -> Story:
        """The story of that id: the one there is, or a new one."""
        return self._stories.get(id) or Story(id)

    def enter(self, story: Story, number: int) -> None:
        """One more article: the document of that number."""
        if not story.size:
            story.first = number
        story.size += 1
        self._stories[story.id] = story

    def leave(self, story: Story) -> None:
        """One article less."""
        story.size -= 1
        if not story.size:
            del self._stories[story.id]

    def keep_apart(self, pairs: Iterable[tuple[str, str]]) -> None:
        """The pairs of story ids that a person says are different stories: all of them, in place of those before."""
        self._apart = {frozenset(pair) for pair in pairs}

    def may_merge(self, one: Story, other: Story) -> bool:
        """Whether no person says otherwise."""
        return frozenset((one.id, other.id)) not in self._apart

    def merge(self, one: Story, other: Story) -> Story:
        """Make two stories one and return it: the larger takes the smaller in, the first of two alike the second."""
        if other.size > one.size:
            one, other = other, one
        self._stories.pop(other.id, None)
        other.into = one
        one.size += other.size
        self._apart = {frozenset(one.id if id == other.id else id for id in pair) for pair in self._apart}
        return one
