"""Who asks, everybody who has an account, API keys, and the log of what was changed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from starlette.exceptions import HTTPException

from pipeline.errors import BadInput
from pipeline.people import ApiKey, Audited, Role, User, role_of
from pipeline.telling import moment
from web.access import Asking, needs
from web.accounts import known, make, make_key, set_password
from web.api.paging import After, Limit, Paged, PagedQuery, cut, from_text, sliced
from web.api.shapes import Page, Told
from web.api.values import Given
from web.parts import Parts, Wired
from web.problems import NotThere

Name = Annotated[str, Path(max_length=100, description="The person's name, or the id of the account.")]
ADMIN = [Depends(needs(Role.ADMIN))]
RoleWord = Annotated[str, Field(description="reader, editor or admin.", pattern="^(reader|editor|admin)$")]


class MeTold(Told):
    """Who asks."""

    name: str
    role: str
    id: str = Field(description='Of the account; "" for who has none.')
    key: str = Field(description='The name of the API key by which they ask; "" = by none.')


class PersonTold(Told):
    """An account."""

    id: str
    name: str
    role: str
    created: str | None
    disabled: str | None
    last_seen: str | None
    has_password: bool
    subject: str = Field(description="Issuer and `sub` at the OpenID provider.")
    password: str = Field(default="", description="One that was made up, told when it is.")


class People(Page):
    """By name."""

    people: list[PersonTold]


class KeyTold(Told):
    """An API key."""

    id: str
    name: str
    role: str
    owner: str
    created: str | None
    used: str | None
    revoked: str | None
    key: str = Field(default="", description="What is sent, told when it is made.")


class Keys(Page):
    """The oldest first."""

    keys: list[KeyTold]


class LineTold(Told):
    """Who did what."""

    seq: int
    at: str | None
    who: str
    what: str
    to: str
    detail: dict[str, Any]


class Audit(Page):
    """Newest first."""

    lines: list[LineTold]


class NewPerson(Given):
    """What an account is made of."""

    name: str = Field(min_length=1, max_length=100)
    role: RoleWord = "reader"
    password: str = Field(default="", max_length=500, description="Left out: one is made up, and told.")


class ChangedPerson(Given):
    """What of it is to change; what is left out stays."""

    role: RoleWord | None = None
    disabled: bool | None = None


class NewPassword(Given):
    """For somebody."""

    password: str = Field(default="", max_length=500, description="Left out: one is made up, and told.")


class NewKey(Given):
    """What an API key is made of."""

    name: str = Field(min_length=1, max_length=100, description="What it is for.")
    role: RoleWord = "reader"
    owner: str = Field(default="", max_length=100, description="An admin makes keys for others too.")


class Lines(Paged):
    """Which lines of the log."""

    who: str = Field(default="", max_length=100, description="Only what they did.")
    what: str = Field(default="", max_length=100, description="Only what begins with this.")


def router() -> APIRouter:
    """The routes."""
    made = APIRouter(tags=["people"])

    @made.get("/me", summary="Who asks, and what they may", response_model=MeTold)
    def me(asking: Asking) -> dict[str, Any]:
        return {"name": asking.name, "role": asking.role.word, "id": asking.user_id, "key": asking.key}

    @made.get("/people", summary="All accounts, by name", response_model=People, dependencies=ADMIN)
    def listed(parts: Wired, asked: PagedQuery) -> dict[str, Any]:
        shown, next = sliced(parts.records.users(), lambda one: (one.name, one.id), asked)
        return {"people": [person_json(one) for one in shown], "next": next}

    @made.post("/people", status_code=201, summary="Make an account", response_model=PersonTold, dependencies=ADMIN)
    def added(parts: Wired, asking: Asking, given: NewPerson) -> dict[str, Any]:
        role, now = role_of(given.role), parts.clock()
        one, invented = make(parts.records, parts.random, now, given.name, role, given.password)
        parts.audit(asking, "account made", one.name, role=one.role.word)
        return person_json(one) | {"password": invented}

    @made.patch(
        "/people/{name}",
        summary="Change their role, shut them out or let them in",
        response_model=PersonTold,
        dependencies=ADMIN,
    )
    def changed(parts: Wired, asking: Asking, name: Name, given: ChangedPerson) -> dict[str, Any]:
        one, role = known(parts.records, name), role_of(given.role) if given.role else None
        told = parts.records.change_user(one.id, parts.clock(), role=role, disabled=given.disabled)
        if role is not None:
            parts.audit(asking, "role changed", one.name, role=role.word)
        if given.disabled is not None:
            parts.audit(asking, "account disabled" if given.disabled else "account enabled", one.name)
        return person_json(told)

    @made.post(
        "/people/{name}/password",
        summary="Give them a new password; their sessions end",
        response_model=PersonTold,
        dependencies=ADMIN,
    )
    def reset(parts: Wired, asking: Asking, name: Name, given: NewPassword) -> dict[str, Any]:
        one = known(parts.records, name)
        invented = set_password(parts.records, parts.random, one, given.password)
        parts.audit(asking, "password reset", one.name)
        return person_json(known(parts.records, one.id)) | {"password": invented}

    @made.delete(
        "/people/{name}", status_code=204, summary="Remove an account with its sessions and keys", dependencies=ADMIN
    )
    def removed(parts: Wired, asking: Asking, name: Name) -> None:
        one = known(parts.records, name)
        parts.records.remove_user(one.id)
        parts.audit(asking, "account removed", one.name)

    _add_keys(made)

    @made.get(
        "/audit", summary="The log of what was changed, newest first", response_model=Audit, dependencies=ADMIN
    )  # fmt: skip
    def audit(parts: Wired, asked: Annotated[Lines, Query()]) -> dict[str, Any]:
        before = int(from_text(asked.after, (0,))[0]) if asked.after else 0
        found = parts.records.audited(before=before, limit=asked.limit + 1, who=asked.who, what=asked.what)
        shown, next = cut(found, lambda one: (one.seq,), asked.limit)
        return {"lines": [line_json(one) for one in shown], "next": next}

    return made


def _add_keys(made: APIRouter) -> None:
    @made.get("/keys", summary="One's own API keys, revoked ones too; all of them for admins", response_model=Keys)
    def keys(
        parts: Wired,
        asking: Asking,
        everybody: Annotated[bool, Query(alias="all", description="Everybody's, for admins.")] = False,
        limit: Limit = 100,
        after: After = "",
    ) -> dict[str, Any]:
        if everybody and not asking.may(Role.ADMIN):
            raise HTTPException(403, "only an admin sees everybody's keys")
        if not (everybody or asking.user_id):
            return {"keys": [], "next": ""}
        names = {one.id: one.name for one in parts.records.users()}
        found = parts.records.keys("" if everybody else asking.user_id)
        shown, next = sliced(found, _age, Paged(limit=limit, after=after))
        return {"keys": [key_json(one, names.get(one.user_id, "")) for one in shown], "next": next}

    @made.post("/keys", status_code=201, summary="Make an API key", response_model=KeyTold)
    def key_made(parts: Wired, asking: Asking, given: NewKey) -> dict[str, Any]:
        if asking.key:
            raise HTTPException(403, "an API key makes no keys: sign in")
        owner = _owner(parts, asking.user_id, given.owner, asking.may(Role.ADMIN))
        role, now = role_of(given.role), parts.clock()
        one, token = make_key(parts.records, parts.random, now, owner, given.name, role)
        parts.audit(asking, "key made", one.name, id=one.id, role=role.word, owner=owner.name)
        return key_json(one, owner.name) | {"key": token}

    @made.delete("/keys/{key_id}", status_code=204, summary="Revoke an API key of one's own; any, for admins")
    def key_revoked(parts: Wired, asking: Asking, key_id: Annotated[str, Path(max_length=100)]) -> None:
        mine = [one for one in parts.records.keys("" if asking.may(Role.ADMIN) else asking.user_id) if one.id == key_id]
        if not mine or not (asking.user_id or asking.may(Role.ADMIN)):
            raise NotThere(f"there is no key {key_id!r}, or it is not yours")
        parts.records.revoke_key(key_id, parts.clock())
        parts.audit(asking, "key revoked", mine[0].name, id=key_id)


def _age(one: ApiKey) -> tuple[str, str]:
    return one.created.isoformat(timespec="microseconds") if one.created else "", one.id


def _owner(parts: Parts, mine: str, name: str, is_admin: bool) -> User:
    if not name and not mine:
        raise BadInput("say whose key it is to be: `owner`, the name of an account")
    one = known(parts.records, name or mine)
    if one.id != mine and not is_admin:
        raise HTTPException(403, "only an admin makes keys for others")
    return one


def person_json(one: User) -> dict[str, Any]:
    """An account as plain JSON values."""
    return {
        "id": one.id,
        "name": one.name,
        "role": one.role.word,
        "created": moment(one.created),
        "disabled": moment(one.disabled),
        "last_seen": moment(one.last_seen),
        "has_password": one.has_password,
        "subject": one.subject,
    }


def key_json(one: ApiKey, owner: str) -> dict[str, Any]:
    """A key as plain JSON values; what is sent is in it only when it was made."""
    return {
        "id": one.id,
        "name": one.name,
        "role": one.role.word,
        "owner": owner,
        "created": moment(one.created),
        "used": moment(one.used),
        "revoked": moment(one.revoked),
    }


def line_json(one: Audited) -> dict[str, Any]:
    """A line of the log as plain JSON values."""
    return {
        "seq": one.seq,
        "at": moment(one.at),
        "who": one.who,
        "what": one.what,
        "to": one.to,
        "detail": dict(one.detail),
    }
