"""Errors as problem details (RFC 9457, application/problem+json): what is wrong, and what would be right."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from pipeline.errors import BadInput, BadQuery, Busy, Retry, WirewatchError
from web.render import go_to, page

MEDIA_TYPE = "application/problem+json"
MACHINES = ("/api/", "/s/", "/static/")  # what people do not look at
METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
AGAIN = 5  # seconds after which to try again, where nobody said when
log = logging.getLogger("wirewatch.web")


class Problem(BaseModel):
    """What is wrong, and what would be right (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    column: int = Field(default=1, description="Of a query that cannot be read: characters from 1.")
    errors: list[dict[str, str]] = Field(default=[], description="Of a request: `where` and `message` of each.")


DESCRIBED = {
    "description": "What is wrong, and what would be right.",
    "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
}


class NotThere(BadInput):
    """What was asked for by name, id or address is not there."""


class Taken(BadInput):
    """It contradicts what is there."""


class Unread(BadInput):
    """A page that was given cannot be read or fetched."""


class NotTaken(BadInput):
    """A receiver of alerts did not take what was sent."""


class BadFile(BadInput):
    """A file that was sent has mistakes: `where` and `message` of each."""

    def __init__(self, message: str, errors: list[dict[str, str]]) -> None:
        super().__init__(message)
        self.errors = errors


def problem(
    status: int, detail: str, *, kind: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """One answer. `kind` becomes a type of ours ("urn:wirewatch:bad-query"); none says no more than the status."""
    body = {
        "type": f"urn:wirewatch:{kind}" if kind else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    told = {"cache-control": "no-store"} | dict(headers or {})
    return JSONResponse(body | more, status, told, MEDIA_TYPE)


def add_to(app: FastAPI) -> None:
    """Let every error come out as a problem."""
    app.add_exception_handler(WirewatchError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _request)
    app.add_exception_handler(Exception, _unforeseen)


def _told(request: Request, answer: JSONResponse) -> Response:
    """As a page, where a page was asked for; who is to sign in is led there."""
    if request.url.path.startswith(MACHINES):
        return answer
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return go_to("/login", next=asked if request.method in ("GET", "HEAD") and asked != "/" else "")
    body = json.loads(bytes(answer.body))
    told = page(request, "problem.html", status=answer.status_code, what=body["title"], detail=body["detail"])
    for name in ("retry-after", "www-authenticate"):
        if name in answer.headers:
            told.headers[name] = answer.headers[name]
    return told


async def _ours(request: Request, error: Exception) -> Response:
    return _told(request, _problem_of(error))


def _problem_of(error: Exception) -> JSONResponse:
    match error:
        case BadQuery():
            return problem(400, error.message, kind="bad-query", column=error.column)
        case NotThere():
            return problem(404, error.message)
        case Taken():
            return problem(409, error.message)
        case NotTaken():
            return problem(502, error.message, kind="not-taken")
        case BadFile():
            return problem(400, error.message, kind="bad-file", errors=error.errors)
        case Unread():
            return problem(422, error.message, kind="unreadable")
        case BadInput():
            return problem(400, error.message, kind="bad-input")
        case Retry():
            wait = math.ceil(error.retry_after) if error.retry_after else AGAIN
            kind = "busy" if isinstance(error, Busy) else "away"
            return problem(503, error.message, kind=kind, headers={"retry-after": str(max(1, wait))})
    log.error("%s", error)
    return problem(500, "the archive is in trouble; the log of `wirewatch web` says what, `wirewatch doctor` too")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail, headers = error.detail, error.headers
    if error.status_code == 405:  # of several routes at one address, only the first one's methods are told so far
        allowed = ", ".join(sorted(_methods(request)))
        detail, headers = f"{request.method} is not for this address; there is {allowed}", {"allow": allowed}
    elif error.status_code == 404 and "endpoint" not in request.scope:
        detail = "nothing is at this address; GET /api/v1/openapi.json lists what there is"
    kind = "too-many" if error.status_code == 429 else ""
    return _told(request, problem(error.status_code, detail, kind=kind, headers=headers))


def _methods(request: Request) -> set[str]:
    def is_for(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return {method for method in METHODS if is_for(method)}


async def _request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [{"where": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()]
    detail = "; ".join(f"{one['where']}: {one['message']}" for one in wrong)
    return _told(request, problem(422, detail, kind="bad-request", errors=wrong))


async def _unforeseen(request: Request, error: Exception) -> Response:
    return _told(request, problem(500, "this should not have happened; the log of `wirewatch web` has the trace"))
