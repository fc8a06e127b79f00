"""lemon24/reader over the same feeds: it asks through the replay server as its HTTP proxy, and stores in SQLite."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from bench.pipeline import served
from bench.polling import REST, ROUNDS, advance
from bench.tree import measured


def main() -> None:
    """Three rounds; prints one JSON line each."""
    port = int(sys.argv[1])
    sources = served(port)
    os.environ["http_proxy"] = f"http://127.0.0.1:{port}"
    from reader import make_reader

    with tempfile.TemporaryDirectory() as folder:
        reader = make_reader(str(Path(folder) / "reader.db"))
        for source in sources.values():
            for feed in source.feeds:
                reader.add_feed(feed.replace("https://", "http://"))
        for _, share in ROUNDS:
            os.environ.pop("http_proxy")
            advance(port, share)
            os.environ["http_proxy"] = f"http://127.0.0.1:{port}"
            time.sleep(REST)
            with measured() as usage:
                for _result in reader.update_feeds_iter(workers=8, scheduled=False):
                    pass
            print(json.dumps({"wall": usage.wall, "cpu": usage.cpu}), flush=True)
        print(json.dumps({"entries": reader.get_entry_counts().total}), file=sys.stderr)


if __name__ == "__main__":
    main()
