"""A browser and a furnished archive for each module, and eyes to look with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.furnished import furnished
from tests.browser.looks import Eyes, chromium
from tests.integration.web_house import WebHouse

Looking = Callable[..., Eyes]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module, whose tests run in one process: while it is open, that process can run no coroutine."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebHouse]:
    """An archive with something for every page; tests that change it leave it as it was, or take `own_house`."""
    with furnished(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[WebHouse]:
    """The same for one test alone."""
    with furnished(tmp_path) as house:
        yield house


@pytest.fixture
def looking(browser: Browser) -> Iterator[Looking]:
    """Eyes on a house: `looking(house, scheme="dark", width=390, scripts=False)`."""
    made: list[Eyes] = []

    def look_at(house: WebHouse, scheme: str = "light", width: int = 1600, *, scripts: bool = True) -> Eyes:
        made.append(Eyes(browser, house.url, scheme, width, scripts))
        return made[-1]

    yield look_at
    for eyes in made:
        eyes.close()


@pytest.fixture
def eyes(looking: Looking, house: WebHouse) -> Eyes:
    """On the module's house, in the light, on a wide screen, with scripts."""
    return looking(house)
