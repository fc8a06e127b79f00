"""What an answer's window covers: which watched sources the archive heard nothing of, so that none found is not read
as nothing written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from records.base import Records
from records.values import Watched
from search.ast import Everything, Node, Range
from search.base import Asked, Index
from search.window import Window, window
from web.wording import counted

_SOURCES = 10_000  # more than anybody watches
_NAMED = 4  # silent sources that a line names


@dataclass(frozen=True, slots=True)
class Coverage:
    """The sources that are collected today, and those of which the index has no article of the window."""

    window: Window
    sources: int
    silent: tuple[Watched, ...]  # those in trouble first, then by name

    def line(self) -> str:
        """The same in a sentence."""
        during = "in this window" if self.window.since or self.window.until else "so far"
        if not self.sources:
            return "No source is collected."
        if not self.silent:
            return f"None of {counted(self.sources, 'source')} was silent {during}."
        named = ", ".join(_shown(one) for one in self.silent[:_NAMED])
        more = f" and {len(self.silent) - _NAMED} more" if len(self.silent) > _NAMED else ""
        verb = "was" if len(self.silent) == 1 else "were"
        return f"{len(self.silent)} of {counted(self.sources, 'source')} {verb} silent {during}: {named}{more}."

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON values; times are ISO 8601, UTC."""
        ends = {"since": self.window.since, "until": self.window.until}
        return {
            "by": self.window.field,
            **{name: moment and moment.isoformat() for name, moment in ends.items()},
            "sources": self.sources,
            "silent": [
                {
                    "source": one.source_id,
                    "outlet": one.name,
                    "state": one.state,
                    "last_success": one.last_success and one.last_success.isoformat(),
                    "error": one.last_error,
                }
                for one in self.silent
            ],
        }


def coverage(records: Records, index: Index, asked: Asked, now: datetime) -> Coverage:
    """Of the window that a query (resolved) is about; articles count by first_seen or, where it goes by that, date."""
    about = window(asked)
    within: Node = Range(about.field, about.since, about.until) if about.since or about.until else Everything()
    heard = {source for source, _ in index.facets(within, ["source"], top=_SOURCES)["source"]}
    ids = records.watched_ids()
    missing = [id for id in ids if id not in heard]
    silent = records.watched(now, missing) if missing else []
    return Coverage(about, len(ids), tuple(sorted(silent, key=lambda one: (_fine(one), one.name.casefold()))))


def _fine(one: Watched) -> bool:
    return one.state not in ("failing", "blocked", "new")


def _shown(one: Watched) -> str:
    words = {"new": "not polled yet", "blocked": "blocks us", "failing": "failing"}.get(one.state, "")
    return f"{one.name} ({words})" if words else one.name
