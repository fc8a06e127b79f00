"""How an address answered, in nine words: what is counted for each source and day."""

from __future__ import annotations

from enum import StrEnum

from pipeline.errors import Blocked, NotNews, Quarantine, Refused, Reject, Retry, Throttled
from pipeline.types import Fetched, NotModified, Outcome


class Answered(StrEnum):
    """What a fetch came to. The value is what the records and the API call it."""

    OK = "ok"
    UNCHANGED = "not modified"
    FORBIDDEN = "403"  # or a bot challenge, whatever its status
    THROTTLED = "429"
    CLIENT = "4xx"  # any other
    SERVER = "5xx"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # by us: robots.txt, not a public address, too large, too many redirects
    UNREADABLE = "unreadable"  # it came, and no reader made sense of it

    @property
    def good(self) -> bool:
        """Whether the outlet let us have what we asked for."""
        return self in (Answered.OK, Answered.UNCHANGED)

    @property
    def shut(self) -> bool:
        """Whether the outlet keeps us out, or asks us to come less often."""
        return self in (Answered.FORBIDDEN, Answered.THROTTLED)


def answered(outcome: Outcome) -> Answered | None:
    """None when nothing was asked: the host had asked for a pause before."""
    if isinstance(outcome, Fetched):
        return Answered.OK
    if isinstance(outcome, NotModified):
        return Answered.UNCHANGED
    error, status = outcome.error, outcome.status
    if isinstance(error, Quarantine | NotNews):
        return Answered.UNREADABLE
    if isinstance(error, Blocked) and not status:  # robots.txt
        return Answered.REFUSED
    if status == 403 or (isinstance(error, Blocked) and (status < 400 or status >= 500)):
        return Answered.FORBIDDEN
    if status == 429:
        return Answered.THROTTLED
    if 400 <= status < 500:
        return Answered.CLIENT
    if status >= 500:
        return Answered.SERVER
    if isinstance(error, Refused):
        return Answered.REFUSED
    if isinstance(error, Throttled):
        return None
    if isinstance(error, Reject):
        return Answered.CLIENT
    return Answered.UNREACHABLE if isinstance(error, Retry) else Answered.UNREADABLE
