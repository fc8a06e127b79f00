"""Messages through Apprise reach public addresses only, whatever their service, spelling, resolution or redirect."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from apprise.manager_plugins import NotificationManager

from crawlers.guard import Guard, PrivateAddress
from crawlers.guarded import guarded
from pipeline.errors import BadInput, Refused
from pipeline.outputs import LOCAL_SERVICES, ready
from pipeline.watch import Output, OutputKind
from tests.integration.test_post_guard import SPELLED
from tests.services.receiver import Receiver, mailbox, receiver
from wirewatch import bootstrap
from wirewatch.config import Settings
from workers.alerts.notify import THREADED, Message, Notifier, check

NAMES = {"hooks.example.org", "mail.example.org"}  # look public, and lead where a test says
OPEN = Guard(allow_private=True)


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


@pytest.fixture
def leads_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that NAMES resolve to, one look-up after the other; the last one stays."""
    addresses: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if host not in NAMES:
            return real(host, port, *args, **more)
        found = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        family = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (found, port, 0, 0) if ":" in found else (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return addresses


def send(target: str, guard: Guard, times: int = 1) -> list[Exception | None]:
    """What comes of sending there so many times with one notifier."""

    async def all_of_them() -> list[Exception | None]:
        notifier, came = Notifier(10, guard), list[Exception | None]()
        for _ in range(times):
            try:
                await notifier.send(Output("w1", OutputKind.NOTIFY, target), Message("Title", "Text"))
                came.append(None)
            except Exception as error:
                came.append(error)
        return came

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("host", SPELLED)
def test_an_address_that_is_not_public_is_neither_saved_nor_told(there: Receiver, host: str) -> None:
    target = f"json://{host}:{there.port}/hook"
    with pytest.raises(BadInput):
        bootstrap.check_output(Settings())(ready(Output("w1", OutputKind.NOTIFY, target), bytes))
    (error,) = send(target, Guard())
    assert isinstance(error, Refused), error
    assert there.posts == []


@pytest.mark.parametrize("host", SPELLED)
def test_no_socket_reaches_it_either(there: Receiver, host: str) -> None:
    with guarded(Guard()), pytest.raises(OSError):
        socket.create_connection((host.strip("[]"), there.port), timeout=5)


@pytest.mark.parametrize(
    "target",
    [
        "xml://127.0.0.1/",
        "form://localhost/",
        "jsons://desk:word@[::1]/",
        "apprise://10.0.0.1/token",
        "gotify://nas.local/AbCdEfGhIjKlMnO",
        "ntfy://desk:word@192.168.0.1/topic",
        "matrix://desk:word@169.254.169.254/#room",
        "mailto://desk:word@localhost?to=a@b.example",
        "mailto://desk:word@gmail.com?smtp=127.0.0.1",
        "irc://desk:word@127.0.0.1/#room",
        "rsyslog://127.0.0.1",
        "kodi://printer",
    ],
)
def test_what_names_such_a_host_is_saved_only_where_private_addresses_are_allowed(target: str) -> None:
    one = ready(Output("w1", OutputKind.NOTIFY, target), bytes)
    with pytest.raises(BadInput, match="not a public address"):
        bootstrap.check_output(Settings())(one)
    bootstrap.check_output(Settings(allow_private=True))(one)


@pytest.mark.parametrize(
    "target",
    [
        "json://hooks.example.org/x",
        "mailto://desk:word@gmail.com",
        "ntfy://topic",
        "notica://abcdef",
        "tgram://123456789:abcdefg_hijklmnop/12315544/",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
    ],
)
def test_public_hosts_and_services_that_name_none_are_let_be(target: str) -> None:
    bootstrap.check_output(Settings())(ready(Output("w1", OutputKind.DIGEST, target), bytes))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1"])
@pytest.mark.parametrize("scheme", ["json", "xml", "form"])
def test_a_public_name_that_leads_to_such_an_address_is_told_nothing(
    there: Receiver, leads_to: list[str], scheme: str, address: str
) -> None:
    leads_to.append(address)
    (error,) = send(f"{scheme}://hooks.example.org:{there.port}/topsecret", Guard())
    assert isinstance(error, Refused) and "not public" in error.message and "topsecret" not in error.message
    assert there.posts == []


def test_it_is_told_where_private_addresses_are_allowed(there: Receiver, leads_to: list[str]) -> None:
    leads_to.append("127.0.0.1")
    target = f"json://hooks.example.org:{there.port}/hook"
    assert send(target, OPEN) == send(target, Guard(exempt=("127.0.0.1", there.port))) == [None]
    assert [post.path for post in there.posts] == ["/hook"] * 2


def test_a_name_that_turns_private_after_it_was_looked_up_is_told_no_more(there: Receiver, leads_to: list[str]) -> None:
    """DNS rebinding. 127.0.0.1 stands for a public address here; 127.0.0.2 reaches the same machine and does not."""
    leads_to.extend(("127.0.0.1", "127.0.0.2"))
    guard = Guard(exempt=("127.0.0.1", there.port))
    first, second = send(f"json://hooks.example.org:{there.port}/hook", guard, times=2)
    assert first is None and isinstance(second, Refused), (first, second)
    assert len(there.posts) == 1


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost", "[::1]", "169.254.169.254"])
def test_a_redirect_that_was_asked_for_leads_to_no_such_address(
    there: Receiver, leads_to: list[str], host: str
) -> None:
    leads_to.append("127.0.0.1")
    there.answer = lambda _: (307, {"Location": f"http://{host}:{there.port + 1}/elsewhere", "Connection": "close"})
    guard = Guard(exempt=("127.0.0.1", there.port))
    (error,) = send(f"json://hooks.example.org:{there.port}/hook?redirect=yes", guard)
    assert isinstance(error, Refused), error
    assert [post.path for post in there.posts] == ["/hook"]


def test_mail_passes_the_same_guard(leads_to: list[str]) -> None:
    leads_to.append("127.0.0.1")
    with mailbox() as box:
        target = f"mailto://mail.example.org:{box.port}?from=wire@mail.example.org&to=desk@mail.example.org"
        (error,) = send(target, Guard())
        assert isinstance(error, Refused), error
        assert box.mails == []
        assert send(target, OPEN) == [None]
        assert len(box.mails) == 1


def test_datagrams_pass_the_same_guard() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        port = log.getsockname()[1]
        with guarded(Guard()), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            for call in (one.sendto, lambda data, to: one.sendmsg([data], [], 0, to)):
                for host in ("127.0.0.1", "localhost"):
                    with pytest.raises(PrivateAddress):
                        call(b"guarded", (host, port))
        assert send(f"rsyslog://127.0.0.1:{port}", OPEN) == [None]
        log.settimeout(10)
        assert b"Text" in log.recv(2000)


def test_a_guarded_call_starts_no_program() -> None:
    with guarded(Guard()), pytest.raises(PermissionError, match="no program"):
        subprocess.run(["true"], check=True)
    subprocess.run(["true"], check=True)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="older ones do not report the start of threads")
def test_threads_of_a_guarded_call_are_guarded(there: Receiver) -> None:
    came: list[str] = []

    def connect() -> None:
        try:
            socket.create_connection(("127.0.0.1", there.port), timeout=5).close()
            came.append("connected")
        except OSError as error:
            came.append(str(error))

    with guarded(Guard()) as watch:
        within = threading.Thread(target=connect)
        within.start()
        within.join()
    assert watch.refused
    connect()
    assert came == ["not a public address", "connected"]


@pytest.mark.parametrize("scheme", sorted(THREADED))
def test_what_connects_from_threads_of_its_own_is_refused(scheme: str) -> None:
    assert scheme in NotificationManager().schemas(include_disabled=True)
    with pytest.raises(BadInput, match="with allow_private only"):
        check(f"{scheme.upper()}://desk:word@chat.example.org/room", Guard())


def test_a_path_of_the_machine_is_no_public_address(tmp_path: Any) -> None:
    with guarded(Guard()), socket.socket(socket.AF_UNIX) as one, pytest.raises(PrivateAddress):
        one.connect(str(tmp_path / "socket"))


def test_every_service_of_apprise_that_needs_no_address_is_known_as_local() -> None:
    manager = NotificationManager()
    local = {
        scheme
        for scheme in manager.schemas(include_disabled=True)
        if not any("{" in one.replace("{schema}", "") for one in manager[scheme].templates)
    }
    assert local and local <= LOCAL_SERVICES
    for scheme in LOCAL_SERVICES:
        with pytest.raises(BadInput, match="on the machine that sends"):
            ready(Output("w1", OutputKind.NOTIFY, f"{scheme}://x"), bytes)
