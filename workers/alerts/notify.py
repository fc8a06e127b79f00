"""Messages to whatever Apprise knows: e-mail, chat, push and the rest.

Apprise's calls block, so each runs in a thread of its own; a call that takes too long counts as failed, and keeps its
place until it ends, so that there are never more than `AT_ONCE` threads. What they reach passes the same guard as
webhooks (crawlers/guarded.py), since Apprise takes neither a session nor a socket of ours.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from crawlers.guard import Guard
from crawlers.guarded import guarded
from pipeline.errors import BadInput, Refused, Unreachable
from pipeline.outputs import apprise_url, shown, without_secrets
from pipeline.telling import REASONS, Telling
from pipeline.watch import Output

AT_ONCE = 16
# Of Discord, Slack, Mattermost, Rocket.Chat, Matrix, Zulip; `<!DOCTYPE` and comments of our own HTML are none.
_CALLS = re.compile(
    r"(?<![\w.])@(?=(?:everyone|here|channel|all|room|team|online)\b|\*\*)|<(?=@|#|!(?!doctype|--))", re.IGNORECASE
)
THREADED = frozenset({"mqtt", "mqtts", "xmpp", "xmpps"})  # connect from threads of their own, past `guarded`
LOG_LINE = 200  # characters of what Apprise says went wrong


@dataclass(frozen=True, slots=True)
class Message:
    """Title and body, as plain text and, if there is one, as HTML; a service gets the kind it shows by itself."""

    title: str
    text: str
    html: str = ""


class Notifier:
    """Sends through Apprise, on one event loop. `timeout` in seconds, counted from when a thread is free."""

    def __init__(self, timeout: float, guard: Guard) -> None:
        self._timeout, self._guard = timeout, guard
        self._room = asyncio.Semaphore(AT_ONCE)

    async def send(self, output: Output, message: Message) -> None:
        """Return when the service took it. Raise Unreachable when it did not, Refused when it never will: the URL
        cannot be read, or leads to an address that is not public.
        """
        await self._room.acquire()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[str] = loop.create_future()

        def work() -> None:
            try:
                found: str | Exception = _notify(output, message, self._guard)
            except Exception as error:
                found = error
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._ended, done, found)

        threading.Thread(target=work, name="notify", daemon=True).start()
        try:
            async with asyncio.timeout(self._timeout):
                trouble = await done
        except TimeoutError as why:
            raise Unreachable(f"not delivered within {self._timeout:g} s") from why
        if trouble:
            raise Unreachable(trouble)

    def _ended(self, done: asyncio.Future[str], found: str | Exception) -> None:
        self._room.release()
        if done.done():
            return
        if isinstance(found, Exception):
            done.set_exception(found)
        else:
            done.set_result(found)


def message_of(telling: Telling) -> Message:
    """One alert as a message; the last line is the alert's id, the same whenever it is sent again."""
    title = f"{telling.subscription}: {REASONS[telling.alert.reason]}"
    return Message(title, f"{telling.to_text()}\n\n{telling.alert.id}")


def calling_nobody(text: str) -> str:
    """The text with what would call everybody in a chat (@everyone, @here, <!channel>, <@U024>) made to call nobody.

    A headline is anybody's. A word joiner (U+2060), which is not seen, parts the sign from its word.
    """
    return _CALLS.sub("\\g<0>\u2060", text)


def check(target: str, guard: Guard) -> None:
    """Raise BadInput unless Apprise can read this target and its host looks public, without connecting anywhere."""
    _service(apprise_url(target), guard)


def _notify(output: Output, message: Message, guard: Guard) -> str:
    """What went wrong, or ""."""
    try:
        service = _service(apprise_url(output.target), guard)
    except BadInput as error:
        raise Refused(error.message) from error
    with guarded(guard) as watch:
        trouble = _sent(service, output, message)
    if trouble and watch.refused:
        raise Refused(f"{shown(output.target)} leads to an address that is not public")
    return trouble


def _sent(service: Any, output: Output, message: Message) -> str:
    from apprise import Apprise, NotifyFormat

    house = Apprise(asset=service.asset)
    house.add(service)
    shows = service.notify_format
    first = shows[0] if isinstance(shows, tuple) else shows
    html = bool(message.html) and first == NotifyFormat.HTML
    body, kind = (message.html, NotifyFormat.HTML) if html else (message.text, NotifyFormat.TEXT)
    result = house.notify(body=calling_nobody(body), title=calling_nobody(message.title), body_format=kind)
    if result:
        return ""
    said = " ".join(entry.message for one in result for attempt in one.attempts for entry in attempt.logs)
    return without_secrets(said, output.target)[:LOG_LINE] or "the service did not take the message"


def _service(target: str, guard: Guard) -> Any:
    """Apprise's own object for a target. Raise BadInput without repeating the target."""
    import apprise

    scheme = target.partition("://")[0].strip().lower()
    if not guard.allow_private and scheme in THREADED:
        raise BadInput(f"where {scheme}:// connects to cannot be checked: it is taken with allow_private only")
    _loaded()
    asset = apprise.AppriseAsset(
        app_id="Wirewatch",
        app_desc="Wirewatch",
        app_url="",
        http_redirects=False,
        storage_mode="memory",
        service_timeout=0,  # ours is used: Apprise's leaves threads behind that the process waits for at its end
    )
    with guarded(guard):
        service = apprise.Apprise.instantiate(target, asset=asset, suppress_exceptions=True)
    if service is None:
        raise BadInput(f"Apprise cannot read this {scheme}:// address: see https://appriseit.com/services/")
    try:
        if host := _host(service):
            guard.check_host(host)
    except Refused as error:
        raise BadInput(f"no message is sent there: {error.message}") from error
    service.overflow_mode = apprise.OverflowMode.SPLIT
    return service


def _host(service: Any) -> str:
    """The machine that a URL names, or "": of a company's own service it names none, only an account.

    This is for a clear word early on. What else may lead somewhere is judged when it is connected to.
    """
    what = str(service.template_tokens.get("host", {}).get("name"))  # "Agent ID" in one of them
    named = getattr(service, "smtp_host", "") or (service.host if what in ("Hostname", "Domain") else "")
    return str(named or "").strip("[]")


@cache
def _loaded() -> None:
    """Apprise silenced and its services imported, which for some starts programs: not under the guard."""
    import apprise

    # What it logs may hold pieces of targets; what it says of a failed call is read from the call's result.
    log = logging.getLogger("apprise")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    apprise.Apprise.instantiate("json://localhost")
