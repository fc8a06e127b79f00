"""Every page in windows of each kind: accessible, light, quiet on the console, and nothing from elsewhere."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Looking
from tests.browser.pages import PAGES, Shown
from tests.integration.web_house import WebHouse

KINDS = [  # each two of scheme, width and scripts meet in one of them
    ("light", 1600, True),
    ("dark", 390, True),
    ("dark", 1600, False),
    ("light", 390, False),
]


@pytest.mark.parametrize(("scheme", "width", "scripts"), KINDS, ids=lambda value: str(value))
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_is_right(
    looking: Looking, house: WebHouse, shown: Shown, scheme: str, width: int, scripts: bool
) -> None:
    eyes = looking(house, scheme, width, scripts=scripts)
    eyes.look(eyes.open(shown.path, status=shown.status), shown.name)
