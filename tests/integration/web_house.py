"""The web application served over a real archive, a way to file articles, and a client."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.ids import story_id
from pipeline.types import Entry, Tagging
from pipeline.watch import Mode, Output, OutputKind, Subscription
from records import open_records
from records.base import Records
from search.base import Index
from search.match import LiveMatcher
from search.tantivy_index import open_index
from tests.contract.records_kit import SOURCES, TAGGING, article, entry, filed
from web.app import make_app
from web.parts import Parts
from web.serving import listen, serve

BEGAN = datetime(2026, 3, 1, 8, 0, 0, 250_000, tzinfo=UTC)
HARBOUR = "The ministry bought forty drones for the harbour on Monday.\n\nThe contract runs until spring."
HEADERS: Mapping[str, str] = {}
NO_PARTS: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    url: str,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] = HEADERS,
    given: object = None,
    form: Mapping[str, str | list[str]] | None = None,
) -> Answer:
    """One request to the application at `url`, to a path or address of it; `given` is sent as JSON, or a `form`."""
    where, parts = urlsplit(url), urlsplit(path)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    body = None if given is None else json.dumps(given)
    kind = {} if given is None else {"content-type": "application/json"}
    if form is not None:
        body, kind = urlencode(form, doseq=True), {"content-type": "application/x-www-form-urlencoded"}
    with closing(http.client.HTTPConnection(str(where.hostname), where.port or 80, timeout=30)) as connection:
        connection.request(method, target, body, {**kind, **headers})
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, answer.read())


@dataclass
class Clock:
    """Stands until it is moved."""

    now: datetime = BEGAN

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class WebHouse:
    """An archive, the application over it, and where it answers."""

    records: Records
    index: Index
    clock: Clock
    url: str
    answered: list[tuple[str, str, int]] = field(default_factory=list)  # method, path, status, in order
    stop: threading.Event = field(default_factory=threading.Event)

    def ask(self, path: str, method: str = "GET", headers: Mapping[str, str] = HEADERS, given: object = None) -> Answer:
        """One request; see `ask`."""
        return ask(self.url, path, method, headers, given)

    def send(self, path: str, **form: str | list[str]) -> Answer:
        """A form, as a browser sends it."""
        return ask(self.url, path, "POST", form=form)

    def subscribe(self, query: str = "drones", mode: Mode = Mode.EVERY, name: str = "harbour") -> Subscription:
        """Saved in the records."""
        return self.records.subscribe(Subscription(name, query, mode), self.clock())

    def link(self, of: Subscription) -> str:
        """The path that the addresses of a new link begin with."""
        token = secrets.token_urlsafe(32)
        self.records.put_output(Output(of.id, OutputKind.LINK, secret=token), self.clock())
        return f"/s/{token}"

    def file(
        self, one: Entry, text: str = HARBOUR, story: Entry | None = None, tagging: Tagging = TAGGING, **changes: Any
    ) -> None:
        """File an article now, in a story of its own or in that which another founded."""
        made = filed(article(one, text, **{"notices": (), **changes}), story_id((story or one).id), tagging=tagging)
        how = "first" if story in (None, one) else "near"
        self.records.commit([replace(made, assignment=replace(made.assignment, method=how))], [], self.clock())
        self.index.apply(self.records.documents([one.id]), [], self.records.totals().last_change)


def story(number: int, source: str = "alba", **changes: Any) -> Entry:
    """An entry of an outlet that is none."""
    return entry(source, f"drones-{number}", title=f"Drones for harbour {number}", **changes)


class Ledger:
    """Notes what was answered."""

    def __init__(self, app: ASGIApp, answered: list[tuple[str, str, int]]) -> None:
        self.app, self.answered = app, answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.answered.append((scope["method"], scope["path"], message["status"]))
            await send(message)

        await self.app(scope, receive, noting)


@contextmanager
def web_house(
    folder: Path, api_token: str = "", api_rate: int = 0, *, parts: Mapping[str, Any] = NO_PARTS, **bounds: int
) -> Iterator[WebHouse]:
    """A new archive with three sources, served on a port of its own until the context ends.

    `parts` are more of `Parts`.
    """
    clock, where = Clock(), listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{where.getsockname()[1]}"
    with (
        closing(open_records(folder / "records.db", matcher=LiveMatcher())) as records,
        closing(open_index(folder / "index")) as index,
    ):
        records.sync_sources(SOURCES)
        house = WebHouse(records, index, clock, url)
        given = {"public_url": url, "api_token": api_token, "api_rate": api_rate, **parts}
        app = make_app(Parts(records, index, clock, secrets.token_bytes, **given), **bounds)
        app.add_middleware(Ledger, answered=house.answered)
        thread = threading.Thread(target=serve, args=(app, where, house.stop), name="web")
        thread.start()
        try:
            yield house
        finally:
            house.stop.set()
            thread.join(20)
        assert not thread.is_alive(), "it stops when it is told to, whoever still listens"
        assert records.check() == []
