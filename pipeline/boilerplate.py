"""Paragraphs that are no part of a story: newsletter banners, "Read more", players, photo credits, cookie texts.

A short list, each pattern seen on real pages, each anchored to the whole paragraph: a story *about* newsletters or
cookies is written in longer sentences than a banner. Patterns with an open end only fire in short paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SHORT = 200  # characters; banners with an open end are shorter, paragraphs of stories with the same beginning are not

_WHOLE = re.compile(
    r"(?:advertisement|advertising|ad|anzeige|werbung|publicité|publicidad|pubblicità|advertisement\s*[-–—]\s*scroll to continue|"
    r"article content|story continues below(?: (?:this )?ad(?:vertisement)?)?|continue reading(?: below)?|recommended(?: videos?| reading| stories)?|"
    r"share(?: (?:this )?(?:article|story|page|post))?(?: (?:on|via) [\w, &/]{3,60})?|share full article|teilen|partager|compartir|"
    r"listen to (?:this )?(?:story|article)(?: \(\d+ min(?:ute)?s?\))?|listen\s*\d*:?\d*|loading\W*|save|print|email|copy link|"
    r"link copied(?: to clipboard)?|comments?(?: \(\d+\))?|view comments?|leave a comment|show more|see more|"
    r"most (?:read|popular|viewed)(?: (?:in|on) [\w ]{2,40})?|don['’]t miss|popular|trending(?: now)?|related(?: (?:articles?|stories|topics|content|news|coverage))?|"
    r"more (?:from|on) [\w’' &.-]{2,40}|auch interessant|mehr zum thema|lesen sie auch|lire aussi|à lire aussi|lee también|leia também|"
    r"empfohlener redaktioneller inhalt|recommended by our editors|tags?|topics|hauptinhalt|skip (?:past|to|advertisement)[\w ]{0,40}|"
    r"play(?: video)?|watch(?: now| live)?|video player is loading\W*|follow us(?: on [\w, &]{3,60})?|"
    r"\d+ min(?:ute)?s? read|reading time:? \d+ min(?:ute)?s?|tempo de leitura: \d+ minutos?|lesezeit:? \d+ min(?:uten?|\.)?)\W*",
    re.I,
)
_OPEN = re.compile(
    r"(?:sign up(?: now| here| today)?(?:\s*:|\s+(?:for|to)\s+(?:our|the|get|receive|[\w’']+(?: [\w’']+){0,4} newsletters?))|"
    r"subscribe (?:now|here|today|to (?:our|the [\w’' ]{2,40}(?:newsletters?|channel|briefing)))|"
    r"get (?:the latest|our|unlimited|[\w’' ]{2,40}newsletters?)\b.{0,90}\b(?:inbox|subscrib\w*|newsletters?|app)\b|"
    r"(?:read|see|find out|learn) more(?: (?:here|on this|about this|at))?\s*:|also read\s*[:|]|read also\s*:|must read\s*:|"
    r"(?:related|more|watch|listen|in pictures|explainer|recommended)\s*:\s*\S|\[?related\s*:|"
    r"(?:lesen sie (?:auch|hier|dazu)|mehr (?:dazu|lesen)|lire (?:aussi|la suite)|à lire (?:aussi|également)|lea (?:también|además)|leia (?:também|mais))\s*[:|]|"
    r"follow (?:us|[\w’' .]{2,40}) on (?:twitter|x|facebook|instagram|whatsapp|telegram|linkedin|youtube|google news|threads|bluesky)\b|"
    r"join (?:our|[\w’']+['’]s) (?:whatsapp|telegram) (?:channel|community|group)|"
    r"click here to (?:subscribe|read|sign up|join|follow|watch)|download (?:our|the [\w’' ]{2,30}) app\b|"
    r"(?:photo|picture|image|foto|bild|file photo|photograph|illustration|credit|photo credit|image credit)\s*(?:by|:|/)\s|"
    r"(?:we|this (?:site|website)) uses? cookies\b|by (?:clicking|continuing|signing up|subscribing),? .{0,60}\b(?:you (?:agree|accept)|agree to)|"
    r"already (?:a subscriber|have an account)\?|this (?:article|story|content) is (?:only )?(?:for subscribers|available to subscribers)|"
    r"this (?:site|form) is protected by recaptcha|an error (?:has )?occurred|please (?:enable javascript|try again later|disable your ad.?blocker)|"
    r"(?:©|\(c\)|copyright)\s*(?:\d{4}|\w+ \d{4})?.{0,80}all rights reserved|we may earn (?:a )?commission|"
    r"do you have (?:a )?(?:story|tip|news tip)\b.{0,80}\?|have a tip\?|this article (?:first|originally) appeared|swipe left below)",
    re.I,
)
_PHOTO_TAIL = re.compile(
    r"(?:photo|pic|image|picture)s?\s*[:/]|[\[(](?:photo|file|image|picture|courtesy)\b[^\])]{0,60}[\])]\s*$|"
    r"(?:via )?(?:getty images?|shutterstock|istock|ap photo/[\w. ]+|epa-efe|reuters/[A-Z][\w. ]+|afp via getty images)\W*$",
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
    key = _key(title)
    while kept and key and _key(kept[0]) == key:
        kept.pop(0)
    return kept


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
