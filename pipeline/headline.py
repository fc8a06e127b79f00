"""The headline as the page prints it, told from its kicker, the outlet's name and what is written for search engines.

Most pages print it in an h1. Some set the search engines' title in an h1 of the breadcrumb trail, and the headline in
an h2; what the page declares (JSON-LD, og:title) then says which of its headings is meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.html import Tree, words
from pipeline.jsonld import MAX_CLAIM, key_of, plain

# After the share right on the 133 pages of pages-fundus: heading 106 of 116, JSON-LD 12 of 12, meta 1 of 1, each less
# what few cases leave open; an h1 that retells a claim 1 of 4 (the gold there is mostly og:title, which none prints).
CONFIDENCE = {"heading": 0.91, "json-ld": 0.8, "meta": 0.75, "title element": 0.6, "": 0.0}
_ALIKE = 0.8  # share of words two wordings of one headline have in common
_KIN = 0.5  # of words an only h1 has in common with a claim: a headline reworded
_RETOLD = 0.5  # confidence in such an h1
_TAIL = re.compile(r"\s+(?:[|–—·•»*]|::|-)\s+|\s*｜\s*|：(?=[^：]*$)")
_TRAIL_TAGS = ("nav", "li", "ol")
_BLOCKS = ("div", "p")


@dataclass(frozen=True, slots=True)
class Heading:
    """An h1 or h2 as printed; `trail` when it stands in a breadcrumb trail or a list, `bare` without its kicker."""

    text: str
    level: int = 1
    trail: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """A page's headline, how it is known ("heading", "json-ld", "meta", "title element") and a confidence 0..1."""

    text: str
    how: str
    confidence: float


def read_heading(element: Tree) -> Heading:
    """The heading an h1 or h2 element prints. Of an inline kicker and a headline in a block, only the latter."""
    texts = element.itertext()
    blocks = list(element.iterchildren(*_BLOCKS)) if len(element) > 1 else []
    bare = len(blocks) == 1 and bool((blocks[0].text or "").strip())
    if bare:
        texts = blocks[0].itertext()
    return Heading(plain(words(texts)[:MAX_CLAIM]), int(element.tag[1]), _in_trail(element), bare)


def headline(headings: Sequence[Heading], declared: Sequence[tuple[str, str]], sites: Sequence[str]) -> Headline:
    """The headline as printed: the heading that agrees with what the page declares, else what it declares.

    `declared` is (how, text) in order of trust; `sites` are names of the outlet.
    """
    claims = [(how, without_site(text, *sites)) for how, text in declared]
    claims = [(how, text) for how, text in claims if any(c.isalnum() for c in text)]
    homes = {key_of(s) for s in sites}
    printed = [h for h in headings if key_of(h.text) and key_of(h.text) not in homes]
    first = [h for h in printed if h.level == 1 and not h.trail]
    texts = [text for _, text in claims]
    for heading in sorted(
        first or [h for h in printed if h.level > 1 and not h.trail],
        key=lambda h: -max((overlap(h.text, t) for t in texts), default=0.0),
    ):
        if text := _agreed(heading, texts):
            return _shorter(text, claims) or _known(text, "heading")
    if retold := next((h for h in first if _retold(h.text, texts)), None if claims else next(iter(first), None)):
        return Headline(retold.text, "heading", _RETOLD)
    if claims:
        return _known(claims[0][1], claims[0][0])
    return _known((first or printed)[0].text, "heading") if first or printed else Headline("", "", 0.0)


def without_site(title: str, *sites: str) -> str:
    """`title` without its " | Outlet" tail (or head), when the tail looks like one of the outlet's names."""
    for site in sites or ("",):
        parts = _TAIL.split(title)
        while len(parts) > 1 and _is_site(parts[-1], site):
            title = title[: title.rstrip().rfind(parts[-1])].rstrip().rstrip("|–—·•»*:-｜：").rstrip()
            parts.pop()
        if len(parts) > 1 and site and key_of(parts[0]) == key_of(site):
            title = title[title.find(parts[1]) :]
        head, colon, rest = title.partition(": ")
        if colon and rest.strip() and site and key_of(head) == key_of(site):
            title = rest.strip()
    return title


def overlap(a: str, b: str) -> float:
    """Share of the words of both that both have, 0..1."""
    x, y = _tokens(a), _tokens(b)
    return len(x & y) / max(1, len(x | y))


def alike(a: str, b: str) -> bool:
    """Whether two texts are one headline, but for a word or two."""
    return bool(a and b) and (key_of(a) == key_of(b) or overlap(a, b) >= _ALIKE)


def _shorter(text: str, claims: Sequence[tuple[str, str]]) -> Headline | None:
    """Where the h1 is the title element's text, written for search engines, and a meta element has the same headline
    without some of its words, that is the newsroom's (right on 5 such pages of 7 of pages-fundus)."""
    if not any(how == "title element" and key_of(claim) == key_of(text) for how, claim in claims):
        return None
    short = next((claim for how, claim in claims if how == "meta" and _tokens(claim) < _tokens(text)), "")
    return Headline(short, "meta", 0.7) if len(_tokens(short)) > 4 else None


def _known(text: str, how: str) -> Headline:
    return Headline(text, how if text else "", CONFIDENCE.get(how, 0.0) if text else 0.0)


def _agreed(heading: Heading, claims: Sequence[str]) -> str:
    """What heading and claims agree on ("" when they do not). A kicker belongs to the headline where a claim has it.

    An h1 may differ by a word or two, an h2 (the page has no h1 of its own) must be a claim's very words.
    """
    key, keys = key_of(heading.text), [key_of(c) for c in claims]
    if key in keys:
        return max((heading.text, claims[keys.index(key)]), key=lambda t: t.count(":"))
    for claim, said in zip(claims, keys, strict=True):
        if said and key.endswith(said) and len(key) < 2 * len(said):
            return claim
        if said.endswith(key) and len(said) < 2 * len(key):
            return heading.text if heading.bare or ":" not in claim else claim
    return heading.text if heading.level == 1 and any(alike(heading.text, c) for c in claims) else ""


def _retold(text: str, claims: Sequence[str]) -> bool:
    """Whether a heading of a headline's length tells of what a claim tells: half its words, or a long one."""
    if max((overlap(text, c) for c in claims), default=0.0) >= _KIN:
        return True
    said = {w for c in claims for w in _tokens(c) if len(w) > 6}
    return len(_tokens(text)) > 4 and bool(said & _tokens(text))


def _in_trail(element: Tree) -> bool:
    if "breadcrumb" in " ".join((*element.attrib.keys(), element.get("class") or "")).lower():
        return True
    before, parent = element.getprevious(), element.getparent()
    if before is not None and before.tag == "a":  # "World > Asia > the headline"
        return True
    for _ in range(3):
        if parent is None:
            return False
        if parent.tag in _TRAIL_TAGS or "breadcrumb" in (parent.get("class") or "").lower():
            return True
        parent = parent.getparent()
    return False


def _is_site(tail: str, site: str) -> bool:
    key, home = key_of(tail), key_of(site)
    if not key:
        return True
    if not home:
        return False
    edge = len(key) > 2 and (home.startswith(key) or home.endswith(key))
    return key == home or edge or (len(home) > 3 and home in key) or (len(key) > 4 and key in home)


def _tokens(value: str) -> set[str]:
    return set(re.findall(r"\w+", value.lower()))
