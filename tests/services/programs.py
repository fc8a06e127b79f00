"""Finds the programs that tests start, and installs them where that is ours to do: as root, with Debian's apt-get."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

PACKAGES = {
    "postgres": "postgresql",
    "initdb": "postgresql",
    "redis-server": "redis-server",
    "node": "nodejs",
    "npm": "npm",
    "chromium": "chromium fonts-dejavu-core",
}
_POSTGRES = Path("/usr/lib/postgresql")  # Debian keeps each release apart, off the PATH
_NO_START = Path("/usr/sbin/policy-rc.d")
_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")
APT = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Options::=--force-confold")


class Missing(SystemExit):
    """A program that is not there and that we may not install; the message says what to do."""


def find(program: str) -> Path | None:
    """Where a program is: Debian's newest PostgreSQL, or the PATH."""
    newest = sorted(_POSTGRES.glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]), reverse=True)
    on_path = shutil.which(program)
    return newest[0] if newest else Path(on_path) if on_path else None


def need(*programs: str) -> list[Path]:
    """Where these are; what is missing is installed if we are root on a Debian. Raise Missing."""
    with FileLock(Path(tempfile.gettempdir()) / f"wirewatch-programs-{os.geteuid()}.lock", timeout=900):
        missing = [program for program in programs if find(program) is None]
        if missing:
            _install(missing)
    return [path for program in programs if (path := find(program))]


def _install(programs: list[str]) -> None:
    packages = sorted({package for program in programs for package in PACKAGES[program].split()})
    command = f"apt-get install --no-install-recommends {' '.join(packages)}"
    words = f"the tests need {', '.join(programs)}: on Debian or Ubuntu, as root: {command}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Missing(words)
    print(f"— {command}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _left_alone():
        for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run([*APT, *step], env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Missing(f"{words}\napt-get {step[0]} said: {done.stderr[-2000:]}")
    left = [program for program in programs if find(program) is None]
    if left:
        raise Missing(f"{', '.join(left)} not found after {command}")


@contextlib.contextmanager
def _left_alone() -> Iterator[None]:
    """What is installed neither starts nor makes a cluster; the machine's own settings of that stay as they were."""
    made: list[Path] = []
    for path, text, mode in (
        (_NO_START, "#!/bin/sh\nexit 101\n", 0o755),
        (_NO_CLUSTER, "create_main_cluster = false\n", 0o644),
    ):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(mode)
            made.append(path)
    try:
        yield
    finally:
        for path in made:
            path.unlink(missing_ok=True)
