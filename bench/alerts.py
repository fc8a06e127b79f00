"""`./run bench alerts`: seconds from a page fetched to its webhook delivered, embedded and in production.

The outlets are polite ones: one page a second each, so `--rate` of them give the steady rate (12 a second are a million
stories a day, see docs/scale.md). One subscription tells of every copy, over one webhook that takes everything in
order; `--subscriptions` others are matched as well and seldom match. Page, archive, sender and receiver share the clock
of this machine; a page counts as fetched when its last byte is there.
"""

from __future__ import annotations

import argparse
import contextlib
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.house import told
from bench.pipeline import served
from bench.production import house, running
from crawlers.registry import write_source
from pipeline.outputs import ready
from pipeline.types import Grade
from pipeline.watch import Mode, Output, OutputKind, Subscription
from records.base import Records
from tests.integration.outlets import quiet
from tests.integration.stack import made_outlets
from tests.services.receiver import Receiver, receiver
from tests.shared import ROOT
from wirewatch import bootstrap
from wirewatch.config import Settings

CONFIG = """
connect_to = "127.0.0.1:{port}"
delay = 1.0
shipped_sources = false
allow_private = true
workers = 1
"""
START = 120.0  # seconds that may pass before the first alert comes


def main() -> None:
    """Parse options, run, print."""
    parser = argparse.ArgumentParser(prog="bench alerts", description=__doc__)
    parser.add_argument("--rate", type=int, default=12, help="pages a second, about")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--subscriptions", type=int, default=1000, help="that are matched and seldom match")
    parser.add_argument("--only", choices=["embedded", "production"])
    options = parser.parse_args()
    pages = int(options.rate * (options.seconds + START))
    with made_outlets(pages, options.rate) as port:
        if options.only != "production":
            embedded(port, options.seconds, options.subscriptions)
        if options.only != "embedded":
            production(port, options.seconds, options.subscriptions)


def embedded(port: int, seconds: float, subscriptions: int) -> None:
    """`wirewatch run`, as a person starts it."""
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as name, receiver() as hook:
        folder = Path(name)
        for source in served(port).values():
            polled = replace(source, poll_min=timedelta(minutes=1), poll_max=timedelta(minutes=2))
            write_source(polled, folder / "sources")
        config = folder / "wirewatch.toml"
        config.write_text(CONFIG.format(port=port), encoding="utf8")
        settings = Settings(data=folder / "data")
        with bootstrap.open_archive(settings) as archive:
            subscribe(archive.records, hook, subscriptions)
        command = [sys.executable, "-m", "wirewatch", "--data", str(settings.data), "--config", str(config), "run"]
        run = subprocess.Popen([*command, "--quiet"], cwd=ROOT, env=quiet())
        try:
            wait(hook, seconds, lambda: run.poll() is not None)
        finally:
            run.send_signal(signal.SIGTERM)
            run.wait(60)
        with closing(bootstrap.open_the_records(settings, read_only=True)) as records:
            report("embedded", hook, records, seconds, goal=2.0)


def production(port: int, seconds: float, subscriptions: int) -> None:
    """All services and stores on this machine."""
    with house() as there, running(there, port, 2, 2000) as one, receiver() as hook:
        one.more |= {"WIREWATCH_DELAY": "1.0", "WIREWATCH_PER_HOST": "2", "WIREWATCH_ALLOW_PRIVATE": "true"}
        with contextlib.closing(bootstrap.open_the_records(one.settings)) as records:
            subscribe(records, hook, subscriptions)
            services = one.start()
            wait(hook, seconds, lambda: any(service.popen.poll() is not None for service in services))
            report("production", hook, records, seconds, goal=5.0)


def subscribe(records: Records, hook: Receiver, others: int) -> None:
    """One of everything, with a webhook; the rest look for words that are seldom there."""
    now = datetime.now(UTC)
    of = records.subscribe(Subscription("all", "*", Mode.EVERY), now)
    records.put_output(ready(Output(of.id, OutputKind.WEBHOOK, hook.url), secrets.token_bytes), now)
    for number in range(others):
        records.subscribe(Subscription(f"n{number}", f'(harbour{number} OR "orchard {number}") -toy'), now)


def wait(hook: Receiver, seconds: float, ended: Callable[[], bool]) -> None:
    """Until alerts have come for so long."""
    end = time.monotonic() + START
    while not hook.posts:
        if ended() or time.monotonic() > end:
            raise SystemExit("no alert came")
        time.sleep(0.1)
    time.sleep(seconds)


def report(name: str, hook: Receiver, records: Records, seconds: float, goal: float) -> None:
    """Print how long alerts took that came after the first tenth of the time, when everything was warm."""
    posts = list(hook.posts)
    warm = posts[0].when + seconds / 10
    offset = time.time() - time.monotonic()
    waits, unknown = [], 0
    for post in posts:
        view = records.article(post.json()["data"]["article"]["id"]) if post.when >= warm else None
        if view is None or view.article.fetched is None or view.article.grade is Grade.HEADLINE:
            unknown += post.when >= warm
            continue
        waits.append(post.when + offset - view.article.fetched.timestamp())
    waits.sort()
    span, again = posts[-1].when - posts[0].when, len(posts) - len({post.id for post in posts})
    print(f"\n{name}: {len(posts)} webhooks in {span:.0f} s, {again} twice")
    told(
        [
            ("fetched to delivered, p50", f"{share(waits, 0.5):.2f} s (goal {goal:g})"),
            ("p95", f"{share(waits, 0.95):.2f} s"),
            ("p99", f"{share(waits, 0.99):.2f} s"),
            ("longest", f"{waits[-1]:.2f} s"),
            ("measured", f"{len(waits)}, and {unknown} without a page"),
        ]
    )


def share(ordered: Sequence[float], part: float) -> float:
    """The value below which that part lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


if __name__ == "__main__":
    main()
