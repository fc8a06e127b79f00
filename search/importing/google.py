"""Google Alerts: the syntax of Google's search and news, as far as Google tells it or it is known.

White space and AND mean both, OR and | bind tighter than that, - excludes, quotes hold a phrase in which * stands for
words, AROUND(n) allows n words between two.
"""

from __future__ import annotations

import re

from search.analysis import steps
from search.ast import Node, Phrase
from search.importing.common import (
    Imported,
    Notes,
    Sign,
    Token,
    address,
    bad,
    finished,
    fitting,
    short_enough,
    tree,
    value,
    words,
)
from search.limits import MAX_BETWEEN
from search.values import shown

_QUOTES = '"“”„'
_TOKEN = re.compile(
    rf"""(?P<space>\s+)|(?P<paren>[()])|(?P<pipe>\|)|AROUND\s*\(\s*(?P<within>[0-9]{{1,9}})\s*\)
    |(?P<minus>[-−–]+(?=[^\s−–-]))
    |(?P<plus>\+)?(?:(?P<name>[A-Za-z]+):(?=\S))?
     (?:[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)(?P<end>[{_QUOTES}]?)|(?P<word>[^\s()|{_QUOTES}]+))""",
    re.VERBOSE,
)
_TEXTS = {"intitle": "title", "inposttitle": "title", "intext": "body"}
_TO_THE_END = {"allintitle": "title", "allintext": "body"}  # all words that follow
_REFUSED = {
    **dict.fromkeys(("filetype", "ext"), "only news pages are collected; leave it out"),
    **dict.fromkeys(("location", "loc"), "leave it out, and name the outlets' country in our language, as country:US"),
    **dict.fromkeys(
        ("allinurl", "inanchor", "allinanchor", "related", "link", "cache", "info", "define"), "leave it out"
    ),
}
_PER_STAR = 3
_LARGER = (
    "Google looks into whole pages and finds synonyms; here title and text are searched, in English any form of a word"
)
_STAR = (
    f"a * in a phrase stands for words; here up to {_PER_STAR} a star may stand anywhere between those of the phrase"
)


def from_google(text: str) -> Imported:
    """A Google Alert as our query. Raises BadQuery, with its column, for what has no counterpart."""
    short_enough(text)
    notes = Notes()
    notes.add(_LARGER)
    return finished(tree(_tokens(text), lambda token: _leaf(token, notes), or_first=True), notes)


def _tokens(text: str) -> list[Token]:
    made: list[Token] = []
    field = ""  # of all words to the end
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        column = at + 1
        if not found:
            raise bad(f"{text[at]!r}", column, "it cannot be read here")
        at = found.end()
        word, quoted = found["word"], found["quoted"]
        if found["space"]:
            continue
        if word and word.lower().rstrip(":") in _TO_THE_END and word.endswith(":"):  # white space may follow
            field = word.lower().rstrip(":")
            continue
        if found["paren"]:
            made.append(Token(Sign(found["paren"]), column))
        elif found["pipe"] or (word in ("OR", "AND") and not found["name"] and not found["plus"]):
            made.append(Token(Sign.AND if word == "AND" else Sign.OR, column, word or "|"))
        elif found["within"]:
            made.append(Token(Sign.NEAR, column, found["within"]))
        elif found["minus"]:
            made.append(Token(Sign.NOT, column, "-"))
        else:
            if quoted is not None and not found["end"]:
                raise bad("unclosed quote", found.start("quoted"), 'a " is missing')
            name = (found["name"] or "").lower()
            field = name if name in _TO_THE_END else field
            quote = '"' if quoted is not None else "+" if found["plus"] else ""
            made.append(Token(Sign.LEAF, column, quoted if word is None else word, name or field, quote))
    return made


def _leaf(token: Token, notes: Notes) -> Node | None:
    name, text, column = token.name, token.text, token.column
    fitting(text, column)
    if name in _REFUSED:
        raise bad(f"{name}:", column, _REFUSED[name])
    if name == "site":
        if "/" in text:
            return address(text, column, notes)
        return value("site", text.lstrip(".").removeprefix("www."), column)
    if name == "inurl":
        return address(text, column, notes)
    if name == "source":
        notes.add("source: looked for as words of the outlet's name, or as its id")
        return value("outlet", text.replace("_", " "), column)
    if name in ("before", "after"):
        notes.add("before: and after: go by the day of publication, in UTC; the day of after: counts in")
        return value("date", ("<" if name == "before" else ">=") + text.replace("/", "-"), column)
    field = _TEXTS.get(name) or _TO_THE_END.get(name, "")
    if name and not field:  # an address, a time, or an operator that nobody knows
        notes.add(f"{shown(name)}: is not known; its words are looked for")
        text = f"{name}:{text}"
    if text == "NOT" and not token.quote:
        notes.add("NOT is a word to Google; to exclude write -word")
    if token.quote == '"' and "*" in text:
        return _with_stars(text, field, column, notes)
    if token.quote != '"' and "*" in text:
        if set(text) == {"*"}:
            notes.add("a * outside of quotes stands for any word; it is left out")
            return None
        raise bad(f"{shown(text)!r}", column, "a * stands for whole words, inside quotes")
    if not token.quote and re.fullmatch(r"\$?[0-9][\d,.]*\.\.\$?[0-9][\d,.]*", text):
        raise bad(f"{shown(text)!r}", column, "a range of numbers has no counterpart")
    if text.startswith("~"):
        notes.add(f"{shown(text)}: only the word itself, no synonyms")
        text = text[1:]
    if not steps(text):
        notes.add(f"{shown(text)!r} has no letter or digit; it is left out")
        return None
    if token.quote == "+":
        return words(text, column, name=field, exact=True)
    return words(text, column, name=field, quoted=bool(token.quote))


def _with_stars(text: str, field: str, column: int, notes: Notes) -> Node:
    """A phrase in which * stands for words: a loose one, where there is a star between words."""
    parts = [part.strip() for part in text.split("*")]
    some = [part for part in parts if steps(part)]
    if len(some) < len([part for part in parts if part]) or not some:
        raise bad(f"nothing to search for in {shown(text)!r}", column, "words stand at the sides of a *")
    if len(some) == 1:
        notes.add("a * at the end of a phrase is left out")
        return words(some[0], column, name=field, quoted=True)
    notes.add(_STAR)
    return Phrase(" ".join(some), field, slop=min(MAX_BETWEEN, _PER_STAR * (len(some) - 1)))
