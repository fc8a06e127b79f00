"""How much of a page may be kept: the source's terms, robots directives and text-mining reservations.

Two different limits. *Keeping*: noarchive, noindex, nosnippet and the source's own ceiling say what may be stored and
shown; the body may still be read in passing, to fold copies and to tag. *Mining*: a TDM reservation (TDMRep, the
machine-readable opt-out of Article 4 of the EU copyright directive 2019/790) says the body may not be analysed at
all, so it is not even extracted. Rules that name another crawler bind that crawler; rules for all, or for us, bind us.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline import ids
from pipeline.types import Article, Source, Storage

OUR_NAME = "wirewatch"
SUMMARY_LENGTH = 500  # characters kept under Storage.SUMMARY
_ORDER = (Storage.HEADLINE, Storage.SUMMARY, Storage.FULL)
# Directives whose value follows a colon; any other "name:" in a header addresses the crawler of that name.
_VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_WHY = {
    "noarchive": "the page says noarchive: no copy of its text may be kept",
    "noindex": "the page says noindex: its text may not be searched",
    "none": "the page says none, that is noindex: its text may not be searched",
    "nosnippet": "the page says nosnippet: none of its text may be shown",
    "max-snippet:0": "the page says max-snippet:0: none of its text may be shown",
    "unavailable_after": "the page is to be withdrawn (unavailable_after), so its text is not kept",
}


@dataclass(frozen=True, slots=True)
class Permission:
    """`storage` is what may be kept, `mining` whether the body may be read at all, `why` the reasons in words."""

    storage: Storage
    why: str = ""
    mining: bool = True


def permissions(headers: Mapping[str, str], metas: Mapping[str, Sequence[str]], source: Source) -> Permission:
    """The strictest of what the source's terms, the answer's headers and the page's meta elements allow.

    `headers` by lower-case name (x-robots-tag, tdm-reservation), `metas` by lower-case name as in `Metadata.metas`.
    """
    storage, reasons, mining = source.storage, [], True
    if storage is not Storage.FULL:
        reasons.append(
            f"the source's terms allow {storage.value} only" + (f" ({source.terms})" if source.terms else "")
        )
    said = [t for t in _directives(headers, metas) if t in _WHY]
    if said:
        storage = Storage.HEADLINE
        reasons += [_WHY[token] for token in dict.fromkeys(said)]
    reservation = headers.get("tdm-reservation") or next(iter(metas.get("tdm-reservation", ())), "")
    if reservation.strip() == "1":
        storage, mining = Storage.HEADLINE, False
        reasons.append("rights to text and data mining are reserved (tdm-reservation: 1): no archive reads the body")
    return Permission(storage, "; ".join(reasons), mining)


def limit(article: Article, permission: Permission) -> Article:
    """`article` as it may be stored: what is not permitted is dropped, and the version is of what is left.

    The grade goes on saying how much was read. Image and keywords stay: they are facts about the page.
    """
    text, summary, notices = article.text, article.summary, article.notices
    if permission.storage is Storage.SUMMARY:
        text, summary, notices = "", _cut(summary), ()
    elif permission.storage is Storage.HEADLINE:
        text, summary, notices = "", "", ()
    return replace(
        article,
        text=text,
        summary=summary,
        notices=notices,  # lines of the text
        storage=permission.storage,
        storage_why=permission.why,
        version=ids.version_id(article.title, text),
    )


def _directives(headers: Mapping[str, str], metas: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Robots directives that address everybody or us, in lower case, values after a colon."""
    for name in ("robots", OUR_NAME):
        for content in metas.get(name, ()):
            yield from map(_token, re.split(r"[,;\s]+", re.sub(r"\s*:\s*", ":", content.lower())))
    ours = True
    for part in headers.get("x-robots-tag", "")[:5_000].lower().split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip() not in _VALUED:
            ours, part = name.strip() in ("*", "robots", OUR_NAME), rest
        if ours:
            yield from map(_token, [part])


def _token(part: str) -> str:
    name, _, value = part.strip().partition(":")
    name = name.strip()
    return f"max-snippet:{value.strip()}" if name == "max-snippet" else name


def _cut(text: str) -> str:
    """At most SUMMARY_LENGTH characters, ending with a sentence or, if need be, a word."""
    if len(text) <= SUMMARY_LENGTH:
        return text
    head = text[:SUMMARY_LENGTH]
    end = max(head.rfind(mark) for mark in (". ", "! ", "? ", "。"))
    return head[: end + 1] if end > SUMMARY_LENGTH // 3 else head.rsplit(" ", 1)[0] + " …"
