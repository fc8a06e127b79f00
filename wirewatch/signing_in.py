"""What the settings say of signing in: the first account, and the OpenID provider."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.errors import BadInput, BadSetting
from pipeline.people import Audited, Role, User, checked_name, checked_password, role_of
from records.base import Records
from wirewatch.config import Settings

if TYPE_CHECKING:
    from web.openid import OpenId


def make_first_admin(settings: Settings, records: Records, now: datetime) -> None:
    """The account that the settings name, when there is none at all. Raise BadSetting."""
    from web.passwords import hashed

    name, password = settings.admin_name, settings.admin_password
    if bool(name) != bool(password):
        raise BadSetting("admin_name and admin_password belong together: set both, or none")
    if not name or records.has_users():
        return
    try:
        one, hash = User(checked_name(name), Role.ADMIN), hashed(checked_password(password, name), secrets.token_bytes)
    except BadInput as error:
        raise BadSetting(f"admin_name and admin_password make no account: {error}") from None
    if records.add_user(one, now, hash, only_first=True) is not None:
        records.note(Audited(now, "settings", "account made", one.name, {"role": one.role.word}))


def make_openid(settings: Settings, clock: Callable[[], datetime]) -> OpenId | None:
    """The OpenID provider that the settings name. Raise BadSetting."""
    if not settings.oidc_issuer:
        return None
    from web.openid import OpenId

    if not settings.oidc_client_id:
        raise BadSetting("oidc_issuer wants oidc_client_id: what the provider calls this Wirewatch")
    return OpenId(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        clock,
        secrets.token_bytes,
        role=None if settings.oidc_role == "none" else role_of(settings.oidc_role),
        claim=settings.oidc_claim,
    )
