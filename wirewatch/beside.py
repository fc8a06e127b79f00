"""The pages and the API served beside a run, by the same process: in a thread, over an archive opened of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from pipeline.errors import BadSetting
from wirewatch import web_parts
from wirewatch.config import Settings

log = logging.getLogger("wirewatch")


@contextmanager
def pages_beside(settings: Settings, *, any_port: bool = False) -> Iterator[str]:
    """Serve them while the context is open; gives their address. Raise BadSetting when they cannot be.

    `any_port` = where the port is taken, any free one does.
    """
    settings = settings.model_copy(update={"web_processes": 1})
    serving = _Serving(settings)
    try:
        address = serving.begin()
    except BadSetting:
        if not (any_port and settings.web_port):
            raise
        serving = _Serving(settings.model_copy(update={"web_port": 0}))
        address = serving.begin()
    try:
        yield address
    finally:
        serving.end()


class _Serving:
    """The thread, from its start to its end."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._stop, self._began = settings, Event(), Event()
        self._address = ""
        self._failed: BaseException | None = None
        self._thread = Thread(target=self._serve, name="web", daemon=True)

    def begin(self) -> str:
        """Its address, once it answers. Raise what kept it from that."""
        self._thread.start()
        self._began.wait()
        if self._failed:
            self._thread.join()
            raise self._failed
        return self._address

    def end(self) -> None:
        """Wait until it has answered what is under way."""
        self._stop.set()
        self._thread.join()

    def _serve(self) -> None:
        def began(address: str) -> None:
            self._address = address
            self._began.set()

        try:
            web_parts.serve_web(self._settings, self._stop, began=began)
        except BaseException as error:
            self._failed = error
            if self._began.is_set():
                log.exception("the pages are no longer served")
        finally:
            self._began.set()
