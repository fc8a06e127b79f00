"""The sources as their files tell them now: a folder of one's own is looked at again while a process runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pipeline.errors import WirewatchError
from pipeline.types import Source

LOOK = 5.0  # seconds between two looks at the folder
log = logging.getLogger("wirewatch.sources")
Signature = tuple[tuple[str, int, int], ...]


class Shelf(Mapping[str, Source]):
    """Sources by id. A file that is added, changed or removed is noticed within `LOOK` by whoever asks for anything.

    A source that is gone can still be looked up, for what was asked of it may be on its way; iteration, `len` and
    `values` leave it out. A folder with a fault in it changes nothing: the fault is logged, and kept in `problem`.
    Threads may share it, and a process may be forked from one that has it.
    """

    def __init__(
        self,
        load: Callable[[], dict[str, Source]],
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        *,
        lenient: bool = False,
    ) -> None:
        """`load` reads the sources, and raises what a person must mend first; `folder` is what is looked at.

        `lenient`: a folder that is faulty already is no reason not to begin; there are no sources then.
        """
        self.problem = ""
        self._load, self._folder, self._clock = load, folder, clock
        self._seen, self._next = _signature(folder), clock() + LOOK
        self._now: dict[str, Source] = {}
        self._gone: dict[str, Source] = {}
        try:
            self._now = load()
        except WirewatchError as error:
            if not lenient:
                raise
            self.problem = str(error)
        self._given = self._now

    def __getitem__(self, source_id: str) -> Source:
        """One source, as it is now or was last."""
        self._look()
        if source_id not in self._now and source_id not in self._gone:
            self.look()  # another process may have noticed it first
        try:
            return self._now[source_id]
        except KeyError:
            return self._gone[source_id]

    def __iter__(self) -> Iterator[str]:
        """Ids of the sources there are."""
        self._look()
        return iter(self._now)

    def __len__(self) -> int:
        """How many there are."""
        self._look()
        return len(self._now)

    def changed(self) -> list[Source] | None:
        """All of them if they are others than at the last call (or at the start), else None."""
        self._look()
        if self._given is self._now:
            return None
        self._given = self._now
        return list(self._now.values())

    def look(self) -> None:
        """Look at the folder now."""
        seen = _signature(self._folder)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            fresh = self._load()
        except WirewatchError as error:
            self.problem = str(error)
            log.warning("the sources stay as they were: %s", error)
            return
        self.problem = ""
        self._gone = {**self._gone, **{key: one for key, one in self._now.items() if key not in fresh}}
        if fresh != self._now:
            log.info("the sources are read anew: %d, %d before", len(fresh), len(self._now))
            self._now = fresh

    def _look(self) -> None:
        now = self._clock()
        if now >= self._next:
            self._next = now + LOOK
            self.look()


def _signature(folder: Path) -> Signature:
    """What tells that a file was added, changed or removed."""
    found = []
    try:
        for path in folder.glob("*.toml"):
            told = path.stat()
            found.append((path.name, told.st_mtime_ns, told.st_size))
    except OSError:  # a folder that is not there, or a file that went meanwhile: the next look knows
        pass
    return tuple(sorted(found))
