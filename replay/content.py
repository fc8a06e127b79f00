"""Reads the demo's outlets (world/outlets/*.toml) and pieces of reporting (world/stories/*.md) into typed values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from replay.edits import Edits, HouseStyle
from replay.faults import Fault, faults_of

WORLD = Path(__file__).resolve().parent / "world"
DIVIDER = "\n---\n"


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """One feed of an outlet: where, in which format, of which sections (none named = all), how many items."""

    path: str
    format: str
    sections: tuple[str, ...] = ()
    full: bool = False  # the whole text in the feed
    items: int = 20
    type: str = ""  # Content-Type, if not the format's own
    tracking: str = ""  # query that the feed's links carry
    listed: bool = True  # named in the source; one that is not can only be discovered


@dataclass(frozen=True, slots=True)
class Outlet:
    """One invented outlet. Address patterns may use {slug} {number} {section} {y} {m} {d}."""

    id: str
    name: str
    host: str
    country: str
    language: str
    city: str
    tagline: str
    address: str
    sections: tuple[str, ...]
    kind: str = "newspaper"
    utc_offset: float = 0.0  # hours
    listed_address: str = ""  # pattern that feeds list when it is an old one, which then redirects
    listed_host: str = ""  # host that feeds name when it is an old one
    template: str = ""
    carries: tuple[str, ...] = ()
    dateline: str = "{places} - "  # may use {places} {agency} {day}
    credit: str = "{AGENCY}"  # may use {AGENCY} {agency} {byline}; a leading newline puts it on its own line
    wire_byline: str = ""  # byline of agency copy; may use {agency} {byline}
    style: HouseStyle = field(default_factory=HouseStyle)
    feeds: tuple[FeedPlan, ...] = ()
    sitemap: str = ""  # path of a plain sitemap
    news_sitemap: str = ""  # path of a Google-news sitemap, gzip if it ends in .gz
    sitemap_index: str = ""  # path of an index that names the two
    section_pages: bool = False  # the source lists section pages
    robots: str = "User-agent: *\nDisallow:\n"
    headers: Mapping[str, str] = field(default_factory=dict)  # on its pages
    paywall: int = 0  # paragraphs before the wall; 0 = none
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    desk: str = ""  # printed where a piece has no byline
    faults: tuple[Mapping[str, object], ...] = ()

    def fresh_faults(self) -> list[Fault]:
        """The outlet's faults, with their counters at nought."""
        return faults_of(self.faults)


@dataclass(frozen=True, slots=True)
class Carrier:
    """One outlet's way with a piece. `lag` is in slots after the first copy (None = one after the one before).

    `moves` gives the page a new slug, and `revision` adds paragraphs to it, some seconds after it came out.
    """

    outlet: str
    kind: str = "copy"
    title: str = ""
    summary: str = ""
    section: str = ""
    byline: str | None = None
    dateline: str | None = None
    credit: str | None = None
    edits: Edits = field(default_factory=Edits)
    lag: float | None = None
    moves: str = ""
    revision: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of reporting, as filed. `ago` (hours before the start) or `slot` (order while running) is given."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    carriers: tuple[Carrier, ...]
    summary: str = ""
    section: str = "world"
    wire: str = ""
    places: str = ""
    byline: str = ""
    event: str = ""  # what other pieces report too
    ago: float | None = None
    slot: float | None = None
    step: float = 1.0  # slots (or, for the past, quarters of an hour) between carriers


def load_outlets(folder: Path = WORLD / "outlets") -> dict[str, Outlet]:
    """The outlets by id, in order of file name. Raises ValueError naming the file at fault."""
    outlets = [_outlet(path) for path in sorted(folder.glob("*.toml"))]
    return {outlet.id: outlet for outlet in outlets}


def load_pieces(folder: Path = WORLD / "stories") -> list[Piece]:
    """The pieces, in order of file name. Raises ValueError naming the file at fault."""
    return [_piece(path) for path in sorted(folder.glob("*.md"))]


def _outlet(path: Path) -> Outlet:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        told["style"] = HouseStyle(**told.get("style", {}), language=told["language"])
        told["feeds"] = tuple(FeedPlan(**_tuples(feed)) for feed in told.get("feeds", []))
        outlet = Outlet(id=path.stem, **_tuples(told))
        outlet.fresh_faults()
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    return outlet


def _piece(path: Path) -> Piece:
    head, divider, text = path.read_text(encoding="utf-8").removeprefix("---\n").partition(DIVIDER)
    if not divider:
        raise ValueError(f"{path.name}: no line '---' between the head and the text")
    try:
        told: dict[str, Any] = yaml.safe_load(head)
        carriers = tuple(_carrier(name, how or {}) for name, how in told.pop("carriers").items())
        paragraphs = tuple(" ".join(block.split()) for block in text.split("\n\n") if block.strip())
        piece = Piece(id=path.stem, carriers=carriers, paragraphs=paragraphs, **told)
    except (TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    if (piece.ago is None) == (piece.slot is None):
        raise ValueError(f"{path.name}: give either ago or slot")
    return piece


def _carrier(name: str, how: dict[str, Any]) -> Carrier:
    edits = {key: how.pop(key) for key in tuple(how) if key in Edits.__slots__}
    # an outlet that publishes a piece twice is named outlet/second, outlet/update and the like
    return Carrier(outlet=name.partition("/")[0], edits=Edits(**_tuples(edits)), **_tuples(how))


def _tuples(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}
