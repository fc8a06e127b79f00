"""Node.js, and what a package-lock.json of the tests names."""

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
OPENID = ROOT / "tests" / "oidc"
OLDEST = 18  # Node.js of Debian 12


@cache
def node() -> Path:
    """Where node is. Raise Missing."""
    program, _ = need("node", "npm")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if int(told.strip().removeprefix("v").split(".")[0]) < OLDEST:
        raise Missing(f"the tests need Node.js {OLDEST} or newer, and {program} is {told.strip()}")
    return program


@cache
def packages(folder: Path) -> Path:
    """The folder's node_modules; they are put in place when its lock file changed. Raise Missing."""
    node()
    lock = (folder / "package-lock.json").read_bytes()
    wanted, done = hashlib.sha256(lock).hexdigest(), folder / "node_modules" / ".wirewatch"
    with FileLock(Path(tempfile.gettempdir()) / f"wirewatch-npm-{os.geteuid()}.lock", timeout=600):
        if not (done.exists() and done.read_text(encoding="utf8") == wanted):
            _install(folder)
            done.write_text(wanted, encoding="utf8")
    return done.parent


def _install(folder: Path) -> None:
    [npm] = need("npm")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"`npm ci` in {folder.relative_to(ROOT)} failed: {done.stderr[-2000:]}")
