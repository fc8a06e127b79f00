"""Signing in at an OpenID provider: the authorization code flow with PKCE, state and nonce (OpenID Connect Core 3.1).

The provider's addresses are what the admin set and what its discovery document names: no guard stands before them.
Nothing of a sign-in under way is kept here; the browser brings it back in a cookie.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from pipeline.errors import Away, BadInput
from pipeline.outputs import Random
from pipeline.people import ROLES, Role, role_of

SCOPE = "openid profile email"
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")  # with the provider's public keys only
LEEWAY = 60  # seconds by which two clocks may differ
TIMEOUT = 10.0  # seconds
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NotSignedIn(BadInput):
    """The provider, or what it says, does not let them in; the message says why."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a sign-in that was begun has to come back with."""

    state: str
    nonce: str
    verifier: str
    next: str

    def to_cookie(self) -> str:
        """As text that a cookie may hold."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def from_cookie(cls, text: str) -> Begun:
        """Back again. Raise NotSignedIn."""
        try:
            found = json.loads(base64.urlsafe_b64decode(text.encode()))
            return cls(*(str(found[name]) for name in ("state", "nonce", "verifier", "next")))
        except (ValueError, KeyError, TypeError):
            raise NotSignedIn("that sign-in was not begun in this browser, or long ago: begin again") from None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who that is there. `role` is what the claim of the settings says, if they name one."""

    subject: str
    name: str
    role: Role | None


class OpenId:
    """One provider. `role` is what new people get; None = they must have an account already."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        clock: Callable[[], datetime],
        random: Random,
        *,
        role: Role | None = None,
        claim: str = "",
    ) -> None:
        self.issuer, self.role, self.claim = issuer, role, claim
        self._id, self._secret, self._clock, self._random = client_id, client_secret, clock, random

    @property
    def host(self) -> str:
        """What people know it by."""
        return urlsplit(self.issuer).netloc

    def begin(self, back: str, next: str) -> tuple[str, Begun]:
        """Where to send the browser, which is to come `back`; and what it has to bring. Raise Away."""
        state, nonce, verifier = (base64.urlsafe_b64encode(self._random(32)).decode().rstrip("=") for _ in range(3))
        with self._client() as client:
            where = self._discovered(client)
        address = prepare_grant_uri(
            _safe(where, "authorization_endpoint"),
            self._id,
            "code",
            redirect_uri=back,
            scope=SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address, Begun(state, nonce, verifier, next)

    def finish(self, back: str, begun: Begun, told: Mapping[str, str]) -> Identity:
        """Who came back, by what the provider's answer says (`told`, a query). Raise NotSignedIn, Away."""
        if not hmac.compare_digest(told.get("state", "").encode(), begun.state.encode()):
            raise NotSignedIn("that answer belongs to another sign-in: begin again")
        if told.get("iss", self.issuer) != self.issuer:  # RFC 9207
            raise NotSignedIn("that answer is another provider's")
        if "code" not in told:
            raise NotSignedIn(f"{self.host} did not let you in ({told.get('error', 'without a reason')[:60]})")
        with self._client() as client:
            where = self._discovered(client)
            tokens = self._exchange(client, where, back, begun, told["code"])
            keys = _json(client.get(_safe(where, "jwks_uri")))
            claims = self._checked(tokens, keys, begun.nonce)
            if where.get("userinfo_endpoint") and tokens.get("access_token"):
                bearer = {"authorization": f"Bearer {tokens['access_token']}"}
                more = _json(client.get(_safe(where, "userinfo_endpoint"), headers=bearer))
                if more.get("sub") == claims["sub"]:  # else it tells of somebody else (Core 5.3.2)
                    claims = more | claims
        return Identity(f"{self.issuer} {claims['sub']}", _name(claims), self._role(claims))

    def _client(self) -> _Client:
        return _Client(self.host)

    def _discovered(self, client: httpx.Client) -> dict[str, Any]:
        found = _json(client.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"))
        if found.get("issuer") != self.issuer:
            raise NotSignedIn(f"the setting oidc_issuer is {self.issuer}, and it calls itself {found.get('issuer')}")
        return found

    def _exchange(
        self, client: httpx.Client, where: Mapping[str, Any], back: str, begun: Begun, code: str
    ) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": begun.verifier}
        methods = where.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        auth = None
        if self._secret and "client_secret_basic" in methods:  # encoded first: RFC 6749, 2.3.1
            auth = httpx.BasicAuth(quote(self._id, safe=""), quote(self._secret, safe=""))
        else:
            form |= {"client_id": self._id} | ({"client_secret": self._secret} if self._secret else {})
        answer = client.post(_safe(where, "token_endpoint"), data=form, auth=auth or httpx.USE_CLIENT_DEFAULT)
        if answer.status_code in (400, 401):
            raise NotSignedIn(f"{self.host} does not take the code that it gave: begin again")
        return _json(answer)

    def _checked(self, tokens: Mapping[str, Any], keys: Any, nonce: str) -> dict[str, Any]:
        options = {"iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": self._id}}
        params = {"nonce": nonce, "client_id": self._id, "access_token": tokens.get("access_token")}
        try:
            found = jwt.decode(str(tokens.get("id_token", "")), KeySet.import_key_set(keys), algorithms=[*ALGORITHMS])
            claims = CodeIDToken(found.claims, found.header, options, params)
            claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY)
        except Exception as error:  # of two libraries, by what a stranger sent
            raise NotSignedIn(f"what {self.host} says of you does not hold ({_kind(error)})") from error
        return dict(claims)

    def _role(self, claims: Mapping[str, Any]) -> Role | None:
        said = claims.get(self.claim, ()) if self.claim else ()
        words = {str(one).lower() for one in (said if isinstance(said, list) else [said])}
        return max((role_of(word) for word in words.intersection(ROLES)), default=None)


class _Client(httpx.Client):
    """Asks the provider; what goes wrong on the way is Away."""

    def __init__(self, host: str) -> None:
        super().__init__(timeout=TIMEOUT, headers={"accept": "application/json"}, trust_env=False)
        self._host = host

    def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        """See httpx."""
        try:
            return super().send(request, **how)
        except httpx.HTTPError as error:
            raise Away(f"{self._host} does not answer ({_kind(error)}): sign in by password, or try again") from error


def _json(answer: httpx.Response) -> dict[str, Any]:
    host = answer.request.url.host
    if not answer.is_success:
        raise Away(f"{host} answers {answer.status_code}: sign in by password, or try again")
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Away(f"{host} answers something that is no JSON object: sign in by password, or try again")
    return found


def _safe(where: Mapping[str, Any], name: str) -> str:
    """An address of the discovery document: over https, or on this machine."""
    address = str(where.get(name, ""))
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise NotSignedIn(f"the provider's {name} is no https address")
    return address


def _name(claims: Mapping[str, Any]) -> str:
    """What an account of theirs is called; "" when nothing says."""
    email = claims.get("email", "") if claims.get("email_verified", True) is True else ""
    return str(claims.get("preferred_username") or email or "")


def _kind(error: Exception) -> str:
    return str(getattr(error, "error", "") or type(error).__name__)
