"""Paragraphs that are no part of a story: newsletter banners, "Read more", players, photo credits, cookie texts.

A short list, each pattern seen on real pages, each anchored to the whole paragraph: a story *about* newsletters or
cookies is written in longer sentences than a banner. Patterns with an open end only fire in short paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.html import key

SHORT = 200  # characters; banners with an open end are shorter, paragraphs of stories with the same beginning are not


def _any(*patterns: str) -> str:
    return "(?:" + "|".join(patterns) + ")"


_WHOLE = re.compile(
    _any(
        r"(?:advertisement|advertising|ad|anzeige|werbung|publicité|publicidad|pubblicità)(?:\W+scroll to continue)?",
        r"article content|hauptinhalt|continue reading(?: below)?",
        r"story continues below(?: (?:this )?ad(?:vertisement)?)?",
        r"recommended(?: videos?| reading| stories)?|recommended by our editors|empfohlener redaktioneller inhalt",
        r"share(?: (?:this )?(?:article|story|page|post))?(?: (?:on|via) [\w, &/]{3,60})?|share full article",
        r"teilen|partager|compartir|save|print|email|copy link|link copied(?: to clipboard)?",
        r"listen to (?:this )?(?:story|article)(?: \(\d+ min(?:ute)?s?\))?|listen\s*\d*:?\d*|loading",
        r"comments?(?: \(\d+\))?|view comments?|leave a comment|show more|see more|tags?|topics",
        r"most (?:read|popular|viewed)(?: (?:in|on) [\w ]{2,40})?|don['’]t miss|popular|trending(?: now)?",
        r"related(?: (?:articles?|stories|topics|content|news|coverage))?|more (?:from|on) [\w’' &.-]{2,40}",
        r"auch interessant|mehr zum thema|lesen sie auch|lire aussi|à lire aussi|lee también|leia também",
        r"skip (?:past|to|advertisement)[\w ]{0,40}|play(?: video)?|watch(?: now| live)?|video player is loading",
        r"follow us(?: on [\w, &]{3,60})?|\d+ min(?:ute)?s? read|reading time:? \d+ min(?:ute)?s?",
        r"tempo de leitura: \d+ minutos?|lesezeit:? \d+ min(?:uten?|\.)?",
    )
    + r"\W*",
    re.I,
)
_OPEN = re.compile(
    _any(
        r"sign up(?: now| here| today)?\s*:|sign up (?:for our|to (?:our|get|receive))\b",
        r"sign up (?:for|to) [\w’' ]{2,40} newsletters?\b",
        r"subscribe (?:now|here|today)\b|subscribe to (?:our|the [\w’' ]{2,40}(?:newsletters?|channel|briefing))\b",
        r"get (?:the latest|our|unlimited|[\w’' ]{2,40}newsletters?)\b.{0,90}\b(?:inbox|subscrib\w*|newsletters?)\b",
        r"(?:read|see|find out|learn) more(?: (?:here|on this|about this|at))?\s*:",
        r"(?:also|must) read\s*[:|]|read also\s*:",
        r"\[?(?:related|more|watch|listen|in pictures|explainer|recommended)\s*:\s*\S",
        r"(?:lesen sie (?:auch|hier|dazu)|mehr (?:dazu|lesen))\s*[:|]",
        r"(?:lire (?:aussi|la suite)|à lire (?:aussi|également))\s*[:|]",
        r"(?:lea (?:también|además)|leia (?:também|mais))\s*[:|]",
        r"follow (?:us|[\w’' .]{2,40}) on (?:twitter|x|facebook|instagram|whatsapp|telegram|linkedin|youtube)\b",
        r"join (?:our|[\w’']+['’]s) (?:whatsapp|telegram) (?:channel|community|group)",
        r"click here to (?:subscribe|read|sign up|join|follow|watch)|download (?:our|the [\w’' ]{2,30}) app\b",
        r"(?:photo|picture|image|foto|bild|file photo|photograph|illustration)\s*(?:by\s|:|/\s)",
        r"(?:photo |image )?credit\s*(?:by\s|:|/\s)",
        r"(?:we|this (?:site|website)) uses? cookies\b|this (?:site|form) is protected by recaptcha",
        r"by (?:clicking|continuing|signing up|subscribing)\b.{0,60}\b(?:you (?:agree|accept)|agree to)",
        r"already (?:a subscriber|have an account)\?",
        r"please (?:enable javascript|try again later|disable your ad.?blocker)",
        r"this (?:article|story|content) is (?:only )?(?:for subscribers|available to subscribers)",
        r"an error (?:has )?occurred|we may earn (?:a )?commission",
        r"(?:©|\(c\)|copyright)\s*\d{4}.{0,80}all rights reserved",
        r"do you have (?:a )?(?:story|tip|news tip)\b.{0,80}\?|have a tip\?|swipe left below",
        r"this article (?:first|originally) appeared",
    ),
    re.I,
)
_PHOTO_TAIL = re.compile(
    r"(?:photo|pic|image|picture)s?\s*[:/]|[\[(](?:photo|file|image|picture|courtesy)\b[^\])]{0,60}[\])]\s*$|"
    r"(?:via )?(?:getty images?|shutterstock|istock|ap photo/[\w. ]+|epa-efe|reuters/[A-Z][\w. ]+)\W*$",
    re.I,
)


def is_boilerplate(paragraph: str) -> bool:
    """Whether a paragraph is certainly no part of the story."""
    text = paragraph.strip().removeprefix("- ").strip()
    if not text or not any(c.isalnum() for c in text):
        return True
    if len(text) > SHORT:
        return False
    if _WHOLE.fullmatch(text) or _OPEN.match(text):
        return True
    return len(text) < 120 and _PHOTO_TAIL.search(text) is not None and not text.endswith((".", "”", "?", "!"))


def clean(paragraphs: Sequence[str], title: str = "") -> list[str]:
    """The paragraphs that are the story: boilerplate gone, and the headline where the body repeats it on top."""
    kept = [p for p in paragraphs if not is_boilerplate(p)]
    headline = key(title)
    while kept and headline and key(kept[0]) == headline:
        kept.pop(0)
    return kept
