"""Addresses that one command asks by itself: through the crawler, so with the same guard, manners and robots.txt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pipeline.types import Kind, Outcome
from wirewatch import bootstrap
from wirewatch.config import Settings

Fetch = Callable[[str], Awaitable[Outcome]]


def with_fetch(settings: Settings, work: Callable[[Fetch], Awaitable[Any]], kind: Kind = Kind.FEED) -> Any:
    """See `crawlers.asking.with_fetch`."""
    from crawlers.asking import Forgetful
    from crawlers.asking import with_fetch as ask_with

    return ask_with(bootstrap.make_crawler(settings, Forgetful()), work, kind)
