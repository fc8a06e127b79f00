"""The documents that the story desk looks back on, numbered in order of arrival.

A document is a row of columns, about 0.2 KB besides its sketch; `get` makes a `Document` of it.
"""

from __future__ import annotations

import re
from array import array
from typing import NamedTuple

from pipeline.stories import Stories, Story

Key = bytes | str  # of an id its 80 bits; an id of another form is kept as it is
_ID = re.compile(r"a[0-9a-f]{20}")


class Document(NamedTuple):
    """What the desk keeps of an article."""

    id: str
    story: Story
    source: str
    seen: float  # seconds since 1970
    exact: int  # 64 bits of the exact hash, 0 for none
    title: int  # 64 bits of the headline's words, 0 for none
    packed: bytes  # its sketch, see `pipeline.nearness.pack`; empty for a headline alone


class Window:
    """Documents by number. Numbers ascend and are not used again."""

    def __init__(self, stories: Stories) -> None:
        self._known = stories  # is told of each document that comes and goes
        self._base = 0  # number of the first row
        self._alive_from = 0  # no document below this number is left
        self._ids: list[Key] = []
        self._packed: list[bytes | None] = []  # None: the document is gone
        self._seen = array("d")
        self._exact, self._title = array("Q"), array("Q")
        self._stories: list[Story] = []
        self._source = array("I")
        self._numbers: dict[Key, int] = {}
        self._sources: dict[str, int] = {}
        self._source_names: list[str] = []

    def __len__(self) -> int:
        """Documents that are not gone."""
        return len(self._numbers)

    def add(self, document: Document) -> int:
        """Take a document in, whose id is in no other. Returns its number."""
        number = self._base + len(self._ids)
        key = _key(document.id)
        if document.source not in self._sources:
            self._sources[document.source] = len(self._source_names)
            self._source_names.append(document.source)
        self._ids.append(key)
        self._packed.append(document.packed)
        self._seen.append(document.seen)
        self._exact.append(document.exact)
        self._title.append(document.title)
        self._source.append(self._sources[document.source])
        self._stories.append(document.story)
        self._known.enter(document.story, number)
        self._numbers[key] = number
        return number

    def get(self, number: int) -> Document | None:
        """The document of a number; None when it is gone."""
        at = number - self._base
        packed = self._packed[at] if 0 <= at < len(self._packed) else None
        if packed is None:
            return None
        return Document(
            key if isinstance(key := self._ids[at], str) else "a" + key.hex(),
            self._story(at),
            self._source_names[self._source[at]],
            self._seen[at],
            self._exact[at],
            self._title[at],
            packed,
        )

    def holds(self, number: int) -> bool:
        """Whether a document is not gone."""
        at = number - self._base
        return 0 <= at < len(self._packed) and self._packed[at] is not None

    def find(self, id: str) -> int | None:
        """The number of the document of an article."""
        return self._numbers.get(_key(id))

    def move(self, number: int, story: Story) -> None:
        """Put a document that is there into another story."""
        at = number - self._base
        self._known.leave(self._story(at))
        self._stories[at] = story
        self._known.enter(story, number)

    def remove(self, id: str) -> Document | None:
        """Take a document out and return it; None when there is none of this id."""
        number = self.find(id)
        if number is None:
            return None
        document = self.get(number)
        self._remove(number - self._base)
        return document

    def forget(self, limit: float) -> int:
        """Take out documents seen before a time, as far as they came in order; the number below which none is left.

        Amortised constant time a document.
        """
        at, end = self._alive_from - self._base, len(self._ids)
        while at < end and (self._packed[at] is None or self._seen[at] < limit):
            if self._packed[at] is not None:
                self._remove(at)
            at += 1
        self._alive_from = self._base + at
        if at > end // 2:
            for column in (self._ids, self._packed, self._seen, self._exact, self._title, self._stories, self._source):
                del column[:at]
            self._base += at
        return self._alive_from

    def _remove(self, at: int) -> None:
        del self._numbers[self._ids[at]]
        self._packed[at] = None
        self._known.leave(self._story(at))

    def _story(self, at: int) -> Story:
        """The story of a row, after all mergers."""
        story = self._stories[at]
        while story.into is not None:
            story = self._stories[at] = story.into
        return story


def _key(id: str) -> Key:
    return bytes.fromhex(id[1:]) if _ID.fullmatch(id) else id
