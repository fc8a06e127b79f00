"""The pages' own scripts, styles and pictures: shipped in the package, kept by browsers for a year.

Their addresses hold a part of their hash, so that a new release is asked for anew.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import brotli
from fastapi import APIRouter, Header, Response
from starlette.exceptions import HTTPException

FOLDER = Path(__file__).parent / "static"
_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "cross-origin-resource-policy": "same-origin",
    "vary": "accept-encoding",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is, and smaller."""

    media_type: str
    hash: str
    plain: bytes
    gzip: bytes
    brotli: bytes


@cache
def assets() -> dict[str, Asset]:
    """All of them, by their path below `static`."""
    found = {}
    for path in sorted(one for one in FOLDER.rglob("*") if one.is_file()):
        body = path.read_bytes()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        kind = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
        hash = hashlib.blake2b(body, digest_size=6).hexdigest()
        name = path.relative_to(FOLDER).as_posix()
        found[name] = Asset(kind, hash, body, gzip.compress(body, 9, mtime=0), brotli.compress(body))
    return found


def address(name: str) -> str:
    """Where a page finds it. Raise KeyError for what is not there."""
    return f"/static/{name}?v={assets()[name].hash}"


def router() -> APIRouter:
    """The route."""
    made = APIRouter(include_in_schema=False)

    @made.get("/static/{name:path}")
    async def asset(name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
        if (one := assets().get(name)) is None:
            raise HTTPException(404, f"there is no {name}")
        for coding, body in (("br", one.brotli), ("gzip", one.gzip)):
            if coding in accept_encoding and len(body) < len(one.plain):
                return Response(body, headers=_HEADERS | {"content-encoding": coding}, media_type=one.media_type)
        return Response(one.plain, headers=_HEADERS, media_type=one.media_type)

    return made
