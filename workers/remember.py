"""What the story desk remembers, and how it files a batch: alike in one process and in production."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from pipeline.align import align, pack
from pipeline.events import WINDOW as EVENT_WINDOW
from pipeline.furniture import Learner, Paragraph
from pipeline.ids import version_id
from pipeline.newsdesk import NewsDesk
from pipeline.types import Filed, Read
from records.base import Records
from workers.reading import Done


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes: articles with their stories, the spool ids of their pages, what they taught."""

    filed: list[Filed]
    spool_ids: list[int]
    learned: list[Paragraph]


class Memory:
    """What the desk compares with: the stories of its window, what persons said, and what recurs at each outlet."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._desk, self._learner = NewsDesk(window), Learner()
        self._step = 0  # up to which it knows what persons said

    def __len__(self) -> int:
        """Articles remembered."""
        return len(self._desk)

    def restore(self, records: Records, now: datetime, stopping: Callable[[], bool] = lambda: False) -> None:
        """Forget all, and remember from the records. Raise Away."""
        self._desk, self._learner, self._step = NewsDesk(self._window), Learner(), 0
        rows = takewhile(lambda _: not stopping(), records.fingerprints(now - self._window))
        self._desk.restore(self._learner.remembering(rows), records.events(now - EVENT_WINDOW))
        self._learner.restore(records.furniture())
        self._listen(records)

    def file(self, records: Records, batch: Sequence[Done], now: datetime) -> Batch:
        """What was read, each article with its story. It is remembered: once filed here, it is to be committed.

        Raise Busy or Away before anything is remembered.
        """
        reads = [(done, done.result) for done in batch if isinstance(done.result, Read)]
        self._listen(records)
        pages = {read.article.id: done.entry_id for done, read in reads if done.entry_id != read.article.id}
        bare = records.headlines([id for id in pages.values() if id]) if pages else set()
        replaced = {id: entry_id for id, entry_id in pages.items() if entry_id in bare}
        placed = self._desk.assign([(read.article, read.fingerprint) for _, read in reads], replaced)
        filed = [Filed(read, one.assignment, event=one.event) for (_, read), one in zip(reads, placed, strict=True)]
        spool_ids = [done.spool_id for done, _ in reads if done.spool_id is not None]
        return Batch(filed, spool_ids, self._learner.see(filed, now))

    def _listen(self, records: Records) -> None:
        """Learn what persons said since. What moved while this desk was not looking, it moves as well."""
        said = records.said(self._step)
        if said is None:
            return
        for article, story in said.moved.items():
            self._desk.move(article, story)
        self._desk.heed(said.settled, said.apart)
        self._step = said.step


def compared(records: Records, made: Batch) -> Batch:
    """The batch with what each copy shares with the article it is like: the passages, kept as evidence. Raise Away."""
    new = {one.read.article.id: one.read.article for one in made.filed}
    likes = {one.assignment.like for one in made.filed if one.assignment.like}
    stored = records.texts([id for id in likes if id not in new])
    texts = stored | {id: (one.version or version_id(one.title, one.text), one.text) for id, one in new.items()}
    return replace(made, filed=[_with_spans(one, texts) for one in made.filed])


def _with_spans(one: Filed, texts: Mapping[str, tuple[str, str]]) -> Filed:
    version, text = texts.get(one.assignment.like, ("", ""))
    if not (text and one.read.article.text):
        return one
    return replace(one, like_version=version, spans=pack(align(one.read.article.text, text).spans))
