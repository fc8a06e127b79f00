"""All checks of the project, as `./run test` runs them: style, types, arrows, tests. Arguments go to pytest.

The tests run against real services, which are started once for all of them: PostgreSQL, Redis and Elasticsearch. What
is missing of them is installed when this runs as root on Debian or Ubuntu; otherwise it says what to install.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ALONE = ("tests/unit", "tests/sources")  # tests of one process


def main() -> int:
    """Run each check; the first that fails ends it with its exit code. pytest comes last, so its summary does too."""
    only_tests = sys.argv[1:]
    workers = str(os.cpu_count() or 1)
    checks = [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports"],
    ]
    tests = ["pytest", "-n", workers, *only_tests]
    for command in [] if only_tests else checks:
        if code := run(command):
            return code
    with services(only_tests) as environment:
        return run(tests, environment)


def run(command: list[str], environment: Mapping[str, str] | None = None) -> int:
    """One check; its exit code."""
    print(f"— {' '.join(command)}", flush=True)
    begin = time.monotonic()
    more = {**os.environ, **(environment or {})}
    code = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, env=more, check=False).returncode
    print(f"  {time.monotonic() - begin:.0f} s", flush=True)
    if code:
        print(f"{command[0]} failed", file=sys.stderr)
    return code


@contextmanager
def services(chosen: list[str]) -> Iterator[dict[str, str]]:
    """Start what the chosen tests may need, and say where it is in the environment; a service already named there is
    used as it is."""
    found: dict[str, str] = {}
    with ExitStack() as running, tempfile.TemporaryDirectory(prefix="wirewatch-test-") as folder:
        paths = [word for word in chosen if word.startswith("tests")]
        if not paths or any(not path.startswith(ALONE) for path in paths):
            begin = time.monotonic()
            for variable, start in (
                ("TEST_POSTGRES_URL", _postgres),
                ("TEST_REDIS_URL", _redis),
                ("TEST_ELASTICSEARCH_URL", _elasticsearch),
            ):
                if variable not in os.environ and (service := start(Path(folder))) is not None:
                    found[variable] = running.enter_context(service).url
            print(f"— services: {', '.join(found.values())}\n  {time.monotonic() - begin:.0f} s", flush=True)
        yield found


def _postgres(folder: Path) -> AbstractContextManager[Any]:
    from tests.services.postgres import postgres

    return postgres()


def _redis(folder: Path) -> AbstractContextManager[Any]:
    from tests.services.redis import redis

    return redis()


def _elasticsearch(folder: Path) -> AbstractContextManager[Any] | None:
    """The index of production; None as long as there is no such service in the tree."""
    if importlib.util.find_spec("tests.services.elasticsearch") is None:
        return None
    start = getattr(importlib.import_module("tests.services.elasticsearch"), "elasticsearch", None)
    return None if start is None else cast(AbstractContextManager[Any], start(folder))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the services end with us
    sys.exit(main())
