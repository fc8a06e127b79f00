"""Whose reporting it is: agency, credit line, dateline and notices, read off the text and trimmed from it.

Evidence, strongest first: the dateline ("LONDON (Reuters) - "), what extraction found in JSON-LD and byline, a byline
or source line above the text, the lines below it ("REUTERS", "Reporting by …; Editing by …", "© 2026 AFP"), the
agency's own address. Weak lines ("With inputs from PTI") are kept as the credit and name no agency; a story *about* an
agency is no evidence: nothing inside a sentence counts.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.agencies import agencies
from pipeline.boilerplate import is_boilerplate
from pipeline.credits import Sign, closing, heading, is_picture, sign
from pipeline.dateline import read_dateline, split_places
from pipeline.dates import print_line
from pipeline.notices import is_notice, serial
from pipeline.types import Article, Known

__all__ = ["CONFIDENCE", "attribute", "split_places"]

# How far each kind of evidence is trusted to name the right agency. None was wrong in tests/data/wire, so these say how
# easily a page can mean something else: a copyright may be a picture's, a contact line another story's, an agency's
# site may carry a press release.
CONFIDENCE = {
    "dateline": 0.99,
    "json-ld": 0.95,
    "byline": 0.95,
    "credit": 0.95,
    "desk line": 0.95,
    "standing line": 0.95,
    "note": 0.9,
    "copyright": 0.9,
    "contact": 0.85,
    "address": 0.8,
    "weak": 0.5,  # that the line is a credit; it names no agency
}
# What outlets print below a credit: "Published in The Harbour Gazette, February 24th, 2026".
_PUBLISHED = re.compile(r"\W*(?:first )?(?:published|posted|updated|printed)\b.{0,80}\d{4}\W*$", re.I)
HEAD = 5  # paragraphs that may stand above a dateline: notices, bylines, dates


def attribute(article: Article) -> Article:
    """`article` with wire, credit, dateline, notices and (if unknown) print date; their own lines go from its text.

    Idempotent. What extraction found of the agency (`wire`, `wire_how` "json-ld" or "byline") stands unless the
    dateline says otherwise; it outranks what stands at the end of the text.
    """
    paragraphs = [p for p in article.text.split("\n\n") if p]
    credit, bottom, top = "", Sign("", ""), Sign("", "")
    above, below, before = list[str](), list[str](), list[str]()
    while before != paragraphs:  # of a text that is all head, what stood above has become its end
        before = paragraphs.copy()
        named, found, notices = _ending(paragraphs)
        credit, bottom, below = credit or named, bottom if credit else found, below + notices
        article, found, notices = _above(article, paragraphs)
        top, above = top if top.wire else found, above + notices
    article, line = _dateline(article, paragraphs)
    mark = serial(article.title)
    told = dict.fromkeys((*article.notices, *((mark,) if mark else ()), *above, *reversed(below)))
    article = replace(article, text="\n\n".join(paragraphs), notices=tuple(told))
    article = _with_credit(article, credit, bottom)
    address = agencies().at(article.canonical_url) or agencies().at(article.url)
    claims = (line, Sign(article.wire, article.wire_how), top, bottom, Sign(address, "address"))
    return _with_wire(article, next((c for c in claims if c.wire), Sign("", "")))


def _with_wire(article: Article, found: Sign) -> Article:
    if not found.wire:
        return article
    known = Known(found.how, CONFIDENCE.get(found.how, 0.9))
    return replace(article, wire=found.wire, wire_how=found.how, known={**article.known, "wire": known})


def _with_credit(article: Article, credit: str, found: Sign) -> Article:
    if credit:
        article = replace(article, credit=credit[:200])
    elif not article.credit or "credit" in article.known:
        return article
    how = found.how if credit else "byline"
    return replace(article, known={**article.known, "credit": Known(how, CONFIDENCE.get(how, 0.9))})


def _above(article: Article, paragraphs: list[str]) -> tuple[Article, Sign, list[str]]:
    """Print dates, notices and bylines that stand above the text, in any order, until none is left."""
    top, notices = Sign("", ""), list[str]()
    count = -1
    while count != len(paragraphs):
        count = len(paragraphs)
        for position in range(min(3, count) - 1, -1, -1):
            if is_notice(paragraphs[position]):
                notices.insert(0, paragraphs.pop(position).strip())
        article = _print_date(article, paragraphs)
        article, found = _heading(article, paragraphs)
        top = top if top.wire else found
    return article, top, notices


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


def _heading(article: Article, paragraphs: list[str]) -> tuple[Article, Sign]:
    """The agency of a byline above the text. The line goes; its people are the authors if none are known."""
    for position, paragraph in enumerate(paragraphs[:3]):
        on_top = read_dateline(paragraph, None)
        if (found := heading(paragraph)) and not (on_top and on_top.agency):
            wire, names, credit = found
            del paragraphs[position]
            article = replace(article, authors=article.authors or names, credit=article.credit or credit)
            return article, Sign(wire, "byline")
        if _is_story(paragraph):
            break
    return article, Sign("", "")


def _dateline(article: Article, paragraphs: list[str]) -> tuple[Article, Sign]:
    """Places, day and agency of the dateline; the text keeps the line, readers expect it there."""
    for paragraph in paragraphs[:HEAD]:
        found = read_dateline(paragraph, article.published or article.fetched)
        if found is not None:
            article = replace(
                article,
                dateline_places=found.places or article.dateline_places,
                dateline_date=found.day or article.dateline_date,
                dateline_agency=found.agency or article.dateline_agency,
                known={**article.known, "dateline": Known("text", found.sure)},
            )
            return article, Sign(found.agency, "dateline")
        if _is_story(paragraph):
            break
    return article, Sign("", "")


def _is_story(paragraph: str) -> bool:
    """Whether a paragraph is a sentence or more, so that no byline and no dateline can follow."""
    return len(paragraph) > 160 or paragraph.rstrip().endswith((".", "”", "!", "?", "。", "؟", "।"))


def _ending(paragraphs: list[str]) -> tuple[str, Sign, list[str]]:
    """(credit, what it says, notices) of the last lines, which go from the text; pictures' credits are stepped over.

    Of several lines the surest speaks; every line taken is followed by another look, so a second pass finds none.
    """
    credit, best, notices = "", Sign("", ""), []
    position = len(paragraphs) - 1
    while position >= 0:
        last = paragraphs[position].strip()
        if is_notice(last):
            notices.append(paragraphs.pop(position).strip())
        elif found := sign(last):
            del paragraphs[position]
            credit, best = _surer(credit, best, last.strip(" \t()[]（）-–—―"), found)
        elif is_picture(last) or is_boilerplate(last) or _PUBLISHED.match(last):
            pass
        elif tail := closing(last):
            mark, found, paragraphs[position] = tail
            credit, best = _surer(credit, best, mark, found)
            continue
        else:
            break
        position -= 1
    return credit, best, notices


def _surer(credit: str, best: Sign, line: str, found: Sign) -> tuple[str, Sign]:
    """The better of two credits; a desk's initials and end marks are none."""
    if found.how == "end" or CONFIDENCE.get(best.how, 0.0) >= CONFIDENCE[found.how]:
        return credit, best
    return line, found
