"""The pages for people, rendered on the server; one module for each thing that they show."""

from __future__ import annotations

from web.pages import (
    compare,
    labels,
    now,
    operations,
    outputs,
    search,
    sources,
    story,
    subscription,
    subscription_form,
    subscriptions,
    why,
)

PAGES = (
    search,
    story,
    compare,
    why,
    labels,
    now,
    subscriptions,
    subscription_form,
    subscription,
    outputs,
    sources,
    operations,
)
