"""Bodies of pages: what is text, what is furniture, what a reader does not see. All pages are made here."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipeline.blocks import ENOUGH, WORDS, blocks
from pipeline.body import read_body
from pipeline.html import parse, strip
from pipeline.judge import NAMES, SHARP, Claims, keep, measure, probabilities, survey
from pipeline.metadata import Metadata, read_metadata

TITLE = "Port buys boats that steer themselves"
SENTENCES = [
    "The harbour board voted on Tuesday to buy four unmanned boats that find their way without a pilot.",
    "Its chairwoman, Ingrid Solheim, said that the boats had watched the northern approach for three months.",
    "“They saw what we did not,” she told reporters on the quay, as a tug went by behind her with its lights on.",
    "Fishermen who work the same water asked for a rule that keeps the boats away from their nets at night.",
    "The yard that builds them has delivered nineteen to other ports since it opened in the spring of last year.",
    "A report by the coast guard counts eleven times in which a boat stopped too late; nobody was hurt in any of them.",
    "The board will decide in May whether it orders a further six, which would cost 3.4 million crowns each.",
]


def story(*extra: str, after: int = 3) -> str:
    """The sentences as paragraphs, with something between."""
    paragraphs = [f"<p>{sentence}</p>" for sentence in SENTENCES]
    return "".join([*paragraphs[:after], *extra, *paragraphs[after:]])


def page(inside: str, around: str = "") -> str:
    return (
        "<html><body><header><nav><ul><li><a href=/>Home</a></li><li><a href=/w>World</a></li></ul></nav></header>"
        f"<main><article><h1>{TITLE}</h1>"
        f"<div class='article-body'>{inside}</div></article>"
        f"{around}</main><footer><p>© 2026 Halva Herald. All rights reserved.</p></footer></body></html>"
    )


def read(html: str, meta: Metadata | None = None) -> list[str]:
    tree = strip(parse(html.encode(), "text/html; charset=utf-8"))
    return read_body(tree, TITLE, meta).text.split("\n\n")


def test_a_plain_story_is_read_whole() -> None:
    assert read(page(story())) == SENTENCES


FURNITURE = {
    "newsletter": "<div class='newsletter-box'><p>Sign up: Get the Harbour Briefing in your inbox</p></div>",
    "related": "<aside class='related'><h3>Related</h3><ul><li><a href=/a>Ten boats that were lost this year</a></li>"
    "<li><a href=/b>How a port was closed for a week by a whale</a></li></ul></aside>",
    "read more": "<p class='read-more'><a href=/c>READ MORE: The yard that never sleeps</a></p>",
    "share": "<div class='social-share'><span>Share on Facebook</span> <span>Copy link</span></div>",
    "caption": "<figure><img src=a.jpg><figcaption>A boat at the quay on Monday. Photo: Jon Berg</figcaption></figure>",
    "hidden": "<div style='display:none'><p>You have two articles left, says a window that nobody opened.</p></div>",
    "hover": "<p>Said by <span class='tooltip-content'>Ingrid Solheim has led the board since 2019</span></p>",
    "advertisement": "<div class='ad-slot'><p>Advertisement</p></div>",
}


@pytest.mark.parametrize("name", FURNITURE)
def test_furniture_between_paragraphs_goes(name: str) -> None:
    found = read(page(story(FURNITURE[name])))
    assert [p for p in found if p in SENTENCES] == SENTENCES
    assert len(found) - len(SENTENCES) == (1 if name == "hover" else 0), found


def test_what_stands_behind_an_advertisement_is_read_too() -> None:
    """Some outlets cut a story into pieces of the same kind with other things between."""
    half = len(SENTENCES) // 2
    pieces = ["".join(f"<p>{s}</p>" for s in part) for part in (SENTENCES[:half], SENTENCES[half:])]
    chunks = "<div class='chunk'><div class='body-inner'>%s</div></div><div class='ad'>Advertisement</div>"
    assert read(page("".join(chunks % piece for piece in pieces))) == SENTENCES


def test_lists_quotes_and_tables_of_the_story_are_kept() -> None:
    rows = "".join(
        f"<tr><td>{port}</td><td>{count}</td></tr>" for port, count in (("Bergen", 4), ("Oslo", 6), ("Narvik", 9))
    )
    rules = ("No boat goes out above wind force seven, the board said.", "Each carries a light and a horn.")
    listed = f"<ul>{''.join(f'<li>{rule}</li>' for rule in rules)}</ul>"
    quoted = (
        "<blockquote><p>We would rather have them than another winter like the last one, she wrote.</p></blockquote>"
    )
    found = read(page(story(listed, quoted, f"<table>{rows}</table>", after=4)))
    assert [p for p in found if p in SENTENCES] == SENTENCES
    assert "- No boat goes out above wind force seven, the board said." in found
    assert "We would rather have them than another winter like the last one, she wrote." in found


def test_a_table_is_read_row_by_row() -> None:
    tree = parse(b"<body><table><tr><th>Port</th><th>Boats</th></tr><tr><td>Oslo</td><td>6</td></tr></table></body>")
    assert [block.text for block in blocks(tree)] == ["Port | Boats", "Oslo | 6"]


def test_line_breaks_make_paragraphs_and_words_never_merge() -> None:
    html = (
        "<body><div>One<br>line<br><br>Two<button>Play</button>three<b>fat</b>ter <i>words</i></div>"
        "<p>a</p>b<p>c</p></body>"
    )
    assert [block.text for block in blocks(parse(html.encode()))] == [
        "One line",
        "Two threefatter words",
        "a",
        "b",
        "c",
    ]


def test_text_that_waits_behind_a_paywall_is_read() -> None:
    waiting = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES[1:])
    found = read(page(f"<p>{SENTENCES[0]}</p><div class='paywall' style='display: none'>{waiting}</div>"))
    assert found == SENTENCES


def test_a_text_given_twice_is_read_once() -> None:
    drawer = f"<div class='drawer'>{' '.join(SENTENCES)}</div>"
    assert read(page(story(), around=drawer)) == SENTENCES


def test_a_credit_behind_the_body_is_kept_for_attribution() -> None:
    assert read(page(story() + "<p class='source-line'>REUTERS</p>"))[-1] in ("REUTERS", SENTENCES[-1])


def test_json_ld_stands_in_for_a_page_without_text() -> None:
    body = "\n\n".join(SENTENCES)
    assert len(body) > ENOUGH
    tree = strip(parse(b"<html><body><div id=app></div></body></html>"))
    found = read_body(tree, "Port buys boats", Metadata(body=body))
    assert (found.text, found.how) == (body, "json-ld")


def test_no_text_gives_none() -> None:
    assert read_body(strip(parse(b"<html><body><div></div></body></html>"))).text == ""


def test_numbers_are_those_that_the_trees_were_trained_on() -> None:
    found = blocks(strip(parse(page(story(FURNITURE["related"])).encode())))
    for claims in (Claims(None, "Port buys boats"), Claims("\n".join(SENTENCES), "Port buys boats")):
        numbers = measure(survey(found), claims)
        assert numbers.shape == (len(found), len(NAMES)) and np.isfinite(numbers).all()
        sure = probabilities(numbers, alone=claims.chosen is None)
        assert ((sure > 0) & (sure < 1)).all()
        kept, expected = keep(survey(found), numbers, sure)
        assert {found[at].text for at in np.flatnonzero(kept)} >= set(SENTENCES) and 0.5 < expected <= 1
    assert len(WORDS) == len({name for name in NAMES if name.startswith("near ")})


def test_as_many_blocks_are_kept_as_give_the_best_expected_f1() -> None:
    """Ten words each, each of a kind of its own; 0.9, 0.8, 0.3, 0.1, sharpened: keeping the first two is best."""
    found = blocks(
        parse(b"<body>" + b"".join(b"<div class=%c><p>a b c d e f g h i j</p></div>" % c for c in b"abcd") + b"</body>")
    )
    page = survey(found)
    numbers = measure(page, Claims(None))
    given = np.array([0.9, 0.8, 0.3, 0.1])
    kept, expected = keep(page, numbers, given)
    sharp = given**SHARP / (given**SHARP + (1 - given) ** SHARP)
    assert kept.tolist() == [True, True, False, False]
    assert expected == pytest.approx(2 * sharp[:2].sum() / (2 + sharp.sum()))


POSTS = [" ".join((first, second)) for first, second in zip(SENTENCES, SENTENCES[1:] + SENTENCES[:1], strict=True)]


def live_blog(kind: str) -> str:
    posts = "".join(
        f"<article class='post'><h3>1{at}:05 Post {at} of the day</h3><p>{text}</p></article>"
        for at, text in enumerate(POSTS)
    )
    return page(f"<p>{SENTENCES[0]}</p><div class='{kind}'>{posts}</div>")


def test_all_posts_of_a_live_blog_are_its_text() -> None:
    for text in POSTS:
        assert text in read(live_blog("c-liveblog__posts"))
        assert text in read(live_blog("entries"), Metadata(live=True))


def test_a_live_blog_that_prints_nothing_is_read_from_its_json_ld() -> None:
    updates = [{"@type": "BlogPosting", "headline": f"Post {at}", "articleBody": t} for at, t in enumerate(POSTS)]
    node = {"@type": "LiveBlogPosting", "headline": TITLE, "liveBlogUpdate": updates}
    tree = parse(
        f"<html><head><script type='application/ld+json'>{json.dumps(node)}</script></head><body>"
        f"<main><h1>{TITLE}</h1><div id=app></div></main></body></html>".encode()
    )
    meta = read_metadata(tree)
    assert meta.live
    body = read_body(strip(tree), TITLE, meta)
    assert body.how == "json-ld"
    assert body.text.split("\n\n") == [line for at, text in enumerate(POSTS) for line in (f"Post {at}", text)]


def test_a_story_that_only_the_page_state_holds_is_read_from_it() -> None:
    state = {"props": {"post": {"title": TITLE, "content": "".join(f"<p>{line}</p>" for line in SENTENCES)}}}
    tree = parse(
        f"<html><head><title>{TITLE}</title></head><body><div id=app>Loading …</div>"
        f"<script id=__NEXT_DATA__ type='application/json'>{json.dumps(state)}</script></body></html>".encode()
    )
    meta = read_metadata(tree)
    body = read_body(strip(tree), TITLE, meta)
    assert (body.how, body.text.split("\n\n")) == ("page state", SENTENCES)


PICTURES = "".join(
    f"<figure><img src={at}.jpg><figcaption>{line}</figcaption></figure>" for at, line in enumerate(SENTENCES)
)


def test_the_captions_of_a_series_of_pictures_are_its_text() -> None:
    assert read(page(PICTURES)) == SENTENCES
    lead = "<p>Our photographer went out with the boats of the harbour for a week, and this is what she saw.</p>"
    assert read(page(lead + PICTURES), Metadata(gallery=True))[1:] == SENTENCES
