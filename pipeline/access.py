"""How much of a story was read, and whether the page asks for money or a login: by its claims, then by its end.

`isAccessibleForFree` of JSON-LD comes first, then meta elements such as `article:content_tier`, then a paywall's phrase
at the end of the text. A page that says nothing is neither: None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.metadata import Metadata
from pipeline.types import Grade, Known

SCRAP = 60  # characters below which there is no usable text
TEASER = 1500  # characters that a page which is not free may show of its story
TAIL = 400  # characters at the end in which a paywall speaks

_PHRASE = re.compile(
    r"(?:subscribe|register|sign in|log in) (?:now )?to (?:continue|read|unlock|keep reading)|continue reading with|"
    r"already a subscriber\?|to (?:continue|keep) reading\b|read the full (?:article|story)\b|unlock this article|"
    r"this (?:article|story|content) is (?:only )?(?:available )?(?:for|to) (?:\w+ )?(?:subscribers|members)|"
    r"(?:jetzt|mit .{2,20}) weiterlesen|réservé aux abonnés|para (?:seguir|continuar) leyendo|"
    r"exclusivo para (?:suscriptores|assinantes)",
    re.I,
)
# Names of meta elements as outlets make them up: article:content_tier, adv:premium, tmg.premium.state, k5a:paid,
# cXenseParse:isPremium, bad:paywall, outbrain:article_access_status.
_TIER = re.compile(r"(?:^|[.:_-])content[._-]?tier$|access_status$|accessrights$")
_FLAG = re.compile(r"(?:^|[.:_-])(?:is)?(?:premium|paywall(?:ed)?|paid(?:content)?|locked)(?:\.state)?$")
_TIERS = {
    "free": (False, 0.9),
    "locked": (True, 0.9),
    "paid": (True, 0.9),
    "premium": (True, 0.9),
    "subscription": (True, 0.9),
    "subscriber": (True, 0.9),
    "metered": (True, 0.7),  # some see it whole
}
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Access:
    """`known` tells how "grade" and "paywalled" are known; the latter is missing where the page does not say."""

    grade: Grade
    paywalled: bool | None
    known: Mapping[str, Known]


def access(text: str, meta: Metadata, behind: str = "") -> Access:
    """Judge by the text that was found, by what stands `behind` it on the page, and by the page's claims."""
    phrase = _PHRASE.search(text[-TAIL:]) is not None or (len(text) < TEASER and _PHRASE.search(behind) is not None)
    read, sure = _grade(text, meta, phrase)
    known = {"grade": sure}
    paywalled, how = _paywalled(meta, phrase)
    if how is not None:
        known["paywalled"] = how
    return Access(read, paywalled, known)


def _grade(text: str, meta: Metadata, phrase: bool) -> tuple[Grade, Known]:
    if len(text) < SCRAP and not (len(text) >= SCRAP // 3 and not text.isascii()):
        return Grade.HEADLINE, Known("no text", 0.9)
    if len(text.split()) * 2 < meta.word_count:
        return Grade.PARTIAL, Known("declared word count", 0.8)
    if phrase:
        return Grade.PARTIAL, Known("paywall phrase", 0.8)
    if meta.free is False and len(text) < TEASER:
        return Grade.PARTIAL, Known("declared not free, and short", 0.8)
    if len(text) < SCRAP * 2:
        return Grade.PARTIAL, Known("length", 0.5)
    if len(text) < 800 and text.rstrip().endswith(("…", "...")):
        return Grade.PARTIAL, Known("ends in an ellipsis", 0.7)
    return Grade.FULL, Known("length", 0.9 if len(text) >= TEASER else 0.7)


def _paywalled(meta: Metadata, phrase: bool) -> tuple[bool | None, Known | None]:
    if meta.free is not None:
        return not meta.free, Known("json-ld", 0.9)
    for name, contents in meta.metas.items():
        found = _declared(name, contents)
        if found is not None:
            return found[0], Known(f"meta {name}"[:80], found[1])
    return (True, Known("paywall phrase", 0.7)) if phrase else (None, None)


def _declared(name: str, contents: Sequence[str]) -> tuple[bool, float] | None:
    said = contents[-1].strip().lower() if contents else ""
    if _TIER.search(name):
        return _TIERS.get(said)
    if name == "isaccessibleforfree" and said in _FLAGS:
        return not _FLAGS[said], 0.9
    return (_FLAGS[said], 0.8) if said in _FLAGS and _FLAG.search(name) else None
