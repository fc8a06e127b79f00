"""Who wrote it: people's names out of bylines, agencies apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.agencies import agencies

_BY = re.compile(
    r"^\s*(?:(?:(?:written|story|reporting|words)\s+by|by|von|par|por|door|av|af|oleh|(?-i:di)|автор|текст)\b|作者|記者|文)[\s:：]+|"
    r"^\s*(?:text|author|autor|autorin|auteur|foto|redaktion)\s*:\s*",
    re.I,
)
_SPLIT = re.compile(
    r"\s*(?:[;|•·/\n]|,\s*(?:and|und|et|y|e|og|och|en)\s|,|\s(?:and|und|et|y|og|och|&|with|mit)\s)\s*", re.I
)
_JOB = re.compile(
    r"\b(?:staff|writers?|reporters?|correspondents?|editors?|redakteur(?:in)?|redaktion|korrespondent(?:in)?|journalist|"
    r"columnist|bureau|chief|news\s?room|news\s?desk|desk|team|analyst|producer|contributors?|freelance|agenc(?:y|ies)|"
    r"washington|london|berlin|published|updated|subscribe|follow|min read|editorial|guest|online|digital|admin|"
    r"webdesk|newspaper|magazine|media|press|posted|read more|comments?|share|copyright|all rights)\b",
    re.I,
)
_NOISE = re.compile(
    r"\s*[(\[][^)\]]{0,80}[)\]]|\S+@\S+\.\w+|https?://\S+|\s+@\w+|\s*\d{1,2}[./:]\d{2}.*$|"
    r"[,\s]+(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|published\b|updated\b|posted\b|\d{1,2}\s+\w+\s+\d{4}|"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*\.?\s+\d{1,2},?\s+\d{4}).*$",
    re.I,
)
_MAIL_AND_NAME = re.compile(r"^\s*\S+@\S+\s+\(([^()]{2,60})\)\s*$")  # how RSS 2.0 wants its authors
_SUFFIX = re.compile(r"^(?:jr|sr|ph\.?d|md|m\.d|dr|prof|ii|iii|iv|esq|mba|cfa|obe|cbe|qc|kc|mp)\.?$", re.I)
MAX_PEOPLE = 12


def people(lines: Iterable[str], outlet: str = "") -> tuple[tuple[str, ...], str]:
    """People named in byline texts, and the agency credit found among them ("" when none).

    "By Ann Lee and Bo Chan" gives two people; agencies, desks and the outlet's own name are no people.
    A name printed in capitals is set in title case.
    """
    names: dict[str, str] = {}
    credit = ""
    home = _key(outlet)
    for line in lines:
        for part in _parts(line):
            if agencies().named(part):
                credit = credit or part
            elif (home and _key(part) in (home, "the" + home)) or not _is_person(part):
                continue
            else:
                names.setdefault(_key(part), _cased(part))
    return tuple(list(names.values())[:MAX_PEOPLE]), credit


def _parts(line: str) -> list[str]:
    line = _MAIL_AND_NAME.sub(r"\1", line)
    # An agency's own brackets ("Ann Lee (Reuters)") are a credit of their own.
    inner = [m for m in re.findall(r"[(\[]([^)\]]{2,40})[)\]]", line) if agencies().named(m)]
    line = _NOISE.sub(" ", line)
    line = _BY.sub("", line, count=1)
    parts: list[str] = []
    for part in _SPLIT.split(line):
        part = _BY.sub("", part).strip(" .,:;-–—*\u00a0")
        if _SUFFIX.match(part) and parts and _is_person(parts[-1]):
            continue
        if part:
            parts.append(" ".join(part.split()))
    return parts + inner


def _is_person(text: str) -> bool:
    """A plausible name: two to five words with capitals (one word for scripts without them or pen names), no job."""
    if not 2 <= len(text) <= 50 or any(c.isdigit() or c in '<>{}=_:?!"' for c in text) or _JOB.search(text):
        return False
    words = text.split()
    if len(words) > 6 or not any(c.isalpha() for c in text):
        return False
    if text.isascii() or any(c.islower() for c in text):
        return words[0][0].isupper() or (len(words) > 1 and words[-1][0].isupper())
    return len(text) <= 20 or len(words) > 1


def _cased(name: str) -> str:
    if len(name) > 4 and name.isupper() and " " in name:
        return re.sub(r"[^\W\d_]+", lambda m: m.group().capitalize(), name)
    return name


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
