"""The Redis transport when Redis goes away."""

from __future__ import annotations

import pytest

from workers.queues import make_app


def test_a_channel_closed_after_its_connection_says_that_the_connection_is_lost(redis_url: str) -> None:
    """kombu's own raises an AttributeError then, which is no reason to connect again, and so ends the worker."""
    app = make_app(redis_url)
    app.send_task("told", queue="read")
    with app.connection_for_read() as connection:
        channel = connection.channel()
        assert channel.basic_get("read") is not None, "held, and not acknowledged"
        channel._disconnect_pools()  # what it does when Redis is gone
        channel.connection.client = None
        with pytest.raises(connection.connection_errors, match="closed already"):
            channel.close()
    with app.connection_for_read() as connection:
        channel = connection.channel()
        assert channel.basic_get("read") is None
        channel.qos.visibility_timeout = 0
        channel.qos.restore_visible()
        assert channel.basic_get("read") is not None, "what was held comes back by itself"
