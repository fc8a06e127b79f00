"""Both levels of folding together: which story an article is a copy of, and which event that story reports on.

An event is sought for a story by the article that founded it; copies have their story's event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pipeline.assign import NOTHING, WINDOW, StoryDesk
from pipeline.assign import Row as StoryRow
from pipeline.events import EventDesk
from pipeline.events import Row as EventRow
from pipeline.ids import story_id
from pipeline.types import Article, Assignment, EventAssignment, Fingerprint


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article belongs. `event` is that of its story, told with the article that founded it."""

    assignment: Assignment
    event: EventAssignment | None


class NewsDesk:
    """Assigns articles to stories, and stories to events. Not thread-safe: one desk, one thread."""

    def __init__(self, window: timedelta = WINDOW) -> None:
        self._stories, self._events = StoryDesk(window), EventDesk()

    def __len__(self) -> int:
        """Articles in the window."""
        return len(self._stories)

    def restore(self, stories: Iterable[StoryRow], events: Iterable[EventRow]) -> None:
        """Take in what was assigned before: rows as `StoryDesk.restore` and `EventDesk.restore` want them."""
        self._stories.restore(stories)
        self._events.restore(events)

    def assign(
        self, batch: Sequence[tuple[Article, Fingerprint]], replaced: Mapping[str, str] = NOTHING
    ) -> list[Placed]:
        """Place articles in the order given; see `StoryDesk.assign`."""
        assignments = self._stories.assign(batch, replaced)
        return [
            self._place(article, made, assignment, story_id(replaced.get(article.id, article.id)))
            for (article, made), assignment in zip(batch, assignments, strict=True)
        ]

    def heed(self, settled: Collection[str], apart: Iterable[tuple[str, str]]) -> None:
        """What persons said; see `StoryDesk.heed`."""
        self._stories.heed(settled, apart)

    def move(self, article_id: str, story: str) -> None:
        """A person moved an article to a story."""
        self._stories.move(article_id, story)

    def _place(self, article: Article, made: Fingerprint, assignment: Assignment, founded: str) -> Placed:
        for story in assignment.merged:
            self._events.leave(story)
        if assignment.story_id != founded:
            return Placed(assignment, None)
        seen = article.first_seen or article.fetched or article.published
        at = seen.timestamp() if seen else self._stories.latest
        return Placed(assignment, self._events.assign(assignment.story_id, at, made.terms))
