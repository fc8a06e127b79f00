"""Where a page prints who wrote it and when: for pages that declare nobody, or no date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from lxml import etree

from pipeline.agencies import agencies
from pipeline.byline import Signature, read_bylines
from pipeline.html import Tree, words
from pipeline.metadata import Metadata

MAX_BYLINE = 160  # characters
_OUTSIDE = "not(ancestor::aside or ancestor::footer or ancestor::nav or ancestor::figure)"
_MARKED: Any = etree.XPath(
    "//*[contains(@class,'uthor') or contains(@class,'utor') or contains(@class,'yline') or contains(@class,'writer')"
    " or @rel='author' or contains(@itemprop,'author') or contains(@data-testid,'author')]"
)
_CLASS = re.compile(
    r"byline|(?:^|[\s_-])authors?(?:$|\s|__|--|[_-]?names?\b)|author(?:_n|-n|n|N)ames?\b|(?:article|post|entry|story)(?:-|__)author|"
    r"autor|(?:^|\s)writer",
    re.I,
)
_BOLD_FIRST: Any = etree.XPath(f"//p[strong or b or em or i][{_OUTSIDE}][string-length(normalize-space(.)) < 80]")
_DATED: Any = etree.XPath(
    "//*[(" + " or ".join(
        f"contains(@{name},'{mark}')"
        for name in ("class", "id", "itemprop")
        for mark in ("date", "Date", "time", "published", "tarih", "fecha", "datum", "posted", "entry-meta", "pubdate")
    ) + f") and {_OUTSIDE}][string-length(normalize-space(.)) < 90]"
)  # fmt: skip
_ASIDE = frozenset({"aside", "footer", "nav", "figure"})
_BY_LABEL = re.compile(
    r"^(?:by|von|par|por|door|av|af|oleh|di|autor(?:in)?\s*:|text\s*:|author\s*:|автор\s*:?|текст\s*:|作者\s*[:：]|"
    r"記者|记者|文\s*[:：/／])\s*:?\s*(?=\S)",
    re.I,
)
_NAME = r"[^\W\d_a-z][\w'’.-]+(?:\s+(?:[^\W\d_a-z][\w'’.-]*|de|van|der|von|la|bin)){1,3}"
_NAMES = re.compile(rf"^{_NAME}(?:\s*(?:/|,|&|and|und)\s*{_NAME})*$")

# After the share of right names on pages-fundus: JSON-LD 106 of 106, meta 8 of 8, byline 8 of 9, leading name 4 of 4,
# each less what few cases leave open; the entry is taken to be as good as a byline.
CONFIDENCE = {"json-ld": 0.96, "meta": 0.9, "byline": 0.85, "entry": 0.85, "leading name": 0.6}


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signs a page: people, the credit as printed, others by role ("photo", "editing", "translation", …, and
    "organization" for agencies, outlets and desks that sign), the agency; how each is known."""

    people: tuple[str, ...] = ()
    credit: str = ""
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    how: str = ""  # "json-ld", "meta", "byline", "entry", "leading name"
    confidence: float = 0.0
    wire: str = ""
    wire_how: str = ""


def signed(tree: Tree, meta: Metadata, entry: Sequence[str], outlet: str) -> Signed:
    """Who signs, from the page's claims, its printed byline, or the feed's entry.

    The first place that names people wins; what the others say of agencies and organisations is kept. The page is
    searched only when its claims name nobody, be it an agency.
    """
    claims = [(how, [n for h, n in meta.authors if h == how]) for how in ("json-ld", "meta")]
    found = [(how, read_bylines(lines, outlet)) for how, lines in claims if lines]
    if not any(s.people or s.credit for _, s in found):
        printed: tuple[tuple[str, Callable[[], Iterable[Sequence[str]]]], ...] = (
            ("byline", lambda: ([line] for line in chain(page_bylines(tree), labelled_bylines(tree)))),
            ("entry", lambda: [entry]),
            ("leading name", lambda: ([line] for line in leading_names(tree))),
        )
        read = (
            (how, read_bylines(lines, outlet, strict=how != "entry")) for how, places in printed for lines in places()
        )
        found += [next((x for x in read if x[1].people or x[1].credit), ("", Signature()))]
    how, best = next(((h, s) for h, s in found if s.people), ("", Signature()))
    credit_how, credit = next(((h, s.credit) for h, s in found if s.credit), ("", ""))
    wire, wire_how = agencies().named(credit), "json-ld" if credit_how == "json-ld" else "byline"
    if not wire:
        wire = next((w for o in (*meta.organizations, *meta.providers) if (w := agencies().named(o))), "")
        wire_how = "json-ld" if wire else ""
    others = [("organization", o) for o in meta.organizations]
    others += [(role, n) for _, s in found for role, names in s.others.items() for n in names]
    others += [("organization", o) for _, s in found for o in s.organizations]
    others += [(role, n) for role, name in meta.contributors for n in read_bylines([name], outlet).people]
    return Signed(best.people, credit, _by_role(others, best.people), how, CONFIDENCE.get(how, 0.0), wire, wire_how)


def _by_role(others: Iterable[tuple[str, str]], people: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Names by role, each once, without those who wrote."""
    seen = {("organization", name.casefold()) for name in people}
    roles: dict[str, tuple[str, ...]] = {}
    for role, name in others:
        if (role, name.casefold()) not in seen:
            seen.add((role, name.casefold()))
            roles[role] = (*roles.get(role, ()), name)
    return roles


def page_bylines(tree: Tree) -> list[str]:
    """Lines in which the page prints its authors, by the usual class names; for pages that declare nobody."""
    lines: list[str] = []
    for element in _MARKED(tree)[:200]:
        named = element.get("rel") or element.get("itemprop") or element.get("data-testid")
        if not (named or _CLASS.search(element.get("class") or "")) or _outside(element):
            continue
        if 2 < len(line := words(element.itertext())) < MAX_BYLINE:
            lines.append(line)
            if len(lines) == 6:
                break
    return lines


def _outside(element: Tree) -> bool:
    return any(a.tag in _ASIDE for a in element.iterancestors())


def labelled_bylines(tree: Tree) -> Iterator[str]:
    """Short lines that start with "By", "Von", "Par" … wherever they stand, then bold names that open the text."""
    count = 0
    for element in tree.iter("p", "span", "div", "li", "em", "i", "address", "small", "td"):
        if not _BY_LABEL.match((element.text or "").lstrip()):
            continue
        line = words(element.itertext())
        if len(line) < 100 and not _outside(element):
            yield line
            count += 1
            if count == 3:
                return


def leading_names(tree: Tree) -> Iterator[str]:
    """A paragraph that is nothing but a bold name, as small papers sign above the text."""
    for element in _BOLD_FIRST(tree)[:4]:
        line = words(element.itertext())
        if _NAMES.match(line) and line == words(t for c in element for t in c.itertext()):
            yield line


def printed_dates(tree: Tree) -> list[str]:
    """Texts of elements that say they hold a date, in the order of the page."""
    return [line for e in _DATED(tree)[:12] if len(line := words(e.itertext())) > 5]
