"""The records under contract: every test that asks for them runs over every back end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.base import Records
from tests.contract.records_kit import BACKENDS, opened


@pytest.fixture(params=BACKENDS)
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    with opened(request.param, tmp_path) as store:
        yield store
