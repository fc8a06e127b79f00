"""Alerts of the main job, whole: what subscribers were told is what search finds, also after kill -9."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.fingerprint import fingerprint
from pipeline.ids import article_id
from pipeline.types import Article, Grade, Read, Tagging
from records.base import Records
from tests.contract.index_backends import BACK_ENDS, PARAMS
from tests.contract.records_kit import BACKENDS as DATABASES
from tests.contract.records_kit import NOW, opened
from tests.integration.outlets import Served, serving
from tests.integration.subscribers import hold_together, subscribe
from tests.shared import shared_data
from wirewatch import bootstrap
from wirewatch.config import Settings
from workers.indexer import catch_up
from workers.reading import Done
from workers.remember import Memory, compared

QUERIES = (
    "*", "anthropic", "anthropic AND (pentagon OR hegseth)", "army OR contract", '"artificial intelligence"', "-army",
    "title:anthropic", "wire:reuters", "-wire:reuters contract", "grade:headline", "lang:en drone*", "country:US",
    "topic:auto* OR entity:anthropic", "anthrop*", "contract NEAR/8 army", "copies:>1", "copies:>3 anthropic",
    'search:"title:anthropic" -search:"wire:reuters"', "changed:P1D", "dateline:washington",
)  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("config"), "--frozen") as one:
        yield one


def test_killed_again_and_again_it_tells_all_and_nothing_twice(served: Served, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with bootstrap.open_archive(settings) as archive:
        subscribe(archive.records, QUERIES, NOW)
    chance = random.Random(3)
    kills = 0
    for _ in range(4):
        process = served.start(tmp_path, "run", "--once", "--quiet")
        try:
            process.wait(timeout=1.5 + 4 * chance.random())
        except subprocess.TimeoutExpired:
            process.kill()
            kills += 1
        process.communicate(timeout=30)
    assert kills
    time.sleep(6.1)  # one outlet asks to be left alone for some seconds
    served.wirewatch(tmp_path, "run", "--once", "--quiet")
    with bootstrap.open_archive(settings, read_only=True) as archive:
        assert archive.records.totals().articles > 50
        assert hold_together(archive.records, archive.index, bootstrap.now()) > 200


@pytest.mark.shared
@pytest.mark.parametrize("back_end", PARAMS)
@pytest.mark.parametrize("database", DATABASES)
def test_real_texts_are_told_as_they_are_found(database: str, back_end: str, tmp_path: Path) -> None:
    """Wire copy and its copies through the story desk, the first tenth of them edited afterwards."""
    lines = (shared_data("copies") / "docs.jsonl").read_text(encoding="utf-8").splitlines()[:240]
    told = [_article(json.loads(line), at) for at, line in enumerate(lines)]
    words = Counter(word for one in told for word in set(one.title.split()) if word.isalpha() and len(word) > 4)
    with opened(database, tmp_path) as records:
        subscribe(records, [*QUERIES, *(word for word, _ in words.most_common(30))], NOW)
        memory = Memory(timedelta(days=60))
        edited = [_edited(one, other) for one, other in zip(told[:24], told[120:], strict=False)]
        for at in range(0, len(told), 16):
            _file(records, memory, told[at : at + 16])
        _file(records, memory, edited)
        index = BACK_ENDS[back_end](tmp_path / "index")
        catch_up(records, index)
        index.refresh()
        assert any(document.copies > 2 for document in records.documents([one.id for one in told]))
        assert hold_together(records, index, NOW) > len(told)
        index.close()


def _article(row: dict[str, str], number: int) -> Article:
    source = ("alba", "bern", "cork")[number % 3]
    url = f"https://{source}.example/{number}"
    when = NOW + timedelta(minutes=number)
    return Article(
        article_id(url), url, url, source, row["title"], row["text"], first_seen=when, grade=Grade.FULL, language="en"
    )


def _edited(one: Article, other: Article) -> Article:
    return replace(one, text=f"{one.text}\n\n{other.text.splitlines()[0]}")


def _file(records: Records, memory: Memory, told: Sequence[Article]) -> None:
    reads = [Done(Read(one, fingerprint(one), Tagging()), None, None) for one in told]
    made = compared(records, memory.file(records, reads, NOW))
    records.commit(made.filed, made.spool_ids, NOW, made.learned)
