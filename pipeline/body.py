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

from pipeline.blocks import INSIDE, Block, blocks
from pipeline.boilerplate import clean, is_boilerplate
from pipeline.credits import sign
from pipeline.errors import Unreadable
from pipeline.html import Tree, key
from pipeline.judge import Claims, Survey, keep, measure, probabilities, survey
from pipeline.metadata import Metadata

ENOUGH = 250  # characters of a body that is a body; trafilatura's own minimum
MAX_TEXT = 300_000  # characters kept of a body: a book, not a story, is longer
SECOND_LOOK = 500  # shorter results of trafilatura's fast mode are compared with readability's and justext's
SURE = 0.96  # expected F1 from which on no second opinion is asked: on pages by other outlets, the scores stay the same
AGAIN = 25  # letters from which on a text is not given twice
REACH = 6  # blocks behind the body in which its credit may stand

_STORY_PARAGRAPHS: Any = etree.XPath("//p[not(ancestor::aside or ancestor::nav or ancestor::footer)]")
_MESSY = etree.XPath(
    "boolean(.//aside|.//button|.//figure|.//footer|.//form|.//iframe|.//nav|.//noscript|.//select|.//time)"
)
_APART = sum(1 << place for place, name in enumerate(INSIDE) if name in ("aside", "footer", "nav", "form", "figure"))


@dataclass(frozen=True, slots=True)
class Body:
    """Paragraphs separated by a blank line; "" when there is no body. `how` says which method won: "blocks",
    "blocks and trafilatura", "trafilatura", "json-ld"; `confidence` is the F1 that is expected of it (0..1)."""

    text: str = ""
    how: str = ""
    confidence: float = 0.0
    behind: str = ""  # what the page says right behind it, where a paywall would speak


def read_body(tree: Tree, title: str = "", meta: Metadata | None = None) -> Body:
    """Body of a page without scripts (`pipeline.html.strip`). Raises Unreadable when the markup defeats it.

    The blocks are judged alone first. Where that is not SURE, trafilatura is asked, and they are judged again.
    """
    meta = meta or Metadata()
    found = blocks(tree)
    page = survey(found) if found else None
    body = Body()
    if page:
        body = _judged(page, Claims(None, title, meta.description, meta.body), title)
    if body.confidence < SURE or len(body.text) < ENOUGH:
        first = first_opinion(tree)
        if page and first:
            body = _judged(page, Claims(first, title, meta.description, meta.body), title)
        if len(body.text) < ENOUGH and len(first) > 2 * len(body.text):
            body = Body(_text(first.split("\n"), title), "trafilatura", 0.5)
    if len(body.text) < ENOUGH and len(meta.body) > max(ENOUGH, 2 * len(body.text)):
        body = Body(_text(meta.body.split("\n"), title), "json-ld", 0.8)
    return body


def _judged(page: Survey, claims: Claims, title: str) -> Body:
    """The blocks that are kept, as text."""
    found, alone = page.found, claims.chosen is None
    numbers = measure(page, claims)
    kept, expected = keep(page, numbers, probabilities(numbers, alone=alone))
    picked = [block for at, block in enumerate(found) if kept[at]]
    end = max((at + 1 for at in range(len(found)) if kept[at]), default=len(found))
    picked += _signatures(found[end : end + REACH])
    behind = "\n".join(block.text for block in found[end : end + 3])
    return Body(text_of(picked, title), "blocks" if alone else "blocks and trafilatura", round(expected, 3), behind)


def reset_caches() -> None:
    """Empty the caches of the extraction libraries; call every few hundred pages to keep memory flat."""
    _reset_trafilatura()


def text_of(picked: Sequence[Block], title: str) -> str:
    """Blocks as paragraphs, without furniture and without what is said twice."""
    return _text(map(_line, _once(picked)), title)


def _text(lines: Any, title: str) -> str:
    text = "\n\n".join(clean([line for one in lines if (line := " ".join(one.split()))], title))
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT].rsplit("\n\n", 1)[0]
    return text


def _line(block: Block) -> str:
    return f"- {block.text}" if block.tag == "li" else block.text


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


def first_opinion(tree: Tree) -> str:
    """trafilatura's opinion. Its comparison with readability and justext, two fifths of its time, is asked only where
    its fast result is short, messy or leaves most paragraphs of the page out."""
    found = _trafilatura(tree, fast=True)
    if found is None or _doubtful(found, tree):
        found = _trafilatura(tree, fast=False) or found
    text = (found.text or "")[: 2 * MAX_TEXT] if found is not None else ""
    return "\n\n".join(
        line for part in text.split("\n") if (line := " ".join(part.split())) and not is_boilerplate(line)
    )


def _trafilatura(tree: Tree, fast: bool) -> Any:
    try:
        return bare_extraction(tree, options=_options(fast))
    except (RecursionError, etree.LxmlError, AttributeError, IndexError, AssertionError) as error:
        raise Unreadable(f"the page's markup defeats the extraction: {type(error).__name__}: {error}") from error


def _doubtful(found: Any, tree: Tree) -> bool:
    """Whether trafilatura's fast result deserves its full comparison."""
    length = len(found.text or "")
    if length < SECOND_LOOK or found.body.find(".//p") is None or _MESSY(found.body):
        return True
    return sum(len("".join(p.itertext())) for p in _STORY_PARAGRAPHS(tree)) > 2 * length
