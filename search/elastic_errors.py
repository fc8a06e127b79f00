"""What an Elasticsearch cluster answers when something is wrong, as errors of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, TransportError
from elasticsearch.exceptions import SerializationError

from pipeline.errors import Away, Corrupt, DiskFull, Trouble, WirewatchError
from search.limits import too_open

REMEDY = "`wirewatch index rebuild` makes it anew from the records"
_FLOOD = ("read-only-allow-delete", "flood-stage")


@contextmanager
def wrapped(where: str) -> Iterator[None]:
    """Foreign exceptions become ours."""
    try:
        yield
    except WirewatchError:
        raise
    except ApiError as error:
        raise ours(where, error.meta.status, cause_of(error)) from error
    except SerializationError as error:  # an answer that is no JSON is not Elasticsearch's
        raise Trouble(f"what answers at {where} is not Elasticsearch: {str(error)[:200]}") from error
    except TransportError as error:
        raise Away(f"Elasticsearch at {where} does not answer ({error.message}): it is tried again") from error


def cause_of(error: ApiError) -> Mapping[str, Any]:
    """{"type": …, "reason": …} of an answer, as far as it is told."""
    told = error.body.get("error") if isinstance(error.body, Mapping) else None
    return told if isinstance(told, Mapping) else {"type": "", "reason": str(told or error.message)}


def is_block(cause: Mapping[str, Any]) -> bool:
    """Whether an index or the cluster refuses writes for now, whichever the document."""
    return cause.get("type") == "cluster_block_exception"


def ours(where: str, status: int, cause: Mapping[str, Any]) -> WirewatchError:
    """The error for a refused request or item."""
    told = f"{cause.get('type', '')}: {cause.get('reason', '')}"[:400]
    if is_block(cause):
        if any(word in told for word in _FLOOD):
            return DiskFull(
                f"Elasticsearch at {where} has no room left and takes no more writes (flood stage): free disk space or "
                "add a node or an older month's room with the retention; it lifts the block by itself and the index "
                "goes on where it was, nothing is lost"
            )
        if "SERVICE_UNAVAILABLE" in told:
            return Away(f"the Elasticsearch cluster at {where} has no master yet: it is tried again ({told})")
        return Trouble(f"somebody has blocked writes to the index at {where}: lift the block ({told})")
    if status in (401, 403):
        return Trouble(f"Elasticsearch at {where} refuses us: check user, password and rights ({told})")
    if status in (408, 429) or status >= 500:
        return Away(f"Elasticsearch at {where} is not able to answer now: it is tried again ({told})")
    if wrong := too_open(str(cause)):
        return wrong
    if status == 404:
        return Away(f"the index at {where} was replaced meanwhile: it is tried again ({told})")
    return Corrupt(f"the index at {where} does not fit this release: {REMEDY} ({told})")
