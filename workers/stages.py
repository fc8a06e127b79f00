"""What the pool's processes run: thin shells around the stages, whose errors come back as values."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from crawlers.readers import read_listing
from pipeline.body import reset_caches
from pipeline.errors import StageFailed, WirewatchError
from pipeline.read import Alone, Tools, read_alone, read_entry, read_page
from pipeline.tag import TagRules, load_tagger
from pipeline.types import Entry, Fetched, Listing, Read, Source
from search.topics import topic_queries
from workers.memory import give_back

TOO_DEEP = "the page is nested too deeply to be read"
RESET_EVERY = 500  # pages between resets of the extractor's caches, which otherwise grow for ever

_tools: Tools | None = None
_pages = 0


def start(rules: TagRules) -> None:
    """Initialise a process of the pool: the taxonomy is loaded once, Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_with_parent()
    prepare(rules)


def prepare(rules: TagRules) -> None:
    """Load what `page` and `headline` need; processes forked afterwards share it. Raise BadInput."""
    global _tools
    _tools = make_tools(rules)


def leave_with_parent() -> None:
    """See that this process ends within a second of its parent, however that ends."""
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()


@cache
def make_tools(rules: TagRules) -> Tools:
    """The stages' tools. Raise BadInput."""
    return Tools(tag=load_tagger(rules, topic_queries).tag)


def _leave_with(parent: int) -> None:
    """A killed parent cannot stop us. (The fork server, parent of a pool's processes, ends with the runner.)"""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def page(
    fetched: Fetched, entry: Entry | None, source: Source, furniture: frozenset[int] = frozenset()
) -> Read | WirewatchError:
    """All stages of one page; an error is returned, not raised, so that it keeps its type on the way back."""
    _count()
    try:
        return read_page(fetched, entry, source, _ready(), furniture)
    except WirewatchError as error:
        return error
    except RecursionError:
        return StageFailed(TOO_DEEP, source_id=source.id, url=fetched.url)


def alone(fetched: Fetched, source: Source, as_archived: bool) -> Alone | WirewatchError:
    """One page read for a person; needs no `start`."""
    _count()
    try:
        return read_alone(fetched, source, as_archived=as_archived)
    except WirewatchError as error:
        return error
    except RecursionError:
        return StageFailed(TOO_DEEP, source_id=source.id, url=fetched.url)


def _count() -> None:
    """Empty caches now and then: those of the libraries grow for ever."""
    global _pages
    _pages += 1
    if _pages % RESET_EVERY == 0:
        reset_caches()
        give_back()


def headline(entry: Entry, source: Source, seen: datetime, reason: str) -> Read | WirewatchError:
    """A headline-grade article from an entry alone."""
    try:
        return read_entry(entry, source, seen, reason, _ready())
    except WirewatchError as error:
        return error


def listings(batch: Sequence[tuple[Fetched, Source]]) -> list[tuple[Listing | WirewatchError, float]]:
    """Feeds, sitemaps and section pages of one batch, each with the CPU seconds it took."""
    read: list[tuple[Listing | WirewatchError, float]] = []
    for fetched, source in batch:
        begin = time.process_time()
        result: Listing | WirewatchError
        try:
            result = read_listing(fetched, source)
        except WirewatchError as error:
            result = error
        read.append((result, time.process_time() - begin))
    return read


def _ready() -> Tools:
    if _tools is None:
        raise RuntimeError("the process of the pool was not started by start()")
    return _tools
