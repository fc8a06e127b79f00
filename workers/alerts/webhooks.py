"""Alerts as webhooks: JSON, signed as Standard Webhooks says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from crawlers.post import Poster
from pipeline.signing import signed
from pipeline.telling import Telling, moment
from pipeline.watch import Output

BODY = 64 * 1024  # bytes at most; what is new is cut first


class Webhooks:
    """Posts one alert at a time; see `Poster.post` for what it raises."""

    def __init__(self, poster: Poster, clock: Callable[[], datetime]) -> None:
        self._poster, self._clock = poster, clock

    async def send(self, output: Output, telling: Telling) -> None:
        """Return when the receiver took it."""
        await self.post(output, telling.alert.id, body_of(telling))

    async def post(self, output: Output, id: str, body: bytes) -> None:
        """A body that is made already."""
        headers = signed(output.secret, id, int(self._clock().timestamp()), body)
        await self._poster.post(output.target, headers | {"Content-Type": "application/json"}, body)


def body_of(telling: Telling, kind: str = "") -> bytes:
    """The body, e.g. {"type": "alert.story", "timestamp": "…", "data": {…}}; `data` is `Telling.to_json`."""
    data = telling.to_json()
    body = _packed(telling, kind, data)
    if len(body) > BODY:  # a copy that shares nothing with its story may bring hundreds of sentences
        data["detail"] = {"cut": True}
        data["story"]["outlets"] = data["story"]["outlets"][:100]
        body = _packed(telling, kind, data)
    return body


def _packed(telling: Telling, kind: str, data: dict[str, Any]) -> bytes:
    alert = telling.alert
    told = {"type": f"alert.{kind or alert.reason.value}", "timestamp": moment(alert.made), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
