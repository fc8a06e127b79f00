"""The language of a text: claims, and the text as arbiter."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.language import guess, language, normal

ENGLISH = (
    "The ministry said on Monday that it would buy the software in spring and that the price was not yet set. " * 2
)
GERMAN = "Das Ministerium sagte am Montag, dass es die Software im Frühjahr kaufen und der Preis noch offen sei. " * 2
ZULU = "UMnyango uthe ngoMsombuluko uzothenga lolu hlelo entwasahlobo kanti nentengo ayikakanqunywa okwamanje. " * 2


@pytest.mark.parametrize(
    ("claims", "text", "fallback", "code"),
    [
        (["en-GB"], ENGLISH, "", "en"),
        (["en-GB"], GERMAN, "", "de"),
        (["en", "en_US"], ZULU, "en", "zu"),
        ([], ENGLISH, "de", "en"),
        (["de_AT"], "Kurz.", "", "de"),
        ([], "Short.", "fr", "fr"),
        ([], "", "", ""),
        (["nb-NO"], "", "", "no"),
        (["x-default", "de"], "", "", "de"),
    ],
)
def test_language(claims: list[str], text: str, fallback: str, code: str) -> None:
    assert language(claims, text, fallback) == code


@pytest.mark.parametrize(
    ("label", "code"), [("EN-us", "en"), ("pt_BR", "pt"), ("", ""), ("english", ""), ("iw", "he"), ("1", "")]
)
def test_normal(label: str, code: str) -> None:
    assert normal(label) == code


def test_guess_is_sure_of_plain_prose() -> None:
    code, sure = guess(GERMAN)
    assert code == "de"
    assert sure > 0.9


def test_the_model_waits_until_it_is_needed() -> None:
    code = (
        "import sys; from pipeline.language import language; "
        f"assert language(['en'], {ENGLISH!r}) == 'en'; print('py3langid.langid' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
