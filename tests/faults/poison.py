"""`wirewatch` in which reading one page (first argument: its address) kills its process, as a C library might."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from wirewatch.__main__ import main
from workers import stages


def poisoned(url: str) -> None:
    """Replace the stage that reads pages."""
    read = stages.page

    def page(fetched: Any, *more: Any) -> Any:
        if url.removeprefix("https://").removeprefix("www.") in fetched.url:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(fetched, *more)

    stages.page = page


if __name__ == "__main__":
    poisoned(sys.argv.pop(1))
    main()
