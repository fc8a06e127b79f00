"""`./run bench pages`: how long pages take over a large archive with eight clients, and what each weighs.

    python -m bench.pages [--folder DIR] [--articles N] [--seconds S] [--processes N] [--clients N] [--pause S]

The archive (`bench.archive`: 400,000 articles of 300,000 stories, records and index) is kept in `--folder`. The pages
are served as `wirewatch web` serves them, by `--processes` processes over real HTTP on loopback. The clients are
processes of their own with a kept connection each; each asks for one page after another, all of the kind that is
measured, each with other words, until its seconds are over. Time is from the request to the last byte of the answer,
compressed as browsers ask for it. Clients ask for the next page at once, or after they have looked at one for `--pause`
seconds. The weight of a page is all that a first visit transfers: the page, and every file of ours that it names, as
compressed as they are sent. With more clients than cores the times tell how the machine is shared: `CPU` is the
processor time of the serving processes for each page.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import multiprocessing
import random
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

import psutil

from bench.archive import NOW, SUBSCRIPTIONS, make, names, outlets
from bench.search import kinds
from crawlers.registry import to_toml
from records import open_records
from search.ast import Everything
from search.tantivy_index import open_index
from web.app import make_app
from web.processes import serve_many
from web.serving import Application, listen
from wirewatch import web_parts
from wirewatch.bootstrap import INDEX, RECORDS
from wirewatch.config import Settings, load

CLIENTS = 8
GOAL_MS, GOAL_BYTES = 150.0, 150_000
AS_BROWSERS = {"accept": "text/html", "accept-encoding": "gzip, br"}
Address = str
Ask = Callable[[Sequence[Address], float], list[tuple[int, float]]]


def _now() -> datetime:
    return NOW


@contextmanager
def opened(settings: Settings, public: str) -> Iterator[Application]:
    """The application in one process; its clock stands where the archive ends."""
    with web_parts.web_parts(settings, public) as parts:
        yield make_app(replace(parts, clock=_now, api_rate=0))


def settings_of(folder: Path) -> Settings:
    """As an archive of its own, with a file for each source."""
    config = folder / "wirewatch.toml"
    config.write_text("shipped_sources = false\n", encoding="utf8")
    (folder / "sources").mkdir(exist_ok=True)
    for one in outlets():
        (folder / "sources" / f"{one.id}.toml").write_text(to_toml(one), encoding="utf8")
    return load(config, data=folder)


@contextmanager
def served(folder: Path, processes: int) -> Iterator[int]:
    """The port that it is served at."""
    stop, began = threading.Event(), threading.Event()
    with closing(listen("127.0.0.1", 0)) as where:
        port: int = where.getsockname()[1]
        made = partial(opened, settings_of(folder), f"http://127.0.0.1:{port}")
        arguments = (made, where, processes, stop, lambda: None, began.set)
        thread = threading.Thread(target=serve_many, args=arguments)
        thread.start()
        try:
            if not began.wait(120):
                raise TimeoutError("the pages are not served")
            yield port
        finally:
            stop.set()
            thread.join()


def addresses(folder: Path) -> dict[str, list[Address]]:
    """What is asked for, by kind of page."""
    draw = random.Random(3)
    asked = [query for some in kinds(100).values() for query in some]
    draw.shuffle(asked)
    with closing(open_index(folder / INDEX, read_only=True)) as index, closing(open_records(folder / RECORDS)) as kept:
        large = [story for story, _ in index.largest(Everything(), 200)]
        saved = [one.id for one in kept.subscriptions()]
    some = names()[:SUBSCRIPTIONS]
    return {
        "search": [f"/?{urlencode({'q': query})}" for query in asked],
        "search, newest": ["/", *(f"/?{urlencode({'q': f'entity:{chr(34)}{name}{chr(34)}'})}" for name in some)],
        "API, all facets": [f"/api/v1/search?{urlencode({'q': query} | FACETS, doseq=True)}" for query in asked],
        "story": [f"/stories/{story}" for story in large],
        "subscriptions": ["/subscriptions"],
        "subscription": [f"/subscriptions/{one}" for one in saved],
        "sources": ["/sources"],
        "source": [f"/sources/outlet-{n}" for n in range(0, 200, 7)],
        "now": [f"/now?window={window}" for window in ("6h", "24h", "7d")],
        "operations": ["/operations"],
    }


FACETS = {
    "facets": ["outlet", "country", "lang", "wire", "topic", "entity", "author", "source"],
    "histogram": "day",
}


# --- clients --------------------------------------------------------------------------------
def client(pipe: Connection, port: int, number: int) -> None:
    """One of them: asks for what it is told, for so many seconds, and tells how long each took."""
    while told := pipe.recv():
        paths, seconds, pause = told
        at = number * len(paths) // CLIENTS
        pipe.send(list(_asked(port, [*paths[at:], *paths[:at]], seconds, pause)))


def _asked(port: int, paths: Sequence[Address], seconds: float, pause: float = 0.0) -> Iterator[tuple[int, float]]:
    """(status, milliseconds) of one page after another."""
    until = time.perf_counter() + seconds
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        for n in range(1_000_000):
            begin = time.perf_counter()
            if begin > until:
                return
            connection.request("GET", paths[n % len(paths)], headers=AS_BROWSERS)
            answer = connection.getresponse()
            answer.read()
            yield answer.status, 1000 * (time.perf_counter() - begin)
            time.sleep(pause * random.uniform(0.5, 1.5))  # so that they do not fall into step


@contextmanager
def clients_of(port: int, count: int, pause: float) -> Iterator[Ask]:
    """So many clients. What is given makes all of them ask for these pages."""
    spawn = multiprocessing.get_context("spawn")
    pipes = [spawn.Pipe() for _ in range(count)]
    processes = [
        spawn.Process(target=client, args=(its, port, number), daemon=True) for number, (_, its) in enumerate(pipes)
    ]
    for process in processes:
        process.start()

    def ask(paths: Sequence[Address], seconds: float) -> list[tuple[int, float]]:
        for pipe, _ in pipes:
            pipe.send((paths, seconds, pause))
        return [one for pipe, _ in pipes for one in pipe.recv()]

    yield ask
    for pipe, _ in pipes:
        pipe.send(None)
    for process in processes:
        process.join()


# --- what is told ---------------------------------------------------------------------------
def weight(port: int, path: Address) -> tuple[int, int]:
    """(bytes of a first visit, files) of a page: it, and what of ours it names, once each."""
    page, seen = _got(port, path), set()
    total = page[0]
    wanted = re.findall(rb'(?:href|src)="(/static/[^"]+)"', page[1])
    while wanted:
        one = wanted.pop().decode()
        if one not in seen:
            seen.add(one)
            size, body = _got(port, one)
            total += size
            imported = re.findall(rb'(?:from|import)\s*"(?:\.?/)?([\w./?=&-]+\.js[^"]*)"', body)
            wanted += [b"/static/" + name.removeprefix(b"static/") for name in imported]
    return total, 1 + len(seen)


def _got(port: int, path: Address) -> tuple[int, bytes]:
    """(bytes transferred, the body as it was before it was compressed by gzip)."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        connection.request("GET", path, headers={"accept": "*/*", "accept-encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        plain = gzip.decompress(body) if answer.getheader("content-encoding") == "gzip" else body
        return len(body) + sum(len(k) + len(v) + 4 for k, v in answer.getheaders()), plain


def measure(folder: Path, processes: int, count: int, seconds: float, only: str, pause: float = 0.0) -> None:
    """A line for each kind of page."""
    asked = {kind: paths for kind, paths in addresses(folder).items() if only in kind}
    with served(folder, processes) as port:
        serving = psutil.Process().children()
        with clients_of(port, count, pause) as ask:
            print(f"{processes} processes, {count} clients, {pause:g} s between pages")
            print(f"ms: p50 / p95 / p99; goal: p95 {GOAL_MS:.0f} ms")
            for kind, paths in asked.items():
                status, _ = next(_asked(port, paths, 60))
                if status != 200:
                    print(f"  {kind:16} is not there ({status})")
                    continue
                ask(paths, 1.0)  # warms up
                before = _cpu(serving)
                taken = ask(paths, seconds)
                spent = 1000 * (_cpu(serving) - before) / len(taken)
                bad = sum(status >= 400 for status, _ in taken)
                told = " / ".join(f"{one:6.1f}" for one in percentiles([ms for _, ms in taken]))
                rate = len(taken) / seconds
                print(f"  {kind:16} {told}   {rate:6.1f} a second, CPU {spent:5.1f} ms, {bad} failed", flush=True)
        memory = [one.memory_info().rss // 2**20 for one in serving]
        print(f"memory of the serving processes: {', '.join(map(str, memory))} MB")
        for kind, paths in asked.items():
            if not paths[0].startswith("/api"):
                total, files = weight(port, paths[0])
                print(
                    f"  {kind:16} {total / 1000:6.1f} KB in {files} files{'' if total < GOAL_BYTES else ': TOO HEAVY'}"
                )


def _cpu(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in processes if one.is_running())


def percentiles(taken: Sequence[float]) -> list[float]:
    """p50, p95, p99."""
    ordered = sorted(taken)
    return [ordered[min(len(ordered) - 1, int(part * len(ordered)))] for part in (0.5, 0.95, 0.99)]


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--articles", type=int, default=400_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds that a client looks at a page")
    parser.add_argument("--only", default="", help="kinds of page whose name holds this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as temporary:
        folder = options.folder or Path(temporary)
        make(folder, options.articles)
        measure(folder, options.processes, options.clients, options.seconds, options.only, options.pause)


if __name__ == "__main__":
    main()
