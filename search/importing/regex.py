"""Regular expressions that say no more than words: alternatives of words and phrases, with `\\b`, `(?i)`, `s?`, `.*`.

An expression is spelt out as all the texts it allows, in an alphabet of four: letters as they are, a break between
words, the rest of a word, and anything at all. What cannot be spelt out so is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from search.analysis import steps
from search.ast import Node, Prefix, all_of, any_of
from search.importing.common import Notes, address, bad, fitting, topic, value, words
from search.limits import MAX_CLAUSES, MAX_DEPTH
from search.values import shown

BREAK, REST, ANY = "\ue000", "\ue001", "\ue002"  # private characters: no expression holds them
MOST = 200  # texts that an expression may be spelt out as
_INSIDE = "a regular expression finds letters inside words; here whole words are found, in English in any form"
_CASE = "a regular expression without i tells capitals apart; here case does not matter"
_ANCHOR = "^ and $ are left out: found anywhere, not only at the beginning or end"
_SIGNS = "signs other than letters and digits are not searched for; they end words"
_ORDER = "what stands before and after .* is found in any order"


def from_regex(pattern: str, fields: tuple[str, ...], column: int, notes: Notes, *, folds: bool = False) -> Node:
    """The expression, which stands at `column`, over any of these fields; title and body together are both.

    `folds` says that case does not matter to it. Raises BadQuery for what is more than words.
    """
    if any(sign in pattern for sign in (BREAK, REST, ANY)):
        raise bad("a private character", column, "write letters")
    fitting(pattern, column)
    reader = _Reader(pattern, column, of_address=fields == ("url",), folds=folds)
    texts = list(dict.fromkeys(reader.whole()))
    if not reader.folds:
        notes.add(_CASE)
    if reader.anchored:
        notes.add(_ANCHOR)
    scopes = [""] if fields == ("title", "body") else list(fields)
    parts = [_found(text, scope, column, notes, pattern) for scope in scopes for text in texts]
    if len(parts) > MAX_CLAUSES:
        raise bad("too many words", column, f"it is spelt out as {len(parts)}; {MAX_CLAUSES} are the most")
    return any_of(list(dict.fromkeys(parts)))


def _found(text: str, scope: str, column: int, notes: Notes, pattern: str) -> Node:
    """One text that the expression allows, in one field."""
    parts = [part for part in text.split(ANY) if part.strip(BREAK)]
    if not parts:
        raise bad(f"{shown(pattern)!r} finds everything", column, "write the words to look for")
    if len(parts) > 1:
        notes.add(_ORDER)
    return all_of([_part(part, scope, column, notes, pattern) for part in parts])


def _part(text: str, scope: str, column: int, notes: Notes, pattern: str) -> Node:
    if scope == "url":
        return address(text.replace(BREAK, "").replace(REST, ""), column, notes)
    signs = re.compile(rf"^[^\w{REST}]+|[^\w{REST}]+$")
    if re.search(r"[^\w\s]", text.strip(BREAK)[:1] + text.strip(BREAK)[-1:].replace(REST, "")):
        notes.add(_SIGNS)
    text = signs.sub(BREAK, text)
    plain = re.sub(r"\s+", " ", text.replace(BREAK, " ")).strip()
    if not steps(plain.replace(REST, "")):
        raise bad(f"nothing to search for in {shown(pattern)!r}", column, "a word has a letter or a digit")
    bounded = text[0] == BREAK and text[-1] == BREAK
    begins = text[0] == BREAK and scope in ("", "title", "body") and _may_begin(plain)
    if REST in plain or (begins and not bounded):  # a word that is open at its end
        begun = plain.removesuffix(REST)
        if REST in begun or " " in begun or scope not in ("", "title", "body"):
            raise bad(f"{shown(pattern)!r}", column, "the rest of a word may only be open at the end of a single word")
        if not _may_begin(begun):
            raise bad(f"{shown(pattern)!r}", column, "at least two letters begin a word")
        return Prefix(begun, scope)
    if not bounded:
        notes.add(_INSIDE)
    if scope == "author":
        return value("author", plain, column)
    if scope == "topic":
        return topic(plain, column, notes)
    return words(plain, column, name=scope, quoted=" " in plain, exact=bounded)


def _may_begin(text: str) -> bool:
    """Whether our language knows words that begin so: one term, of two letters or more."""
    found = steps(text)
    return len(found) == 1 and (len(found[0].term) > 1 or not found[0].term.isascii())


@dataclass(slots=True)
class _Reader:
    """Recursive descent over the expression; each method gives the texts that its part allows."""

    pattern: str
    column: int
    of_address: bool  # where people write a dot for a dot
    at: int = 0
    depth: int = 0
    folds: bool = False
    anchored: bool = False

    def whole(self) -> list[str]:
        """The whole expression."""
        flags = re.match(r"\(\?([ims]+)\)", self.pattern)
        if flags:
            self.folds = self.folds or "i" in flags[1]
            self.at = flags.end()
        texts = self.either()
        if self.at < len(self.pattern):
            raise self.bad("a ) too many")
        return texts

    def either(self) -> list[str]:
        """Alternatives."""
        texts = self.sequence()
        while self.peek() == "|":
            self.at += 1
            texts = self.few(texts + self.sequence())
        return texts

    def sequence(self) -> list[str]:
        """One after another."""
        texts = [""]
        while self.peek() not in ("", "|", ")"):
            more = self.repeated(self.atom())
            texts = self.few([text + one for text in texts for one in more])
        return texts

    def atom(self) -> list[str]:
        """A letter, class, group or sign."""
        sign = self.peek()
        self.at += 1
        match sign:
            case "(":
                return self.group()
            case "[":
                return self.choice()
            case "\\":
                return [self.escaped()]
            case ".":
                return ["."]
            case "^" | "$":
                self.anchored = True
                return [BREAK]
            case "*" | "+" | "?" | "{":
                self.at -= 1
                raise self.bad(f"a {sign} that repeats nothing")
        return [BREAK if sign.isspace() else sign]

    def repeated(self, texts: list[str]) -> list[str]:
        """With the *, + or ? that follows."""
        found = re.compile(r"[*+?]\??").match(self.pattern, self.at)
        sign = found[0][0] if found else ""
        if self.peek() == "{":
            raise self.bad("a { } that counts")
        if found:
            self.at = found.end()
        if texts == ["."]:
            if self.of_address and not sign:
                return texts
            if sign not in ("*", "+"):
                raise self.bad("a single .")
            return [ANY]
        if texts == [REST]:
            if not sign or sign == "?":
                raise self.bad(r"a single \w")
            return [REST]
        if sign == "?" or (sign == "*" and texts == [BREAK]):
            return self.few(["", *texts])
        if found and texts != [BREAK]:
            self.at = found.start()
            raise self.bad(f"a {sign} that repeats letters")
        return texts

    def group(self) -> list[str]:
        """What stands in parentheses."""
        found = re.compile(r"\?(?::|i:|P?<\w+>)").match(self.pattern, self.at)
        if found:
            self.folds = self.folds or "i" in found[0][:2]
            self.at = found.end()
        elif self.peek() == "?":
            raise self.bad("a group that looks ahead or behind, or sets flags")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.bad("groups too deep")
        texts = self.either()
        if self.peek() != ")":
            raise self.bad("a group that is not closed")
        self.at += 1
        self.depth -= 1
        return texts

    def choice(self) -> list[str]:
        """One of several signs, as in [Dd] or [-_ ]."""
        end = self.pattern.find("]", self.at + 1)
        held = self.pattern[self.at : end]
        if end < 0 or held.startswith("^") or re.search(r"\w-\w", held):
            raise self.bad("such a [ ]")
        self.at = end + 1
        signs = re.sub(r"\\(.)", lambda found: " " if found[1] == "s" else found[1], held)
        made = [sign.casefold() if sign.isalnum() else BREAK for sign in signs]
        return list(dict.fromkeys(made))

    def escaped(self) -> str:
        """What a backslash means."""
        sign = self.peek()
        self.at += 1
        if sign in ("b", "s", "W"):
            return BREAK
        if sign == "w":
            return REST
        if not sign or sign.isalnum():
            self.at -= 2
            raise self.bad(f"a \\{sign}")
        return sign

    def few(self, texts: list[str]) -> list[str]:
        """The texts, if they are few enough."""
        if len(texts) > MOST:
            raise self.bad(f"more than {MOST} texts")
        return texts

    def peek(self) -> str:
        """The next sign; "" at the end."""
        return self.pattern[self.at : self.at + 1]

    def bad(self, what: str) -> Exception:
        """What cannot be carried over, and where."""
        right = "of regular expressions, only words, alternatives, \\b, s? and .* can be carried over"
        return bad(what, self.column + min(self.at, len(self.pattern)), right)
