"""What recurs at an outlet: kept with the batch that taught it, and what a person says of it. On every back end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pipeline.furniture import Paragraph
from pipeline.types import Fingerprint
from records.base import Records
from tests.contract.records_kit import MINUTE, NOW, article, entry, filed, listed, unchanged_by

SEEN = Paragraph("alba", -(2**63), ("a1", "a2"), NOW, NOW + MINUTE, "Sign up for \x00our briefing.")
STORED = replace(SEEN, sample="Sign up for our briefing.")
CONFIRMED = replace(SEEN, witnesses=("a1", "a2", "a3", "a4"), last_seen=NOW + 2 * MINUTE, confirmed=NOW + 3 * MINUTE)
OTHER = replace(SEEN, source_id="bern", key=2**63 - 1, sample="Ünïcode 🛰")


def test_what_was_learned_is_written_with_the_batch(records: Records) -> None:
    one = entry("alba", "one")
    listed(records, one)
    records.commit([filed(article(one))], [], NOW, [SEEN, OTHER])
    assert records.furniture() == [STORED, OTHER]
    assert records.furniture("bern") == [OTHER]
    assert not any(one.dropped for one in records.furniture())
    unchanged_by(records, lambda: records.commit([filed(article(one))], [], NOW + MINUTE, [SEEN, OTHER]))
    unchanged_by(records, lambda: records.commit([filed(article(one))], [], NOW + MINUTE))


def test_what_is_confirmed_stays(records: Records) -> None:
    records.commit([], [], NOW, [SEEN])
    records.commit([], [], NOW, [CONFIRMED])
    [found] = records.furniture("alba")
    assert found == replace(CONFIRMED, sample=STORED.sample)
    assert found.dropped
    unchanged_by(records, lambda: records.commit([], [], NOW, [SEEN]))
    unchanged_by(records, lambda: records.commit([], [], NOW, [replace(CONFIRMED, confirmed=NOW + 9 * MINUTE)]))


def test_what_a_person_says_wins_for_good(records: Records) -> None:
    assert not records.keep_paragraph("alba", SEEN.key, NOW), "not in the list"
    records.commit([], [], NOW, [CONFIRMED, OTHER])
    assert records.keep_paragraph("alba", SEEN.key, NOW)
    assert records.keep_paragraph("bern", OTHER.key, NOW)
    unchanged_by(records, lambda: records.keep_paragraph("alba", SEEN.key, NOW + MINUTE))
    records.commit([], [], NOW + timedelta(days=99), [CONFIRMED, replace(OTHER, confirmed=NOW)])
    assert [(one.kept, one.dropped) for one in records.furniture()] == [(NOW, False), (NOW, False)]


def test_what_did_not_recur_is_forgotten(records: Records) -> None:
    records.commit([], [], NOW, [SEEN, replace(CONFIRMED, key=7), replace(SEEN, key=8)])
    records.keep_paragraph("alba", 8, NOW)
    records.commit([], [], NOW + timedelta(days=61), [])
    assert len(records.furniture()) == 3, "looked at when something is learned"
    records.commit([], [], NOW + timedelta(days=61), [replace(OTHER, last_seen=NOW + timedelta(days=61))])
    assert {one.key for one in records.furniture()} == {7, 8, OTHER.key}


def test_the_keys_of_an_articles_paragraphs_come_back(records: Records) -> None:
    one = entry("alba", "one")
    listed(records, one)
    made = Fingerprint("e", "t", b"\x01" * 16, b"\x02" * 24)
    records.commit([filed(article(one), fingerprint=made)], [], NOW)
    assert [row[3] for row in records.fingerprints(NOW - MINUTE)] == [made]
