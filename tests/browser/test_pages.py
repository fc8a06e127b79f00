"""Every page in every kind of window: accessible, light, quiet on the console, and nothing from elsewhere."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Looking
from tests.browser.pages import PAGES, Shown
from tests.integration.web_house import WebHouse


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "noscript"])
@pytest.mark.parametrize("width", [390, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_is_right(
    looking: Looking, house: WebHouse, shown: Shown, scheme: str, width: int, scripts: bool
) -> None:
    eyes = looking(house, scheme, width, scripts=scripts)
    eyes.look(eyes.open(shown.path, status=shown.status), shown.name)
