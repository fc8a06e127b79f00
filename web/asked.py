"""Pages that a person asks for: they go ahead of everything that is fetched on schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import BadInput
from pipeline.ids import article_id
from pipeline.types import Entry, FeedState, FetchTask, Kind, Source
from pipeline.urls import canonical_url, same_site
from records.base import Records
from records.values import Poll


@dataclass(frozen=True, slots=True)
class Asked:
    """One page: whose it is, and whether the archive had never heard of it."""

    task: FetchTask
    new: bool


def ask(records: Records, sources: Mapping[str, Source], address: str, now: datetime) -> Asked:
    """Note in the records that this page is wanted now. Raise BadInput when no source is of its site.

    One that the archive holds, spelled in whatever way, is asked for where it was found: an outlet need not answer
    to its address without "www." or the last "/".
    """
    held = records.article(address)
    address = held.article.url if held else address
    canonical = canonical_url(address)
    source = next((one for one in sources.values() if canonical and same_site(address, one.homepage)), None)
    if source is None:
        raise BadInput(f"no source is of the site of {address}: `wirewatch sources add` its homepage first")
    if source.blocked:
        raise BadInput(f"{source.name} is not collected: {source.blocked}")
    # By no listing, so the entry is its own; a new revision, so that one asked for before is fetched again.
    entry = Entry(article_id(canonical), address, canonical, revision=now.isoformat())
    nobody = FeedState(source.id, "", Kind.SECTION)
    [result] = records.record_polls([Poll(source.id, "", lambda new: nobody, (entry,))], now)
    return Asked(FetchTask(address, source.id, Kind.PAGE, entry_id=entry.id), result.new > 0)
