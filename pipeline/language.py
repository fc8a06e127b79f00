"""Which language a story is written in: the page's claims, with the text itself as arbiter.

py3langid's model takes 0.6 s and 118 MB to load (measured), so it waits for the first page that needs it: a claim that
the text's most frequent words bear out is believed without it. Asking it then takes 0.2 ms a page. The larger half of
what stays, a table of 39 MB, is kept in a mapped file.
"""

from __future__ import annotations

import contextlib
import mmap
import re
import tempfile
from collections.abc import Sequence
from functools import cache
from typing import Any

SAMPLE = 1_000  # characters looked at; the model is no surer of the whole text
MIN_TEXT = 80  # below that the model guesses
_CODE = re.compile(r"^\s*([A-Za-z]{2,3})(?:[-_.]|\s*$)")
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "ji": "yi", "fil": "tl", "deu": "de", "eng": "en"}
_COMMON = {  # frequent short words, enough to confirm a claim, never to make one
    "en": "the of and to in that for is on with as was by",
    "de": "der die und in den von zu das mit sich des ist auf für",
    "fr": "de la le les et des en un une du est que pour dans",
    "es": "de la que el en y los del se las por un para con",
    "it": "di e il la che in per un del della è con non",
    "pt": "de a o que e do da em um para com não os",
    "nl": "de van het een en in is dat op te voor met",
    "sv": "och i att det som en på är av för med den",
    "no": "og i det som er på til en av for med å",
    "da": "og i at det er en til på af som for med",
    "tr": "ve bir bu da de için ile olarak çok daha",
    "pl": "w i na z do że się nie jest o to",
}
_WORDS = {code: frozenset(words.split()) for code, words in _COMMON.items()}
CONFIRMED = 0.1  # share of a text's words among the claim's frequent words; on pages-fundus .11 up


def normal(label: str) -> str:
    """ISO 639-1 (or -2/3 where there is no other) code of a language label such as "en-GB" or "de_AT"; "" if odd."""
    match = _CODE.match(label)
    code = match[1].lower() if match else ""
    return _SAME.get(code, code)


def language(claims: Sequence[str], text: str, fallback: str = "") -> str:
    """Language of `text`. `claims` in order of trust (html lang, og:locale, …), `fallback` when nothing tells."""
    codes = [c for c in map(normal, claims) if c]
    expected = codes[0] if codes else normal(fallback)
    sample = text[:SAMPLE]
    if len(sample) < MIN_TEXT:
        return expected
    if expected in _WORDS and _borne_out(expected, sample):
        return expected
    found, sure = guess(sample)
    needed = 0.5 if expected in _WORDS else 0.9  # a claim that the frequent words do not bear out weighs less
    return found if sure >= needed or not expected else expected


def guess(text: str) -> tuple[str, float]:
    """The model's answer: code and probability 0..1."""
    code, probability = _model().classify(text)
    return normal(str(code)), float(probability)


def _borne_out(code: str, sample: str) -> bool:
    """Enough of the language's frequent words, and no other language's are more frequent."""
    words = sample.lower().split()
    counts = {c: sum(w in common for w in words) for c, common in _WORDS.items()}
    return counts[code] >= CONFIRMED * len(words) and counts[code] == max(counts.values())


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # deferred: see the top of this module

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    table = model.tk_nextmove
    with contextlib.suppress(OSError):  # no room for a file: the table stays where it is
        model.tk_nextmove = _mapped(table).cast(table.typecode)
    return model


def _mapped(data: Any) -> memoryview:
    """The bytes of a buffer in a nameless file that is mapped: memory that the system can take back. Raises OSError."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
