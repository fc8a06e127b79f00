"""What was found as a file: CSV, JSON, JSON Lines, and as citations in RIS or BibTeX. Metadata only, never the text.

RIS is written as Clarivate's description has it (two letters, two spaces, a hyphen, a space; lines end in CR LF), with
the type NEWS and the tags that Zotero, EndNote and Mendeley read for it. BibTeX entries are of the type article, with
the outlet as the journal, and have both biblatex's `date` and BibTeX's `year` and `month`. Names are given as printed:
which part of a name is the family's cannot be told from it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from web.answers import Looked


class Format(StrEnum):
    """What a file of results is written in."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    RIS = "ris"
    BIBTEX = "bibtex"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.JSON: "application/json",
    Format.JSONL: "application/x-ndjson",
    Format.RIS: "application/x-research-info-systems; charset=utf-8",
    Format.BIBTEX: "application/x-bibtex; charset=utf-8",
}
ENDINGS = {one: "bib" if one is Format.BIBTEX else str(one) for one in Format}  # of a file's name
COLUMNS = (
    "story", "article", "title", "outlet", "source", "country", "language", "authors", "wire", "published",
    "first_seen", "url", "grade", "topics", "entities", "copies", "outlets", "score",
)  # fmt: skip


def export(found: Iterable[Looked], format: Format, accessed: datetime) -> Iterator[str]:
    """The file in pieces, as the stories come. `accessed` is when they were looked at, for citations."""
    yield from _WRITERS[format](found, accessed)


def row(one: Looked) -> dict[str, Any]:
    """One story (or article, unfolded) as plain JSON values, in the order of COLUMNS; times are ISO 8601, UTC."""
    article, copies = one.article, one.story.copies
    return {
        "story": one.story.id,
        "article": article.article_id,
        "title": article.title,
        "outlet": article.outlet,
        "source": article.source_id,
        "country": article.country,
        "language": article.language,
        "authors": list(article.authors),
        "wire": article.wire,
        "published": article.published.astimezone(UTC).isoformat() if article.published else None,
        "first_seen": article.first_seen.astimezone(UTC).isoformat(),
        "url": article.url,
        "grade": str(article.grade),
        "topics": list(article.topics),
        "entities": list(article.entities),
        "copies": len(copies),
        "outlets": list(one.story.outlets),
        "score": round(one.score, 4),
    }


def _csv(found: Iterable[Looked], accessed: datetime) -> Iterator[str]:
    yield _csv_line(COLUMNS)
    for one in found:
        values = row(one).values()
        yield _csv_line([_cell("; ".join(value) if isinstance(value, list) else value) for value in values])


def _csv_line(values: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(values)
    return line.getvalue()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection)."""
    if not isinstance(value, str):
        return value
    text = _tidy(value)
    return f"'{text}" if text.startswith(tuple("=+-@＝＋－＠")) else text


def _json(found: Iterable[Looked], accessed: datetime) -> Iterator[str]:
    yield "["
    for number, one in enumerate(found):
        yield ("," if number else "") + "\n" + _object(one)
    yield "\n]\n"


def _jsonl(found: Iterable[Looked], accessed: datetime) -> Iterator[str]:
    for one in found:
        yield _object(one) + "\n"


def _object(one: Looked) -> str:
    return json.dumps(row(one), ensure_ascii=False).encode("utf-8", "replace").decode()


# --- citations ------------------------------------------------------------------------------
def _ris(found: Iterable[Looked], accessed: datetime) -> Iterator[str]:
    for one in found:
        article, date = one.article, one.article.published
        told = [
            ("TY", "NEWS"),
            ("ID", article.article_id),
            ("TI", article.title),
            *(("AU", author) for author in article.authors),
            ("T2", article.outlet),
            ("PY", f"{date.astimezone(UTC):%Y}" if date else ""),
            ("DA", f"{date.astimezone(UTC):%Y/%m/%d}/" if date else ""),
            ("UR", _address(article.url)),
            ("Y2", f"{accessed.astimezone(UTC):%Y/%m/%d}/"),
            ("LA", article.language),
            *(("KW", topic) for topic in article.topics),
            ("N1", _note(one)),
        ]
        lines = [f"{tag}  - {_tidy(value)}" for tag, value in told if value]
        yield "\r\n".join([*lines, "ER  - ", "", ""])


def _bibtex(found: Iterable[Looked], accessed: datetime) -> Iterator[str]:
    for one in found:
        article, date = one.article, one.article.published
        day = date.astimezone(UTC) if date else None
        told = {
            "author": " and ".join("{" + _escaped(author) + "}" for author in article.authors),
            "title": "{" + _escaped(article.title) + "}",  # as printed, no lower case
            "journal": _escaped(article.outlet),
            "date": f"{day:%Y-%m-%d}" if day else "",
            "year": f"{day:%Y}" if day else "",
            "month": _MONTHS[day.month - 1] if day else "",
            "url": _address(article.url),
            "urldate": f"{accessed.astimezone(UTC):%Y-%m-%d}",
            "langid": _LANGUAGES.get(article.language.lower()[:2], ""),
            "keywords": _escaped(", ".join(article.topics)),
            "note": _escaped(_note(one)),
        }
        lines = [
            f"  {name} = {value}" if name == "month" else f"  {name} = {{{value}}}"
            for name, value in told.items()
            if value not in ("", "{}")
        ]
        yield f"@article{{{_key(one, day)},\n" + ",\n".join(lines) + "\n}\n\n"


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LANGUAGES = {  # babel's names, which biblatex knows
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese",
    "nl": "dutch", "pl": "polish", "ru": "russian", "uk": "ukrainian", "sv": "swedish", "da": "danish",
    "fi": "finnish", "cs": "czech", "tr": "turkish", "el": "greek", "ja": "japanese",
}  # fmt: skip
_ESCAPES = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "&%$#_"},
        "{": "\\textbraceleft{}",  # an escaped brace counts when braces are paired
        "}": "\\textbraceright{}",
        "\\": "\\textbackslash{}",
        "~": "\\textasciitilde{}",
        "^": "\\textasciicircum{}",
    }
)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\u0085\u2028\u2029\ud800-\udfff]+")


def _tidy(text: str) -> str:
    """On one line, without what no file may hold."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _escaped(text: str) -> str:
    return _tidy(text).translate(_ESCAPES)


def _address(url: str) -> str:
    """An address with every sign that would need an escape percent-encoded; what is encoded stays as it is."""
    return quote(url.encode("utf-8", "replace").decode(), safe="!*'();:@&=+$,/?#[]~-._%")


def _key(one: Looked, day: datetime | None) -> str:
    source = re.sub(r"[^a-z0-9-]", "", one.article.source_id.lower())
    return f"{source}:{day.year if day else 'undated'}:{one.article.article_id}"


def _note(one: Looked) -> str:
    article, copies = one.article, one.story.copies
    told = [f"first seen {article.first_seen.astimezone(UTC):%Y-%m-%d %H:%M} UTC"]
    if article.wire:
        told.append(f"wire copy of {article.wire}")
    if len(copies) > 1:
        told.append(f"{len(copies)} copies at {len(one.story.sources)} outlets")
    return f"Wirewatch story {one.story.id}: {'; '.join(told)}"


_WRITERS: dict[Format, Callable[[Iterable[Looked], datetime], Iterator[str]]] = {
    Format.CSV: _csv,
    Format.JSON: _json,
    Format.JSONL: _jsonl,
    Format.RIS: _ris,
    Format.BIBTEX: _bibtex,
}
