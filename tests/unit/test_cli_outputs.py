"""`wirewatch watch output`, `deliveries` and `replay` as a person sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook
from typer.testing import CliRunner

from pipeline.errors import BadInput
from pipeline.watch import DeliveryState, Output, OutputKind, Settled
from records.base import Records
from tests.contract.alerts_kit import file, subscribed
from tests.contract.records_kit import SOURCES
from tests.services.receiver import receiver
from wirewatch import bootstrap
from wirewatch.cli import app
from wirewatch.config import Settings


@pytest.fixture(autouse=True)
def _alone(nowhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("WIREWATCH_ALLOW_PRIVATE", "true")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with records_of(tmp_path) as records:
        records.sync_sources(SOURCES)
        subscribed(records, "drones")
    return tmp_path


@contextmanager
def records_of(folder: Path) -> Iterator[Records]:
    with closing(bootstrap.open_the_records(Settings(data=folder))) as records:
        yield records


def run(archive: Path, *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["--data", str(archive), "watch", *arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def added(archive: Path, *options: str) -> tuple[Output, str]:
    told = run(archive, "output", "add", "drones", *options)
    with records_of(archive) as records:
        return max(records.outputs(), key=lambda one: one.created or datetime.min.replace(tzinfo=UTC)), told


def test_a_link_is_told_with_all_its_addresses(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_PUBLIC_URL", "https://news.example/")
    monkeypatch.setenv("WIREWATCH_API_TOKEN", "x" * 40)
    one, told = added(archive, "--link")
    for suffix in (".rss", ".atom", ".json", "/stream", "/alerts"):
        assert f"https://news.example/s/{one.secret}{suffix}" in told
    assert one.secret not in run(archive, "output", "list")


def test_a_webhook_is_added_tested_rotated_and_revoked(archive: Path) -> None:
    with receiver() as hook:
        one, told = added(archive, "--webhook", hook.url + "/secret-path")
        assert one.secret in told and "standardwebhooks" in told
        listed = run(archive, "output", "list")
        assert f"http://127.0.0.1:{hook.port}/…" in listed
        assert "secret-path" not in listed + run(archive, "output", "list", "--json") and one.secret not in listed
        assert "took a test message" in run(archive, "output", "test", one.id)
        [post] = hook.posts
        assert Webhook(one.secret).verify(post.body, post.headers)["type"] == "alert.test"
        new = run(archive, "output", "rotate", one.id).split()[-1]
        run(archive, "output", "test", one.id)
        for key in (one.secret, new):
            Webhook(key).verify(hook.posts[-1].body, hook.posts[-1].headers)
        run(archive, "output", "rotate", one.id, "--finish")
        with records_of(archive) as records:
            assert records.outputs()[0].secret == new
        hook.answer = lambda post: (500, {})
        assert "did not take it: the receiver has a fault" in run(archive, "output", "test", one.id, code=1)
    run(archive, "output", "revoke", one.id)
    assert "revoked" in run(archive, "output", "list")
    with pytest.raises(BadInput, match="revoked"):
        run(archive, "output", "test", one.id)


def test_apprise_urls_come_from_the_environment_and_are_not_shown(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver() as hook:
        monkeypatch.setenv("CHAT", f"json://127.0.0.1:{hook.port}/topsecret")
        chat, told = added(archive, "--notify", "env:CHAT")
        assert chat.kind is OutputKind.NOTIFY and "topsecret" in chat.target and "topsecret" not in told
        options = ("--to", "env:CHAT", "--hour", "6", "--weekday", "friday", "--timezone", "Europe/Berlin")
        digest, told = added(archive, "--digest", "week", *options)
        assert (digest.hour, digest.weekday, digest.timezone) == (6, 4, "Europe/Berlin")
        assert "Friday" in told and "Europe/Berlin" in told
        for one in (chat, digest):
            run(archive, "output", "test", one.id)
        assert ["A test of Wirewatch" in post.json()["message"] for post in hook.posts] == [True, True]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "give one of"),
        (("--link", "--webhook", "https://a.example/"), "give one of"),
        (("--digest", "day"), "give one of"),
        (("--notify", "nosuch://a.example"), "Apprise cannot read this nosuch://"),
        (("--notify", "env:NOT_SET"), "NOT_SET"),
        (("--digest", "day", "--to", "json://a.example", "--timezone", "Mars"), "Europe/Berlin"),
    ],
)
def test_what_cannot_be_an_output_is_refused(archive: Path, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        run(archive, "output", "add", "drones", *options)


def test_private_webhooks_are_refused_at_once(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_ALLOW_PRIVATE", "false")
    with pytest.raises(BadInput, match="not a public address"):
        run(archive, "output", "add", "drones", "--webhook", "http://127.0.0.1/hook")


def test_deliveries_are_listed_and_sent_again(archive: Path) -> None:
    one, _ = added(archive, "--webhook", "https://hook.example/x")
    with records_of(archive) as records:
        file(records, "a", "b", "c")
        first, second, _third = records.alerts()
        now = datetime.now(UTC)
        dead = Settled(one.id, first.seq, DeliveryState.DEAD, "rejected: not accepted (status 404)")
        records.settle([dead, Settled(one.id, second.seq, DeliveryState.SENT)], now)
    rows = [json.loads(line) for line in run(archive, "deliveries", "--json").splitlines()]
    assert [row["state"] for row in rows] == ["pending", "sent", "dead"]
    told = run(archive, "deliveries", one.id, "--dead")
    assert first.id in told and "status 404" in told and second.id not in told
    assert "1 alert to be sent to https://hook.example/… again" in run(archive, "replay", one.id, "--dead")
    assert run(archive, "deliveries", "--dead").strip() == "Nothing."
    assert "3 alerts" in run(archive, "replay", one.id, "--since", "P1D")
    assert "nothing to send again" in run(archive, "replay", one.id, "--since", "2099-01-01")
    for options in ((), ("--dead", "--since", "P1D"), ("--since", "yesterday")):
        with pytest.raises(BadInput):
            run(archive, "replay", one.id, *options)
    with pytest.raises(BadInput, match="output list"):
        run(archive, "deliveries", "nosuch")


def test_doctor_tells_of_failing_outputs(archive: Path) -> None:
    one, _ = added(archive, "--webhook", "https://hook.example/x")
    with records_of(archive) as records:
        file(records, "a")
        [alert] = records.alerts()
        records.settle([Settled(one.id, alert.seq, DeliveryState.PENDING, "no answer", datetime.now(UTC))], alert.made)
    told = CliRunner().invoke(app, ["--data", str(archive), "doctor"]).output
    assert "1 waiting to be sent" in told and "drones to https://hook.example/… (no answer)" in told
