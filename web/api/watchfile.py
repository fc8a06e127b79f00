"""Subscriptions as a file for git: written, checked, and applied to this archive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import Field

from pipeline.errors import BadInput
from pipeline.people import Role
from pipeline.watch import Output
from web.access import Asking, needs
from web.api.values import Given, output_json
from web.api.watchfile_shapes import AppliedTold, CheckTold, WatchFileTold
from web.parts import Parts, Wired
from web.problems import BadFile
from web.watchcheck import Checked, checked, checked_json, problems_json, saved
from web.watchfile import WatchFile, read_watch_text
from web.watchplan import Step, as_yaml, carry_out, plan
from web.wording import output_words


class File(Given):
    """A watch file."""

    file: str = Field(min_length=1, description="YAML: docs/watching.md.")


class ToApply(File):
    """A watch file that is to become this archive's subscriptions."""

    targets: dict[str, str] = Field(default={}, max_length=10_000, description="What stands for each env:NAME in it.")
    prune: bool = Field(default=False, description="Remove what the file does not list.")
    dry_run: bool = Field(default=False, description="Tell what would change, and change nothing.")


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["watch files"])

    @made.get("/watchfile", summary="The subscriptions as a watch file, without secrets", response_model=WatchFileTold)
    def written(parts: Wired) -> dict[str, Any]:
        text, variables = as_yaml(parts.records.subscriptions(), _in_use(parts))
        return {"file": text, "targets": {name: output_words(one) for name, one in variables.items()}}

    @made.get("/watchfile/check", summary="The saved subscriptions and samples, checked", response_model=CheckTold)
    def sound(parts: Wired) -> dict[str, Any]:
        return _check(parts, saved(parts.records))

    @made.post("/watchfile/check", summary="A watch file and its samples, checked", response_model=CheckTold)
    def sound_file(parts: Wired, given: File) -> dict[str, Any]:
        return _check(parts, read_watch_text(given.file))

    @made.post(
        "/watchfile",
        summary="Make the subscriptions those of a watch file",
        response_model=AppliedTold,
        response_model_exclude_unset=True,
        dependencies=[Depends(needs(Role.EDITOR))],
    )
    def applied(parts: Wired, asking: Asking, given: ToApply) -> dict[str, Any]:
        steps = _plan(parts, given)
        made: list[Output] = []
        if not given.dry_run:
            made = list(carry_out(steps, parts.records, parts.clock(), parts.random, parts.check_output))
            parts.audit(asking, "subscriptions made those of a watch file", steps=len(steps))
        return {
            "applied": not given.dry_run,
            "steps": [_step_json(one) for one in steps],
            "outputs": [output_json(parts, one, new=True) for one in made],
        }

    return made


def _in_use(parts: Parts) -> list[Output]:
    return [one for one in parts.records.outputs() if one.revoked is None]


def _check(parts: Parts, file: WatchFile) -> dict[str, Any]:
    found = list(checked(file, parts.records, parts.tag, parts.clock()))
    return {
        "ok": not file.problems and all(one.sound for one in found),
        "subscriptions": [checked_json(one) for one in found],
        "problems": problems_json(file.problems),
    }


def _plan(parts: Parts, given: ToApply) -> list[Step]:
    """Raise BadFile for one that cannot be applied, BadInput for a target that was not given."""
    file = read_watch_text(given.file)
    found = list(checked(file, parts.records, parts.tag, parts.clock(), samples=False))
    if wrong := _problems(file, found):
        raise BadFile("the file cannot be applied: see `errors`", wrong)

    def target(name: str) -> str:
        if name not in given.targets:
            raise BadInput(f"the file names env:{name}: say in `targets` what stands for it")
        return given.targets[name]

    return plan(file.entries, parts.records.subscriptions(), _in_use(parts), target, prune=given.prune)


def _problems(file: WatchFile, found: Sequence[Checked]) -> list[dict[str, str]]:
    every = [*file.problems, *(problem for one in found for problem in one.problems)]
    return [{"where": f"line {one.line}" if one.line else "the file", "message": one.words} for one in every]


def _step_json(one: Step) -> dict[str, Any]:
    changes = [{"field": name, "was": _plain(was), "will_be": _plain(will)} for name, was, will in one.changes]
    return {
        "name": one.name,
        "deed": one.deed,
        "changes": changes,
        "new_outputs": [output_words(each) for each in one.new_outputs],
        "old_outputs": [output_words(each) for each in one.old_outputs],
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
