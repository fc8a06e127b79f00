"""`./run bench NAME`: see each module for what it measures and how."""

from __future__ import annotations

import importlib
import sys

BENCHES = (
    "pipeline",
    "reading",
    "judge",
    "polling",
    "fold",
    "window",
    "provenance",
    "events",
    "tag",
    "records",
    "alerts",
    "index",
    "search",
    "pages",
    "match",
    "queries",
    "production",
    "soak",
)


def main() -> None:
    """Run one bench with the rest of the arguments."""
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHES:
        sys.exit(f"usage: ./run bench {{{'|'.join(BENCHES)}}} [options]")
    name = sys.argv.pop(1)
    importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
