"""Signing in and out: by name and password, or at an OpenID provider."""

from __future__ import annotations

import contextlib
import math
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from pipeline.errors import BadInput, Retry
from pipeline.people import Person, Role, User, checked_name
from web.accounts import Throttled, WrongPassword, signed_in
from web.openid import Begun, Identity, NotSignedIn
from web.parts import Parts, Wired
from web.render import HEADERS, go_to, page
from web.sessions import address_of, begin, cookie_name, end_brought, is_secure, put_cookie

LONGEST = 2000  # characters of an address to go on to
MINUTES = 10  # for what people do at the provider
Next = Annotated[str, Query(max_length=LONGEST)]


def path_of_ours(address: str) -> str:
    """The address if it is a path here, "/" otherwise: a link to the sign-in leads nowhere else."""
    plain = address.isascii() and address.isprintable() and "\\" not in address
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    ours = plain and address.startswith("/") and not address.startswith("//") and not (parts.scheme or parts.netloc)
    return address if ours and not parts.path.startswith(("/login", "/logout")) else "/"


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(include_in_schema=False)

    @made.get("/login")
    def form(parts: Wired, request: Request, next: Next = "") -> Response:
        return _form(parts, request, next)

    @made.post("/login")
    def entered(
        parts: Wired,
        request: Request,
        name: Annotated[str, Form(max_length=500)] = "",
        password: Annotated[str, Form(max_length=5000)] = "",
        next: Annotated[str, Form(max_length=LONGEST)] = "",
    ) -> Response:
        try:
            user = signed_in(parts.records, name, password, address_of(request), parts.clock())
        except Throttled as wait:
            return _throttled(parts, request, next, name, wait.seconds)
        except BadInput as wrong:
            if isinstance(wrong, WrongPassword):
                who = wrong.user.name if wrong.user else "nobody"  # not what was typed: people type passwords there
                parts.audit(Person(who, Role.READER), "sign-in failed", address=address_of(request))
            return _form(parts, request, next, name, wrong=wrong.message, status=403)
        return _enter(parts, request, user, next, "password")

    @made.post("/logout")
    def left(parts: Wired, request: Request) -> Response:
        end_brought(parts, request)
        answer = go_to("/login", done="out")
        put_cookie(parts, answer, cookie_name(parts), "", 0)
        return answer

    @made.get("/login/openid")
    def leaving(parts: Wired, request: Request, next: Next = "") -> Response:
        if parts.openid is None:
            return go_to("/login", next=next)
        try:
            address, begun = parts.openid.begin(_back(parts), path_of_ours(next))
        except (BadInput, Retry) as wrong:
            return _form(parts, request, next, wrong=wrong.message, status=503)
        answer = RedirectResponse(address, 303, HEADERS)
        put_cookie(parts, answer, _openid_cookie(parts), begun.to_cookie(), MINUTES * 60)
        return answer

    @made.get("/login/openid/back")
    def coming_back(parts: Wired, request: Request) -> Response:
        if parts.openid is None:
            return go_to("/login")
        begun = None
        try:
            begun = Begun.from_cookie(request.cookies.get(_openid_cookie(parts), ""))
            who = parts.openid.finish(_back(parts), begun, request.query_params)
            answer = _enter(parts, request, _account(parts, who), begun.next, parts.openid.host)
        except (BadInput, Retry) as wrong:
            answer = _form(parts, request, begun.next if begun else "", wrong=wrong.message, status=403)
        put_cookie(parts, answer, _openid_cookie(parts), "", 0)
        return answer

    return made


def _enter(parts: Parts, request: Request, user: User, next: str, by: str) -> Response:
    answer = go_to(path_of_ours(next))
    session = begin(parts, request, answer, user)
    asking = Person(user.name, user.role, user.id, session_id=session.id)
    parts.audit(asking, "signed in", by=by, address=address_of(request))
    return answer


def _form(parts: Parts, request: Request, next: str, name: str = "", *, wrong: str = "", status: int = 200) -> Response:
    done = "You are signed out." if request.query_params.get("done") == "out" else ""
    host = parts.openid.host if parts.openid else ""
    empty = not parts.records.has_users()
    return page(
        request,
        "login.html",
        status=status,
        next=path_of_ours(next),
        name=name,
        wrong=wrong,
        done=done,
        host=host,
        empty=empty,
    )


def _throttled(parts: Parts, request: Request, next: str, name: str, seconds: float) -> Response:
    wait = math.ceil(seconds)
    at = parts.clock() + timedelta(seconds=wait)
    told = f"{wait} seconds" if wait < 120 else f"{math.ceil(wait / 60)} minutes"
    words = f"Too many tries that failed. Try again in {told}, after {at:%H:%M:%S} UTC."
    answer = _form(parts, request, next, name, wrong=words, status=429)
    answer.headers["retry-after"] = str(wait)
    return answer


def _account(parts: Parts, who: Identity) -> User:
    """The account of who came from the provider, made or brought up to date. Raise BadInput."""
    openid, records, now = parts.openid, parts.records, parts.clock()
    assert openid is not None
    one = records.user_of_subject(who.subject)
    prepared = None if one else _prepared(parts, who)
    role = who.role or openid.role
    if role is None and (openid.claim or not (one or prepared)):
        raise NotSignedIn(
            f"that account of {openid.host} may not come in here: ask an admin to let {who.name or 'you'} in"
        )
    if prepared is not None:
        records.set_subject(prepared.id, who.subject)
        one = prepared
    if one is None:
        assert role is not None
        one = records.add_user(User(checked_name(who.name), role, subject=who.subject), now)
        assert one is not None
        parts.audit(Person(one.name, one.role, one.id), "account made", one.name, role=role.word, by=openid.host)
    if one.disabled:
        raise NotSignedIn("this account is disabled: an admin can let it in again")
    if openid.claim and role is not None and role is not one.role:
        with contextlib.suppress(BadInput):  # the last admin stays one
            one = records.change_user(one.id, now, role=role)
            parts.audit(Person(one.name, one.role, one.id), "role changed", one.name, role=role.word, by=openid.host)
    return one


def _prepared(parts: Parts, who: Identity) -> User | None:
    """An account of that name that an admin made for who signs in elsewhere: without a password, and nobody's yet.

    One with a password is somebody's already, and who chooses a name at the provider must not get it.
    """
    one = parts.records.user(who.name) if who.name else None
    if one is None:
        return None
    if one.has_password or one.subject or one.name.casefold() != who.name.casefold():
        raise NotSignedIn(f"the name {who.name!r} belongs to another account here: ask an admin")
    return one


def _back(parts: Parts) -> str:
    return f"{parts.public_url}/login/openid/back"


def _openid_cookie(parts: Parts) -> str:
    return "__Host-wirewatch-openid" if is_secure(parts) else "wirewatch-openid"
