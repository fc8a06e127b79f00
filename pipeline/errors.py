"""Every error of the project, in one tree.

    WirewatchError
    ├── Retry                 comes right by itself: try again, after `retry_after` seconds if it is known
    │   ├── Unreachable       no address, refused, reset, timed out, cut short
    │   ├── Throttled         429, or 503 with Retry-After: the host asks for a pause
    │   ├── ServerFault       any other 5xx
    │   ├── Busy              the records are locked by another process
    │   └── Away              a service of ours (database, queue, index) does not answer
    ├── Quarantine            needs a person or a new release: kept, listed, replayable
    │   ├── Unreadable        a feed, sitemap or page that no reader makes sense of
    │   └── StageFailed       a stage raised, ran out of time or took its process down
    ├── Reject                final for this address: counted, with the reason
    │   ├── Blocked           401, 402, 403, 451, robots.txt or a bot challenge: a headline may still be kept
    │   ├── Gone              404, 410
    │   ├── NotNews           the wrong content type, or a page without an article on it
    │   └── Refused           we will not fetch it: private address, too large, too many redirects, a bomb
    ├── BadInput              what a person typed or wrote: says where, and what would be right
    │   ├── BadQuery          a search query; `column` counts from 1
    │   ├── BadSource         a source file; names file, line and key
    │   └── BadSetting        wirewatch.toml or an environment variable
    └── Trouble               the house itself: disk full, database corrupt; says how to recover
        ├── DiskFull
        ├── Corrupt
        └── AlreadyRunning

Foreign exceptions are wrapped where they enter. Only `workers/outcomes.py` decides what is tried again.
"""

from __future__ import annotations


class WirewatchError(Exception):
    """Base of the tree. `str(error)` is one sentence for a person; source and url say what it befell."""

    def __init__(self, message: str, *, source_id: str = "", url: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.source_id = source_id
        self.url = url

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process borders: rebuild from the message, then restore every attribute."""
        return (_rebuild, (type(self), self.message, dict(self.__dict__)))


def _rebuild(kind: type[WirewatchError], message: str, state: dict[str, object]) -> WirewatchError:
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    return error


class Retry(WirewatchError):
    """Try again later; `retry_after` (seconds) when the other side said when."""

    def __init__(self, message: str, *, source_id: str = "", url: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, source_id=source_id, url=url)
        self.retry_after = retry_after


class Unreachable(Retry):
    """No address, refused, reset, timed out or cut short."""


class Throttled(Retry):
    """429, or 503 with Retry-After."""


class ServerFault(Retry):
    """Any other 5xx."""


class Busy(Retry):
    """The records are locked by another process."""


class Away(Retry):
    """A service of ours (PostgreSQL, Redis, Elasticsearch) does not answer, or not yet."""


class Quarantine(WirewatchError):
    """Kept and listed until a person replays it."""


class Unreadable(Quarantine):
    """No reader makes sense of it."""


class StageFailed(Quarantine):
    """A stage raised, ran out of time, or took its process down."""


class Reject(WirewatchError):
    """Final for this address; counted with its reason."""


class Blocked(Reject):
    """The outlet does not let us in: blocked means blocked."""


class Gone(Reject):
    """404 or 410."""


class NotNews(Reject):
    """The wrong content type, or no article on the page."""


class Refused(Reject):
    """We will not fetch it."""


class BadInput(WirewatchError):
    """Something a person wrote; the message says what would be right."""


class BadQuery(BadInput):
    """A search query that does not parse. `column` counts characters from 1."""

    def __init__(self, message: str, *, column: int) -> None:
        super().__init__(message)
        self.column = column


class BadSource(BadInput):
    """A source file: the message names file, line and key."""


class BadSetting(BadInput):
    """wirewatch.toml or an environment variable: the message names the key."""


class Trouble(WirewatchError):
    """The house itself is in trouble; the message says how to recover."""


class DiskFull(Trouble):
    """No room left where the archive is."""


class Corrupt(Trouble):
    """The records or the index cannot be read."""


class AlreadyRunning(Trouble):
    """Another process collects into this archive."""
