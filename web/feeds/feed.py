"""What a feed of any format is made from, and what its items say in HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

import nh3

from pipeline.telling import REASONS, Telling, minute

_ILLEGAL = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")  # what XML 1.0 cannot hold
_LANGUAGE = re.compile(r"[a-z]{2,3}")
GENERATOR = "Wirewatch"
LANGUAGE = "en"  # of our own words
TAGS = {"p", "ul", "li"}  # of an item's HTML, without attributes: it is made of escaped texts, and nh3 holds it to that
_MARKUP = re.compile("<(?=[A-Za-z/!?])")


@dataclass(frozen=True, slots=True)
class Feed:
    """`id` is an absolute IRI that never changes; the addresses are absolute; `full` = items with the whole text."""

    id: str
    title: str
    description: str
    home: str
    address: str  # its own
    updated: datetime
    items: Sequence[Telling]  # in the order in which they are to stand
    full: bool


@dataclass(frozen=True, slots=True)
class Format:
    """How a feed is written and called."""

    suffix: str
    media_type: str
    write: Callable[[Feed], bytes]


def clean(text: str) -> str:
    """Without the characters that no XML can hold."""
    return _ILLEGAL.sub("", text)


def headline(text: str) -> str:
    """A title for RSS, which does not say whether its titles are HTML: readers that think so find no tag in it."""
    return _MARKUP.sub("‹", clean(text))


def name(text: str) -> str:
    """Of an outlet or agency, as elements that may not be empty hold it."""
    return " ".join(clean(text).split())


def language(told: Telling) -> str:
    """The code of the item's language, or "" where it is not known."""
    return told.language if _LANGUAGE.fullmatch(told.language) else ""


def labels(told: Telling) -> list[str]:
    """What readers may sort it by: why it is told, and the agency."""
    return [one for one in (REASONS[told.alert.reason], name(told.wire)) if one]


def content(told: Telling, full: bool) -> str:
    """An item as a fragment of HTML: when and by whom, what is new, the text or its beginning, who carries it."""
    parts = [f"<p>{escape(_source(told))}</p>"]
    if told.new:
        parts.append("<ul>" + "".join(f"<li>{escape(one)}</li>" for one in told.new) + "</ul>")
    text = told.text if full and told.text else told.summary
    parts += [f"<p>{escape(one)}</p>" for one in text.split("\n\n") if one.strip()]
    if told.copies > 1:
        parts.append(f"<p>{escape(told.carried())}</p>")
    return nh3.clean(clean("".join(parts)), tags=TAGS, attributes={})


def _source(told: Telling) -> str:
    published = f"published {minute(told.published)}" if told.published else "undated"
    seen = f"first seen {minute(told.first_seen)}" if told.first_seen else ""
    wire = f"wire: {told.wire}" if told.wire else ""
    return " · ".join(one for one in (REASONS[told.alert.reason], told.outlet, published, seen, wire) if one)
