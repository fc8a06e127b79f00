"""What persons say of copies: these two articles are the same reporting, or they are not. It wins over the machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.nearness import compare, sketch
from pipeline.types import Fingerprint


@dataclass(frozen=True, slots=True)
class Label:
    """One judgement of a person about two articles."""

    id: int
    a: str
    b: str
    same: bool
    by: str
    note: str
    made: datetime
    undone: datetime | None = None

    @property
    def words(self) -> str:
        """As a person reads it."""
        return f"{self.a} and {self.b} {'are the same' if self.same else 'are not the same'}"


def parted(a: str, b: str, story: Mapping[str, Fingerprint | None], same: Iterable[tuple[str, str]]) -> set[str]:
    """Which articles of a story leave with `b` when `a` and `b` are not the same reporting; `b` among them.

    What persons said are the same stay together. Every other article goes with the one of the two it is nearer to (see
    `pipeline.nearness`), and stays with `a` when it is as near to both or has no text.
    """
    groups = {id: id for id in story}
    for one, other in same:
        if one in groups and other in groups:
            old, new = groups[other], groups[one]
            groups = {id: new if group == old else group for id, group in groups.items()}
    prints = {id: sketch(made) for id, made in story.items() if made is not None and made.shingles}
    leave: set[str] = set()
    for group in dict.fromkeys(groups.values()):
        members = [id for id in story if groups[id] == group]
        if b in members:
            leave.update(members)
        elif a not in members:
            near = {
                seed: max((compare(prints[id], prints[seed]).rank for id in members if id in prints), default=0.0)
                if seed in prints
                else 0.0
                for seed in (a, b)
            }
            if near[b] > near[a]:
                leave.update(members)
    return leave
