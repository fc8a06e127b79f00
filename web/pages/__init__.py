"""The pages for people, rendered on the server; one module for each thing that they show."""

from __future__ import annotations

from web.pages import account, audit, login, people, search

PAGES = (search, login, account, people, audit)
