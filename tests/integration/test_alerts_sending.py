"""Alerts from where they are made to real receivers: by the run, by the service, and across kill -9."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from pipeline.watch import DeliveryState, Mode, Subscription
from tests.contract.alerts_kit import file, put, run_until, sender, states, subscribed, the
from tests.contract.records_kit import BACKENDS, SOURCES, opened
from tests.integration.outlets import WHOLE, Served, quiet, serving
from tests.services.ports import free_ports
from tests.services.receiver import ACCEPTED, Answer, Post, Receiver, receiver
from tests.services.wire import Wire
from tests.shared import ROOT
from wirewatch import bootstrap
from wirewatch.config import Settings

PENDING = DeliveryState.PENDING


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def until(done: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python module in a process of its own; killed in the end."""
    one = subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, env=quiet() | environment)
    try:
        yield one
    finally:
        one.kill()
        one.wait(30)


# --- the run --------------------------------------------------------------------------------
def private(served: Served) -> None:
    with served.config.open("a", encoding="utf8") as told:
        told.write("allow_private = true\n")


def test_a_run_tells_while_it_collects_and_ends_when_all_is_told(tmp_path: Path, hook: Receiver) -> None:
    with serving(tmp_path / "config", "--frozen") as served:
        private(served)
        with bootstrap.open_archive(Settings(data=tmp_path / "data")) as archive:
            of = archive.records.subscribe(Subscription("all", "*", Mode.EVERY), datetime.now(UTC))
            output = put(archive.records, of, hook.url)
        served.wirewatch(tmp_path / "data", "run", "--once", "--quiet")
        with bootstrap.open_archive(Settings(data=tmp_path / "data"), read_only=True) as archive:
            alerts = archive.records.alerts(of.id, limit=10_000)
            assert len(alerts) > 50
            assert set(states(archive.records, output)) == {"sent"}, the(archive.records, output)
    assert sorted(hook.ids()) == sorted(one.id for one in alerts), "each once, for nobody was killed"
    for post in hook.posts:
        Webhook(output.secret).verify(post.body, post.headers)


@pytest.mark.slow
def test_a_run_killed_again_and_again_tells_all_under_their_ids(tmp_path: Path, hook: Receiver) -> None:
    """kill -9 of the whole run, each time while alerts are going out; then one that may end."""
    with serving(tmp_path / "config", "--frozen") as served:
        private(served)
        with bootstrap.open_archive(Settings(data=tmp_path / "data")) as archive:
            of = archive.records.subscribe(Subscription("all", "*", Mode.EVERY), datetime.now(UTC))
            output = put(archive.records, of, hook.url)
        kills = 0
        for goal in (5, 25):
            run = served.start(tmp_path / "data", "run", "--quiet")
            until(lambda goal=goal, run=run: len(hook.posts) >= goal or run.poll() is not None, WHOLE)  # type: ignore[misc]
            assert run.poll() is None
            run.kill()
            run.communicate(timeout=30)
            kills += 1
        time.sleep(6.1)  # one outlet asks to be left alone for some seconds
        served.wirewatch(tmp_path / "data", "run", "--once", "--quiet")
        with bootstrap.open_archive(Settings(data=tmp_path / "data"), read_only=True) as archive:
            alerts = archive.records.alerts(of.id, limit=10_000)
            assert set(states(archive.records, output)) == {"sent"}, the(archive.records, output)
    ids = hook.ids()
    assert len(alerts) > 50 and set(ids) == {one.id for one in alerts}
    assert len(ids) <= len(alerts) + kills, "at most the one under way is sent again"


def test_a_stopped_run_ends_cleanly_with_a_receiver_that_hangs(tmp_path: Path, hook: Receiver) -> None:
    hook.hold = threading.Event()
    with serving(tmp_path / "config", "--frozen") as served:
        private(served)
        with bootstrap.open_archive(Settings(data=tmp_path / "data")) as archive:
            of = archive.records.subscribe(Subscription("all", "*", Mode.EVERY), datetime.now(UTC))
            put(archive.records, of, hook.url)
        run = served.start(tmp_path / "data", "run", "--quiet")
        until(lambda: hook.posts or run.poll() is not None)
        run.send_signal(signal.SIGTERM)
        out, _ = run.communicate(timeout=WHOLE)
        assert run.returncode == 0, out
        assert len(hook.ids()) == 1


# --- killed ---------------------------------------------------------------------------------
@pytest.mark.parametrize("backend", BACKENDS)
def test_killed_between_the_answer_and_its_settling_it_sends_again_under_the_same_id(
    backend: str, tmp_path: Path, hook: Receiver
) -> None:
    with opened(backend, tmp_path) as records:
        of = subscribed(records)
        output = put(records, of, hook.url)
        file(records, "a", "b", "c")
        order = [one.id for one in records.alerts(of.id)]
        place = records._database.engine.url.render_as_string(hide_password=False)  # type: ignore[attr-defined]
        place = place.replace("+psycopg", "")
        with process("tests.integration.alerts_sender", place, "--never-settle"):
            until(lambda: hook.ids())
        assert hook.ids() == order[:1], "the next goes when the first is settled"
        assert states(records, output) == ["pending"] * 3
        run_until(sender(records), lambda: not records.deliveries(state=PENDING))
        assert hook.ids() == [order[0], *order]


def test_killed_again_and_again_while_sending_it_loses_nothing_and_keeps_the_order(
    tmp_path: Path, hook: Receiver
) -> None:
    with opened("sqlite", tmp_path) as records:
        of = subscribed(records)
        put(records, of, hook.url)
        file(records, *(f"{number}" for number in range(120)))
        order = [one.id for one in records.alerts(of.id, limit=1000)]
        place = str(records._database.name)  # type: ignore[attr-defined]
        kills = 0
        for goal in (20, 50, 90):
            with process("tests.integration.alerts_sender", place) as one:
                until(lambda goal=goal: len(hook.posts) >= goal)  # type: ignore[misc]
                one.kill()
                kills += 1
        run_until(sender(records), lambda: not records.deliveries(state=PENDING))
    assert list(dict.fromkeys(hook.ids())) == order
    assert len(hook.ids()) <= len(order) + kills, "at most the one under way is sent again"


def test_records_that_are_away_meanwhile_lose_nothing(
    postgres_wire: tuple[Wire, str], postgres_url: str, hook: Receiver
) -> None:
    """PostgreSQL is unreachable when what was sent is to be settled, and comes back."""
    wire, url = postgres_wire
    with (
        closing(bootstrap.open_the_records(Settings(database_url=postgres_url))) as records,
        closing(bootstrap.open_the_records(Settings(database_url=url))) as far,
    ):
        records.sync_sources(SOURCES)
        of = subscribed(records)
        put(records, of, hook.url)
        file(records, "a", "b")

        def answer(post: Post) -> Answer:
            if len(hook.posts) == 1:
                wire.cut()
                threading.Timer(1.0, wire.mend).start()
            return ACCEPTED

        hook.answer = answer
        run_until(sender(far, endless=True), lambda: not records.deliveries(state=PENDING), 60)
        assert hook.ids() == [alert.id for alert in records.alerts(of.id)]


# --- the service ----------------------------------------------------------------------------
@contextmanager
def service(settings: dict[str, str], ops: int) -> Iterator[subprocess.Popen[bytes]]:
    with process("wirewatch", "serve", "alerts", **settings, WIREWATCH_OPS_PORT=str(ops)) as one:
        yield one


def metrics(port: int) -> str:
    return str(urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30).read().decode())


def test_the_service_sends_is_killed_goes_on_and_tells_how_it_stands(
    postgres_url: str, redis_url: str, hook: Receiver, tmp_path: Path
) -> None:
    first, second = free_ports(2)
    told = {
        "WIREWATCH_DATABASE_URL": postgres_url,
        "WIREWATCH_REDIS_URL": redis_url,
        "WIREWATCH_DATA": str(tmp_path),
        "WIREWATCH_ALLOW_PRIVATE": "true",
        "WIREWATCH_SHIPPED_SOURCES": "false",
        "WIREWATCH_CONFIG": str(tmp_path / "wirewatch.toml"),
    }
    (tmp_path / "wirewatch.toml").touch()
    settings = Settings(database_url=postgres_url)
    with closing(bootstrap.open_the_records(settings)) as records:
        records.sync_sources(SOURCES)
        of = subscribed(records)
        put(records, of, hook.url)
        other = put(records, of, f"http://127.0.0.1:{free_ports(1)[0]}/nobody")
        file(records, "a")
        with service(told, first):
            until(lambda: hook.ids() and the(records, other).tries)
            file(records, "b")
            until(lambda: len(hook.ids()) == 2)
            until(lambda: "wirewatch_alerts_pending 2.0" in metrics(first))
            assert "wirewatch_outputs_failing 1.0" in metrics(first)
            assert 'wirewatch_outcomes_total{outcome="sent",stage="alert webhook"} 2.0' in metrics(first)
        file(records, "c")  # killed
        with service(told, first) as one, service(told, second):
            until(lambda: len(set(hook.ids())) == 3)
            one.send_signal(signal.SIGTERM)
            assert one.wait(60) == 0
            file(records, "d")  # the one that stood by takes over
            until(lambda: len(set(hook.ids())) == 4)
        assert list(dict.fromkeys(hook.ids())) == [alert.id for alert in records.alerts(of.id)]
