"""Where the alerts of a subscription go: feeds and other links, webhooks, notifications, digests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from pipeline.errors import BadInput, WirewatchError
from pipeline.outputs import shown as shown_target
from pipeline.watch import Output, OutputKind
from web.access import Asking
from web.api.paging import Paged, PagedQuery, sliced
from web.api.shapes import Outputs, OutputTold
from web.api.subscriptions import EDITOR, Name
from web.api.values import NewOutput, output_json
from web.feeds.opml import MEDIA_TYPE, opml
from web.parts import Parts, Wired
from web.problems import NotTaken
from web.watching import found, output, prepared, rotate

Id = Annotated[str, Path(description="The output's id.")]
Finish = Annotated[bool, Query(description="Sign with the newest key only from now on.")]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["outputs"])

    @made.get(
        "/outputs",
        summary="The outputs of all subscriptions, revoked ones too",
        response_model=Outputs,
        response_model_exclude_unset=True,
    )
    def all_listed(parts: Wired, asked: PagedQuery) -> dict[str, Any]:
        return _page(parts, parts.records.outputs(), asked)

    @made.get(
        "/subscriptions/{name}/outputs",
        summary="The outputs of a subscription, revoked ones too",
        response_model=Outputs,
        response_model_exclude_unset=True,
    )
    def listed(parts: Wired, name: Name, asked: PagedQuery) -> dict[str, Any]:
        return _page(parts, parts.records.outputs(found(parts, name).id), asked)

    @made.post(
        "/subscriptions/{name}/outputs",
        status_code=201,
        summary="Make one: link, webhook, notify or digest",
        dependencies=EDITOR,
        response_model=OutputTold,
        response_model_exclude_unset=True,
    )
    def created(parts: Wired, asking: Asking, name: Name, given: NewOutput) -> dict[str, Any]:
        subscription = found(parts, name)
        one = parts.records.put_output(
            prepared(parts, Output(subscription.id, **given.model_dump())), parts.clock()
        )  # fmt: skip
        told = {"id": one.id, "kind": str(one.kind), "target": shown_target(one.target)}
        parts.audit(asking, "output made", subscription.name, **told)
        return output_json(parts, one, new=True)

    @made.get(
        "/subscriptions/{name}/outputs/{output_id}",
        summary="One output",
        response_model=OutputTold,
        response_model_exclude_unset=True,
    )
    def told(parts: Wired, name: Name, output_id: Id) -> dict[str, Any]:
        return output_json(parts, output(parts, found(parts, name), output_id))

    @made.post(
        "/subscriptions/{name}/outputs/{output_id}/rotate",
        summary="A new key for a webhook, beside the old one",
        dependencies=EDITOR,
        response_model=OutputTold,
        response_model_exclude_unset=True,
    )
    def rotated(parts: Wired, asking: Asking, name: Name, output_id: Id, finish: Finish = False) -> dict[str, Any]:
        subscription = found(parts, name)
        changed = rotate(parts, output(parts, subscription, output_id), finish=finish)
        parts.audit(asking, "output key changed", subscription.name, id=changed.id, finish=finish)
        return output_json(parts, changed, new=not finish)

    @made.post(
        "/subscriptions/{name}/outputs/{output_id}/test",
        status_code=204,
        summary="Send a test message there now",
        responses={502: {"description": "It was not taken."}},
        dependencies=EDITOR,
    )
    def tested(parts: Wired, asking: Asking, name: Name, output_id: Id) -> None:
        of = found(parts, name)
        one = output(parts, of, output_id)
        if one.revoked or one.kind is OutputKind.LINK:
            raise BadInput(
                f"nothing is sent to {one.id}: it is {'revoked' if one.revoked else 'a link, which is read'}"
            )
        try:
            parts.send_test(one, of.name)
        except WirewatchError as error:
            raise NotTaken(f"{shown_target(one.target)} did not take the test message: {error}") from error
        parts.audit(asking, "output tested", of.name, id=one.id)

    @made.delete(
        "/subscriptions/{name}/outputs/{output_id}", status_code=204, summary="Revoke it", dependencies=EDITOR
    )  # fmt: skip
    def revoked(parts: Wired, asking: Asking, name: Name, output_id: Id) -> None:
        subscription = found(parts, name)
        one = output(parts, subscription, output_id)
        parts.records.revoke_output(one.id, parts.clock())
        parts.audit(asking, "output revoked", subscription.name, id=one.id, kind=str(one.kind))

    @made.get(
        "/opml",
        summary="The addresses of all feeds, as OPML 2.0",
        response_class=Response,
        responses={200: {"content": {MEDIA_TYPE: {}}, "description": "The addresses, which are keys."}},
    )
    def all_feeds(parts: Wired) -> Response:
        return opml(parts)

    return made


def _place(one: Output) -> tuple[str, str]:
    return one.created.isoformat(timespec="microseconds") if one.created else "", one.id


def _page(parts: Parts, outputs: Sequence[Output], asked: Paged) -> dict[str, Any]:
    shown, next = sliced(outputs, _place, asked)
    return {"outputs": [output_json(parts, one) for one in shown], "next": next}
