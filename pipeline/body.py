"""The body of a page, block by block, with trafilatura's advice where it is needed.

trafilatura finds the right part of nine pages in ten. What it takes too much (teasers, boxes, captions, an author's
biography) or leaves out (a standfirst, what stands behind an advertisement, headings) is decided for each block of the
page by `pipeline.judge`, which is so sure of most pages that it need not ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.meta import reset_caches as _reset_trafilatura
from trafilatura.settings import Extractor

from pipeline.blocks import ENOUGH, INSIDE, WORDS, Block, blocks
from pipeline.boilerplate import clean, is_boilerplate
from pipeline.credits import sign
from pipeline.errors import Unreadable
from pipeline.html import Tree, key
from pipeline.judge import Claims, Survey, keep, measure, probabilities, survey
from pipeline.metadata import Metadata
from pipeline.state import state_body

MAX_TEXT = 300_000  # characters kept of a body: a book, not a story, is longer
SURE = 0.98  # expected F1 from which on no advice is asked: on pages by other outlets, the scores stay the same
SURE_ADVISED = 0.95  # expected F1 from which on trafilatura's quick advice is enough
AGAIN = 25  # letters from which on a text is not given twice
REACH = 6  # blocks behind the body in which its credit may stand

PICTURES = 3  # captions that make a series of pictures
CAPTION = 40  # characters of one that tells something

MOST_DEEP_LINKS = 20  # links under more than 100 elements; the deepest of 218 pages stands under 50

_DEEP_LINKS: Any = etree.XPath("count(//a[ancestor::*[100]])")
_LIVE: Any = etree.XPath(
    "boolean(//@class[contains(., 'liveblog') or contains(., 'live-blog') or contains(., 'live_blog') or "
    "contains(., 'liveticker') or contains(., 'live-ticker') or contains(., 'LiveBlog')])"
)
_FIGURE = sum(1 << place for place, name in enumerate(INSIDE) if name in ("figure", "figcaption"))
_CAPTION = 1 << WORDS.index("caption")
_APART = sum(1 << place for place, name in enumerate(INSIDE) if name in ("aside", "footer", "nav", "form", "figure"))


@dataclass(frozen=True, slots=True)
class Body:
    """Paragraphs separated by a blank line; "" when there is no body. `confidence` is the F1 expected of it (0..1).

    `how` says which method won: "blocks", "blocks and trafilatura", "trafilatura", "json-ld", "page state", "captions".
    """

    text: str = ""
    how: str = ""
    confidence: float = 0.0
    behind: str = ""  # what the page says right behind it, where a paywall would speak


@dataclass(frozen=True, slots=True)
class Form:
    """What a page is besides a story: a live blog, whose posts are articles; a series of pictures, told in captions."""

    live: bool
    gallery: bool


def read_body(tree: Tree, title: str = "", meta: Metadata | None = None) -> Body:
    """Body of a page without scripts (`pipeline.html.strip`). Raises Unreadable when the markup defeats it.

    The blocks are judged alone first. Where that is not SURE, they are judged again with trafilatura's quick advice,
    and where that is not either, with its whole one.
    """
    meta = meta or Metadata()
    found = blocks(tree)
    page = survey(found) if found else None
    body, advice = Body(), ""
    form = Form(meta.live or _live(tree, found), meta.gallery)
    for fast, enough in ((None, SURE), (True, SURE_ADVISED), (False, 0.0)):
        if fast is not None:
            advice = first_opinion(tree, fast=fast)
        if page and (advice or fast is None):
            claims = Claims(None if fast is None else advice, title, meta.description, meta.body)
            body = _judged(page, claims, title, form)
        if body.confidence >= enough and len(body.text) >= ENOUGH:
            break
    if len(body.text) < ENOUGH and len(advice) > 2 * len(body.text):
        body = Body(_text(advice.split("\n"), title), "trafilatura", 0.5)
    if len(body.text) < ENOUGH and len(meta.body) > max(ENOUGH, 2 * len(body.text)):
        body = Body(_text(meta.body.split("\n"), title), "json-ld", 0.8)
    if len(body.text) < ENOUGH and (printed := state_body(meta.state, title)):
        body = Body(_text(printed, title), "page state", 0.8)
    if len(body.text) < ENOUGH and len(shown := [block for block in found if _is_caption(block)]) >= PICTURES:
        body = Body(text_of(shown, title), "captions", 0.5)
    return body


def _live(tree: Tree, found: Sequence[Block]) -> bool:
    """Whether several articles on one page are the posts of a live blog, by the class names of what holds them."""
    return len({block.article for block in found if block.article}) > 1 and bool(_LIVE(tree))


def _is_caption(block: Block) -> bool:
    return (
        len(block.text) >= CAPTION
        and 2 * block.linked < len(block.text)
        and bool(block.inside & _FIGURE or block.near & _CAPTION)
    )


def _judged(page: Survey, claims: Claims, title: str, form: Form) -> Body:
    """The blocks that are kept, as text."""
    found, alone = page.found, claims.chosen is None
    numbers = measure(page, claims)
    kept, expected = keep(page, numbers, probabilities(numbers, alone=alone), live=form.live)
    picked = [block for at, block in enumerate(found) if kept[at] or (form.gallery and _is_caption(block))]
    end = max((at + 1 for at in range(len(found)) if kept[at]), default=len(found))
    picked += _signatures(found[end : end + REACH])
    behind = "\n".join(block.text for block in found[end : end + 3])
    return Body(text_of(picked, title), "blocks" if alone else "blocks and trafilatura", round(expected, 3), behind)


def reset_caches() -> None:
    """Empty the caches of the extraction libraries; call every few hundred pages to keep memory flat."""
    _reset_trafilatura()


def text_of(picked: Sequence[Block], title: str) -> str:
    """Blocks as paragraphs, without furniture and without what is said twice."""
    return _text((block.line for block in _once(picked)), title)


def _text(lines: Any, title: str) -> str:
    text = "\n\n".join(clean([line for one in lines if (line := " ".join(one.split()))], title))
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT].rsplit("\n\n", 1)[0]
    return text


def _once(picked: Sequence[Block]) -> list[Block]:
    """Without what was said before: pages hold texts twice, for two widths of screen or as a whole in a drawer."""
    seen: set[str] = set()
    kept = []
    for block in picked:
        k = key(block.text)
        if len(k) >= AGAIN:
            if k in seen or (len(k) > 400 and sum(len(s) for s in seen if s in k) > 0.6 * len(k)):
                continue
            seen.add(k)
        kept.append(block)
    return kept


def _signatures(behind: Sequence[Block]) -> list[Block]:
    """Credits that stand just behind the body and were not taken for a part of it: attribution reads them there."""
    return [
        block
        for block in behind
        if not block.inside & _APART and 2 * block.linked < len(block.text) and sign(block.text)
    ][:3]


@cache
def _options(fast: bool) -> Any:
    return Extractor(output_format="python", fast=fast, precision=True, comments=False, with_metadata=False)


def first_opinion(tree: Tree, *, fast: bool) -> str:
    """trafilatura's opinion: alone (`fast`), or compared with readability and justext, which takes twice the time.

    It is not asked of pages that are nested like no real one: it reads each link again for every element around it.
    """
    if _DEEP_LINKS(tree) > MOST_DEEP_LINKS:
        return ""
    found = _trafilatura(tree, fast=fast)
    text = (found.text or "")[: 2 * MAX_TEXT] if found is not None else ""
    return "\n\n".join(
        line for part in text.split("\n") if (line := " ".join(part.split())) and not is_boilerplate(line)
    )


def _trafilatura(tree: Tree, fast: bool) -> Any:
    try:
        return bare_extraction(tree, options=_options(fast))
    except (RecursionError, etree.LxmlError, AttributeError, IndexError, AssertionError) as error:
        raise Unreadable(f"the page's markup defeats the extraction: {type(error).__name__}: {error}") from error
