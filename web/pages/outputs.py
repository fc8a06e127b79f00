"""Where a subscription tells: adding, testing, revoking, new keys, and sending again."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from pipeline.errors import BadInput, WirewatchError
from pipeline.outputs import shown
from pipeline.people import Role
from pipeline.watch import OutputKind
from web.access import Asking, needs
from web.forms import Form
from web.pages.subscription import view
from web.parts import Wired
from web.render import go_to
from web.watch_form import output as asked_for
from web.watching import found, output, rotate
from web.wording import moment_of


def router() -> APIRouter:
    """The routes; a form that is not taken is shown again, with what is wrong beside the field."""
    made = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Role.EDITOR))])

    @made.post("/subscriptions/{name}/outputs")
    def added(parts: Wired, request: Request, asking: Asking, name: str, sent: Form) -> Response:
        one = found(parts, name)
        try:
            if sent["kind"] not in tuple(OutputKind):
                raise BadInput("choose a feed, a webhook, messages or a digest")
            kind = OutputKind(sent["kind"])
            new = parts.records.put_output(asked_for(parts, kind, sent["target"], sent, one.id), parts.clock())
        except BadInput as error:
            field = sent["kind"] or "kind"
            return view(parts, request, asking, one, wrong={field: str(error)}, sent=sent, status=400)
        parts.audit(asking, "output made", one.name, id=new.id, kind=str(kind), target=shown(new.target))
        if kind is OutputKind.WEBHOOK:  # its key is shown this once: an address would keep it
            return view(parts, request, asking, one, said="added", new=new)
        return go_to(f"/subscriptions/{one.id}", said="added")

    @made.post("/subscriptions/{name}/outputs/{output_id}/test")
    def tested(parts: Wired, request: Request, asking: Asking, name: str, output_id: str) -> Response:
        one = found(parts, name)
        way = output(parts, one, output_id)
        if way.revoked or way.kind is OutputKind.LINK:
            what = "it is revoked" if way.revoked else "it is a feed, which is read"
            return view(parts, request, asking, one, failed=f"Nothing is sent there: {what}.", status=400)
        try:
            parts.send_test(way, one.name)
        except WirewatchError as error:
            words = f"{shown(way.target)} did not take the test message: {error}"
            return view(parts, request, asking, one, failed=words, status=502)
        parts.audit(asking, "output tested", one.name, id=way.id)
        return go_to(f"/subscriptions/{one.id}", said="tested")

    @made.post("/subscriptions/{name}/outputs/{output_id}/revoke")
    def revoked(parts: Wired, asking: Asking, name: str, output_id: str) -> Response:
        one = found(parts, name)
        way = output(parts, one, output_id)
        parts.records.revoke_output(way.id, parts.clock())
        parts.audit(asking, "output revoked", one.name, id=way.id, kind=str(way.kind))
        return go_to(f"/subscriptions/{one.id}", said="revoked")

    @made.post("/subscriptions/{name}/outputs/{output_id}/rotate")
    def rotated(parts: Wired, request: Request, asking: Asking, name: str, output_id: str, sent: Form) -> Response:
        one, finish = found(parts, name), bool(sent["finish"])
        try:
            changed = rotate(parts, output(parts, one, output_id), finish=finish)
        except BadInput as error:
            return view(parts, request, asking, one, failed=str(error), status=400)
        parts.audit(asking, "output key changed", one.name, id=changed.id, finish=finish)
        if finish:
            return go_to(f"/subscriptions/{one.id}", said="finished")
        return view(parts, request, asking, one, said="rotated", new=changed)

    @made.post("/subscriptions/{name}/outputs/{output_id}/replay")
    def replayed(parts: Wired, request: Request, asking: Asking, name: str, output_id: str, sent: Form) -> Response:
        one, now = found(parts, name), parts.clock()
        way = output(parts, one, output_id)
        try:
            since = moment_of(sent["since"], now) if sent["which"] == "since" else None
            seqs = [int(seq) for seq in sent.all("seq") if seq.isdigit() and len(seq) < 19]
            if sent["which"] == "chosen" and not seqs:
                raise BadInput("tick the ones that are to be sent again")
            chosen = seqs if sent["which"] == "chosen" else ()
            count = parts.records.redeliver(way.id, now, since=since, seqs=chosen)
        except BadInput as error:
            words = {f"replay-{way.id}": str(error)}
            return view(parts, request, asking, one, wrong=words, sent=sent, status=400)
        parts.audit(asking, "deliveries sent again", way.id, count=count)
        return go_to(f"/subscriptions/{one.id}", said="replayed", count=str(count))

    return made
