"""Tagging the archive anew: what is written, what is logged, how far it has come. On every back end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.types import Article, Grade, Span, Storage, Tag, Tagging
from records.base import Records
from records.values import Retag, Retagged
from tests.contract.records_kit import MINUTE, NOW, TAGGING, article, entry, filed, listed, log, put, unchanged_by
from workers.retag import BATCH, retag

ONE, TWO, THREE = entry("alba", "one"), entry("alba", "two"), entry("bern", "three")
OTHER = Tagging((Tag("topic:tides", "Tides", 1, True, (Span(0, 4, True),)),), (), 0.25, ("a \x00 tide",))


class Tagger:
    """Tags everything alike; may be interrupted."""

    def __init__(self, tagging: Tagging = OTHER, digest: str = "d1", stop_after: int = 999) -> None:
        self.tagging, self.digest, self.left = tagging, digest, stop_after
        self.told: list[str] = []

    def tag(self, told: Article) -> Tagging:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.told.append(told.text or told.summary)
        return self.tagging


def made_of(records: Records, id: str, tagging: Tagging) -> Retagged:
    view = records.article(id)
    assert view is not None
    return Retagged(id, view.article.version, view.article.summary, tagging)


def test_other_tags_are_written_logged_and_remembered(records: Records) -> None:
    put(records, ONE, TWO, THREE)
    before = log(records)
    state = retag(records, Tagger())  # type: ignore[arg-type]
    assert (state.seen, state.changed, state.kept, state.done) == (3, 3, 0, True)
    assert sorted(log(records)[len(before) :]) == sorted([ONE.id, TWO.id, THREE.id])
    for one in (ONE, TWO, THREE):
        view = records.article(one.id)
        assert view is not None
        assert view.tagging == replace(OTHER, reasons=("a  tide",))
        assert view.tagging.topics[0].spans == (Span(0, 4, True),)
        assert view.article == article(one, first_seen=NOW), "nothing else is touched"
    assert records.retag_state("d1") == state
    unchanged_by(records, lambda: retag(records, Tagger()))  # type: ignore[arg-type]
    assert records.retag_state("d2") == Retag("d2"), "under another digest nothing is done yet"


def test_the_same_tags_are_not_logged_but_their_places_are_written(records: Records) -> None:
    put(records, ONE, TWO)
    before = log(records)
    placed = replace(TAGGING, entities=tuple(replace(tag, spans=(Span(3, 9),)) for tag in TAGGING.entities))
    state = retag(records, Tagger(placed))  # type: ignore[arg-type]
    assert (state.seen, state.changed, log(records)) == (2, 0, before)
    view = records.article(ONE.id)
    assert view is not None and view.tagging.entities[0].spans == (Span(3, 9),)


def test_what_was_stopped_goes_on_where_it_was(records: Records) -> None:
    entries = [entry("alba", f"story-{n}") for n in range(2 * BATCH + 7)]
    listed(records, *entries)
    records.commit([filed(article(one, text=one.id)) for one in entries], [], NOW)
    cut, whole = Tagger(stop_after=BATCH + 50), Tagger()
    with pytest.raises(KeyboardInterrupt):
        retag(records, cut)  # type: ignore[arg-type]
    state = records.retag_state("d1")
    assert (state.seen, state.changed, state.done) == (BATCH, BATCH, False)
    assert retag(records, whole).changed == len(entries)  # type: ignore[arg-type]
    assert sorted(cut.told[:BATCH] + whole.told) == sorted(one.id for one in entries), "each once"
    assert len(log(records)) == 2 * len(entries)
    anew = Tagger()
    assert retag(records, anew, anew=True).changed == 0  # type: ignore[arg-type]
    assert len(anew.told) == len(entries)


def test_an_article_that_the_desk_wrote_meanwhile_is_left_alone(records: Records) -> None:
    put(records, ONE, TWO)
    stale, fresh = made_of(records, ONE.id, OTHER), made_of(records, TWO.id, OTHER)
    gone = replace(fresh, article_id="a-stranger")
    edited = article(ONE, text="It says something else now.")
    records.commit([filed(edited)], [], NOW + MINUTE)
    before = log(records)
    state, again = records.retag(Retag("d1", "x", 2), [stale, fresh, gone])
    assert (again, state.changed, log(records)[len(before) :]) == ([ONE.id], 1, [TWO.id])
    view = records.article(ONE.id)
    assert view is not None and view.tagging == TAGGING


def test_one_that_is_edited_while_it_is_tagged_is_tagged_again(records: Records) -> None:
    put(records, ONE)

    class Meanwhile(Tagger):
        def tag(self, told: Article) -> Tagging:
            if not self.told:
                records.commit([filed(article(ONE, text="Edited."))], [], NOW + MINUTE)
            return super().tag(told)

    tagger = Meanwhile()
    state = retag(records, tagger)  # type: ignore[arg-type]
    assert tagger.told == [article(ONE).text, "Edited."]
    assert (state.seen, state.changed) == (1, 1)


def test_what_may_not_be_kept_keeps_its_tags(records: Records) -> None:
    bare = entry("bern", "bare")
    listed(records, ONE, TWO, THREE, bare)
    withheld = article(ONE, text="", storage=Storage.SUMMARY)
    title = article(TWO, text="", summary="", grade=Grade.HEADLINE, storage=Storage.HEADLINE)
    told = article(THREE, text="", grade=Grade.HEADLINE, storage=Storage.SUMMARY)
    records.commit([filed(withheld), filed(title), filed(told), filed(article(bare))], [], NOW)
    tagger = Tagger()
    state = retag(records, tagger)  # type: ignore[arg-type]
    assert (state.seen, state.changed, state.kept) == (4, 2, 2)
    assert sorted(tagger.told) == sorted([told.summary, article(bare).text])
