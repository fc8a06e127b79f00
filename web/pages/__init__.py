"""The pages for people, rendered on the server; one module for each thing that they show."""

from __future__ import annotations

from web.pages import compare, labels, search, story, why

PAGES = (search, story, compare, why, labels)
