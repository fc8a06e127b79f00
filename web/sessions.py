"""The cookie by which a browser is known, and the tokens of sessions and keys.

A token is of 256 random bits, so its plain SHA-256 tells nobody what it is, and it cannot be guessed.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress

from fastapi import Request, Response

from pipeline.outputs import Random
from pipeline.people import SESSION_LONGEST, Session, User
from web.parts import Parts

KEY_PREFIX = "wwk_"  # so that what is found lying about is known for what it is
BROWSERS = {"Firefox": "Firefox", "Edg": "Edge", "OPR": "Opera", "Chrome": "Chrome", "Safari": "Safari"}  # in order
SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac", "Linux")  # in order


def new_token(random: Random) -> str:
    """One that nobody guesses."""
    return base64.urlsafe_b64encode(random(32)).decode().rstrip("=")


def token_hash(token: str) -> str:
    """As the records know it."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_secure(parts: Parts) -> bool:
    """Whether readers come over https."""
    return parts.public_url.startswith("https://")


def cookie_name(parts: Parts) -> str:
    """With __Host- a browser takes it from nobody but this host, over https (RFC 6265bis, 4.1.3.2)."""
    return "__Host-wirewatch" if is_secure(parts) else "wirewatch"


def address_of(request: Request) -> str:
    """Who asks, as far as the network tells; of IPv6 the half that one customer has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host


def browser_of(agent: str) -> str:
    """ "Firefox on Linux", as far as a browser says; of what else asked the first word of its name."""
    kind = next((told for word, told in BROWSERS.items() if f"{word}/" in agent), "")
    system = next((word for word in SYSTEMS if word in agent), "")
    if not kind:
        return agent.split("/")[0][:40] or "A browser"
    return f"{kind} on {system}" if system else kind


def begin(parts: Parts, request: Request, response: Response, user: User) -> Session:
    """Sign in: a new session, whatever cookie the browser brought; that one's session ends. Raise BadInput."""
    end_brought(parts, request)
    token, now = new_token(parts.random), parts.clock()
    origin = f"{browser_of(request.headers.get('user-agent', ''))}, from {address_of(request)}"
    id = token_hash(new_token(parts.random))[:16]
    one = Session(id, user.id, now, now, now + SESSION_LONGEST, origin)
    parts.records.open_session(token_hash(token), one)
    put_cookie(parts, response, cookie_name(parts), token, int(SESSION_LONGEST.total_seconds()))
    return one


def end_brought(parts: Parts, request: Request) -> None:
    """End the session of the cookie that the browser brought."""
    token = request.cookies.get(cookie_name(parts), "")
    found = parts.records.session(token_hash(token), parts.clock()) if token else None
    if found is not None:
        parts.records.end_sessions(found[1].id, only=found[0].id)


def put_cookie(parts: Parts, response: Response, name: str, value: str, seconds: int) -> None:
    """One that scripts cannot read and other websites' forms do not send; 0 seconds = away with it."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=is_secure(parts), httponly=True, samesite="lax"
    )  # fmt: skip
