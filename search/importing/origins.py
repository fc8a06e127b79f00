"""A query in whatever language it is written."""

from __future__ import annotations

import json
from enum import StrEnum

from pipeline.errors import BadInput
from search.importing.common import Imported
from search.importing.freshrss import from_freshrss
from search.importing.google import from_google
from search.importing.miniflux import from_miniflux
from search.json_form import from_json
from search.parse import parse


class Origin(StrEnum):
    """The language of a query."""

    WIREWATCH = "wirewatch"
    JSON = "json"  # our JSON form
    GOOGLE = "google"
    FRESHRSS = "freshrss"
    MINIFLUX = "miniflux"  # rules of what is kept
    MINIFLUX_BLOCK = "miniflux-block"  # rules of what is not


def understood(text: str, origin: Origin) -> Imported:
    """The query that the text means. Raise BadQuery, or BadInput for what is no JSON."""
    match origin:
        case Origin.GOOGLE:
            return from_google(text)
        case Origin.FRESHRSS:
            return from_freshrss(text)
        case Origin.MINIFLUX | Origin.MINIFLUX_BLOCK:
            return from_miniflux(text, block=origin is Origin.MINIFLUX_BLOCK)
        case Origin.JSON:
            try:
                form = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise BadInput(f"this is no JSON: {error}") from error
            return Imported(from_json(form))
    return Imported(parse(text))
