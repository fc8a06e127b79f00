"""Makes docs/terminal.svg: a real terminal (tmux must be installed) runs the demo and a search, and is drawn.

.venv/bin/python docs/capture.py
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
WIDE, HIGH = 118, 34
RUN_SECONDS = 50  # the reference story's copies are out by then


def tmux(*arguments: str) -> str:
    """Run tmux on a server of our own; returns what it printed."""
    command = ["tmux", "-L", "wirewatch-capture", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Run, capture, draw."""
    if shutil.which("tmux") is None:
        sys.exit("tmux is needed: apt-get install tmux")
    wirewatch = ROOT / ".venv" / "bin" / "wirewatch"
    with tempfile.TemporaryDirectory() as folder:
        begin = f"env TZ=UTC PS1='$ ' WIREWATCH_DATA={folder} PATH={wirewatch.parent}:/usr/bin:/bin bash --norc"
        tmux("new-session", "-d", "-x", str(WIDE), "-y", str(HIGH), begin)
        try:
            tmux("send-keys", "wirewatch demo", "Enter")
            time.sleep(RUN_SECONDS)
            demo = tmux("capture-pane", "-p", "-e")
            tmux("send-keys", "C-c")
            time.sleep(8)
            tmux("send-keys", "clear; wirewatch search 'anthropic AND pentagon' --limit 2", "Enter")
            time.sleep(4)
            search = tmux("capture-pane", "-p", "-e")
        finally:
            tmux("kill-server")
    console = Console(record=True, width=WIDE, file=io.StringIO())
    for screen in (demo, search):
        for line in screen.rstrip().splitlines():
            console.print(Text.from_ansi(line), no_wrap=True, overflow="crop")
        console.print()
    console.save_svg(str(ROOT / "docs" / "terminal.svg"), title="wirewatch")


if __name__ == "__main__":
    main()
