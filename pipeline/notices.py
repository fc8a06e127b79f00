"""Notices of an editor or a sender around a story: corrections, refilings, embargoes, in lines of their own.

Reuters says in brackets on top what a new version changes ("(Corrects spelling …)", "(Adds …)", Reuters Handbook of
Journalism, "Corrections, Refiles, Kills"); AP closes with "This story has been corrected to …"; outlets write
"Correction:".
"""

from __future__ import annotations

import re

LONGEST = 700  # characters; a longer paragraph tells a story of its own

# Each opens a paragraph. A colon or a full form is asked for: "Corrections officers met" is news.
_OPENINGS = (
    # Reuters' and others' brackets
    r"\((?:corrects?|corrected|corrections?|refiles?|refiled|adds?|updates?|recasts?|rewrites?|clarifies|removes?|fixes|"
    r"repeats?|story (?:corrected|refiled|updated))\b[^()]*(?:\([^()]*\)[^()]*)*\)\W*$",
    # corrections
    r"(?:editor['’]s note\s*[:–—-]\s*)?(?:correction|clarification|erratum|corrigendum|editor['’]s note|update)\s?"
    r"(?:\([^)]{3,30}\))?\s*:\s.*(?:\b(?:correct|clarif|updat|earlier|previous|misstat|misspell|mistaken|incorrect|"
    r"wrong|error|amend|retract|remov)\w*|$)",
    r"(?:an?|the) (?:earlier|previous|original) version of (?:this|the) (?:story|article|report|post|headline|piece)\b",
    r"(?:this|the) (?:story|article|report|post|piece|headline) (?:has been|was) "
    r"(?:corrected|updated|amended|clarified|revised)"
    r"\b",
    r"corrects? to\b|corrects? (?:spelling|name|date|figure|paragraph|headline|title|attribution|day|year|typo)\b",
    r"(?:korrektur|berichtigung|richtigstellung|korrekturhinweis|anmerkung der redaktion)\s*:",
    r"(?:hinweis\s*:\s*)?in einer (?:früheren|ersten|vorherigen) (?:version|fassung)\b",
    r"(?:rectificatif|correction|erratum|précision|mise à jour)\s?:\s|une (?:version précédente|première version)\b",
    r"(?:fe de errat[ao]s|fe de errores|correcci[oó]n|rectificaci[oó]n|aclaraci[oó]n)\s*:|"
    r"una versi[oó]n anterior de est",
    r"(?:errata corrige|rettifica|correzione|precisazione)\s*:|una versione precedente di quest",
    r"(?:errata|correção|correção de texto|atualização)\s*:|uma versão anterior dest",
    r"(?:rectificatie|correctie|rättelse|rettelse|korrektion|oikaisu|korjaus|sprostowanie|oprava|helyesbítés|düzeltme|"
    r"ralat|koreksi|исправление|поправка|уточнение|διόρθωση|更正|訂正|정정|바로잡습니다|تصحيح)\s*[:：]",
    # embargoes
    r"embargoed\b.{0,20}\b(?:until|till|to|for|not for)\b|(?:strict(?:ly)? )?(?:under )?embargo(?:ed)?\s*[:–—-]|"
    r"not for (?:release|"
    r"publication|use|broadcast) (?:before|until)\b|for (?:immediate )?release (?:at|on|until)\b",
    r"(?:achtung\W+)?sperrfrist\b|sous embargo\b|embargo jusqu|embargad[oa] hasta\b|embargo hasta\b|embargo fino\b|"
    r"embargo até\b|onder embargo\b",
)
_NOTICE = re.compile("(?:" + "|".join(f"(?:{o})" for o in _OPENINGS) + ")", re.I | re.S)
# What agencies put before the headline of a new version: "UPDATE 2-Ministers meet".
_SERIAL = re.compile(r"(?P<mark>(?:UPDATE|WRAPUP|REFILE|RPT|CORRECTED|CORRECTION|ADVISORY)(?: \d{1,2})?)\s?-\s?(?=\S)")


def is_notice(paragraph: str) -> bool:
    """Whether a paragraph only says what was changed, or when it may be printed."""
    text = paragraph.strip(" \t\u00a0*_•")
    return 8 <= len(text) <= LONGEST and _NOTICE.match(text) is not None


# Of the notices above, those that correct nothing: embargoes, and versions that only tell more.
_NO_CORRECTION = re.compile(
    r"\W*(?:(?:strict(?:ly)? )?(?:under )?embarg|achtung\W+sperrfrist|sperrfrist|sous embargo|onder embargo|not for |"
    r"for (?:immediate )?release|(?:adds?|updates?|recasts?|rewrites?|repeats?|story updated)\b|mise à jour|"
    r"atualização|(?:update|wrapup|rpt|advisory)(?: \d{1,2})?\W*$)",
    re.I,
)


def is_correction(notice: str) -> bool:
    """Whether a notice (see `is_notice`; or the mark of a headline, see `serial`) says that something was wrong."""
    return _NO_CORRECTION.match(notice) is None


def serial(headline: str) -> str:
    """ "UPDATE 2" of "UPDATE 2-Ministers meet", or ""."""
    match = _SERIAL.match(headline)
    return match["mark"] if match else ""
