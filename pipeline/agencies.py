"""The table of news agencies (`agencies.toml`) and the one question asked of it: whose name is this?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_EDGE = " \t\n\u00a0.,;:–—-()[]/|©*"
# What desks hang on an agency's name: "Reuters staff", "AFP correspondent", "Associated Press writers".
_ROLE = re.compile(
    r"^(?:the|from|by|via|source|quelle|fuente|fonte)\b[\s:]*|"
    r"[\s,/-]+(?:staff(?:\s+(?:writers?|reporters?))?|writers?|reporters?|correspondents?|news\s*room|agency|agencies|"
    r"news\s+agency|news|service|wire|desk|team|contributors?|photo|video|redaktion)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Agencies:
    """`exact` maps a mark as printed to an agency's name; `loose` maps case-folded names."""

    exact: Mapping[str, str]
    loose: Mapping[str, str]

    def named(self, text: str) -> str:
        """The agency `text` names when it names nothing else ("Reuters Staff", "(AP)", "By AFP"), or ""."""
        text = text.strip(_EDGE)
        while text and len(text) < 60:
            if found := self.exact.get(text) or self.loose.get(text.casefold()):
                return found
            shorter = _ROLE.sub("", text, count=1).strip(_EDGE)
            if shorter == text:
                return ""
            text = shorter
        return ""

    def first(self, text: str) -> str:
        """The first agency among names set side by side ("dpa/AFP", "Reuters, AP"), or "" when others stand there."""
        parts = [p for p in re.split(r"\s*(?:[/,;&+|]|\band\b|\bund\b|\bet\b|\by\b)\s*", text.strip(_EDGE)) if p]
        names = [self.named(p) for p in parts]
        known = [n for n in names if n]
        return self.named(text) or (known[0] if known and len(known) * 2 >= len(parts) and len(parts) < 6 else "")


@cache
def agencies() -> Agencies:
    """The table shipped with the project, read once."""
    raw = tomllib.loads(resources.files("pipeline").joinpath("agencies.toml").read_text(encoding="utf-8"))
    exact: dict[str, str] = {}
    loose: dict[str, str] = {}
    for agency in raw["agency"]:
        name = agency["name"]
        for mark in (name, *agency["aliases"]):
            exact[mark] = name
        for alias in agency["loose"]:
            loose[alias.casefold()] = name
    return Agencies(exact, loose)
