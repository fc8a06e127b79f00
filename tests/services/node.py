"""Node.js with what tests/readers/package-lock.json names, for the reader from npm."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from filelock import FileLock

from tests.services.programs import Missing, need
from tests.shared import ROOT

READERS = ROOT / "tests" / "readers"
OLDEST = 18  # Node.js of Debian 12


@cache
def node() -> Path:
    """Where node is; the packages are put in place when the lock file changed. Raise Missing."""
    program, npm = need("node", "npm")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if int(told.strip().removeprefix("v").split(".")[0]) < OLDEST:
        raise Missing(f"the tests need Node.js {OLDEST} or newer, and {program} is {told.strip()}")
    lock = (READERS / "package-lock.json").read_bytes()
    wanted, done = hashlib.sha256(lock).hexdigest(), READERS / "node_modules" / ".wirewatch"
    with FileLock(Path(tempfile.gettempdir()) / f"wirewatch-npm-{os.geteuid()}.lock", timeout=600):
        if not (done.exists() and done.read_text(encoding="utf8") == wanted):
            _install(npm)
            done.write_text(wanted, encoding="utf8")
    return program


def _install(npm: Path) -> None:
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=READERS, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"`npm ci` in tests/readers failed: {done.stderr[-2000:]}")
