"""Whether everything works, for whoever runs it: each part looked at, the index beside the records, how far tagging
anew has come. What takes the archive for itself (rebuilding, tagging anew) is for the command line alone."""

from __future__ import annotations

import threading
from typing import Any

from fastapi import APIRouter, Depends

from pipeline.errors import Busy
from pipeline.people import Role
from web.access import needs
from web.api.system_shapes import ComparedTold, DoctorTold, IndexTold, RetagTold
from web.parts import Wired

SHOWN = 20  # ids of each kind
ADMIN = [Depends(needs(Role.ADMIN))]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["system"])
    comparing = threading.Lock()

    @made.get("/doctor", summary="Every part looked at", response_model=DoctorTold, dependencies=ADMIN)
    def doctor(parts: Wired) -> dict[str, Any]:
        found = list(parts.examine())
        checks = [{"part": one.part, "good": one.good, "words": one.words} for one in found]
        return {"sound": all(one.good for one in found), "checks": checks}

    @made.get("/index", summary="How far the search index is", response_model=IndexTold)
    def index(parts: Wired) -> dict[str, Any]:
        position, last = parts.index.position(), parts.records.last_change()
        return {
            "articles": parts.index.count(),
            "position": position,
            "last_change": last,
            "behind": max(0, last - position),
            "outdated": parts.index.outdated,
        }

    @made.post(
        "/index/verify",
        summary="Compare the search index with the records, article by article",
        response_model=ComparedTold,
        dependencies=ADMIN,
    )
    def verify(parts: Wired) -> dict[str, Any]:
        if not comparing.acquire(blocking=False):
            raise Busy("the index is being compared already")
        try:
            found = parts.compare_index()
        finally:
            comparing.release()
        kinds = {"missing": found.missing, "stale": found.stale, "extra": found.extra, "doubled": found.doubled}
        told = {name: {"count": len(ids), "ids": ids[:SHOWN]} for name, ids in kinds.items()}
        return {"same": not found.ids(), "behind": found.behind, **told}

    @made.get("/retag", summary="How far the archive was tagged by today's rules", response_model=RetagTold)
    def retag(parts: Wired) -> dict[str, Any]:
        state = parts.records.retag_state(parts.taggers().digest)
        counts = {"seen": state.seen, "changed": state.changed, "kept": state.kept}
        return {"rules": state.digest, "done": state.done, "articles": parts.records.totals().articles, **counts}

    return made
