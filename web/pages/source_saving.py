"""Saving a source for a person: into its file or, where none can be written, as the file to be put there."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from pipeline.people import Person
from pipeline.types import Source
from web.parts import Parts
from web.render import go_to, page
from web.sourcing import as_files


def save(parts: Parts, request: Request, asking: Person, source: Source, *, over: bool) -> Response:
    """Save it and show it; `over`: it may take the place of one of its id. Raise BadInput, a line for each fault."""
    if parts.sourcing.cannot_write():
        parts.sourcing.check(source, over=True)
        return files(parts, request, asking, [source])
    parts.save_source(asking, source, over=over)
    return go_to(f"/sources/{source.id}", saved="yes")


def files(parts: Parts, request: Request, asking: Person, sources: list[Source]) -> HTMLResponse:
    """The files of these, with why they are not written."""
    told: dict[str, Any] = {
        "files": as_files(sources),
        "why": parts.sourcing.cannot_write(),
        "folder": parts.sourcing.folder,
    }
    return page(request, "source_files.html", asking, **told)
