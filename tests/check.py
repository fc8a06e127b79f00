"""All checks of the project, as `./run test` runs them: style, types, arrows, tests. Arguments go to pytest."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


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
    tests = ["pytest", "-n", workers, "--dist", "loadgroup", *only_tests]
    for command in ([] if only_tests else checks) + [tests]:
        print(f"— {' '.join(command)}", flush=True)
        begin = time.monotonic()
        code = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, check=False).returncode
        print(f"  {time.monotonic() - begin:.0f} s", flush=True)
        if code:
            print(f"{command[0]} failed", file=sys.stderr)
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
