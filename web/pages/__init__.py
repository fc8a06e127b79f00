"""The pages for people, rendered on the server; one module for each thing that they show."""

from __future__ import annotations

from web.pages import operations, search, sources

PAGES = (search, sources, operations)
