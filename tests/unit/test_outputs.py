"""Outputs: what is right, what is shown of them, when digests go out, and signatures that receivers take."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from pipeline.errors import BadInput
from pipeline.outputs import checked, new_key, shown, with_secret
from pipeline.signing import signed
from pipeline.timetable import next_digest
from pipeline.watch import Every, Output, OutputKind

RANDOM = bytes(range(32))


def output(kind: OutputKind = OutputKind.DIGEST, target: str = "mailto://desk.example", **more: Any) -> Output:
    return Output("w1", kind, target, **more)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (output(OutputKind.WEBHOOK, " "), "needs an address"),
        (output(OutputKind.WEBHOOK, "https://desk.example/" + "a" * 4000), "longer than"),
        (output(OutputKind.NOTIFY, "desk.example"), "begins with its service"),
        (output(OutputKind.NOTIFY, "syslog://"), "on the machine that sends"),
        (output(OutputKind.NOTIFY, "slack://a/b/c?Template=/etc/passwd"), "read a file"),
        (output(OutputKind.NOTIFY, "mailto://a@desk.example?to=b&pgpkey=/root/key"), "read a file"),
        (output(hour=24), "0 to 23"),
        (output(every=Every.WEEK, weekday=7), "Monday"),
        (output(timezone="Mars/Olympus"), "Europe/Berlin"),
    ],
)
def test_what_cannot_be_an_output_is_refused_with_what_would_be_right(one: Output, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        checked(one)


def test_what_can_be_is_kept_as_it_is() -> None:
    for one in (output(), output(OutputKind.NOTIFY, "sendgrid://k:a@b.example/to?template=id"), output(timezone="UTC")):
        assert checked(one) == one
    assert checked(output(OutputKind.LINK, "anything")).target == ""


def test_secrets_are_made_and_never_shown() -> None:
    hook = with_secret(output(OutputKind.WEBHOOK, "https://user:pw@desk.example/hook/abc?key=k"), RANDOM)
    link = with_secret(output(OutputKind.LINK, ""), RANDOM)
    chat = output(OutputKind.NOTIFY, "slack://TokenA/TokenB/TokenC")
    mail = output(target="mailtos://me:pw@mail.example?to=you@mail.example")
    assert hook.secret.startswith("whsec_") and len(link.secret) == 32
    assert with_secret(chat, RANDOM).secret == ""
    assert [shown(one) for one in (hook, link, chat, mail)] == [
        "https://desk.example/…",
        f"/s/{link.secret[:4]}…",
        "slack://…",
        "mailtos://mail.example…",
    ]
    with pytest.raises(ValueError, match="32"):
        with_secret(hook, b"short")


# --- signatures -----------------------------------------------------------------------------
@given(st.binary(min_size=32, max_size=32), st.text().map(str.encode))
def test_signatures_are_what_a_receivers_library_expects(random: bytes, body: bytes) -> None:
    now = int(datetime.now(UTC).timestamp())
    key = new_key(random)
    Webhook(key).verify(body, signed(key, "evt_1", now, body), json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(key).verify(body + b" ", signed(key, "evt_1", now, body), json_parse=False)


def test_during_a_change_of_key_both_sign() -> None:
    old, new = new_key(RANDOM), new_key(os.urandom(32))
    headers = signed(f"{new} {old}", "evt_1", int(datetime.now(UTC).timestamp()), b"{}")
    for key in (old, new):
        Webhook(key).verify(b"{}", headers)


@pytest.mark.parametrize("secret", ["", "abc", "whsec_", "whsec_!!"])
def test_what_is_no_key_is_refused(secret: str) -> None:
    with pytest.raises(BadInput):
        signed(secret, "evt_1", 0, b"{}")


# --- digests' times -------------------------------------------------------------------------
def local(moment: datetime, one: Output) -> str:
    from zoneinfo import ZoneInfo

    return f"{moment.astimezone(ZoneInfo(one.timezone)):%a %m-%d %H:%M}"


@pytest.mark.parametrize(
    ("one", "now", "then"),
    [
        (output(), "2026-03-01 06:59", "Sun 03-01 07:00"),
        (output(), "2026-03-01 07:00", "Mon 03-02 07:00"),
        (output(timezone="Europe/Berlin"), "2026-03-28 06:30", "Sun 03-29 07:00"),  # the night the clocks go forward
        (output(timezone="Europe/Berlin", hour=2), "2026-03-28 12:00", "Sun 03-29 03:00"),  # there is no 02:00
        (output(timezone="Europe/Berlin", hour=2), "2026-03-29 01:00", "Mon 03-30 02:00"),
        (output(timezone="America/New_York", hour=1), "2026-11-01 04:59", "Sun 11-01 01:00"),  # comes twice …
        (output(timezone="America/New_York", hour=1), "2026-11-01 05:01", "Mon 11-02 01:00"),  # … and is taken once
        (output(every=Every.WEEK, weekday=0), "2026-03-02 07:00", "Mon 03-09 07:00"),
        (output(every=Every.WEEK, weekday=4, timezone="Asia/Tokyo"), "2026-03-05 21:59", "Fri 03-06 07:00"),
        (output(every=Every.HOUR), "2026-03-01 07:59", "Sun 03-01 08:00"),
        (output(every=Every.HOUR, timezone="Asia/Kolkata"), "2026-03-01 07:59", "Sun 03-01 14:00"),
    ],
)
def test_a_digest_goes_out_at_its_hour(one: Output, now: str, then: str) -> None:
    assert local(next_digest(one, datetime.fromisoformat(now + "+00:00")), one) == then


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
    st.integers(0, 23),
    st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
)
def test_there_is_one_digest_a_day_whatever_the_clocks_do(timezone: str, hour: int, start: datetime) -> None:
    one = output(hour=hour, timezone=timezone)
    moments = [start.replace(tzinfo=UTC)]
    for _ in range(6):
        moments.append(next_digest(one, moments[-1]))
    for before, after in pairwise(moments[1:]):
        assert timedelta(hours=22) < after - before <= timedelta(hours=49)  # Samoa once left out a day
