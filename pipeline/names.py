"""Names outside the taxonomy, by rules over capitals: persons, organisations, places, and names of no sure kind.

For English (and texts of no known language): German capitalises every noun. A name is believed by its frame (a title
or role before a person, a verb of saying after one, the head or tail of an organisation's or place's name), or when it
stands there twice, once at least inside a sentence. Nothing is read where case says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from pipeline.tokens import Tokens, split
from pipeline.types import Span, Tag

MAX_NAMES = 30  # of one article
MAX_SPANS = 8
MOST = 500  # names that are looked into in one article, and
LONGEST = 200  # characters of a run: what is longer is no text

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽȘȚΑ-ΩА-Я"
_PERIOD = (  # after an initial, or a short title
    rf"\.(?:(?<=\b[{_UPPER}]\.)|(?<=\b(?:Lt|Dr|Mr|Ms|St|Jr|Sr)\.)|(?<=\b(?:Gen|Maj|Col|Adm|Sgt|Sen|Rep|Gov|Mrs|Rev)\.)"
    r"|(?<=\b(?:Capt|Brig|Cmdr|Prof)\.))"
)
_REST = rf"\w*(?:-[{_UPPER}0-9]\w*)*(?:[’'][{_UPPER}]\w*)?(?:{_PERIOD})?(?:[’']s\b)?"
_JOINTS = "of the|of|for the|for|on|and|de la|de|del|da|dos|van der|van|von|al|bin|ibn|ul|&"
_NUMBER = r"\d+(?:\.\d+)?(?![\w,.]*\d| [a-z])"
_RUN = re.compile(  # begins with a set of characters, for which the engine looks ahead quickly
    rf"[{_UPPER}](?<![\w\-@#/.’'].){_REST}(?: (?:(?:{_JOINTS}) )?[{_UPPER}]{_REST}| {_NUMBER}){{0,11}}"
)
_ORDINALS = ("st ", "nd ", "rd ", "th ")
_ORDINAL = re.compile(r"(?<![\w\-])\d{1,3}(?:st|nd|rd|th) \Z")  # "3rd" of "3rd Infantry Division"
_CODE = re.compile(r"(?!FY|CVE|ISO|COVID)[A-Z]{1,4}(?:-?\d{2,4}|-\d)[A-Z]{0,2}s?")  # of an aircraft, missile, round
_FIRM_AFTER = re.compile(
    r",? (?:a|an|the|which is an?|is an?) (?:[\w\-.]+ ){0,5}(?:company|firm|startup|start-up|maker|manufacturer|"
    r"contractor|developer|provider|subsidiary|supplier|nonprofit|think tank|vendor|operator|agency)\b"
)
_ROLES = (
    "director|chief|president|officer|ceo|chairman|chairwoman|chair|founder|co-founder|head|analyst|professor|fellow|"
    "minister|spokesman|spokeswoman|spokesperson|secretary|commander|researcher|engineer|manager|executive|ambassador|"
    "senator|lawyer|scientist|lead|expert"
)
_SAYS = re.compile(
    r",? (?:said|says|told|added|wrote|argued|warned|noted|explained|announced|testified|tweeted|believes|thinks|who|"
    r"recalled|acknowledged)\b"
    rf"|, (?:\d\d,|(?:the|a|an|its|their|his|her|our|former|then|acting)? ?(?:[a-z\-]+ ){{0,3}}(?:{_ROLES})\b)",
    re.IGNORECASE,
)

_LISTS: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")).items()
}
_TITLES, _NOT, _THINGS, _FIRMS = (_LISTS[name] for name in ("titles", "no_names", "things", "firms"))
_HEADS, _TAILS, _PLACES, _PLACE_HEADS = (_LISTS[name] for name in ("heads", "tails", "places", "place_heads"))
_NO_END = _NOT | _TITLES
_ABOUT = _HEADS | _PLACE_HEADS | {"agency", "agencies", "national", "chief", "order", "declaration", "convention"}
_PERSON_ROLES = _TITLES - {"chief", "executive", "deputy", "vice", "prime", "general", "rear", "st", "attorney"}
_GENERIC = _TITLES | _TAILS | _PLACES | _HEADS | _LISTS["generic"]


@dataclass(slots=True)
class _Name:
    """What is known of one name so far."""

    printed: str
    kinds: dict[str, int] = field(default_factory=dict)
    places: list[tuple[int, int]] = field(default_factory=list)
    framed: bool = False
    inside: bool = False  # once at least inside a sentence


def find_names(words: Tokens, known: Collection[tuple[int, int]], language: str = "") -> list[Tag]:
    """Names that stand in the text and are not among the `known` places (of the taxonomy's entities)."""
    if language not in ("", "en") or words.shouted_text:
        return []
    text, names = words.text, dict[str, _Name]()
    before = {end: start for start, end in known}
    for start, end in _runs(text, 0 if words.sentence_like_title else words.body, sorted(known)):
        _note(names, text, start, end, before)
    _join_surnames(names)
    believed = [one for one in names.values() if _believed(one, text)]
    if not words.sentence_like_title and not words.shouted_title:
        _add_title(believed, text[: words.body])
    return sorted((_tag(one, words) for one in believed), key=lambda tag: (-tag.count, tag.id))[:MAX_NAMES]


def _runs(text: str, begin: int, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words, without what is known already."""
    at, last = 0, len(taken)
    for match in _RUN.finditer(text, begin):
        start, end = match.span()
        while at < last and taken[at][1] <= start:
            at += 1
        if at < last and taken[at][0] < end:
            here = at
            while here < last and taken[here][0] < end:
                yield from _pieces(text, start, taken[here][0])
                start = max(start, taken[here][1])
                here += 1
            yield from _pieces(text, start, end)
        elif " " not in match[0]:
            if match[0].lower() not in _NOT:
                yield start, end
        else:
            yield from _pieces(text, start, end)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A run, cut where a small word joins two names rather than parts of one."""
    while start < end and (match := _RUN.search(text, start, end)):
        words = match[0].split(" ")
        cut = _cut(words)
        if cut is None:
            yield match.span()
            return
        start = match.start() + len(" ".join(words[:cut]))
        yield match.start(), start
        start += 1


def _cut(words: list[str]) -> int | None:
    """Before which word a run of several names is cut; None = it is one name."""
    for n, word in enumerate(words):
        if word[-2:] in ("'s", "’s") and n + 1 < len(words):
            return n + 1
        if word in ("of", "for", "on") and not any(one.lower() in _ABOUT for one in words[:n]):
            return n
        if word == "and" and not (n == 1 and words[-1].lower() in _LISTS["joint_bodies"]):
            return n
    return None


def _note(names: dict[str, _Name], text: str, start: int, end: int, before: Mapping[int, int]) -> None:
    """Note one run as a name, if it can be one. `before` is where known names begin, by where they end."""
    run = _read_run(text[start:end]) if end - start <= LONGEST else None
    if run is None:
        return
    inside = run.titled or (
        start >= 2 and text[start - 1] == " " and (text[start - 2].isalnum() or text[start - 2] in ",’'%)")
    )
    start += run.offset
    end = start + len(run.name)
    kind, strong = run.kind, True
    if kind == "org" and start - 1 in before and text[start - 1] == " ":
        start = before[start - 1]  # "U.S." of "U.S. Bureau of Reclamation"
    elif text[start - 3 : start] in _ORDINALS and (found := _ORDINAL.search(text, max(0, start - 7), start)):
        start = found.start()
    if not kind:
        kind, strong = _frame(text, start, end, run)
    printed = text[start:end]
    one = names.get(printed)
    if one is None:
        if len(names) >= MOST:
            return
        one = names[printed] = _Name(printed)
    one.places.append((start, end))
    one.framed |= strong
    one.inside |= inside
    if kind:
        one.kinds[kind] = one.kinds.get(kind, 0) + (2 if strong else 1)


@dataclass(frozen=True, slots=True)
class _Run:
    """What a run says by itself."""

    offset: int  # where the name begins in it
    name: str
    size: int  # words of the name
    kind: str
    titled: bool  # a title or role stood before the name
    code: bool  # of an aircraft, missile, round
    thing: bool  # no person, whatever is said beside it


@lru_cache(maxsize=8192)
def _read_run(run: str) -> _Run | None:
    """Without titles and other words at its rim; None when nothing is left. Many runs come again and again."""
    parts, offset, titled = run.split(" "), 0, False
    if parts[-1][-2:] in ("'s", "’s"):
        parts[-1] = parts[-1][:-2]
    while parts and ((bare := parts[0].rstrip(".").lower()) in _TITLES or bare in _NOT or bare.isdigit()):
        titled = bare in _TITLES
        offset += len(parts.pop(0)) + 1
    for size in (3, 2):  # "Foreign Minister Jane Roe"
        if size < len(parts) <= size + 4 and parts[size - 1].rstrip(".").lower() in _PERSON_ROLES:
            titled = True
            offset += len(" ".join(parts[:size])) + 1
            del parts[:size]
    while parts and parts[-1].rstrip(".").lower() in _NO_END:
        parts.pop()
    if parts:
        parts[-1] = parts[-1].rstrip(".")
    if not parts or (len(parts) == 1 and (len(parts[0]) < 3 or parts[0].lower() in _GENERIC)):
        return None
    thing, code = parts[-1].lower() in _THINGS, bool(_CODE.fullmatch(parts[0]))
    return _Run(offset, " ".join(parts), len(parts), _kind(parts), titled, code, thing)


def _frame(text: str, start: int, end: int, run: _Run) -> tuple[str, bool]:
    """What the words around a name say of it: its kind, and whether that is enough to believe in it."""
    if run.code:
        return "name", True
    before = text[max(0, start - 30) : start].rstrip(" ")
    role = before[before.rfind(" ") + 1 :]
    if not run.thing and (run.titled or role.rstrip(",").lower() in _PERSON_ROLES):
        return "person", True
    if role in _FIRMS or _FIRM_AFTER.match(text, end):
        return "org", True
    if text.startswith("-based", end):
        return "place", True
    if role in ("in", "near", "outside", "around") and run.size <= 3 and not run.thing:
        return "place", text[end : end + 2] == ", " and text[end + 2 : end + 3].isupper()
    if run.size <= 4 and not run.thing and _SAYS.match(text, end):
        return "person", run.size > 1  # a firm says things too, but seldom under two words
    return "", False


def _kind(parts: list[str]) -> str:
    """What the words of a name say themselves."""
    low = [part.rstrip(".").lower() for part in parts]
    if len(parts) == 1:
        return ""
    if low[0] in _PLACE_HEADS and len(parts) <= 4:
        return "place"
    if "of" in low or "for" in low:
        return "org" if any(word in _HEADS for word in low) else ""
    if low[-1].isdigit():
        return "org" if low[-2] in _TAILS else ""
    if low[-1] in _PLACES:
        return "place"
    return "org" if low[-1] in _TAILS else ""


def _join_surnames(names: dict[str, _Name]) -> None:
    """ "Roe" in a text that has "Jane Roe" is her, and tells that this is a person."""
    whole: dict[str, _Name] = {}
    for one in names.values():
        parts = one.printed.split(" ")
        short = names.get(parts[-1])
        if 1 < len(parts) <= 3 and set(one.kinds) <= {"person"} and short and "person" in {*one.kinds, *short.kinds}:
            whole.setdefault(parts[-1], one)
    for key, one in whole.items():
        short = names.pop(key)
        one.places += short.places
        one.inside |= short.inside
        one.kinds["person"] = one.kinds.get("person", 0) + 2 * len(one.places)


def _add_title(names: Iterable[_Name], title: str) -> None:
    """Where the headline speaks of names that the text has."""
    for one in names:
        at = title.find(one.printed)
        if at >= 0 and not title[at + len(one.printed)].isalnum():
            one.places.append((at, at + len(one.printed)))


def _believed(one: _Name, text: str) -> bool:
    if one.framed:
        return True
    if " " in one.printed:
        return one.inside
    low = one.printed.lower()
    if not one.inside or len(one.places) < 2 or one.printed.isupper() or low.endswith("ly"):
        return False
    return not any(f" {low}{mark}" in text for mark in " ,.")  # "Smart" beside "smart"


def _tag(one: _Name, words: Tokens) -> Tag:
    kind, votes = max(one.kinds.items(), key=lambda item: item[1]) if one.kinds else ("name", 0)
    if not one.framed or votes * 2 < len(one.places):
        kind = "name"
    spans = tuple(Span(*words.apart(*place)) for place in sorted(one.places)[:MAX_SPANS])
    return Tag(f"name:{_slug(one.printed)}", one.printed, len(one.places), spans[0].in_title, spans, kind)


def _slug(name: str) -> str:
    return "-".join(split(name))
