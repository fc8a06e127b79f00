"""Text without the characters that a terminal, a feed reader, a database or a line of text would obey or refuse
instead of showing.

- C0 but for tab and line feed, DEL, and C1 (ECMA-48): a title with ESC ] or ESC [ in it could rewrite a terminal's
  screen, title or clipboard, XML 1.0 holds none of C0, and PostgreSQL no NUL; U+FFFE and U+FFFF are no characters.
- What turns the direction of text and what follows it (UAX #9; "Trojan Source", CVE-2021-42574): overrides always,
  embeddings and isolates that are not closed in their line, and all of these, marks too, in a line without a letter of
  a script that runs right to left. What Arabic and Hebrew need stays.
- Characters that nobody sees and no script needs: byte order marks, invisible operators, deprecated format characters,
  annotations, tags that belong to no flag, and zero-width spaces but in the scripts that part words by them. Zero-width
  joiners and non-joiners, variation selectors, soft hyphens and word joiners stay.
"""

from __future__ import annotations

import re

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff"
_TURNING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = "\u2061-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb"
_SPACE, _TAGS = "\u200b", "\U000e0000-\U000e007f"
_SPACED = "\u0e00-\u109f\u1780-\u17ff\u19e0-\u19ff\ua9e0-\ua9ff\uaa60-\uaadf"  # Thai, Lao, Tibetan, Burmese, Khmer, …

_ANY = re.compile(f"[{_CONTROLS}{_TURNING}{_UNSEEN}{_SPACE}{_TAGS}]")
_GONE = re.compile(
    f"[{_CONTROLS}{_UNSEEN}]|(?<![{_SPACED}]){_SPACE}(?![{_SPACED}])"
    f"|(\U0001f3f4[{_TAGS}]+)|[{_TAGS}]"  # England's flag is a black flag and tags
)
_TURNS = re.compile(f"[{_TURNING}]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LINES = re.compile("([\n\u2029])")  # where UAX #9 begins anew

_EMBEDDINGS, _OVERRIDES, _ISOLATES = "\u202a\u202b", "\u202d\u202e", "\u2066\u2067\u2068"
_POP, _POP_ISOLATE = "\u202c", "\u2069"


def without_controls(text: str) -> str:
    """The same text where there are none, which is nearly always."""
    if not _ANY.search(text):
        return text
    text = _GONE.sub(lambda found: found[1] or "", text)
    return "".join(map(_straight, _LINES.split(text))) if _TURNS.search(text) else text


def all_without_controls(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Each of them; those of which nothing is left go."""
    if not any(_ANY.search(one) for one in texts):
        return texts
    return tuple(kept for one in texts if (kept := without_controls(one).strip()))


def _straight(line: str) -> str:
    """A line that leaves the direction of what follows it alone: pairs are matched as UAX #9, BD9 and X7 say."""
    if not _RIGHT_TO_LEFT.search(line):
        return _TURNS.sub("", line)
    gone: set[int] = set()
    begun: list[int] = []  # places of what is not closed yet
    isolates = 0  # of these
    for at, char in ((found.start(), found[0]) for found in _TURNS.finditer(line)):
        if char in _EMBEDDINGS + _OVERRIDES + _ISOLATES:
            begun.append(at)
            isolates += char in _ISOLATES
        elif char == _POP:
            if begun and line[begun[-1]] not in _ISOLATES:
                if line[begun.pop()] in _OVERRIDES:
                    gone.add(at)
            else:
                gone.add(at)
        elif char == _POP_ISOLATE:
            if isolates:
                isolates -= 1
                while line[one := begun.pop()] not in _ISOLATES:
                    gone.add(one)
            else:
                gone.add(at)
    gone.update(begun)
    return "".join(char for at, char in enumerate(line) if at not in gone and char not in _OVERRIDES)
