"""The desk looks up a batch together: how a stream is cut into batches must not matter."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.assign import StoryDesk
from pipeline.fingerprint import fingerprint
from pipeline.ids import article_id
from pipeline.postings import FLUSH
from pipeline.types import Article, Assignment, Fingerprint

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def made() -> list[tuple[Article, Fingerprint]]:
    """A stream longer than what the desk keeps unsorted: reports, copies near and far, new versions, headlines."""
    draw = random.Random(7)
    words = ["".join(draw.choices("bdfgklmnprst", k=3)) + draw.choice("aeiou") for _ in range(900)]
    texts: list[list[str]] = []
    stream = []
    for number in range(2 * FLUSH + 100):
        if texts and draw.random() < 0.4:
            text = draw.choice(texts[-600:])[: draw.choice((30, 60, 90))]
        else:
            text = draw.choices(words, k=90)
            texts.append(text)
        id = article_id(str(number if draw.random() < 0.95 else draw.randrange(number + 1)))
        article = Article(
            id=id,
            url="",
            canonical_url="",
            source_id=f"outlet-{draw.randrange(9)}",
            title=" ".join(text[:7]),
            text=" ".join(text) if draw.random() < 0.9 else "",
            first_seen=NOON + timedelta(minutes=number) if draw.random() < 0.9 else None,
        )
        stream.append((article, fingerprint(article)))
    return stream


STREAM = made()


def assigned(batch: int) -> list[Assignment]:
    desk, done = StoryDesk(timedelta(hours=10)), []
    for at in range(0, len(STREAM), batch):
        done += desk.assign(STREAM[at : at + batch])
    return done


@pytest.mark.parametrize("batch", [7, 64, FLUSH, len(STREAM)])
def test_batches_of_any_size_are_assigned_as_one_by_one(batch: int) -> None:
    one_by_one = assigned(1)
    assert {one.method for one in one_by_one} == {"first", "exact", "near", "headline", "kept"}
    assert assigned(batch) == one_by_one
