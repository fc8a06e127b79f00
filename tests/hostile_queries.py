"""Texts made to hurt whoever reads them as a query: what the tests and `bench/queries.py` feed to every reader.

Some pass a bound and are refused, some stand just below one and are read.
"""

from __future__ import annotations

from typing import Any

from search.limits import MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH, MAX_PREFIXES

_WORDS = [f"w{number}" for number in range(400)]

TEXTS: dict[str, str] = {
    "open parentheses": "(" * MAX_LENGTH,
    "minus signs": "-" * MAX_LENGTH,
    "NOTs": "NOT " * 2500,
    "quotes": '"' * MAX_LENGTH,
    "backslashes and quotes": "\\" * 5000 + '"' * 5000,
    "short prefixes": "a* " * 3333,
    "prefixes": "ab* " * 2500,
    "ORs": "a OR " * 2000,
    "fields in fields": "title:(" * 1400,
    "colons": "a:" * 5000,
    "spaces": " " * MAX_LENGTH,
    "initials": "a." * 5000,
    "accents": "é" * MAX_LENGTH,
    "one run of Chinese": "人" * MAX_LENGTH,
    "marks": "\u0301" * MAX_LENGTH,
    "ligatures that unfold": "\ufdfa" * MAX_LENGTH,
    "digits": "9" * MAX_LENGTH,
    "long date": "date:" + "2" * 9000,
    "long duration": "seen:P" + "9" * 9000 + "D",
    "a phrase of accents": '"' + "a\u0301 " * 3000 + '"',
    "far too long": "x" * 10_000_000,
    "NEARs in a row": "a NEAR/3 " * 1100,
    "NEAR/NEAR/": "NEAR/" * 2000,
    "far NEAR": "a NEAR/" + "9" * 9000,
    "NEAR of many by many": "(" + "a OR " * 900 + "b) NEAR/30 (" + "c OR " * 900 + "d)",
    "NEAR of phrases": "(" + "aa-b OR " * 24 + "b) NEAR/30 (" + "cc-d OR " * 9 + "d)",
    "NEAR of a long word": '("' + "a" * 4000 + '" OR ' + "b OR " * 240 + "c) NEAR/1 d",
    "NEAR of a long phrase": '("' + "ab " * 100 + '" OR ' + "bb OR " * 240 + 'c) NEAR/1 "' + "xx " * 100 + '"',
    "loosest phrase": '"' + "a " * 100 + '"~30',
    "loose phrases": '"a b"~1 ' * 1200,
    "tildes": '"' + "~" * 9000,
    "long number": "copies:" + "9" * 9000,
    "long name": "search:" + "a" * 9000,
    "comparisons": "seen:>" + "<" * 9000,
    "typo in a field": "x" * 4000 + "y" * 4000 + ":a",
    "stars": "*" * MAX_LENGTH,
    "regular expression": "/" + "(a|b)" * 1900 + "/i",
    "regular expression, deep": "/" + "(" * 4900 + ")" * 4900 + "/",
    "rules": "EntryTitle=(?i)" + "(aa|bb)?" * 1000,
    "rules of letters": "EntryTitle=" + "[abcdefghij]" * 700,
    "many rules": "EntryTitle=a\n" * 750,
    "stars in a phrase": '"' + "a * " * 2400 + '"',
    "operators of Google": "site:" * 2000,
    # Read, for they stand just below a bound.
    "most words": " ".join(_WORDS) + " a" * (MAX_CLAUSES - len(_WORDS)),
    "most prefixes": " ".join(f"{word[:1]}{number}*" for number, word in enumerate(_WORDS[:MAX_PREFIXES], 10)),
    "deepest": "(a OR (b " * (MAX_DEPTH // 2) + "c" + "))" * (MAX_DEPTH // 2),
    "most NEARs": " ".join(f"{one} NEAR/30 {other}" for one, other in zip(_WORDS[::2], _WORDS[1::2], strict=True)),
    "most NEARs of phrases": " ".join(f"{word}-x NEAR/30 b" for word in _WORDS[:16]),
    "most NEARs of long phrases": " ".join(
        f'"{" ".join(_WORDS[start : start + 60])}" NEAR/30 b' for start in range(0, 160, 10)
    ),
    "loosest phrase that is read": '"a b c d"~15',
    "longest words": "é" * 9990,
}

# Words for the bombs: each uses the one before it twenty times.
SAVED: dict[str, str] = {"bomb 0": "a b c d e"} | {
    f"bomb {number}": f'search:"bomb {number - 1}" ' * 20 for number in range(1, 9)
}
SAVED |= {f"ring {number}": f'search:"ring {(number + 1) % 9}"' for number in range(9)}
SAVED |= {f"deep {number}": "-" * (MAX_DEPTH - 1) + f'search:"deep {number + 1}"' for number in range(9)}
USES = {
    "a bomb of saved queries": 'search:"bomb 8"',
    "a ring of saved queries": 'search:"ring 0"',
    "saved queries, deep": 'search:"deep 0"',
}


def forms() -> dict[str, Any]:
    """Hostile JSON forms."""
    deep: Any = {"word": "a"}
    for _ in range(50_000):
        deep = {"not": deep}
    return {
        "JSON, deep": deep,
        "JSON, wide": {"or": [{"word": "a"}] * 200_000},
        "JSON, long": {"word": "é" * 2_000_000},
        "JSON, many keys": {f"key {number}": 1 for number in range(200_000)},
        "JSON, NEARs": {"or": [{"near": [{"phrase": "a b"}, {"word": "c"}], "within": 30}] * 500},
    }
