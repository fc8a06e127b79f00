"""An alert as people and programs are told of it: the same facts in every feed, stream, webhook and message.

`Telling.to_json` is the payload of the cursor API, the stream and the webhooks (docs/api.md); `to_text` is for chat
and e-mail. What an outlet does not let us keep is not in the records, so it is in neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pipeline.controls import all_without_controls
from pipeline.urls import parse
from pipeline.watch import Alert, Reason

OUTLETS_NAMED = 12  # in a text for people; the payload has them all
SUMMARY_LENGTH = 500  # characters
_QUERY = "!$&()*+,;=:@/?%[]~-._"  # what stands in a query as it is
REASONS: Mapping[Reason, str] = {
    Reason.STORY: "new story",
    Reason.COPY: "one more copy",
    Reason.NEWS: "new information",
    Reason.CORRECTION: "corrected",
}


@dataclass(frozen=True, slots=True)
class Telling:
    """An alert with what the records say now of its article and story.

    An article that is no more is told by another copy of its story; where there is none, `title` says so.
    """

    alert: Alert
    subscription: str  # name
    story_id: str  # as the story is called now
    article_id: str  # the article told of, as it is called now; "" = no more in the archive
    title: str
    url: str  # http or https, or ""
    outlet: str
    source_id: str = ""
    country: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    wire: str = ""
    published: datetime | None = None  # as the outlet says
    first_seen: datetime | None = None
    summary: str = ""  # plain text, `SUMMARY_LENGTH` at most
    text: str = ""  # paragraphs separated by a blank line; "" = not known or not ours to keep
    copies: int = 1  # of the story
    outlets: tuple[str, ...] = ()  # that carry it, in order of their first copies
    updated: datetime | None = None  # when the article last changed or the story last grew, if that was after the alert

    @property
    def told(self) -> datetime:
        """When what is told here was last another: the alert's own time, or that of what came since."""
        return max(self.alert.made, self.updated) if self.updated else self.alert.made

    @property
    def new(self) -> tuple[str, ...]:
        """What is new, in words, for people: sentences, else figures and names; and the notice of a correction."""
        detail = self.alert.detail
        sentences = texts(detail.get("sentences"))
        pieces = sentences or texts(detail.get("figures")) + texts(detail.get("names"))
        return all_without_controls(texts(detail.get("notice")) + pieces)

    def to_json(self, *, full: bool = False) -> dict[str, Any]:
        """As plain JSON values; times are ISO 8601, UTC; `full` = with the text."""
        article = {
            "id": self.article_id or None,
            "title": self.title,
            "url": self.url or None,
            "outlet": self.outlet,
            "source": self.source_id,
            "country": self.country,
            "language": self.language,
            "authors": list(self.authors),
            "wire": self.wire or None,
            "published": moment(self.published),
            "first_seen": moment(self.first_seen),
            "version": self.alert.version,
            "summary": self.summary,
        }
        return {
            "id": self.alert.id,
            "seq": self.alert.seq,
            "reason": str(self.alert.reason),
            "made": moment(self.alert.made),
            "updated": moment(self.told),
            "subscription": {"id": self.alert.subscription_id, "name": self.subscription},
            "story": {"id": self.story_id, "copies": self.copies, "outlets": list(self.outlets)},
            "article": article | ({"text": self.text} if full else {}),
            "detail": dict(self.alert.detail),
        }

    def to_text(self) -> str:
        """A few plain lines: headline; who, when and why; what is new, or the summary; the address."""
        lines = [self.title, self.facts(), *(f"+ {piece}" for piece in self.new)]
        if not self.new and self.summary:
            lines.append(self.summary)
        return "\n".join([*lines, self.url] if self.url else lines)

    def facts(self) -> str:
        """Why, outlet, times, wire and copies in one line, e.g. "new story · Daily Example · 3 copies at 2 outlets"."""
        told = [REASONS[self.alert.reason], self.outlet]
        told.append(f"published {minute(self.published)}" if self.published else "undated")
        if self.first_seen:
            told.append(f"first seen {minute(self.first_seen)}")
        if self.wire:
            told.append(f"wire: {self.wire}")
        if self.copies > 1:
            told.append(self.carried())
        return " · ".join(piece for piece in told if piece)

    def carried(self) -> str:
        """How many copies there are and who has them, e.g. "3 copies at 2 outlets: Daily Example, Example Times"."""
        named = ", ".join(self.outlets[:OUTLETS_NAMED])
        more = len(self.outlets) - OUTLETS_NAMED
        outlets = "1 outlet" if len(self.outlets) == 1 else f"{len(self.outlets)} outlets"
        copies = "1 copy" if self.copies == 1 else f"{self.copies} copies"
        return f"{copies} at {outlets}: {named}" + (f" and {more} more" if more > 0 else "")


def texts(value: object) -> tuple[str, ...]:
    """The texts of a detail, which is one text, several, or something else (none)."""
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, Sequence):
        return tuple(one for one in value if isinstance(one, str) and one)
    return ()


def moment(when: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the microsecond where there is one: "2026-03-01T08:00:00Z"."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when else None


def minute(when: datetime) -> str:
    """For people: "2026-03-01 08:00 UTC"."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def web_address(url: str) -> str:
    """The address in ASCII, as documents may hold it, without a fragment; "" when it is not one of http or https."""
    address = parse(url)
    if address is None:
        return ""
    host = f"{address.host}:{address.port}" if address.port else address.host
    query = "?" + quote(address.query, safe=_QUERY) if address.query else ""
    return f"{address.scheme}://{host}{address.path}{query}"


def shortened(text: str, limit: int = SUMMARY_LENGTH) -> str:
    """The first characters of a text in one line, cut at a word and marked when cut."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
