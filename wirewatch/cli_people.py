"""`wirewatch people`, `keys` and `audit`: who may sign in, what their programs send, and who changed what."""

from __future__ import annotations

import getpass
import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated, Any

import typer
from rich.text import Text

from pipeline.errors import BadInput
from pipeline.people import Audited, User, checked_password, role_of
from records.base import Records
from wirewatch import bootstrap
from wirewatch.cli_search import Demo, chosen
from wirewatch.terminal import Console, listing, say

people_app = typer.Typer(help="Who may sign in to the web pages and call the API.", no_args_is_help=True)
keys_app = typer.Typer(help="What programs send to the API in somebody's name.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the account.")]
RoleOption = Annotated[str, typer.Option(help="reader, editor or admin.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one a line.")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(people_app, name="people")
    app.add_typer(keys_app, name="keys")
    app.command()(audit)


@people_app.command("add")
def people_add(
    context: typer.Context,
    name: Name,
    role: RoleOption = "reader",
    password_stdin: Stdin = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="They sign in at the OpenID provider, under this name.")
    ] = False,
    demo: Demo = False,
) -> None:
    """Make an account; the password is asked for twice. From the first one on everybody has to sign in."""
    from web.accounts import make

    if password_stdin and no_password:
        raise BadInput("--password-stdin and --no-password: take one of them")
    wanted = role_of(role)
    with _records(context, demo) as records:
        password = "" if no_password else _password(name, password_stdin)
        now = bootstrap.now()
        one, _ = make(records, secrets.token_bytes, now, name, wanted, password, bare=no_password)
        _note(records, "account made", one.name, role=one.role.word)
    say(f"{one.name} has an account, with the role {one.role.word}")


@people_app.command("list")
def people_list(context: typer.Context, as_json: AsJson = False, demo: Demo = False) -> None:
    """All accounts."""
    with _records(context, demo) as records:
        found = records.users()
    if as_json:
        from web.api.people import person_json

        for one in found:
            say(json.dumps(person_json(one), ensure_ascii=False))
        return
    table = listing("name", "role", "signs in by", "made", "last seen", "")
    for one in found:
        by = one.subject.partition(" ")[0] or ("password" if one.has_password else "nothing yet")
        seen = f"{one.last_seen:%Y-%m-%d %H:%M}" if one.last_seen else "never"
        table.add_row(
            Text(one.name), one.role.word, Text(by), f"{one.created:%Y-%m-%d}", seen, "disabled" if one.disabled else ""
        )  # fmt: skip
    Console().print(table if found else "No accounts yet: `wirewatch people add NAME --role admin` makes the first.")


@people_app.command("role")
def people_role(
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Argument(help="reader, editor or admin.")],
    demo: Demo = False,
) -> None:
    """Give somebody another role."""
    wanted = role_of(role)
    with _records(context, demo) as records:
        one = records.change_user(_known(records, name).id, bootstrap.now(), role=wanted)
        _note(records, "role changed", one.name, role=one.role.word)
    say(f"{one.name} has the role {one.role.word}")


@people_app.command("password")
def people_password(context: typer.Context, name: Name, password_stdin: Stdin = False, demo: Demo = False) -> None:
    """Give somebody a new password, asked for twice; they are signed out everywhere."""
    from web.accounts import set_password

    with _records(context, demo) as records:
        one = _known(records, name)
        set_password(records, secrets.token_bytes, one, _password(one.name, password_stdin))
        _note(records, "password reset", one.name)
    say(f"{one.name} has a new password")


@people_app.command("disable")
def people_disable(
    context: typer.Context,
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
    demo: Demo = False,
) -> None:
    """Shut somebody out: their sessions end, their keys open nothing."""
    with _records(context, demo) as records:
        one = records.change_user(_known(records, name).id, bootstrap.now(), disabled=not undo)
        _note(records, "account enabled" if undo else "account disabled", one.name)
    say(f"{one.name} may sign in again" if undo else f"{one.name} is shut out")


@people_app.command("remove")
def people_remove(context: typer.Context, name: Name, demo: Demo = False) -> None:
    """Remove an account with its sessions and keys; the last admin's stays."""
    with _records(context, demo) as records:
        one = _known(records, name)
        records.remove_user(one.id)
        _note(records, "account removed", one.name)
    say(f"the account {one.name} is gone")


@keys_app.command("add")
def keys_add(
    context: typer.Context,
    owner: Annotated[str, typer.Argument(help="Whose key it is: the name of an account.")],
    name: Annotated[str, typer.Argument(help="What it is for.")],
    role: RoleOption = "reader",
    demo: Demo = False,
) -> None:
    """Make a key and print it, this once. Programs send it as `Authorization: Bearer …`."""
    from web.accounts import make_key

    wanted = role_of(role)
    with _records(context, demo) as records:
        one = _known(records, owner)
        key, token = make_key(records, secrets.token_bytes, bootstrap.now(), one, name, wanted)
        _note(records, "key made", key.name, id=key.id, role=key.role.word, owner=one.name)
    say(token)


@keys_app.command("list")
def keys_list(context: typer.Context, as_json: AsJson = False, demo: Demo = False) -> None:
    """Everybody's keys, revoked ones too."""
    with _records(context, demo) as records:
        found, names = records.keys(), {one.id: one.name for one in records.users()}
    if as_json:
        from web.api.people import key_json

        for one in found:
            say(json.dumps(key_json(one, names.get(one.user_id, "")), ensure_ascii=False))
        return
    table = listing("id", "owner", "for", "role", "made", "last used", "")
    for one in found:
        used, revoked = (f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (one.used, one.revoked))
        table.add_row(
            one.id, Text(names.get(one.user_id, "")), Text(one.name), one.role.word, f"{one.created:%Y-%m-%d}",
            used or "never", f"revoked {revoked}" if revoked else "",
        )  # fmt: skip
    Console().print(table if found else "No keys yet: `wirewatch keys add OWNER NAME` makes one.")


@keys_app.command("revoke")
def keys_revoke(
    context: typer.Context,
    id: Annotated[str, typer.Argument(help="Id of the key (k…), as `wirewatch keys list` tells it.")],
    demo: Demo = False,
) -> None:
    """Revoke a key: it opens nothing any more."""
    with _records(context, demo) as records:
        one = records.revoke_key(id, bootstrap.now())
        _note(records, "key revoked", one.name, id=one.id)
    say(f"the key {one.name} is revoked")


def audit(
    context: typer.Context,
    who: Annotated[str, typer.Option(help="Only what they did.")] = "",
    what: Annotated[str, typer.Option(help="Only what begins with this.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many lines, the newest.")] = 50,
    as_json: AsJson = False,
    demo: Demo = False,
) -> None:
    """Print the log of who changed what, the newest last."""
    with _records(context, demo) as records:
        found = records.audited(limit=limit, who=who, what=what)[::-1]
    for one in found:
        if as_json:
            from web.api.people import line_json

            say(json.dumps(line_json(one), ensure_ascii=False))
        else:
            detail = ", ".join(f"{key}: {value}" for key, value in one.detail.items())
            line = f"{one.at:%Y-%m-%d %H:%M:%S}  {one.who}: {one.what} {one.to}"
            say(line + (f" ({detail})" if detail else ""))


@contextmanager
def _records(context: typer.Context, demo: bool) -> Iterator[Records]:
    """The records, made anew where there are none: an account may come before the first run."""
    with closing(bootstrap.open_the_records(chosen(context, demo))) as records:
        yield records


def _known(records: Records, name: str) -> User:
    one = records.user(name)
    if one is None:
        raise BadInput(f"there is no account {name!r}: `wirewatch people list` tells which there are")
    return one


def _password(name: str, stdin: bool) -> str:
    if stdin:
        return checked_password(sys.stdin.readline().rstrip("\r\n"), name)
    first = checked_password(typer.prompt("Password", hide_input=True), name)
    if typer.prompt("The same again", hide_input=True) != first:
        raise BadInput("the two are not alike: try again")
    return first


def _note(records: Records, what: str, to: str, **detail: Any) -> None:
    records.note(Audited(bootstrap.now(), f"{getpass.getuser()} (command line)", what, to, detail))
