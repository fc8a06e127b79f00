"""What event grouping compares of an article."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.terms import NAME, NUMBER, WORDS, terms, unpack_terms
from pipeline.types import Article


def article(title: str = "", text: str = "", url: str = "", summary: str = "") -> Article:
    return Article(id="a1", url=url, canonical_url="", source_id="x", title=title, text=text, summary=summary)


def weights(title: str = "", text: str = "", url: str = "", summary: str = "") -> dict[int, int]:
    hashes, weight, _ = unpack_terms(terms(article(title, text, url, summary)))
    return dict(zip(hashes.tolist(), weight.tolist(), strict=True))


def only(word: str) -> int:
    """The hash of a word."""
    [term] = weights(word)
    return term


def test_terms_are_ascending_and_distinct() -> None:
    hashes, weight, keys = unpack_terms(terms(article("Ferry sinks off Norland", "A ferry sank off Norland, a ferry.")))
    assert len(hashes) == len(weight) == len(keys) > 3
    assert (np.diff(hashes.astype(np.int64)) > 0).all()


def test_an_article_without_words_has_no_terms() -> None:
    assert terms(article()) == b""
    assert terms(article("The of and")) == b""


def test_one_stem_for_the_forms_of_a_word() -> None:
    assert only("attacks") == only("attacked") == only("Attacking") == only("ATTACK")
    assert only("Norland’s") == only("Norland")


def test_a_word_counts_once_for_the_headline_and_once_for_the_text() -> None:
    found = weights("Ferry Ferry", "the ferry and the ferry met the tide")
    assert found[only("ferry")] == 2
    assert found[only("tide")] == 1


def test_names_inside_sentences_and_figures_weigh_more() -> None:
    found = weights("", "Rescuers from Norland pulled 41 people from the water. Divers went on.")
    assert found[only("norland")] == NAME
    assert found[only("41")] == NUMBER
    assert found[only("rescuers")] == found[only("divers")] == found[only("water")] == 1


def test_where_every_word_is_capitalised_case_says_nothing() -> None:
    found = weights("", "RESCUERS FROM NORLAND PULLED PEOPLE FROM THE WATER")
    assert found[only("norland")] == 1


def test_figures_of_a_headline_are_plain_words() -> None:
    assert weights("6 ways to cook rice")[only("6")] == 1
    assert only("1,200") == only("1200")


def test_the_words_of_an_address_are_a_second_headline() -> None:
    url = "https://outlet.example/news/2026/02/norland-ferry-sinks-82745511.html?utm=some-more-words-here"
    assert weights("", "", url).keys() == {only("norland"), only("ferry"), only("sinks")}
    assert weights("Ferry", "", url)[only("ferry")] == 1


def test_an_address_of_sections_and_numbers_says_nothing() -> None:
    assert weights("", "", "https://outlet.example/world/europe/a-8812.html") == {}
    assert weights("", "", "not an address") == {}


def test_headline_names_and_figures_are_what_events_are_looked_up_by() -> None:
    hashes, _, keys = unpack_terms(terms(article("Ferry sinks", "The boat from Norland had 41 aboard")))
    looked_up = set(hashes[keys].tolist())
    assert looked_up == {only("ferry"), only("sinks"), only("norland"), only("41")}


def test_only_the_first_words_of_the_text_are_read() -> None:
    text = " ".join(["tide"] * WORDS)
    assert weights("", text + " ferry") == weights("", text)


def test_the_summary_stands_in_for_a_missing_text() -> None:
    assert weights("", "", "", "a ferry from Norland") == weights("", "a ferry from Norland")


def test_scripts_without_spaces_are_read_in_pairs() -> None:
    assert weights("東京大学").keys() == {only("東京"), only("京大"), only("大学")}
    assert only("大学") in weights("", "新しい東京大学の学生")


def test_months_tell_happenings_apart() -> None:
    assert only("Monday") != only("July")


def test_a_long_article_is_small() -> None:
    letters = "abcdefghij"
    text = " ".join(f"Word{letters[i % 10]}{letters[i // 10]}x" for i in range(100))
    assert len(terms(article("Ten quite different words stand in this long headline here", text))) <= 600


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=80))
def test_any_text_and_address_can_be_read(title: str, text: str, path: str) -> None:
    packed = terms(article(title, text, "https://outlet.example/" + path))
    hashes, weight, _ = unpack_terms(packed)
    assert len(packed) == 5 * len(hashes)
    assert ((weight >= 1) & (weight <= 2 * NUMBER)).all()
    assert packed == terms(article(title, text, "https://outlet.example/" + path))
