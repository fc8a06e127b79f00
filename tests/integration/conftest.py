"""What tests of the whole pipeline share: a pool of one process a file, a town of outlets and a house that collects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.pipeline_house import PipelineHouse, Town, house_over, serving_here, warm_pool
from tests.integration.press import Press
from tests.integration.web_house import WebHouse, web_house
from workers.pool import StagePool


@pytest.fixture(scope="module")
def pool() -> Iterator[StagePool]:
    """A pool that has read a page."""
    pool = warm_pool()
    yield pool
    pool.close()


@pytest.fixture
def town() -> Town:
    """No outlets yet."""
    return Town()


@pytest.fixture
def house(town: Town, pool: StagePool, tmp_path: Path) -> Iterator[PipelineHouse]:
    """An empty archive over the town; whatever a test does to it, it must be sound in the end."""
    with serving_here(town.world) as port, house_over(port, pool, tmp_path) as house:
        yield house
        house.sound()


@pytest.fixture
def press(town: Town) -> Press:
    """Two outlets in the town, with sources but without stories of the first."""
    return Press(town)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebHouse]:
    """The web application over an empty archive, without a token."""
    with web_house(tmp_path) as house:
        yield house
