"""`wirewatch people`, `keys` and `audit` from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.errors import BadInput
from wirewatch.cli import app

PASSWORD = "green harbour lamp seven"


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_CONFIG", str(tmp_path / "wirewatch.toml"))
    monkeypatch.setenv("WIREWATCH_DATA", str(tmp_path / "data"))


def say(*words: str, typed: str = "") -> str:
    """Run it; returns what it printed. Raises what it raised."""
    result: Result = CliRunner().invoke(app, list(words), input=typed)
    if result.exception is not None:
        raise result.exception
    assert result.exit_code == 0
    return result.output


def test_accounts_are_made_changed_and_removed() -> None:
    assert "No accounts yet" in say("people", "list")
    with pytest.raises(BadInput, match="first account is an admin's"):
        say("people", "add", "bob", "--password-stdin", typed=f"{PASSWORD}\n")
    output = say("people", "add", "ada", "--role", "admin", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert "ada has an account, with the role admin" in output and PASSWORD not in output
    with pytest.raises(BadInput, match="not alike"):
        say("people", "add", "bob", typed=f"{PASSWORD}\nother\n")
    with pytest.raises(BadInput, match="12 to 500"):
        say("people", "add", "bob", "--password-stdin", typed="short\n")
    say("people", "add", "bob", "--no-password")
    say("people", "role", "bob", "editor")
    say("people", "password", "BOB", "--password-stdin", typed=f"{PASSWORD}\r\n")
    say("people", "disable", "bob")
    told = [json.loads(line) for line in say("people", "list", "--json").splitlines()]
    assert [(one["name"], one["role"], bool(one["disabled"]), one["has_password"]) for one in told] == [
        ("ada", "admin", False, True), ("bob", "editor", True, True)
    ]  # fmt: skip
    say("people", "disable", "bob", "--undo")
    with pytest.raises(BadInput, match="last admin"):
        say("people", "remove", "ada")
    with pytest.raises(BadInput, match="no account 'eve'"):
        say("people", "remove", "eve")
    say("people", "remove", "bob")
    lines = say("audit").splitlines()
    assert [line.partition("(command line): ")[2].partition(" bob")[0] for line in lines[1:]] == [
        "account made", "role changed", "password reset", "account disabled", "account enabled", "account removed"
    ]  # fmt: skip
    assert PASSWORD not in say("audit", "--json") and say("audit", "--what", "role").count("\n") == 1


def test_a_key_is_printed_once() -> None:
    say("people", "add", "ada", "--role", "admin", "--password-stdin", typed=f"{PASSWORD}\n")
    token = say("keys", "add", "ada", "the nightly export", "--role", "editor").strip()
    assert token.startswith("wwk_")
    [one] = [json.loads(line) for line in say("keys", "list", "--json").splitlines()]
    assert (one["name"], one["role"], one["owner"], one["revoked"]) == ("the nightly export", "editor", "ada", None)
    say("keys", "revoke", one["id"])
    assert "revoked" in say("keys", "list") and token not in say("keys", "list") + say("audit", "--json")
    with pytest.raises(BadInput, match="no key"):
        say("keys", "revoke", "k0")
