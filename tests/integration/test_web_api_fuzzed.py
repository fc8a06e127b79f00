"""The API against its own description: whatever fits it is answered as described, and never by an error of ours.

Schemathesis makes the requests, the same ones each time. Ids of what is there take the place of every other invented
one, or no request would come far.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pipeline.errors import Unreadable
from pipeline.ids import story_id
from pipeline.watch import Output, OutputKind
from tests.integration.web_house import Clock, WebHouse, story, web_house
from web.app import make_app
from web.parts import Parts

EXAMPLES = 15  # requests of each route
ENDLESS = "/s/{token}/stream"
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
HOOK = "https://hook.example/"
NOTHING: Any = None
DOCUMENT = make_app(Parts(NOTHING, NOTHING, Clock(), secrets.token_bytes, "")).openapi()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
ROUTES = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebHouse]:
    """An application over an archive in which there is a little of everything."""
    parts = {"send_test": lambda output, name: None}
    with web_house(tmp_path_factory.mktemp("fuzzed"), parts=parts) as house:
        of = house.subscribe()
        house.link(of)
        house.records.put_output(Output(of.id, OutputKind.WEBHOOK, HOOK, "whsec_" + "A" * 44), house.clock())
        for number in range(3):
            house.file(story(number))
        house.file(story(1), "It was edited: fifty drones were bought.")
        error = Unreadable("no text", source_id="alba", url=story(9).url)
        house.records.quarantine("listing", error, house.clock(), body=b"x")
        yield house


@pytest.fixture(scope="module")
def there(fuzzed: WebHouse) -> dict[str, Any]:
    """What stands for each parameter of a path."""
    link, hook = sorted(fuzzed.records.outputs(), key=lambda one: one.kind is not OutputKind.LINK)
    return {
        "name": "harbour",
        "output_id": hook.id,
        "article_id": story(1).id,
        "story_id": story_id(story(1).id),
        "what": story(1).id,
        "token": link.secret,
        "number": fuzzed.records.quarantined()[0].id,
    }


@pytest.mark.parametrize(("method", "path"), [one for one in ROUTES if one[1] != ENDLESS])
def test_whatever_fits_its_description_is_answered_as_described(
    method: str, path: str, fuzzed: WebHouse, there: dict[str, Any]
) -> None:
    turns = itertools.cycle([True, False])

    @given(SCHEMA[path][method].as_strategy())
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def asked(case: Any) -> None:
        if case.path_parameters and next(turns):
            case.path_parameters = {name: there.get(name, value) for name, value in case.path_parameters.items()}
        case.call_and_validate(base_url=fuzzed.url, checks=CHECKS)
        if fuzzed.records.subscription("harbour") is None:
            fuzzed.subscribe()

    asked()
