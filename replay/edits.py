"""The edits newsrooms make to wire copy, as small pure functions over paragraphs.

Copy is written once in British spelling, with curly quotes, "Mr" before names and days as `[[0]]` (the day of the
event), `[[-1]]` (the day before) and so on; each house then sets it in its own style.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

_SPELLINGS = """
defence=defense labour=labor programme=program programmes=programs centre=center centres=centers
licence=license licences=licenses behaviour=behavior colour=color favour=favor harbour=harbor
neighbour=neighbor neighbours=neighbors metres=meters metre=meter kilometres=kilometers travelled=traveled
labelled=labeled labelling=labeling organisation=organization organisations=organizations recognise=recognize
recognised=recognized authorise=authorize authorised=authorized authorisation=authorization analyse=analyze
analysed=analyzed criticised=criticized emphasised=emphasized prioritise=prioritize armour=armor
armoured=armored modernise=modernize cancelled=canceled towards=toward per_cent=percent grey=gray tonnes=tons
manoeuvre=maneuver manoeuvres=maneuvers sceptical=skeptical cheque=check practise=practice artefacts=artifacts
catalogue=catalog
"""
UK_TO_US = dict(pair.replace("_", " ").split("=") for pair in _SPELLINGS.split())
"""House spellings that differ, British first."""
_SPELLED = re.compile(r"\b(" + "|".join(sorted(UK_TO_US, key=len, reverse=True)) + r")\b", re.IGNORECASE)
_HONORIFIC = re.compile(r"\b(Mr|Ms|Mrs|Dr) (?=[A-Z])")
_DAY = re.compile(r"\[\[(-?\d+)\]\]")
_SENTENCE = re.compile(r"(?<=[.!?][”\"])\s+|(?<=[.!?])\s+(?=[A-Z“\"])")
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "..."})
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
}


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """How a house sets copy. `days`: "month-day" (Feb 24), "day-month" (24 February) or "weekday" (Tuesday)."""

    spelling: str = "uk"  # or "us"
    days: str = "month-day"
    quotes: str = "curly"  # or "straight"
    honorifics: str = "keep"  # "Mr X"; "dot" = "Mr. X", "drop" = "X"
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Edits:
    """What one carrier does to the copy. Paragraph numbers count from 1 in the copy as it was filed."""

    cut: int = 0  # paragraphs off the end
    drop: tuple[int, ...] = ()
    merge: tuple[int, ...] = ()  # joined with the next one that is kept
    insert: Mapping[int, str] = field(default_factory=dict)  # own paragraphs, after the one numbered
    lead: tuple[str, ...] = ()  # own paragraphs before the copy
    pad: tuple[str, ...] = ()  # own paragraphs after it
    replace: Mapping[str, str] = field(default_factory=dict)
    brief: int = 0  # only so many sentences, in one paragraph


def edited(paragraphs: Sequence[str], edits: Edits) -> list[str]:
    """The copy after a desk has cut, trimmed, reworded, joined and padded it. Raises ValueError on a bad number."""
    last = len(paragraphs)
    if bad := [n for n in (*edits.drop, *edits.merge, *edits.insert) if not 1 <= n <= last]:
        raise ValueError(f"no paragraph {bad[0]} in copy of {last}")
    kept: list[str] = []
    join = False
    for number, text in enumerate(paragraphs[: last - edits.cut], 1):
        if number not in edits.drop:
            text = reworded(text, edits.replace)
            if join:
                kept[-1] += " " + text
            else:
                kept.append(text)
            join = number in edits.merge
        if number in edits.insert:
            kept.append(edits.insert[number])
            join = False
    if edits.brief:
        kept = [" ".join(sentences(" ".join(kept))[: edits.brief])]
    return [*edits.lead, *kept, *edits.pad]


def sentences(text: str) -> list[str]:
    """A text split at the ends of its sentences; good enough for copy of our own."""
    return [part for part in _SENTENCE.split(text) if part]


def reworded(text: str, words: Mapping[str, str]) -> str:
    """A text with wordings swapped, each wherever it stands."""
    for old, new in words.items():
        text = text.replace(old, new)
    return text


def in_style(text: str, style: HouseStyle, event: date) -> str:
    """A text set in a house's style; `event` is the day that `[[0]]` stands for."""
    text = _DAY.sub(lambda found: day_name(event + timedelta(days=int(found[1])), event, style), text)
    if style.spelling == "us":
        text = _SPELLED.sub(_american, text)
    if style.honorifics == "drop":
        text = _HONORIFIC.sub("", text)
    elif style.honorifics == "dot":
        text = _HONORIFIC.sub(r"\1. ", text)
    return text.translate(_STRAIGHT) if style.quotes == "straight" else text


def all_in_style(paragraphs: Iterable[str], style: HouseStyle, event: date) -> list[str]:
    """Every paragraph set in a house's style."""
    return [in_style(paragraph, style, event) for paragraph in paragraphs]


def day_name(day: date, today: date, style: HouseStyle) -> str:
    """A day as the house prints it; a weekday only while it cannot be mistaken for another week's."""
    if style.language == "ja":
        return f"{day.month}月{day.day}日"
    weekdays, months = _WEEKDAYS[style.language].split(), _MONTHS[style.language].split()
    if style.days == "weekday" and abs((day - today).days) < 7:
        return weekdays[day.weekday()]
    month = months[day.month - 1]
    if style.language == "de":
        return f"{day.day}. {month}"
    if style.language == "fr" or style.days == "day-month":
        return f"{day.day} {month}"
    return f"{month[:3]} {day.day}"


def with_dateline(paragraphs: Sequence[str], dateline: str) -> list[str]:
    """The copy with a dateline ("WASHINGTON (Reuters) - ") before its first words."""
    return [dateline + paragraphs[0], *paragraphs[1:]] if dateline and paragraphs else list(paragraphs)


def with_credit(paragraphs: Sequence[str], credit: str) -> list[str]:
    """The copy with a credit at its end: after the last words, or on a line of its own if it starts with a newline."""
    if not credit or not paragraphs:
        return list(paragraphs)
    if credit.startswith("\n"):
        return [*paragraphs, credit.strip()]
    return [*paragraphs[:-1], f"{paragraphs[-1]} {credit.strip()}"]


def _american(found: re.Match[str]) -> str:
    word = found[0]
    american = UK_TO_US[word.lower()]
    if word.isupper():
        return american.upper()
    return american.capitalize() if word[0].isupper() else american
