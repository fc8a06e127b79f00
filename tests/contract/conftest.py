"""The contract tests' back ends of the records, and the shared node of the index's kept tidy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.base import Records
from search.elastic_index import remove_index
from tests.contract.index_backends import OPENED
from tests.contract.records_kit import BACKENDS, opened
from tests.services.elasticsearch import shared_url


@pytest.fixture(params=BACKENDS)
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    with opened(request.param, tmp_path) as store:
        yield store


@pytest.fixture(autouse=True)
def no_indices_left_behind() -> Iterator[None]:
    """What a test put on the shared node goes with it; what a module's fixture put there stays until the node goes."""
    before = set(OPENED)
    yield
    for prefix in OPENED - before:
        remove_index(shared_url(), prefix)
        OPENED.discard(prefix)
