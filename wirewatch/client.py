"""A client of the HTTP API (docs/api.md), for programs.

    from wirewatch.client import Client

    with Client("http://127.0.0.1:8080") as wirewatch:
        for story in wirewatch.search("anthropic AND pentagon"):
            print(story["title"], story["outlets"])

Answers are the JSON that docs/api.md and /api/v1/openapi.json tell of. What is wrong is raised as Problem. Lists that
come by pages are iterators. Where the server says when to come again (429, 503 with Retry-After) that is done, a few
times. Not for several threads at once, as httpx.Client is.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self
from urllib.parse import quote

import httpx

TRIES = 5  # of one request, the first among them
LONGEST = 60.0  # seconds that are waited at most before one more
TIMEOUT = 60.0  # seconds for one answer
PAUSE = 5.0  # seconds between two looks at alerts, where there are no more yet
AGAIN = (429, 503)
PREFIX = "/api/v1"

Json = dict[str, Any]


class Problem(Exception):
    """What the server says is wrong (RFC 9457).

    `type` is "about:blank" or "urn:wirewatch:…", `column` the place in a query that cannot be read (from 1; 0 = it is
    about no query), `errors` the fields that are wrong, each with `where` and `message`.
    """

    def __init__(self, status: int, detail: str, told: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{status}: {detail}")
        told = told or {}
        self.status, self.detail = status, detail
        self.type: str = str(told.get("type", "about:blank"))
        self.title: str = str(told.get("title", ""))
        self.column: int = int(told.get("column", 0))
        self.errors: list[dict[str, str]] = list(told.get("errors", []))


class Client:
    """One server. `key` is an API key or the setting `api_token`; none is needed on the server's own machine.

    `transport` and `sleep` are for tests.
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        *,
        timeout: float = TIMEOUT,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(
            base_url=url.rstrip("/") + PREFIX, headers=headers, timeout=timeout, transport=transport
        )
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # --- any route --------------------------------------------------------------------------
    def call(self, method: str, path: str, given: object = None, *, if_match: str = "", **asked: Any) -> Any:
        """The JSON that a route answers, None where it answers nothing; `path` is that below /api/v1.

        `given` is sent as JSON, `asked` stands in the address; what is None is left out. Raise Problem, and
        httpx.TransportError when the server cannot be reached.
        """
        answer = self._answer(method, path, given, asked, {"if-match": if_match} if if_match else {})
        return answer.json() if answer.content else None

    def tagged(self, path: str) -> tuple[Json, str]:
        """What a GET answers, and its tag: to be given as `if_match` with a change, which raises Problem 412 when it
        was changed since."""
        answer = self._answer("GET", path, None, {}, {})
        return answer.json(), answer.headers.get("etag", "")

    def rows(self, path: str, name: str, **asked: Any) -> Iterator[Json]:
        """All rows of a list, page by page; `name` is what the answer calls them."""
        after = ""
        while True:
            page = self.call("GET", path, after=after or None, **asked)
            yield from page[name]
            after = page["next"]
            if not after:
                return

    # --- searching --------------------------------------------------------------------------
    def search(self, query: str = "", *, most: int | None = None, **asked: Any) -> Iterator[Json]:
        """Stories (articles, with folded=False) that match, best first, `most` at most; `asked` as GET /search."""
        size = min(most or 100, 100)
        for number, story in enumerate(self.rows("/search", "stories", q=query, limit=size, **asked), 1):
            yield story
            if number == most:
                return

    def like(self, what: str, *, most: int = 10, **asked: Any) -> list[Json]:
        """Stories like an article or story."""
        page: Json = self.call("GET", f"/like/{_part(what)}", limit=most, **asked)
        stories: list[Json] = page["stories"]
        return stories

    def understood(self, query: str, **asked: Any) -> Json:
        """A query as it is understood. Raise Problem with its `column`."""
        told: Json = self.call("GET", "/query", q=query, **asked)
        return told

    def article(self, id_or_url: str) -> Json:
        """One article with all that is known of it."""
        if id_or_url.startswith(("http://", "https://")):
            found: Json = self.call("GET", "/articles", url=id_or_url)
        else:
            found = self.call("GET", f"/articles/{_part(id_or_url)}")
        return found

    def story(self, story_id: str) -> Json:
        """One story with its copies."""
        found: Json = self.call("GET", f"/stories/{_part(story_id)}")
        return found

    # --- subscriptions ----------------------------------------------------------------------
    def subscriptions(self) -> Iterator[Json]:
        """All of them, by name."""
        return self.rows("/subscriptions", "subscriptions")

    def subscribe(self, name: str, query: str, **fields: Any) -> Json:
        """Save a new one; `fields` as POST /subscriptions takes them. Raise Problem 409 when the name is taken."""
        made: Json = self.call("POST", "/subscriptions", {"name": name, "query": query, **fields})
        return made

    def unsubscribe(self, name: str) -> None:
        """Remove it with its outputs and alerts."""
        self.call("DELETE", f"/subscriptions/{_part(name)}")

    def backtest(self, query: str, **fields: Any) -> Json:
        """What a query would have told."""
        told: Json = self.call("POST", "/backtest", {"query": query, **fields})
        return told

    def alerts(self, name: str, *, after: int = 0, since: str | None = None) -> Iterator[Json]:
        """What a subscription told after that `seq`, in order, up to now."""
        more = True
        while more:
            page = self.call("GET", f"/subscriptions/{_part(name)}/alerts", after=after, since=since)
            yield from page["alerts"]
            after, more = page["next"], page["more"]

    def follow(self, name: str, *, after: int = 0, pause: float = PAUSE) -> Iterator[Json]:
        """What a subscription tells after that `seq`, without end: keep the `seq` of the last one, and go on there.

        A server that cannot be reached for a while is asked again. Raise Problem, when the subscription is gone say.
        """
        while True:
            with contextlib.suppress(httpx.TransportError):
                for alert in self.alerts(name, after=after):
                    yield alert
                    after = alert["seq"]
            self._sleep(pause)

    # --- what you have ----------------------------------------------------------------------
    def tag(self, items: list[Json], **fields: Any) -> list[Json]:
        """Items (id, title, text, …) tagged, in the same order; 200 at most."""
        told: list[Json] = self.call("POST", "/tag", {"items": items, **fields})["items"]
        return told

    def fold(self, documents: list[Json]) -> list[Json]:
        """Which documents are copies of one story, in the same order; 1,000 at most."""
        told: list[Json] = self.call("POST", "/fold", {"documents": documents})["documents"]
        return told

    def read(self, *, url: str = "", html: str | None = None, **fields: Any) -> Json:
        """A page read, from its HTML or its address."""
        told: Json = self.call("POST", "/read", {"url": url, "html": html, **fields})
        return told

    # --- asking -----------------------------------------------------------------------------
    def _answer(
        self, method: str, path: str, given: object, asked: Mapping[str, Any], headers: Mapping[str, str]
    ) -> httpx.Response:
        params = {key: _text(value) for key, value in asked.items() if value is not None}
        for tries in range(1, TRIES + 1):
            answer = self._http.request(method, path, params=params, headers=dict(headers), json=given)
            wait = answer.headers.get("retry-after", "")
            if answer.status_code not in AGAIN or not wait.isdigit() or tries == TRIES:
                break
            self._sleep(min(float(wait), LONGEST))
        if answer.is_success:
            return answer
        raise _problem(answer)


def _part(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")


def _text(value: object) -> Any:
    """As it stands in an address: true and false as JSON has them, lists as they are."""
    return str(value).lower() if isinstance(value, bool) else value


def _problem(answer: httpx.Response) -> Problem:
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return Problem(answer.status_code, answer.reason_phrase)
    return Problem(answer.status_code, str(told.get("detail", answer.reason_phrase)), told)
