"""Where the alerts of a subscription go: feeds and other links, webhooks, notifications, digests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from pipeline.errors import BadInput, WirewatchError
from pipeline.outputs import shown
from pipeline.watch import Output, OutputKind
from web.api.paging import Paged, PagedQuery, sliced
from web.api.shapes import Outputs, OutputTold
from web.api.subscriptions import Name
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
        response_model=OutputTold,
        response_model_exclude_unset=True,
    )
    def created(parts: Wired, name: Name, given: NewOutput) -> dict[str, Any]:
        one = prepared(parts, Output(found(parts, name).id, **given.model_dump()))
        return output_json(parts, parts.records.put_output(one, parts.clock()), new=True)

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
        response_model=OutputTold,
        response_model_exclude_unset=True,
    )
    def rotated(parts: Wired, name: Name, output_id: Id, finish: Finish = False) -> dict[str, Any]:
        changed = rotate(parts, output(parts, found(parts, name), output_id), finish=finish)
        return output_json(parts, changed, new=not finish)

    @made.post(
        "/subscriptions/{name}/outputs/{output_id}/test",
        status_code=204,
        summary="Send a test message there now",
        responses={502: {"description": "It was not taken."}},
    )
    def tested(parts: Wired, name: Name, output_id: Id) -> None:
        of = found(parts, name)
        one = output(parts, of, output_id)
        if one.revoked or one.kind is OutputKind.LINK:
            raise BadInput(
                f"nothing is sent to {one.id}: it is {'revoked' if one.revoked else 'a link, which is read'}"
            )
        try:
            parts.send_test(one, of.name)
        except WirewatchError as error:
            raise NotTaken(f"{shown(one.target)} did not take the test message: {error}") from error

    @made.delete("/subscriptions/{name}/outputs/{output_id}", status_code=204, summary="Revoke it")
    def revoked(parts: Wired, name: Name, output_id: Id) -> None:
        parts.records.revoke_output(output(parts, found(parts, name), output_id).id, parts.clock())

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
