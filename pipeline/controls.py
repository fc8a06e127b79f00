"""Text without the characters that a terminal, a feed reader or a database would obey or refuse instead of showing.

These are C0 but for tab and line feed, DEL, and C1 (ECMA-48): a title with ESC ] or ESC [ in it could rewrite a
terminal's screen, title or clipboard, XML 1.0 holds none of C0, and PostgreSQL no NUL.
"""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def without_controls(text: str) -> str:
    """The same text where there are none, which is nearly always."""
    return _CONTROLS.sub("", text) if _CONTROLS.search(text) else text


def all_without_controls(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Each of them; those of which nothing is left go."""
    if not any(_CONTROLS.search(one) for one in texts):
        return texts
    return tuple(kept for one in texts if (kept := without_controls(one).strip()))
