"""How text becomes terms."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import Step, analysed, is_english, key, sites, stem, steps, terms, tokens, tokens_at, url_key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Pentagon's F-35s cost $1,000.", ["the", "pentagon", "f", "35s", "cost", "1", "000"]),
        ("Smith's.s.c U.S.'s 3.a.b x.yz U.S.army", ["smith", "sc", "us", "3", "ab", "x", "yz", "us", "army"]),
        ("U.S. officials use A.I. at 10 a.m.", ["us", "officials", "use", "ai", "at", "10", "am"]),
        ("the end.It began", ["the", "end", "it", "began"]),
        ("don't o’clock company’s", ["don", "t", "o", "clock", "company"]),
        ("Müller Łódź ÅNGSTRÖM straße Œuvre", ["muller", "lodz", "angstrom", "strasse", "oeuvre"]),
        ("Việt Nam naïve İstanbul ısı", ["viet", "nam", "naive", "istanbul", "isi"]),
        ("Ёлка йод Ελλάδα", ["елка", "йод", "ελλαδα"]),
        ("ＡＩ２０２６ ﬁre", ["ai2026", "fire"]),
        ("co\u00adoperate می\u200cخواهد", ["cooperate", "میخواهد"]),
        ("الذَّكاء", ["الذكاء"]),
        ("रक्षा मंत्री", ["रक्षा", "मंत्री"]),
        ("人工智能", ["人工", "工智", "智能", "能"]),
        ("AI技术 2027年", ["ai", "技术", "术", "2027", "年"]),
        ("ガンダム", ["ガン", "ンダ", "ダム", "ム"]),
        ("국방부", ["국방", "방부", "부"]),
        ("ปืน", ["ปื", "ืน", "น"]),
        ("a_b", ["a", "b"]),
        ("?! — …", []),
        ("lone \ud800 surrogate", ["lone", "surrogate"]),
        ("x" * 300, ["x" * 100]),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected
    assert [token.term for token in tokens(text)] == expected


@given(st.text() | st.text(alphabet="abAB.'’sS_ é人ガ\u3099\u0301\u200d.½ẞ-1"))
def test_tokens_are_the_terms_at_their_places(text: str) -> None:
    found = list(tokens(text))
    assert [token.term for token in found] == terms(text) == analysed(text).split()
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert [token.start for token in found] == sorted(token.start for token in found)


@given(st.text() | st.text(alphabet="abAB.'’sS_ é人ガ\u3099\u0301\u200d.½ẞ-1\n\r"), st.sets(st.integers(0, 30)))
def test_tokens_at_places_are_those_of_the_whole_text(text: str, places: set[int]) -> None:
    found = list(tokens(text))
    wanted = {place for place in places if place < len(found)}
    assert tokens_at(text, wanted) == {place: found[place] for place in wanted}


@given(st.text(alphabet="abAB.'sS_ -1\n"))
def test_ascii_is_read_as_any_other_text(text: str) -> None:
    """The quick way for ASCII gives what the general way gives."""
    assert terms(text) == terms(text + " 人")[:-1]


@given(st.text())
def test_composition_does_not_matter(text: str) -> None:
    assert terms(unicodedata.normalize("NFC", text)) == terms(unicodedata.normalize("NFD", text))


@given(st.text(), st.text(), st.text())
def test_what_a_phrase_asks_for_stands_in_a_text_with_it(before: str, phrase: str, after: str) -> None:
    found = terms(f"{before}\n{phrase}\n{after}")
    asked = steps(phrase)

    def stands(place: int) -> bool:
        here = [(found[place + step.offset : place + step.offset + 1] or [""])[0] for step in asked]
        return all(
            term.startswith(step.term) if step.prefix else term == step.term
            for term, step in zip(here, asked, strict=True)
        )

    assert not asked or any(stands(place) for place in range(len(found)))


def test_steps() -> None:
    assert steps("F-35") == (Step(0, "f"), Step(1, "35"))
    assert steps("weap", prefix=True) == (Step(0, "weap", prefix=True),)
    assert steps("人工智能 AI") == (Step(0, "人工"), Step(1, "工智"), Step(2, "智能"), Step(4, "ai"))
    assert steps("军") == (Step(0, "军", prefix=True),)
    assert steps("!") == ()


def test_stem_is_porter2() -> None:
    assert [stem(term) for term in ("weapons", "autonomous", "generously", "35", "人工")] == [
        "weapon",
        "autonom",
        "generous",
        "35",
        "人工",
    ]


def test_only_english_is_stemmed() -> None:
    assert [is_english(tag) for tag in ("en", "en-GB", "EN_us", "", "de", "enm")] == [True, True, True] + [False] * 3


def test_keys() -> None:
    assert key("Autonomous Weapons") == key("autonomous_weapons") == "autonomous-weapons"
    assert key("org:Anthropic") == "org-anthropic"
    assert url_key("https://www.Example.com/A?b=C") == url_key("example.com/a?b=c") == "example.com/a?b=c"
    assert url_key("x" * 3000) == "x" * 1000
    assert sites("https://News.Example.com:8080/x") == ["news.example.com", "example.com", "com"]
    assert sites("http://[broken") == sites("") == sites("no address") == []
