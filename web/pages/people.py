"""Everybody who has an account, for admins: make, change, disable and remove accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.responses import Response

from pipeline.errors import BadInput
from pipeline.people import ROLES, SHORTEST_PASSWORD, Person, Role, role_of
from web.access import Asking, needs
from web.accounts import known, make, set_password
from web.pages.account import by_session
from web.parts import Parts, Wired
from web.render import go_to, page
from web.sessions import begin

DONE = {
    "role": "{} has the role {} now.",
    "disabled": "{} is shut out, and signed out everywhere.",
    "enabled": "{} may sign in again.",
    "removed": "The account {} is gone, with its sessions and keys.",
}
Id = Annotated[str, Path(max_length=100)]


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Role.ADMIN)), Depends(by_session)])

    @made.get("/people")
    def people(parts: Wired, request: Request, asking: Asking) -> Response:
        query = request.query_params
        name, role = query.get("name", "")[:100], query.get("role", "")[:20]
        done = DONE.get(query.get("done", ""), "").format(name, role)
        return _people(parts, request, asking, done=done)

    @made.post("/people")
    def added(
        parts: Wired,
        request: Request,
        asking: Asking,
        name: Annotated[str, Form(max_length=500)] = "",
        role: Annotated[str, Form(max_length=20)] = "reader",
        password: Annotated[str, Form(max_length=5000)] = "",
        elsewhere: Annotated[str, Form(max_length=10)] = "",
    ) -> Response:
        given = {"name": name, "role": role}
        try:
            if elsewhere and not asking.user_id:
                raise BadInput("give the first account a password, with which you sign in here")
            now, bare = parts.clock(), bool(elsewhere)
            one, invented = make(parts.records, parts.random, now, name, role_of(role), password, bare=bare)
        except BadInput as error:
            return _people(parts, request, asking, wrong=error.message, given=given, status=400)
        parts.audit(asking, "account made", one.name, role=one.role.word)
        answer = _people(parts, request, asking, made=one.name, invented=invented)
        if not asking.user_id and not parts.api_token:  # it was the first: who made it is signed in with it
            session = begin(parts, request, answer, one)
            first = Person(one.name, one.role, one.id, session_id=session.id)
            told = _people(parts, request, first, made=one.name, invented=invented)
            told.headers["set-cookie"] = answer.headers["set-cookie"]
            return told
        return answer

    @made.post("/people/{id}/role")
    def role(
        parts: Wired, request: Request, asking: Asking, id: Id, role: Annotated[str, Form(max_length=20)] = ""
    ) -> Response:
        try:
            one = parts.records.change_user(known(parts.records, id).id, parts.clock(), role=role_of(role))
        except BadInput as error:
            return _people(parts, request, asking, wrong=error.message, status=400)
        parts.audit(asking, "role changed", one.name, role=one.role.word)
        return go_to("/people", done="role", name=one.name, role=one.role.word)

    @made.post("/people/{id}/disable")
    def disabled(parts: Wired, request: Request, asking: Asking, id: Id) -> Response:
        try:
            one = parts.records.change_user(known(parts.records, id).id, parts.clock(), disabled=True)
        except BadInput as error:
            return _people(parts, request, asking, wrong=error.message, status=400)
        parts.audit(asking, "account disabled", one.name)
        return go_to("/people", done="disabled", name=one.name)

    @made.post("/people/{id}/enable")
    def enabled(parts: Wired, asking: Asking, id: Id) -> Response:
        one = parts.records.change_user(known(parts.records, id).id, parts.clock(), disabled=False)
        parts.audit(asking, "account enabled", one.name)
        return go_to("/people", done="enabled", name=one.name)

    @made.post("/people/{id}/password")
    def password(parts: Wired, request: Request, asking: Asking, id: Id) -> Response:
        one = known(parts.records, id)
        invented = set_password(parts.records, parts.random, one, keep_session=asking.session_id)
        parts.audit(asking, "password reset", one.name)
        return _people(parts, request, asking, made=one.name, invented=invented, reset=True)

    @made.post("/people/{id}/remove")
    def removed(parts: Wired, request: Request, asking: Asking, id: Id) -> Response:
        one = known(parts.records, id)
        try:
            parts.records.remove_user(one.id)
        except BadInput as error:
            return _people(parts, request, asking, wrong=error.message, status=400)
        parts.audit(asking, "account removed", one.name)
        return go_to("/people", done="removed", name=one.name)

    return made


def _people(
    parts: Parts,
    request: Request,
    asking: Person,
    *,
    done: str = "",
    wrong: str = "",
    given: dict[str, str] | None = None,
    made: str = "",
    invented: str = "",
    reset: bool = False,
    status: int = 200,
) -> Response:
    people = parts.records.users()
    return page(
        request,
        "people.html",
        asking,
        status=status,
        people=people,
        given=given or {"name": "", "role": "reader" if people else "admin"},
        roles=ROLES if people else (Role.ADMIN.word,),
        host=parts.openid.host if parts.openid and people else "",
        shortest=SHORTEST_PASSWORD,
        done=done,
        wrong=wrong,
        made=made,
        invented=invented,
        reset=reset,
    )
