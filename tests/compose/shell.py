"""Runs commands for the compose test, tells what takes how long, and remembers it for docs/compose.md."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wirewatch-compose"
"""What is slow to make and good for the next run: base images, jars, Compose v2. Outside the tree."""


class Failed(Exception):
    """A step did not do what it should; the words say which and how."""


class Report:
    """The steps of a run with their seconds, what was found, and memory by container."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, float]] = []
        self.facts: list[str] = []
        self.memory: dict[str, str] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Say what begins and how long it took; a failure names the step."""
        print(f"— {name}", flush=True)
        begin = time.monotonic()
        try:
            yield
        except Failed as error:
            raise Failed(f"{name}: {error}") from None
        self.steps.append((name, time.monotonic() - begin))
        print(f"  {self.steps[-1][1]:.1f} s", flush=True)

    def fact(self, words: str) -> None:
        """Keep and print something that was seen."""
        self.facts.append(words)
        print(f"  {words}", flush=True)


def sh(
    *command: object,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    given: str | None = None,
    check: bool = True,
    limit: float = 900,
) -> str:
    """Run a command and give its standard output. Raise Failed with what it printed when it fails or takes too long."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            input=given,
            text=True,
            capture_output=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"`{' '.join(words)[:200]}` took longer than {limit:.0f} s") from None
    if check and done.returncode:
        raise Failed(f"`{' '.join(words)[:300]}` ended with {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def wait(what: str, seen: Callable[[], object], limit: float, every: float = 1.0) -> object:
    """Ask until the answer is true and give it. Raise Failed after `limit` seconds, with the last trouble."""
    end, trouble = time.monotonic() + limit, ""
    while time.monotonic() < end:
        try:
            if answer := seen():
                return answer
        except Failed as error:
            trouble = f"; {error}"
        time.sleep(every)
    raise Failed(f"{what}: not within {limit:.0f} s{trouble[-1500:]}")


def needs_root() -> None:
    """End with a sentence where the script cannot work."""
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        sys.exit("tests/compose/run needs to be root on Debian: it starts a Docker daemon of its own")
