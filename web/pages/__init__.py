"""The pages for people, rendered on the server; one module for each thing that they show."""

from __future__ import annotations

from web.pages import (
    account,
    audit,
    compare,
    labels,
    login,
    now,
    operations,
    outputs,
    people,
    search,
    source_edit,
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
    source_edit,
    operations,
    login,
    account,
    people,
    audit,
)
