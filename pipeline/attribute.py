"""Whose reporting it is: agency, credit line and dateline, read off the text and trimmed from it.

Evidence, strongest first: a dateline "LONDON (Reuters) - ", the byline, JSON-LD's author or source, a credit at the end
("REUTERS", "– AFP"), "Reporting by … Editing by …", a copyright line. A story *about* an agency is no evidence: nothing
inside a sentence counts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

from pipeline.agencies import agencies
from pipeline.boilerplate import is_boilerplate
from pipeline.dates import print_line, read_date
from pipeline.types import Article

MAX_DATELINE = 160  # characters; "NEW YORK/WASHINGTON/SAN FRANCISCO, Feb 24 (Reuters) - " has 55
MAX_CREDIT = 60

_DASH = r"(?:\s*(?:--+|[-–—―:])\s+|\s*[–—―]\s*|\s+-\s*)"
_MONTH = r"(?i:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DAY = rf"(?P<day>{_MONTH}\s+\d{{1,2}}(?:,?\s+\d{{4}})?|\d{{1,2}}\.?\s+{_MONTH}(?:\s+\d{{4}})?)"
_BRACKET = r"[(\[](?P<agency>[^()\[\]]{2,40})[)\]]"
_CAPS_WORD = r"(?:[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’.]*|d'|de|ST\.)"
_CAPS = rf"{_CAPS_WORD}(?:[ -]{_CAPS_WORD}){{0,4}}"
_REGION = r"(?:,\s*[A-Z][\w.'’]*\.?(?:\s[A-Z][\w.'’]*){0,2})?"
_MORE = rf"(?:\s*(?:/|;|\band\b|,\s*(?=[A-Z]{{2}}))\s*{_CAPS}{_REGION}){{0,5}}"
_MIXED_WORD = r"(?:[A-ZÀ-ÖØ-Þ(][\w.'’)-]*|de|del|am|an|der|la|le|do|el)"
# "LONDON/PARIS, Feb 24 (Reuters) - text": places in capitals; day, bracket and dash may each be missing.
_DATELINE = re.compile(
    rf"^(?P<places>{_CAPS}{_REGION}{_MORE})(?:[,.]?\s*{_DAY})?(?:,?\s*{_BRACKET})?,?(?P<dash>{_DASH}|\.\s*[-–—]\s*)(?=\S)"
)
# "London (Reuters) - text": places in mixed case need an agency in the bracket.
_MIXED = re.compile(
    rf"^(?P<places>[A-ZÀ-ÖØ-Þ][\w.'’-]+(?:[ ,/-]+{_MIXED_WORD}){{0,6}}?)(?:\s*\[[\w ]{{2,30}}\])?"
    rf"(?:,?\s*{_DAY})?,?\s*{_BRACKET},?(?P<dash>{_DASH}|\s+|\.\s*[-–—]\s*)(?=\S)"
)
_BARE = re.compile(rf"^{_BRACKET}(?P<dash>{_DASH}|\s+)(?=\S)")
# "MOSCOW, February 24. /TASS/. text", "BEIJING, Feb. 24 Xinhua -- text"
_SLASHED = re.compile(
    rf"^(?P<places>{_CAPS}),?\s*(?:{_DAY}[,.]?\s*)?"
    r"(?:/(?P<agency>[A-Za-z. -]{2,30})/\.?|(?P<plain>[A-Z][A-Za-z. -]{1,30}?))"
    r"\s*(?P<dash>--+|[–—]|\s-|(?<=[/.]))\s*(?=\S)"
)
_DESK = re.compile(
    r"^\(?\s*(?:additional |further )?(?:reporting|writing|compiled|written|report)\s+by\b.{3,400}?"
    r"(?:;|\bediting\s+by\b|\)$|$)",
    re.I | re.S,
)
_EDITING = re.compile(r"\bediting\s+by\b", re.I)
_FOR = re.compile(r"\b(?:for|of)\s+(?:the\s+)?([A-Z][\w. -]{2,30})")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*(?:©\s*)?(?:\d{4}(?:[-–]\d{2,4})?\s*)?(?:by\s+|the\s+)?(?P<who>[^.,;:\d]{2,40})", re.I
)
_SOURCE = re.compile(r"^(?:sources?|quelle|fuente|fonte|via|from)\s*[:\s]\s*(?P<who>.{2,60})$", re.I)
_WEAK = re.compile(r"^\W*(?:with|additional)\s+(?:agency\s+)?(?:inputs?|reporting|material)\s*(?:from|by)?\b", re.I)
_AGENCIES = re.compile(r"^\W*(?:(?:with|from)\s+)?(?:news\s+)?agenc(?:y|ies)(?:\s+inputs?)?\W*$", re.I)
_TAIL = re.compile(r"(?:(?<=[.!?”\"’')\]…])|\s[-–—/|]+)\s*(?P<mark>[-–—/(\[|]*\s*[^.!?”\"’…]{2,45}?[)\]/]*)\.?$")
# Labels and bodies in capitals before a dash that name no place.
_NOT_PLACES = frozenset(
    {"EXCLUSIVE", "BREAKING", "ANALYSIS", "OPINION", "UPDATE", "UPDATED", "EXPLAINER", "WATCH", "LIVE", "VIDEO"}
    | {"COMMENTARY", "FACTBOX", "NEWS", "REVIEW", "SPECIAL", "EDITORIAL", "INTERVIEW", "FEATURE", "NATO", "DARPA"}
)


def attribute(article: Article) -> Article:
    """`article` with wire, credit, dateline and (if unknown) print date; those lines are trimmed from its text.

    Idempotent. What extraction found of the agency (`wire`, `wire_how` "json-ld" or "byline") stands unless the
    dateline says otherwise; it outranks what stands at the end of the text.
    """
    paragraphs = [p for p in article.text.split("\n\n") if p]
    article = _print_date(article, paragraphs)
    article, line_wire = _dateline(article, paragraphs)
    credit, tail_wire, tail_how = _ending(paragraphs)
    for wire, how in ((line_wire, "dateline"), (article.wire, article.wire_how), (tail_wire, tail_how)):
        if wire:
            article = replace(article, wire=wire, wire_how=how)
            break
    return replace(article, text="\n\n".join(paragraphs), credit=credit or article.credit)


def is_signature(line: str) -> bool:
    """Whether a line is a credit and nothing else."""
    return bool(_credit_line(line.strip())[1])


def _print_date(article: Article, paragraphs: list[str]) -> Article:
    """Trim a leading "date 2026-02-25 …" line; its day is the dateline's, and the publication's if none is known."""
    for position in range(min(2, len(paragraphs))):
        moment, rest = print_line(paragraphs[position])
        if moment is None:
            continue
        if rest and not is_boilerplate(rest):
            paragraphs[position] = rest
        else:
            del paragraphs[position]
        if article.published is None:
            article = replace(article, published=moment.at, published_how="text", published_confidence=0.5)
        return replace(article, dateline_date=article.dateline_date or moment.at.date())
    return article


def _dateline(article: Article, paragraphs: list[str]) -> tuple[Article, str]:
    """Places and day of the dateline and the agency in it; the text keeps the line, readers expect it there."""
    for paragraph in paragraphs[:2]:
        head = paragraph[:MAX_DATELINE]
        for pattern in (_DATELINE, _MIXED, _BARE, _SLASHED):
            match = pattern.match(head)
            if match is None:
                continue
            found = match.groupdict()
            wire = agencies().first(found.get("agency") or found.get("plain") or "")
            if not _holds(pattern, found, wire):
                continue
            places = split_places(found.get("places") or "") or article.dateline_places
            day = _day(found.get("day") or "", article.published or article.fetched) or article.dateline_date
            return replace(article, dateline_places=places, dateline_date=day), wire
    return article, ""


def _holds(pattern: re.Pattern[str], found: dict[str, str | None], wire: str) -> bool:
    """Whether a match is a dateline: without a named agency, only capitals followed by a dash are one."""
    if wire:
        return True
    if pattern is not _DATELINE:
        return False
    places = found["places"] or ""
    letters = [c for c in places.split(",")[0] if c.isalpha()]
    dash = (found["dash"] or "").strip()
    if found["agency"] and not found["day"]:
        return False  # "NATO (the alliance) - …"
    return (
        dash != ":"
        and len(letters) >= 4
        and all(c.isupper() for c in letters)
        and not agencies().first(places)
        and places not in _NOT_PLACES
    )


def split_places(places: str) -> tuple[str, ...]:
    """Cities of "NEW YORK/WASHINGTON, D.C." in title case: ("New York", "Washington"). Regions are left out."""
    names = []
    for part in re.split(r"\s*(?:/|;|\band\b)\s*|,\s*(?=[A-ZÀ-Þ]{4,}(?:\s*[,/]|$))", places):
        city = (part or "").split(",")[0].strip(" .,-")
        if city:
            names.append(re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)?", _title, city) if city.isupper() else city)
    return tuple(dict.fromkeys(names))


def _title(match: re.Match[str]) -> str:
    word = match.group()
    return word.capitalize() if word not in ("DE", "DU", "DES", "AM", "DER") or match.start() == 0 else word.lower()


def _day(text: str, near: datetime | None) -> date | None:
    """The dateline's day; a missing year is that of `near`, or the one before if the day would lie after it."""
    if not text:
        return None
    if re.search(r"\d{4}", text):
        moment = read_date(text)
        return moment.at.date() if moment else None
    if near is None:
        return None
    for year in (near.year, near.year - 1):
        moment = read_date(f"{text.rstrip('.')} {year}" if text[0].isdigit() else f"{text}, {year}")
        if moment and (moment.at.date() - near.date()).days <= 2:
            return moment.at.date()
    return None


def _ending(paragraphs: list[str]) -> tuple[str, str, str]:
    """(credit, agency, how) of the last paragraphs, trimmed from them when they are nothing but a credit."""
    credit = wire = how = ""
    for _ in range(3):  # credit, desk line and copyright may follow each other
        if not paragraphs:
            break
        last = paragraphs[-1].strip()
        line_wire, line_how = _credit_line(last)
        if line_how:
            paragraphs.pop()
            credit, wire, how = (credit or last.strip(" \t()[]-–—")), (wire or line_wire), (how if wire else line_how)
            continue
        if not wire and (tail := _trailing(last)):
            mark, wire, rest = tail
            paragraphs[-1], credit, how = rest, credit or mark, "credit"
        break
    return credit[:200], wire, how if wire else ""


def _credit_line(line: str) -> tuple[str, str]:
    """(agency, how) of a paragraph that is a credit and nothing else; how is "" when it is not."""
    known = agencies()
    if len(line) <= MAX_CREDIT:
        if wire := known.first(line):
            return wire, "credit"
        if _AGENCIES.match(line):
            return "", "agencies"
        if match := _SOURCE.match(line.strip(" ()[]*")):
            return known.first(match["who"]), "credit" if known.first(match["who"]) else ""
    if _WEAK.match(line) and len(line) < 120:
        return "", "agencies"
    if len(line) < 160 and (match := _COPYRIGHT.match(line)):
        wire = known.first(match["who"])
        return wire, "copyright" if wire else ""
    if len(line) < 600 and _DESK.match(line):
        for match in _FOR.finditer(line):
            if wire := known.first(match[1]):
                return wire, "desk line"
        # "Reporting by A; Editing by B", semicolon and all, is how Reuters and nobody else signs.
        return ("Reuters", "desk line") if _EDITING.search(line) and ";" in line else ("", "desk line")
    return "", ""


def _trailing(line: str) -> tuple[str, str, str] | None:
    """(mark, agency, line without it) for a credit that ends a paragraph: "… here.” REUTERS", "… said. – AFP"."""
    match = _TAIL.search(line[-80:])
    if not match:
        return None
    mark = match["mark"].strip()
    known = agencies()
    name = mark.strip(" -–—/()[]|")
    apart = "/" in mark or "," in mark or mark[0] in "-–—([|"  # several agencies may stand there
    wire = known.exact.get(name) or known.loose.get(name.casefold()) or (known.first(name) if apart else "")
    if not wire:
        return None
    return name, wire, line[: len(line) - len(line[-80:]) + match.start()].rstrip()
