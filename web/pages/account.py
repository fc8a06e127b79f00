"""One's own account: the password, where one is signed in, and API keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pipeline.errors import BadInput
from pipeline.people import SHORTEST_PASSWORD, Person, Role, User, role_of
from web.access import Asking
from web.accounts import Throttled, WrongPassword, known, make_key, set_password, signed_in
from web.parts import Parts, Wired
from web.render import go_to, page
from web.sessions import address_of

DONE = {
    "password": "Your password is changed; you are signed out everywhere else.",
    "sessions": "You are signed out there.",
    "key": "The key is revoked: it opens nothing any more.",
}
Id = Annotated[str, Path(max_length=100)]


async def by_session(asking: Asking) -> None:
    """A dependency: raise 403 for who asks by a key. Who finds one must not make more, or take the account over."""
    if asking.user_id and not asking.session_id:
        raise HTTPException(403, "an API key does not do that: sign in")


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False, dependencies=[Depends(by_session)])

    @made.get("/account")
    def account(parts: Wired, request: Request, asking: Asking) -> Response:
        return _account(parts, request, asking, done=DONE.get(request.query_params.get("done", ""), ""))

    @made.post("/account/password")
    def password(
        parts: Wired,
        request: Request,
        asking: Asking,
        old: Annotated[str, Form(max_length=5000)] = "",
        new: Annotated[str, Form(max_length=5000)] = "",
        again: Annotated[str, Form(max_length=5000)] = "",
    ) -> Response:
        one = _own(parts, asking)
        try:
            if one.has_password:
                signed_in(parts.records, one.name, old, address_of(request), parts.clock())
            if new != again:
                raise BadInput("the two new ones are not alike: type the same twice")
            if not new:
                raise BadInput(f"type a new password, of {SHORTEST_PASSWORD} characters or more")
            set_password(parts.records, parts.random, one, new, asking.session_id)
        except Throttled as wait:
            words = f"Too many tries that failed: try again in {wait.seconds:.0f} seconds."
            return _account(parts, request, asking, wrong=("old", words), status=429)
        except WrongPassword:
            return _account(parts, request, asking, wrong=("old", "That is not your password."), status=400)
        except BadInput as error:
            return _account(parts, request, asking, wrong=("new", error.message), status=400)
        parts.audit(asking, "password changed", one.name)
        return go_to("/account", done="password")

    @made.post("/account/sessions/end")
    def all_ended(parts: Wired, asking: Asking) -> Response:
        count = parts.records.end_sessions(_own(parts, asking).id, keep=asking.session_id)
        parts.audit(asking, "sessions ended", asking.name, count=count)
        return go_to("/account", done="sessions")

    @made.post("/account/sessions/{id}/end")
    def one_ended(parts: Wired, asking: Asking, id: Id) -> Response:
        count = parts.records.end_sessions(_own(parts, asking).id, only=id)
        parts.audit(asking, "sessions ended", asking.name, count=count)
        return go_to("/account", done="sessions")

    @made.post("/account/keys")
    def key_made(
        parts: Wired,
        request: Request,
        asking: Asking,
        name: Annotated[str, Form(max_length=100)] = "",
        role: Annotated[str, Form(max_length=20)] = "reader",
    ) -> Response:
        one = _own(parts, asking)
        try:
            key, token = make_key(parts.records, parts.random, parts.clock(), one, name, role_of(role))
        except BadInput as error:
            return _account(parts, request, asking, wrong=("key", error.message), status=400)
        parts.audit(asking, "key made", key.name, id=key.id, role=key.role.word)
        return _account(parts, request, asking, token=token, token_name=key.name)

    @made.post("/account/keys/{id}/revoke")
    def key_revoked(parts: Wired, asking: Asking, id: Id) -> Response:
        mine = {one.id: one for one in parts.records.keys(_own(parts, asking).id)}
        if id not in mine:
            raise HTTPException(404, f"you have no key {id}")
        parts.records.revoke_key(id, parts.clock())
        parts.audit(asking, "key revoked", mine[id].name, id=id)
        return go_to("/account", done="key")

    return made


def _own(parts: Parts, asking: Person) -> User:
    if not asking.user_id:
        raise HTTPException(403, "nobody has an account yet: make the first one, an admin's, below /people")
    return known(parts.records, asking.user_id)


def _account(
    parts: Parts,
    request: Request,
    asking: Person,
    *,
    done: str = "",
    wrong: tuple[str, str] = ("", ""),
    token: str = "",
    token_name: str = "",
    status: int = 200,
) -> Response:
    one = parts.records.user(asking.user_id) if asking.user_id else None
    return page(
        request,
        "account.html",
        asking,
        status=status,
        one=one,
        sessions=parts.records.sessions(one.id, parts.clock()) if one else [],
        keys=parts.records.keys(one.id)[::-1] if one else [],
        roles=[role.word for role in Role if role <= asking.role],
        done=done,
        where=wrong[0],
        wrong=wrong[1],
        token=token,
        token_name=token_name,
        shortest=SHORTEST_PASSWORD,
    )
