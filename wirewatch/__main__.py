"""`wirewatch` and `python -m wirewatch`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; our own errors are one clear line and exit code 1 (2 for bad input)."""
    from pipeline.errors import BadInput, WirewatchError
    from wirewatch.cli import app
    from wirewatch.terminal import Console

    try:
        app()
    except WirewatchError as error:
        console = Console(stderr=True, soft_wrap=True)
        console.print(f"[bold red]wirewatch:[/] {_escape(str(error))}", highlight=False)
        sys.exit(2 if isinstance(error, BadInput) else 1)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


if __name__ == "__main__":
    main()
