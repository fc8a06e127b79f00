"""One round over what the replay server at PORT serves, on the cores this process was given. Prints JSON.

A process of its own, so that memory is this round's alone, and the processes that read pages, born of a fork server,
run on the cores of this round. They import this module too: so it imports nothing by itself.
"""

from __future__ import annotations

import dataclasses
import json
import sys


def main() -> None:
    """Run `once` over everything; print usage, articles, entries, errors and seconds by stage."""
    from bench.house import house
    from bench.pipeline import served
    from bench.tree import measured

    port, workers = int(sys.argv[1]), int(sys.argv[2])
    with house(port, served(port), workers) as place, measured() as usage:
        progress = place.run()
        articles = place.archive.records.totals().articles
    told = {
        "usage": dataclasses.asdict(usage),
        "articles": articles,
        "entries": progress.counts["entries"],
        "errors": dict(progress.errors),
        "spent": dict(progress.spent),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
