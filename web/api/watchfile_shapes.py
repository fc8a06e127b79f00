"""What is told of watch files; see `web.api.shapes`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from web.api.shapes import OutputTold, Told


class WatchFileTold(Told):
    """All subscriptions in YAML."""

    file: str
    targets: dict[str, str] = Field(description="What each env:NAME in it stands for, without what is secret.")


class LineTold(Told):
    """What is wrong at a line; null = of no file, or of the file as a whole."""

    line: int | None
    words: str


class FailedTold(LineTold):
    """A sample that is not as it must be."""

    sample: str = Field(description="Its beginning.")
    must: bool = Field(description="Whether the query was to match it.")


class CheckedTold(Told):
    """A subscription."""

    name: str
    ok: bool
    problems: list[LineTold]
    failed: list[FailedTold]


class CheckTold(Told):
    """What was checked."""

    ok: bool
    subscriptions: list[CheckedTold]
    problems: list[LineTold] = Field(description="Of the file as a whole.")


class FieldChanged(Told):
    """A field of a subscription."""

    field: str
    was: Any
    will_be: Any


class StepTold(Told):
    """What becomes of a subscription."""

    name: str
    deed: Literal["add", "change", "keep", "remove", "leave"]
    changes: list[FieldChanged]
    new_outputs: list[str]
    old_outputs: list[str] = Field(description="To be revoked.")


class AppliedTold(Told):
    """What was done, or would be."""

    applied: bool
    steps: list[StepTold]
    outputs: list[OutputTold] = Field(description="Those that were made, with what is secret of them.")
