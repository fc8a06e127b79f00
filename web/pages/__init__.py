"""The pages for people, rendered on the server; one module for each thing that they show."""

from __future__ import annotations

from web.pages import outputs, search, subscription, subscription_form, subscriptions

PAGES = (search, subscriptions, subscription_form, subscription, outputs)
