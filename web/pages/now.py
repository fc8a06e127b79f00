"""The dashboard: what is being written about now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from web.access import Asking
from web.api.now import Window
from web.board import Boards
from web.parts import Wired
from web.render import page

WORDS = {"6h": "6 hours", "24h": "24 hours", "7d": "7 days"}


def router() -> APIRouter:
    """The route."""
    made = APIRouter(include_in_schema=False)

    @made.get("/now")
    def now(parts: Wired, request: Request, asking: Asking, window: Window = "24h") -> HTMLResponse:
        boards: Boards = request.app.state.boards
        board = boards.board(parts.records, parts.index, window, parts.clock())
        tools: dict[str, Any] = {"words": WORDS, "before_and_now": before_and_now, "lasted": lasted, "usually": usually}
        return page(request, "now.html", asking, board=board, **tools)

    return made


def before_and_now(before: Sequence[int], now: int, high: int = 20) -> tuple[str, str]:
    """Bars of three units beside each other, the highest `high` units, as SVG paths: those before, and that of now."""
    most = max(*before, now, 1)
    tall = [round(high * count / most, 1) for count in (*before, now)]
    bars = [f"M{4 * n} {high}v-{one:g}h3v{one:g}z" if one else "" for n, one in enumerate(tall)]
    return "".join(bars[:-1]), bars[-1]


def usually(count: float) -> str:
    """How many are usual, in words."""
    return "none" if count < 0.05 else f"{count:.0f}" if count >= 9.5 else f"{count:.1f}".removesuffix(".0")


def lasted(span: timedelta) -> str:
    """Within what time: "1 min" at least, "35 min", "4 h 10 min", "2 days"."""
    minutes = max(1, ceil(span / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    return f"{minutes // (24 * 60)} days"
