"""The table of news agencies (`agencies.toml`) and the questions asked of it: whose name is this, whose site?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_EDGE = " \t\n\u00a0.,;:–—―-_()[]<>（）【】/|©ⓒ㈜*■•"
# What desks hang on an agency's name: "Reuters staff", "AFP correspondent", "PA Political Editor".
_LEAD = re.compile(
    r"^(?:(?:the|from|by|via|source|quelle|fuente|fonte|agencia|agence|agenzia|agentur|nachrichtenagentur|agência)\b|"
    r"агентство|агенція)[\s:]*",
    re.I,
)
_ROLE = re.compile(
    r"[\s,/-]+(?:(?:[A-Z][\w’']+\s+){0,2}(?:editors?|writers?|reporters?|correspondents?)|"
    r"staff(?:\s+(?:writers?|reporters?))?|news\s*room|agency|agencies|news\s+agency|news|service|wire|desk|team|"
    r"contributors?|photo|video|redaktion|sports?|fim|gmbh|limited|ltd|inc|llc)\.?$|"
    r"\s+in\s+[A-Z][\w .,’'-]{2,30}$",  # the Guardian's "Reuters in Oslo"
    re.I,
)
# Initials of those who wrote and edited: "PTI AVD BLN", "IANS avd/bln".
_INITIALS = re.compile(r"(?:\s+[A-Z]{2,4}){1,6}$|\s+[a-z]{1,5}(?:/[a-z]{1,5})+$")
_JOINT = re.compile(
    r"\s*([/,;&+|()\[\]•·、，=＝–—]|\s-\s|\b(?:and|with|und|mit|et|avec|con|com|y|e|och|og|ja|en|i)\b)\s*", re.I
)
_SMALL = re.compile(r"[a-zäöü]{1,4}|(?=.*\d)[\w.:\s-]{1,20}")  # initials, desks ("red", "lhe") and dates
# "REUTERS, with additional information from AFP": the first agency stays, the help goes.
_HELP = re.compile(r",?\s+with\s+(?:additional|inputs?|files|information)\b.*$", re.I)
_PLACE_AND_NAME = re.compile(r"[^\W\d_]+\s/\s[^\W\d_]+")  # "Madrid / EFE"; photographers have two names
_WITH = re.compile(r"(?:with|mit|avec|con|com|med|met)\b", re.I)
_HOUSE = re.compile(
    r"\b(?:staff|newsroom|desk|team|agenc\w+|agentur\w*|redaktion|rédaction|redacción|redazione|redactie|online|web|"
    r"gazette|times|post|herald|daily|news|tribune|journal|observer|bulletin|standard|star|zeitung|nachrichten)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Agencies:
    """`exact` maps a mark as printed to an agency's name, `loose` a case-folded name, `sites` a host.

    `dateline` and `credit` hold the marks that count in that place alone.
    """

    exact: Mapping[str, str]
    loose: Mapping[str, str]
    dateline: Mapping[str, str]
    credit: Mapping[str, str]
    sites: Mapping[str, str]

    def named(self, text: str, *, dateline: bool = False) -> str:
        """The agency `text` names when it names nothing else ("Reuters Staff", "(AP)", "By AFP"), or ""."""
        here = self.dateline if dateline else self.credit
        text = text.strip(_EDGE)
        while text and len(text) < 60:
            if found := self.exact.get(text) or self.loose.get(text.casefold()) or here.get(text):
                return found
            shorter = (_ROLE.sub("", text) if _ROLE.search(text) else _LEAD.sub("", text)).strip(_EDGE)
            if shorter == text:
                break
            text = shorter
        if "-" in text and len(text) < 30:  # "NTB-Reuters", "STT-AFP"
            names = [self.exact.get(part, "") for part in text.split("-")]
            return names[0] if all(names) else ""
        return ""

    def first(self, text: str, *, dateline: bool = False) -> str:
        """The agency that names set side by side speak for, or "".

        "Reuters, AP": the first named. Initials and dates do not count ("av/bl (AFP)", "APA, red, 24.2.2026"), a
        person before a comma belongs to the agency behind it ("Ana Vidal, AFP"), a person after a slash took a picture
        ("REUTERS/Ana Vidal"). Beside an outlet ("AP, Reuters and staff") agencies must be more, or as many and first.
        """
        text = text.strip(_EDGE)
        if found := self.named(text, dateline=dateline):
            return found
        words = text.removeprefix("Корр. ").split()
        if dateline and 2 < len(words) < 5 and all(w[0].isupper() for w in words) and (found := self.named(words[0])):
            return found  # "/Корр. ТАСС Ана Видаль/"
        text = _HELP.sub("", text)
        if len(text) > 120 or _WITH.match(text):
            return ""
        if found := self.named(_INITIALS.sub("", text), dateline=dateline):
            return found
        pieces = _JOINT.split(text)
        names: list[str] = []  # an agency's, "person" or "house", in order
        joint = ""
        for at in range(0, len(pieces), 2):
            piece = pieces[at].strip(_EDGE)
            if not piece or (kind := self._kind(piece, dateline)) == "small":
                continue
            if kind == "prose":
                return ""
            names.append(kind)
            joint = pieces[at - 1].strip() if at else ""
        known = [n for n in names if n not in ("person", "house")]
        if not known or len(names) > 6:
            return ""
        if "person" in names:
            aside = joint in ",|(-–—" and "/" not in text and (names[-1] == known[-1] or names == [known[0], "person"])
            return known[0] if aside or _PLACE_AND_NAME.fullmatch(text) else ""
        others = len(names) - len(known)
        return known[0] if len(known) > others or (len(known) == others and names[0] == known[0]) else ""

    def _kind(self, piece: str, dateline: bool) -> str:
        if found := self.named(piece, dateline=dateline):
            return found
        if _SMALL.fullmatch(piece):
            return "small"
        if _HOUSE.search(piece) and len(piece) < 50:
            return "house"
        words = piece.split()
        return "person" if len(words) < 5 and all(not w[0].islower() for w in words) else "prose"

    def mentioned(self, text: str) -> bool:
        """Whether any run of up to four words of a short text is an agency's name."""
        words = re.findall(r"[^\W_][\w.-]*", text)
        runs = (" ".join(words[i : i + n]) for n in range(1, 5) for i in range(len(words) - n + 1))
        return any(self.exact.get(r) or self.credit.get(r) or self.loose.get(r.casefold()) for r in runs)

    def at(self, url: str) -> str:
        """The agency whose own site or mailbox `url` (or "name@host") belongs to, or ""."""
        host = re.sub(r"^(?:\w+://)?(?:[^/@]*@)?(?:www\.)?|[/:?#].*$", "", url.lower())
        while "." in host:
            if found := self.sites.get(host):
                return found
            host = host.partition(".")[2]
        return ""


@cache
def agencies() -> Agencies:
    """The table shipped with the project, read once."""
    raw = tomllib.loads(resources.files("pipeline").joinpath("agencies.toml").read_text(encoding="utf-8"))

    def marks(key: str) -> dict[str, str]:
        return {mark.strip(_EDGE): agency["name"] for agency in raw["agency"] for mark in agency.get(key, ())}

    loose = {mark.casefold(): name for mark, name in marks("loose").items()}
    return Agencies(marks("aliases"), loose, marks("dateline"), marks("credit"), marks("sites"))
