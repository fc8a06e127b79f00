"""Making a page: a template of `web/templates` with what all pages show, and the headers that keep it safe.

Nothing on a page comes from elsewhere: the policy lets it load our own scripts, styles and pictures, and nothing else.
Values are escaped wherever they stand; an address that a source gave goes through the filter `outward`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse

from pipeline.people import Person
from search.highlight import Marked
from web.assets import address
from web.wording import counted

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
SECTIONS = (  # of the menu: address, name
    ("/", "Search"),
    ("/now", "Now"),
    ("/subscriptions", "Subscriptions"),
    ("/sources", "Sources"),
    ("/operations", "Operations"),
)
BESIDE = ("/account", "/audit", "/help", "/login", "/people")  # pages of no section


def page(
    request: Request, template: str, asking: Person | None = None, *, status: int = 200, **values: Any
) -> HTMLResponse:
    """The template filled in; `asking` is None where nobody is known yet."""
    path = request.url.path
    section = next((at for at, _ in SECTIONS[1:] if path.startswith(at)), "" if path.startswith(BESIDE) else "/")
    common = {"request": request, "asking": asking, "sections": SECTIONS, "section": section}
    return HTMLResponse(_templates.get_template(template).render(common | values), status, HEADERS)


def go_to(path: str, **values: str) -> RedirectResponse:
    """After a form was sent: look at this path of ours; `values` are its query."""
    query = urlencode({key: value for key, value in values.items() if value})
    return RedirectResponse(path + (f"?{query}" if query else ""), HTTPStatus.SEE_OTHER, HEADERS)


def when(moment: datetime | None, offset: int | None = None, form: str = "%-d %b %Y, %H:%M") -> Markup:
    """A time as <time>: in UTC until a script puts the reader's zone in its place; its title is the time as the
    outlet gave it, `offset` minutes east of UTC."""
    if moment is None:
        return Markup('<span class="quiet">undated</span>')
    at = moment.astimezone(UTC)
    told = at
    if offset:
        try:
            told = at.astimezone(timezone(timedelta(minutes=offset)))
        except (ValueError, OverflowError):
            told = at
    zone = told.strftime("%z")
    original = f"{told.strftime(form)} {'UTC' if zone == '+0000' else f'UTC{zone[:3]}:{zone[3:]}'}"
    iso = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="%s" title="%s">%s UTC</time>') % (iso, original, at.strftime(form))


def outward(address: str) -> str:
    """An address that a source gave, if it is one of the web; "" for javascript:, data: and all the rest."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.netloc else ""


def marked(piece: Marked) -> Markup:
    """Text with what matched in <mark>."""
    told, at = [], 0
    for begin, end in piece.spans:
        told += [escape(piece.text[at:begin]), Markup("<mark>%s</mark>") % piece.text[begin:end]]
        at = end
    told.append(escape(piece.text[at:]))
    before, after = "… " if piece.cut_before else "", " …" if piece.cut_after else ""
    return Markup(before) + Markup("").join(told) + Markup(after)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of an article's text."""
    return [one.strip() for one in re.split(r"\n\s*\n", text) if one.strip()]


_templates = Environment(
    loader=PackageLoader("web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_templates.filters |= {
    "when": when,
    "outward": outward,
    "marked": marked,
    "counted": counted,
    "paragraphs": paragraphs,
    "query": lambda values: urlencode(values, doseq=True),
}
_templates.globals["static"] = address
