"""Digests: what is pending for an output, by story, as one message in text and HTML."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from pipeline.telling import Telling, minute
from pipeline.watch import Alert, Output, Reason
from workers.alerts.notify import Message


@dataclass(frozen=True, slots=True)
class Section:
    """One story of a digest: its first alert in full, what is new of all its alerts, and why they were made."""

    lead: Telling
    reasons: frozenset[Reason]
    new: tuple[str, ...]

    @property
    def corrected(self) -> bool:
        """Whether one of its articles was corrected."""
        return Reason.CORRECTION in self.reasons

    @property
    def known(self) -> bool:
        """Whether the story itself was told of before."""
        return not self.reasons & {Reason.STORY, Reason.COPY}


def due_alerts(output: Output, alerts: Sequence[Alert]) -> list[Alert]:
    """Those made until the digest was due: what came since goes into the next, so that one sent again is the same."""
    return [one for one in alerts if output.due is None or one.made <= output.due]


def digest_id(output: Output, alerts: Sequence[Alert]) -> str:
    """Names exactly these alerts: "dgt_" and 24 hexadecimal digits."""
    told = "\0".join([output.id, *(one.id for one in alerts)])
    return "dgt_" + hashlib.blake2b(told.encode(), digest_size=12).hexdigest()


def sections(tellings: Sequence[Telling]) -> list[Section]:
    """By story, as stories are called now, in order of their first alerts."""
    groups: dict[str, list[Telling]] = {}
    for one in tellings:
        groups.setdefault(one.story_id, []).append(one)
    return [
        Section(
            group[0],
            frozenset(one.alert.reason for one in group),
            tuple(dict.fromkeys(piece for one in group for piece in one.new)),
        )
        for group in groups.values()
    ]


def message(output: Output, id: str, tellings: Sequence[Telling]) -> Message:
    """The digest of these alerts, at least one."""
    parts = sections(tellings)
    name = tellings[0].subscription
    count = "1 story" if len(parts) == 1 else f"{len(parts)} stories"
    values = {"name": name, "count": count, "sections": parts, "id": id}
    text, html = (_templates().get_template(f"digest.{kind}.j2").render(values) for kind in ("txt", "html"))
    return Message(f"{name}: {count}", text, html)


@cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=jinja2.select_autoescape(["html.j2"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["minute"] = minute
    return made
