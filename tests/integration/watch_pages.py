"""What tests of the pages of subscriptions read from a page."""

from __future__ import annotations

from urllib.parse import urlencode

from lxml import html

from pipeline.errors import BadInput
from pipeline.watch import Output, Subscription
from tests.integration.web_house import Answer, WebHouse

HOOK = "https://hooks.example.com/in"


def guard(one: Output) -> None:
    """Knows one bad host."""
    if "10.0.0.1" in one.target:
        raise BadInput("nothing is posted there: 10.0.0.1 is a private address")


def seen(answer: Answer) -> str:
    """The words of a page, in one line."""
    whole = html.fromstring(answer.body.decode())
    return " ".join(" ".join(whole.itertext()).split())


def fields(answer: Answer) -> dict[str, str]:
    """What the first form of the page that is sent by POST holds, as a browser would send it."""
    form = next(one for one in html.fromstring(answer.body.decode()).forms if one.method == "POST")
    return {name: str(value).removeprefix("\n") for name, value in form.form_values()}  # as HTML has it of a textarea


def beside(answer: Answer, name: str) -> str:
    """What stands as an error beside a field, which must say so itself."""
    whole = html.fromstring(answer.body.decode())
    [input] = whole.xpath(f"//*[@name='{name}' and @aria-invalid='true'][1]")
    [words] = [whole.get_element_by_id(id) for id in input.get("aria-describedby").split() if id.endswith("-wrong")]
    return str(words.text_content())


def subscribed(house: WebHouse, **values: str) -> Answer:
    """A new subscription by the form: tried, then saved with what the page proposes."""
    tried = house.ask("/subscriptions/new?" + urlencode({"q": values.pop("q", "drones")}))
    assert tried.status == 200, tried.body
    return house.send("/subscriptions/new", **{**fields(tried), **values, "do": "save"})


def one_of(house: WebHouse) -> Subscription:
    [one] = house.records.subscriptions()
    return one
