"""kombu's Redis transport, with one fault mended: a channel that is closed after its connection says so.

When Redis goes away, kombu (5.7) may close the connection before the channel, which then cannot give back what it
holds, and the AttributeError that comes of it ends the worker. What it holds comes back by itself, once the visibility
timeout has passed; so the channel says what is true, and the worker connects again.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as Lost


class Channel(redis.Channel):
    """A channel that says so when its connection is closed."""

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise Lost("the connection is closed already")
        return super()._connparams(asynchronous=asynchronous)  # type: ignore[no-untyped-call]


class Transport(redis.Transport):
    """What `Celery` is given in place of kombu's own."""

    Channel = Channel
