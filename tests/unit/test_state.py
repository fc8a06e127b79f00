"""In-page state: pages that print nothing of their story and hand all of it to a script. All are made here."""

from __future__ import annotations

import json

import pytest

from pipeline.state import state_body

TITLE = "Port buys boats that steer themselves"
FIRST = (
    "The harbour board voted on Tuesday to buy four unmanned boats that find their way without a pilot, "
    "and said that the first of them would be at the quay by the end of March."
)
SECOND = "“They saw what we did not,” she told reporters on the quay — as a tug went by behind her with its lights on."
THIRD = "The yard that builds them has delivered nineteen to other ports since it opened in the spring of last year."
STORY = (FIRST, SECOND, THIRD)
OTHER = "Another story, which the page shows beside its own and which is longer than it by far. " * 20


def html(*paragraphs: str) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def rich(paragraph: str) -> dict[str, object]:
    """A paragraph of rich text whose words are split over marks."""
    begin, end = paragraph[:20], paragraph[20:]
    marks = [{"nodeType": "text", "value": begin, "marks": [{"type": "bold"}]}, {"nodeType": "text", "value": end}]
    return {"nodeType": "paragraph", "data": {}, "content": marks}


def next_js() -> list[str]:
    props = {"related": [{"title": "Other news", "body": OTHER}], "article": {"title": TITLE, "bodyHtml": html(*STORY)}}
    return [json.dumps({"props": {"pageProps": props}, "buildId": "x"})]


def arc() -> list[str]:
    elements: list[dict[str, object]] = [{"type": "text", "content": line} for line in STORY]
    elements.insert(1, {"type": "image", "caption": "A boat at the quay", "content": "a picture of a boat, by a man"})
    content = {"type": "story", "headlines": {"basic": TITLE, "web": ""}, "content_elements": elements}
    return [f"window.Fusion=window.Fusion||{{}};Fusion.globalContent={json.dumps(content)};Fusion.arcSite='halva';"]


def contentful() -> list[str]:
    tree = {"nodeType": "document", "content": [rich(line) for line in STORY]}
    return [json.dumps({"page": {"headline": TITLE, "body": {"json": tree}}})]


def prosemirror() -> list[str]:
    tree = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in STORY]
    return [
        "window.__APOLLO_STATE__ = " + json.dumps({"Article:1": {"title": TITLE, "content": {"content": tree}}}) + ";"
    ]


def portable_text() -> list[str]:
    tree = [{"_type": "block", "children": [{"_type": "span", "text": line}]} for line in STORY]
    return [json.dumps({"data": {"title": TITLE, "body": tree}})]


def parsed() -> list[str]:
    inner = json.dumps({"post": {"title": TITLE, "content": html(*STORY)}})
    return [f"window.__PRELOADED_STATE__ = JSON.parse({json.dumps(inner)});"]


def nuxt() -> list[str]:
    flat = [{"data": 1}, {"article": 2}, {"title": 3, "paragraphs": 4}, TITLE, ["Reactive", 5], [6, 7, 8], *STORY]
    return [json.dumps(flat)]


def react() -> list[str]:
    text = html(*STORY)
    rows = f"1:{json.dumps(['$', 'div', None, {'lang': 'en'}])}\n1a:T{len(text.encode()):x},{text}"
    rows += f"2:{json.dumps(['$', 'article', None, {'article': {'title': TITLE, 'body': '$1a'}}])}\n"
    return [f"self.__next_f.push([1,{json.dumps(part)}])" for part in (rows[:150], rows[150:])]


FORMS = [next_js, arc, contentful, prosemirror, portable_text, parsed, nuxt, react]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_story_is_read_in_the_forms_that_frameworks_give_it(form: object) -> None:
    assert callable(form)
    assert state_body(form(), f"{TITLE} | Halva Herald") == STORY


@pytest.mark.parametrize(
    "script",
    [
        "",
        "window.a = {",
        "{" * 5000,
        '[{"a": 1}, 2, [0]]',
        "self.__next_f.push([1,",
        json.dumps({"title": OTHER, "body": OTHER}),
    ],
)
def test_a_state_without_the_story_gives_nothing(script: str) -> None:
    assert state_body([script], TITLE) == ()
