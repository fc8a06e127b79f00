"""What an article's page told beside the columns, as one JSON object: read with the article, never searched.

Only what there is is kept, so that `{}` is an article of which nothing more is known, as in archives made before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.types import Article, Known
from records.columns import all_storable

PARTS = (
    "contributors", "dateline_agency", "notices", "paywalled", "published_offset", "modified_offset", "known",
)  # fmt: skip


def pack(article: Article) -> dict[str, Any]:
    """The object, in JSON's own types: it compares equal to what comes back from the database."""
    told = {
        "contributors": {role: list(names) for role, names in article.contributors.items()},
        "dateline_agency": article.dateline_agency,
        "notices": list(article.notices),
        "paywalled": article.paywalled,
        "published_offset": article.published_offset,
        "modified_offset": article.modified_offset,
        "known": {name: [one.how, one.confidence] for name, one in article.known.items()},
    }
    kept: dict[str, Any] = all_storable(
        {name: value for name, value in told.items() if value not in (None, "", [], {})}
    )
    return kept


def unpack(told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an Article that are in the object."""
    fields = {name: told[name] for name in PARTS if name in told}
    if "contributors" in fields:
        fields["contributors"] = {role: tuple(names) for role, names in fields["contributors"].items()}
    if "notices" in fields:
        fields["notices"] = tuple(fields["notices"])
    if "known" in fields:
        fields["known"] = {name: Known(how, confidence) for name, (how, confidence) in fields["known"].items()}
    return fields
