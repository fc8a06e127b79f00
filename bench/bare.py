"""Bare trafilatura over every page that the replay server lists in its feeds, fetching not counted. Prints JSON."""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import trafilatura
from trafilatura.meta import reset_caches

from bench.pipeline import served
from crawlers.readers import read_listing
from pipeline.types import Fetched, FetchTask, Kind

METADATA_SAMPLE = 500  # pages read a second time with metadata, to print what that costs


def get(connection: http.client.HTTPConnection, url: str) -> http.client.HTTPResponse:
    """Ask the server for `url` under its own host name."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", path, headers={"Host": parts.netloc})
    return connection.getresponse()


def pages(port: int) -> Iterator[bytes]:
    """The bodies of all pages listed, once each, redirects followed."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    seen: set[str] = set()
    for source in served(port).values():
        for kind, addresses in ((Kind.FEED, source.feeds), (Kind.SITEMAP, source.sitemaps)):
            for address in addresses:
                body = get(connection, address).read()
                fetched = Fetched(FetchTask(address, source.id, kind), address, 200, {}, body, datetime.now(UTC))
                for entry in read_listing(fetched, source).entries:
                    if entry.canonical_url not in seen:
                        seen.add(entry.canonical_url)
                        answer = get(connection, entry.url)
                        page = answer.read()
                        if answer.status == 200:
                            yield page


def main() -> None:
    """Time `extract(html)` per page; CPU seconds, which on an otherwise idle core are wall seconds."""
    os.sched_setaffinity(0, [0])
    count, seconds, sample, with_metadata = 0, 0.0, 0, 0.0
    for body in pages(int(sys.argv[1])):
        begin = time.process_time()
        trafilatura.extract(body)
        seconds += time.process_time() - begin
        count += 1
        if sample < METADATA_SAMPLE:
            begin = time.process_time()
            trafilatura.bare_extraction(body, with_metadata=True)
            with_metadata += time.process_time() - begin
            sample += 1
        if count % 200 == 0:
            reset_caches()
    each = {"each": 1000 * seconds / count, "with_metadata": 1000 * with_metadata / sample}
    print(json.dumps({"pages": count, "seconds": seconds, **each}))


if __name__ == "__main__":
    main()
