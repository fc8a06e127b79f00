"""Signatures of webhooks: those that a receiver's library takes."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from pipeline.errors import BadInput
from pipeline.outputs import new_key
from pipeline.signing import signed


@given(st.binary(min_size=32, max_size=32), st.text().map(str.encode))
def test_signatures_are_what_a_receivers_library_expects(random: bytes, body: bytes) -> None:
    now = int(datetime.now(UTC).timestamp())
    key = new_key(lambda count: random[:count])
    Webhook(key).verify(body, signed(key, "evt_1", now, body), json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(key).verify(body + b" ", signed(key, "evt_1", now, body), json_parse=False)


def test_during_a_change_of_key_both_sign() -> None:
    old, new = new_key(os.urandom), new_key(os.urandom)
    headers = signed(f"{new} {old}", "evt_1", int(datetime.now(UTC).timestamp()), b"{}")
    for key in (old, new):
        Webhook(key).verify(b"{}", headers)


@pytest.mark.parametrize("secret", ["", "abc", "whsec_", "whsec_!!"])
def test_what_is_no_key_is_refused(secret: str) -> None:
    with pytest.raises(BadInput):
        signed(secret, "evt_1", 0, b"{}")
