"""The demo's outlets for tests: a replay server in a process of its own, and a configuration that points to it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawlers.registry import write_source
from pipeline.paragraphs import paragraph_key
from tests.shared import ROOT
from wirewatch import bootstrap
from wirewatch.config import Settings
from wirewatch.demo import demo_sources

WHOLE = 120.0  # seconds that a run over the frozen demo may take at most on a busy machine


@dataclass(frozen=True, slots=True)
class Served:
    """A replay server's port, and the folder of a configuration whose sources it serves."""

    port: int
    config: Path

    def command(self, data: Path, *arguments: str) -> list[str]:
        """The wirewatch command over an archive of its own."""
        return [sys.executable, "-m", "wirewatch", "--data", str(data), "--config", str(self.config), *arguments]

    def wirewatch(self, data: Path, *arguments: str, code: int = 0) -> str:
        """Run the command to its end; returns what it printed. Fails the test when the exit code is another."""
        done = subprocess.run(
            self.command(data, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=WHOLE, env=quiet()
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout if code == 0 else done.stdout + done.stderr

    def start(self, data: Path, *arguments: str) -> subprocess.Popen[str]:
        """Start the command in a process group of its own."""
        return subprocess.Popen(
            self.command(data, *arguments),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=quiet(),
        )


def quiet() -> dict[str, str]:
    """The environment without a terminal's width or the developer's settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("WIREWATCH_")}
    return kept | {"COLUMNS": "160", "NO_COLOR": "1"}


@contextlib.contextmanager
def serving(folder: Path, *arguments: str, only: Sequence[str] = ()) -> Iterator[Served]:
    """Serve the demo (`arguments` go to the server), with the configuration of its outlets in `folder`."""
    command = [sys.executable, "-m", "replay", "--demo", *arguments, "--until-eof"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert server.stdin is not None and server.stdout is not None
    try:
        port = int(json.loads(server.stdout.readline())["port"])
        folder.mkdir(parents=True, exist_ok=True)
        for source in demo_sources().values():
            if not only or source.id in only:
                write_source(source, folder / "sources")
        config = folder / "wirewatch.toml"
        config.write_text(
            f'connect_to = "127.0.0.1:{port}"\ndelay = 0.01\nworkers = 1\nshipped_sources = false\ntimeout = 10\n',
            encoding="utf8",
        )
        yield Served(port, config)
    finally:
        server.stdin.close()
        server.wait(timeout=20)
        server.stdout.close()


def dump(where: Path | Settings) -> dict[str, Any]:
    """All that an archive holds and that must not depend on how often a run was interrupted."""
    settings = where if isinstance(where, Settings) else Settings(data=where)
    with bootstrap.open_archive(settings, read_only=True) as archive:
        articles, stories, after = {}, {}, ""
        while page := archive.records.articles(after, 500):
            after = page[-1].article.id
            for view in page:
                one = view.article
                articles[one.canonical_url] = (
                    one.title, one.text, one.grade, one.authors, one.published, one.wire,
                    [tag.id for tag in view.tagging.topics],
                )  # fmt: skip
                stories.setdefault(view.story_id, set()).add(one.canonical_url)
        furniture = {one.key for one in archive.records.furniture() if one.dropped}
        problems, pending = archive.records.check(), archive.records.totals().pending
    return {
        "pending": pending,
        "articles": articles,
        "furniture": furniture,
        "stories": sorted(sorted(urls) for urls in stories.values()),
        "problems": problems,
    }


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What differs between two dumps, a line each, short enough to read in a failed test.

    Furniture of either is passed over: which articles were read before it was learned is a matter of order.
    """
    told, furniture = [], one["furniture"] | other["furniture"]
    for url in sorted(set(one["articles"]) | set(other["articles"])):
        left, right = (_plain(dump["articles"].get(url, ()), furniture) for dump in (one, other))
        if left != right:
            fields = [f"{a!r:.90} | {b!r:.90}" for a, b in zip(left, right, strict=False) if a != b]
            told.append(f"{url}: {'; '.join(fields) or ('only in the first' if left else 'only in the second')}")
    stories = [{tuple(story) for story in dump["stories"]} for dump in (one, other)]
    told += [f"only in the first: {story}" for story in sorted(stories[0] - stories[1])]
    told += [f"only in the second: {story}" for story in sorted(stories[1] - stories[0])]
    return told + one["problems"] + other["problems"]


def _plain(article: tuple[Any, ...], furniture: set[int]) -> tuple[Any, ...]:
    """An article of a dump without that furniture."""
    if not article:
        return ()
    title, text, *more = article
    return (title, [one for one in text.split("\n\n") if paragraph_key(one) not in furniture], *more)
