"""What is asked of a new output, and what of it may be shown."""

from __future__ import annotations

import pytest

from pipeline.errors import BadInput
from pipeline.outputs import ready, shown, without_secrets
from pipeline.watch import Output, OutputKind


def zeros(count: int) -> bytes:
    return bytes(count)


def output(kind: OutputKind, target: str = "", **given: object) -> Output:
    return Output("w1", kind, target, **given)  # type: ignore[arg-type]


def test_a_link_gets_a_token_of_256_bits_for_addresses() -> None:
    assert ready(output(OutputKind.LINK), zeros).secret == "A" * 43


def test_a_webhook_gets_a_key_or_keeps_the_one_given() -> None:
    made = ready(output(OutputKind.WEBHOOK, "https://hook.example/x?y=1"), zeros)
    assert made.secret == "whsec_" + "A" * 43 + "="
    assert ready(output(OutputKind.WEBHOOK, made.target, secret=made.secret), zeros) == made


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (output(OutputKind.LINK, "https://x.example/"), "takes no target"),
        (output(OutputKind.LINK, secret="guess-me"), "takes no target and no secret"),
        (output(OutputKind.WEBHOOK), "no web address"),
        (output(OutputKind.WEBHOOK, "ftp://x.example/"), "no web address"),
        (output(OutputKind.WEBHOOK, "https://x.example/a b"), "no web address"),
        (output(OutputKind.WEBHOOK, "https://x.example/" + "a" * 2000), "longer than 2000"),
        (output(OutputKind.WEBHOOK, "https://x.example/", secret="whsec_AAAA"), "24 to 64 bytes"),
        (output(OutputKind.WEBHOOK, "https://x.example/", secret="A" * 44), "whsec_"),
        (output(OutputKind.WEBHOOK, "https://x.example/", secret="whsec_ä"), "base64"),
        (output(OutputKind.NOTIFY, "ann@mail.example"), "Apprise URL"),
        (output(OutputKind.DIGEST, "mailto://"), "Apprise URL"),
        (output(OutputKind.NOTIFY, "syslog://"), "on the machine that sends"),
        (output(OutputKind.NOTIFY, "slack://a/b/c?Template=/etc/passwd"), "read a file"),
        (output(OutputKind.NOTIFY, "mailto://a@desk.example?to=b&pgp%6Bey=/root/key"), "read a file"),
        (output(OutputKind.DIGEST, "mailto://a:b@mail.example", hour=24), "0 to 23"),
        (output(OutputKind.DIGEST, "mailto://a:b@mail.example", weekday=7), "0 (Monday) to 6"),
        (output(OutputKind.DIGEST, "mailto://a:b@mail.example", timezone="Berlin"), "Europe/Berlin"),
        (output(OutputKind.DIGEST, "mailto://a:b@mail.example", timezone="../Berlin"), "Europe/Berlin"),
        (output(OutputKind.DIGEST, "mailto://a:b@mail.example", timezone="Europe"), "Europe/Berlin"),
    ],
)
def test_what_cannot_work_is_refused_with_what_would(given: Output, words: str) -> None:
    with pytest.raises(BadInput) as error:
        ready(given, zeros)
    assert words in str(error.value)


def test_a_refusal_does_not_repeat_what_may_be_a_secret() -> None:
    with pytest.raises(BadInput) as error:
        ready(output(OutputKind.WEBHOOK, "https://x.example/secret path"), zeros)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("target", "right"),
    [
        ("https://ann:pass@hook.example:8443/services/T0/secret", "https://hook.example:8443/…"),
        ("mailtos://ann:pass@mail.example", "mailtos://…"),
        ("slack://T0/B0/secret", "slack://…"),
        ("", ""),
    ],
)
def test_secrets_in_targets_are_not_shown(target: str, right: str) -> None:
    assert shown(target) == right


@pytest.mark.parametrize(
    ("words", "target", "right"),
    [
        ("no connection to hook.example: refused", "https://ann:hidden-pw@hook.example/T0secret/x?key=keykey", None),
        ("not an address: https://hook.example/T0secret", "https://hook.example/T0secret", "not an address: https://hook.example/…"),
        ("bad T0secret\nand keykey", "https://hook.example/T0secret?k=keykey", "bad … and …"),
        ("token T0secret", "slack://T0secret/B0", "token …"),
    ],
)  # fmt: skip
def test_what_others_say_of_a_target_keeps_its_secrets(words: str, target: str, right: str | None) -> None:
    assert without_secrets(words, target) == (right or words)


def test_outputs_of_every_kind_are_ready_when_they_are_right() -> None:
    for kind in (OutputKind.NOTIFY, OutputKind.DIGEST):
        for target in ("mailto://ann:pass@mail.example", "sendgrid://k:a@b.example/to?template=id"):
            made = output(kind, target, timezone="Europe/Berlin")
            assert ready(made, zeros) == made
