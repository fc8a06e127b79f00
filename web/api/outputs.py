"""Where the alerts of a subscription go: feeds and other links, webhooks, notifications, digests."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from pipeline.errors import BadInput
from pipeline.outputs import new_key, ready, shown
from pipeline.watch import Output, OutputKind
from web.access import Asking
from web.api.shapes import Outputs, OutputTold
from web.api.subscriptions import EDITOR, Name, found
from web.api.values import NewOutput, output_json
from web.parts import Parts, Wired
from web.problems import NotThere

Id = Annotated[str, Path(description="The output's id.")]
Finish = Annotated[bool, Query(description="Sign with the newest key only from now on.")]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["outputs"])

    @made.get(
        "/subscriptions/{name}/outputs",
        summary="All outputs of a subscription, revoked ones too",
        response_model=Outputs,
        response_model_exclude_unset=True,
    )
    def listed(parts: Wired, name: Name) -> dict[str, Any]:
        outputs = parts.records.outputs(found(parts, name).id)
        return {"outputs": [output_json(parts, one) for one in outputs]}

    @made.post(
        "/subscriptions/{name}/outputs",
        status_code=201,
        summary="Make one: link, webhook, notify or digest",
        dependencies=EDITOR,
        response_model=OutputTold,
        response_model_exclude_unset=True,
    )
    def created(parts: Wired, asking: Asking, name: Name, given: NewOutput) -> dict[str, Any]:
        one = ready(Output(found(parts, name).id, **given.model_dump()), parts.random)
        parts.check_output(one)
        saved = parts.records.put_output(one, parts.clock())
        told = {"kind": str(saved.kind), "target": shown(saved.target)}
        parts.audit(asking, "output made", found(parts, name).name, id=saved.id, **told)
        return output_json(parts, saved, new=True)

    @made.get(
        "/subscriptions/{name}/outputs/{output_id}",
        summary="One output",
        response_model=OutputTold,
        response_model_exclude_unset=True,
    )
    def told(parts: Wired, name: Name, output_id: Id) -> dict[str, Any]:
        return output_json(parts, _one(parts, name, output_id))

    @made.post(
        "/subscriptions/{name}/outputs/{output_id}/rotate",
        summary="A new key for a webhook, beside the old one",
        dependencies=EDITOR,
        response_model=OutputTold,
        response_model_exclude_unset=True,
    )
    def rotated(parts: Wired, asking: Asking, name: Name, output_id: Id, finish: Finish = False) -> dict[str, Any]:
        one = _one(parts, name, output_id)
        if one.kind is not OutputKind.WEBHOOK or one.revoked:
            raise BadInput(f"{one.id} is no webhook in use: only those have keys")
        newest = one.secret.split()[0]
        changed = replace(one, secret=newest if finish else f"{new_key(parts.random)} {newest}")
        saved = parts.records.put_output(changed, parts.clock())
        parts.audit(asking, "output key rotated", found(parts, name).name, id=saved.id, finish=finish)
        return output_json(parts, saved, new=not finish)

    @made.delete(
        "/subscriptions/{name}/outputs/{output_id}", status_code=204, summary="Revoke it", dependencies=EDITOR
    )  # fmt: skip
    def revoked(parts: Wired, asking: Asking, name: Name, output_id: Id) -> None:
        one = _one(parts, name, output_id)
        parts.records.revoke_output(one.id, parts.clock())
        parts.audit(asking, "output revoked", found(parts, name).name, id=one.id, kind=str(one.kind))

    return made


def _one(parts: Parts, name: str, output_id: str) -> Output:
    subscription = found(parts, name)
    for one in parts.records.outputs(subscription.id):
        if one.id == output_id:
            return one
    raise NotThere(f"{subscription.name!r} has no output {output_id!r}")
