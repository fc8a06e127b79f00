"""Signatures of webhooks as Standard Webhooks 1.0.0 says (symmetric, "v1"): HMAC-SHA256 over `id.timestamp.body`.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from pipeline.errors import BadInput
from pipeline.outputs import KEY_PREFIX


def signed(secret: str, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a webhook. `secret` is a key "whsec_…", or several with blanks between: during a change of
    key both sign, so that the receiver may take its time. Raise BadInput for what is no key.
    """
    content = f"{id}.{timestamp}.".encode() + body
    marks = [
        "v1," + base64.b64encode(hmac.new(_key(one), content, hashlib.sha256).digest()).decode()
        for one in secret.split()
    ]
    if not marks:
        raise BadInput("the webhook has no key: revoke the output and add it anew")
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": " ".join(marks)}


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(KEY_PREFIX) or not key:
        raise BadInput(f"a webhook's key is {KEY_PREFIX} and base64")
    return key
