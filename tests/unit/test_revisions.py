"""Two versions of one article: figures, names, sentences and corrections are told apart from typing errors."""

from __future__ import annotations

import pytest

from pipeline.revisions import Revised, revised

OLD = """Ministers from thirty countries agreed on Tuesday to limit autonomous weapons. The programme will cost 12,000
 crowns a year, said Ines Calder.

Earlier talks failed in the spring when four delegations walked out. A comittee of nine experts wrote the text. The
 hall was cold that evening and nobody had brought a coat.""".replace("\n ", " ")


def of(old: str, new: str) -> Revised:
    return revised("Ministers agree", old, "Ministers agree", new)


def test_figures_are_told_in_their_sentences() -> None:
    [change] = of(OLD, OLD.replace("12,000", "14,000")).figures
    assert (change.old, change.new) == ("12,000", "14,000")
    assert change.old_sentence == "The programme will cost 12,000 crowns a year, said Ines Calder."
    assert change.new_sentence == change.old_sentence.replace("12", "14")
    assert of(OLD, OLD.replace("12,000", "14,000")).reworded == ()


def test_a_corrected_name_is_no_typing_error() -> None:
    found = of(OLD, OLD.replace("Calder", "Kalder"))
    assert [(one.old, one.new) for one in found.names] == [("Ines Calder", "Ines Kalder")]
    assert not found.is_trivial


def test_sentences_come_and_go() -> None:
    cold = "The hall was cold that evening and nobody had brought a coat."
    fresh = "Norway will host the next round of the talks in September."
    found = of(OLD, OLD.replace(cold, fresh))
    assert (found.added, found.removed) == ((fresh,), (cold,))
    assert found.summary() == "1 sentence added, 1 sentence removed"


def test_a_reworded_sentence_is_told_with_what_it_was() -> None:
    [(before, after)] = of(OLD, OLD.replace("in the spring", "in the autumn")).reworded
    assert (before.count("spring"), after.count("autumn")) == (1, 1)


@pytest.mark.parametrize(
    ("old", "new", "summary"),
    [
        ("comittee", "committee", "typing errors only"),
        ("programme", "program", "nothing but style"),
        ("12,000", "12000", "nothing but style"),
        (" A comittee", "\n\nA comittee", "nothing but style"),
        ("Ministers from", "VELMOUTH, March 1 (Reuters) - Ministers from", "nothing but style"),
        (OLD, f"Sign up now: Get our newsletters\n\n{OLD}", "nothing but style"),
    ],
)
def test_trivial_changes_are_known_as_such(old: str, new: str, summary: str) -> None:
    found = of(OLD, OLD.replace(old, new))
    assert (found.is_trivial, found.summary()) == (True, summary)


def test_a_correction_owned_up_to_is_told_once() -> None:
    notice = "Correction: An earlier version of this article misspelled a name."
    found = of(OLD, f"{notice}\n\n{OLD}")
    assert (found.notices, found.added) == ((notice,), ())
    assert of(f"{notice}\n\n{OLD}", f"{notice}\n\n{OLD}") == Revised()


def test_headlines_differ_in_more_than_style() -> None:
    told = ("Ministers agree", "Ministers agree on arms")
    assert revised(told[0], OLD, told[1], OLD).headline == told
    assert revised("Ministers’ deal", OLD, "Exclusive: Ministers' deal", OLD).headline is None


def test_a_moved_paragraph_is_no_change() -> None:
    first, second = OLD.split("\n\n")
    assert of(OLD, f"{second}\n\n{first}") == Revised()


def test_texts_that_come_or_go() -> None:
    assert of("", "").is_trivial
    assert len(of("", OLD).added) == 5
    assert len(of(OLD, "").removed) == 5
    assert of(OLD, "").share == 0.0


@pytest.mark.parametrize("unit", ["word ", "a. ", "Xy zz. ", "文。", "\n"])
def test_hostile_repetition_ends(unit: str) -> None:
    long = unit * (100_000 // len(unit))
    assert of(long, long + OLD).summary()
    assert of(long, OLD).summary()
