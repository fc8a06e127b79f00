"""New information of a copy: what is new is found, what is only told otherwise is not."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from pipeline.novelty import NOTHING_NEW, Told, novelty
from pipeline.types import Article, Tag, Tagging

TEXT = (
    "Ministers from thirty countries agreed on Tuesday to limit the use of autonomous weapons, after two days of talks "
    "in the harbour town of Velmouth.\n\n“Nobody wants a machine to decide who lives,” the organisation’s secretary, "
    "Ines Calder, told reporters outside the hall.\n\nThe programme will cost 12,000 crowns a year, and 340 inspectors "
    "will visit laboratories from March 3. Earlier talks failed in the spring when four delegations walked out over "
    "the question of verification."
)
FRESH = "Norway offered its polar research station as the seat of a permanent court for disputes under the treaty."


def article(text: str, **fields: object) -> Article:
    return replace(Article("a1", "", "", "alba", "Ministers agree", text=text), **fields)  # type: ignore[arg-type]


FIRST = article(TEXT)


def test_house_style_brings_nothing_new() -> None:
    restyled = (
        TEXT.replace("“", '"').replace("”", '"').replace("’", "'").replace("organisation", "organization")
        .replace("programme", "program").replace("12,000", "12000").replace("March 3", "3 March")
        .replace("Tuesday", "Feb 24").replace("told reporters", "said").replace("thirty", "30")
        .replace("340 inspectors", "about 350 inspectors")
    )  # fmt: skip
    assert novelty(article(f"VELMOUTH (Reuters) - {restyled}", dateline_places=("VELMOUTH",)), [FIRST]) == NOTHING_NEW


def test_cuts_moves_and_misspellings_bring_nothing_new() -> None:
    first, second, third = TEXT.split("\n\n")
    assert not novelty(article(f"{third}\n\n{first}"), [FIRST])
    assert not novelty(article(second.replace("Calder", "Caldor").replace("machine", "machime")), [FIRST])


def test_a_text_full_of_typing_errors_brings_nothing_new() -> None:
    dice = random.Random(4)
    spoilt = "".join(dice.choice("abdfgilmorstu") if sign.isalpha() and dice.random() < 0.02 else sign for sign in TEXT)
    assert sum(a != b for a, b in zip(TEXT, spoilt, strict=True)) > 5
    assert not novelty(article(spoilt), [FIRST])
    added = f"{spoilt}\n\n{FRESH}"
    assert [one.text for one in novelty(article(added), [FIRST]).sentences] == [FRESH]


def test_furniture_credits_and_notices_are_no_news() -> None:
    asides = (
        "Sign up now: Get our newsletters delivered to your inbox\n\n{}\n\nReporting by Ana Vidal; Editing by Bo Lund"
    )
    notice = "Correction: An earlier version of this article misstated the number of ministers from Borduria."
    assert not novelty(article(asides.format(f"{TEXT}\n\n{notice}")), [FIRST])


def test_a_new_sentence_is_told_with_its_place_and_its_names() -> None:
    text = f"{TEXT} {FRESH}"
    found = novelty(article(text), [FIRST])
    [sentence] = found.sentences
    assert sentence.text == FRESH == text[sentence.start : sentence.end]
    assert 0 < found.score < 1


def test_a_new_figure_and_a_new_name_are_told_in_their_sentence() -> None:
    text = TEXT.replace("340", "410").replace("Ines Calder", "Ines Calder of the Borduria Institute")
    found = novelty(article(text), [FIRST])
    assert [one.text for one in found.figures] == ["410"]
    assert found.figures[0].sentence.startswith("The programme will cost")
    assert [one.text for one in found.names] == ["Ines Calder of the Borduria Institute"]
    assert found.sentences == ()


def test_each_find_adds_to_the_score() -> None:
    one = novelty(article(TEXT.replace("340", "410")), [FIRST])
    two = novelty(article(TEXT.replace("340", "410").replace("12,000", "15,000")), [FIRST])
    assert 0 < one.score < two.score < 1


def test_all_texts_before_count_not_the_last_alone() -> None:
    told = Told()
    for copy in (FIRST, article(FRESH), article("Nothing of this.")):
        told.add(copy)
    assert told.look(article(f"{TEXT}\n\n{FRESH}")) == NOTHING_NEW
    assert told.look(article(f"{TEXT}\n\n{FRESH}")) == NOTHING_NEW, "looking adds nothing"


def test_entities_of_the_taxonomy_count_once() -> None:
    nato, openai = Tag("org:nato", "NATO"), Tag("org:openai", "OpenAI")
    found = novelty(FIRST, [FIRST], Tagging(entities=(nato, openai)), [Tagging(entities=(nato,))])
    assert found.entities == ("OpenAI",)
    assert found.score > 0


def test_initials_of_a_known_body_are_no_new_name() -> None:
    before = article("The plan of the Velmouth Arms Commission was read aloud to all of the delegates in the hall.")
    assert not novelty(article("The plan of the VAC was read aloud to all of the delegates in the hall."), [before])


@pytest.mark.parametrize("before", [[], [article("")], [article("", summary="")]])
def test_nothing_is_new_where_nothing_was_told(before: list[Article]) -> None:
    assert novelty(FIRST, before) == NOTHING_NEW


def test_a_headline_alone_brings_nothing() -> None:
    assert novelty(article("", title="Norway offers 500 ships to Borduria"), [FIRST]) == NOTHING_NEW


def test_languages_without_spaces() -> None:
    first = article("政府は火曜日、自律型兵器の使用を制限する新しい条約に署名したと発表した。交渉は二日間続いた。")
    same = article("政府は火曜日、自律型兵器の使用を制限する新しい条約に署名したと発表した。")
    more = article("隣国の漁業組合は、港の閉鎖によって今年の水揚げ量が大きく減るおそれがあると警告している。")
    assert novelty(same, [first]) == NOTHING_NEW
    assert len(novelty(more, [first]).sentences) == 1


def test_hostile_repetition_ends() -> None:
    told = Told()
    told.add(article("word " * 40_000))
    assert told.look(article("word " * 40_000)) == NOTHING_NEW
    assert told.look(article("Xy. 5 " * 30_000)).score <= 1
