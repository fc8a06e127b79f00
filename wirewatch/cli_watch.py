"""`wirewatch watch`: subscriptions, tried out before they are saved, in the archive and in files."""

from __future__ import annotations

import typer

watch_app = typer.Typer(help="Subscriptions: queries that tell you when they match.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(watch_app, name="watch")
