"""Which blocks of a page are its story.

A block is measured by some hundred numbers: its words and links; what the class names around it say; how much of the
page's prose is set like it or stands with it; whether a first extractor (trafilatura) took it, and what it took beside
it. Boosted trees (LightGBM; trained by `bench.judge` on the development halves of the data named in docs/reading.md,
their splits in judge.json) give the probability that it is part of the story: one set of trees for blocks alone, one
for blocks with a first extractor's advice. As many blocks are kept as give the best F1 that can be expected.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.blocks import INSIDE, WORDS, Block
from pipeline.boilerplate import is_boilerplate
from pipeline.html import key

Numbers = NDArray[np.float32]

_TAGS = ("p", "li", "h", "blockquote", "div", "tr", "td", "caption", "dd", "pre")
_KIND_OF_TAG = {"figcaption": "caption", "th": "td", "dt": "dd", **{f"h{n}": "h" for n in range(1, 7)}}
_ENDS = re.compile(r"[.!?。！？؟…:;»”\"'’)\]]$")
_SENTENCE = re.compile(r"[.!?。！？؟](?:\s|$|[”\"»’])|[。！？]")
_UPPER = re.compile(r"[A-Z]")
_OF_TEXT = ("words", "linked", "strong", "ends", "sentences", "upper", "furniture")
_OF_CLAIMS = ("chosen", "declared", "declares", "title", "described", "again")
_OF_PLACE = ("position", "before", "after first", "after last", "gap back", "gap ahead", "from title", "early", "depth")
_HOLDERS = ("place", "above", "kind", "article", "far")
_OF_HOLDERS = tuple(f"{holder} {what}" for holder in _HOLDERS for what in ("chosen", "share", "prose"))
_OF_PAGE = (
    "links", "kind links", "kind size", "kind linked", "place size", "article head", "articles", "blocks",
    "chosen size", "prose size",
)  # fmt: skip
_OF_NEIGHBOURS = ("chosen", "linked", "words", "heading")
NAMES = (
    *_OF_TEXT, *(f"tag {t}" for t in _TAGS), *(f"near {w}" for w in WORDS), *(f"far {w}" for w in WORDS),
    *(f"in {i}" for i in INSIDE), *_OF_CLAIMS, *_OF_PLACE, *_OF_HOLDERS, *_OF_PAGE,
    *(f"{side} {what}" for side in ("last", "next") for what in _OF_NEIGHBOURS), "around chosen", "around words",
)  # fmt: skip

_APART = sum(1 << place for place, name in enumerate(INSIDE) if name in ("aside", "footer", "nav", "form", "figure"))

MAIN = 0.4  # share of a page's prose from which on one kind of paragraph is the story's
HEAD, MANY = 100, 600  # characters in which capitals and sentences are counted
SHARP = 1.6  # exponent of the odds
REPEATED = 250  # characters up to which a text may come again on other pages
BLEND = {"place": 0.2, "kind": 0.4}  # how far a block goes along with those beside it, and with those set like it
POST, OTHER = 250, 0.1  # characters of prose that make an article; how far the next one's may be this one's


@dataclass(frozen=True, slots=True)
class Claims:
    """What else is known of a page: the body that a first extractor took, and what the page says of itself."""

    chosen: str | None  # None: nobody was asked
    title: str = ""
    description: str = ""
    declared: str = ""  # JSON-LD's articleBody


@dataclass(frozen=True, slots=True)
class Survey:
    """What is measured of a page's blocks whatever is claimed of it; every array has one row a block."""

    found: Sequence[Block]
    keys: Sequence[str]
    size: Numbers  # characters
    linked: Numbers  # share of them in links, 0..1
    links: Numbers  # links alone between the block before and this one, at most 3
    beside: Numbers  # their mean over blocks of the same kind
    prose: Numbers  # characters, 0 for what is no paragraph
    text: Numbers
    tags: NDArray[np.int64]
    bits: Sequence[Numbers]
    held: Mapping[str, NDArray[np.int64]]  # by holder: its number


def survey(found: Sequence[Block]) -> Survey:
    """Measure them; at least one."""
    size = np.array([len(block.text) for block in found], dtype=np.float32)
    linked = np.minimum(1, np.array([block.linked for block in found], dtype=np.float32) / size)
    text = np.array([_text_row(block.text) for block in found], dtype=np.float32)
    text[:, 1] = linked
    text[:, 2] = np.minimum(1, np.array([block.strong for block in found], dtype=np.float32) / size)
    held = {holder: _numbered(getattr(block, holder) for block in found) for holder in _HOLDERS}
    links = np.minimum(3, np.array([block.links for block in found], dtype=np.float32))
    return Survey(
        found,
        [key(block.text) for block in found],
        size,
        linked,
        links,
        _sums(held["kind"], links) / _sums(held["kind"], np.ones(len(found))),
        np.where((size * (1 - linked) > 60) & (linked < 1 / 3), size, 0),
        text,
        np.array([_TAGS.index(_tag(block)) for block in found]),
        [
            _bits([block.near for block in found], len(WORDS)),
            _bits([block.far for block in found], len(WORDS)),
            _bits([block.inside for block in found], len(INSIDE)),
        ],
        held,
    )


def measure(page: Survey, claims: Claims) -> Numbers:
    """(blocks, NAMES) numbers."""
    found, size, linked, prose, held, tags = page.found, page.size, page.linked, page.prose, page.held, page.tags
    count = len(found)
    chosen = _densest(page) if claims.chosen is None else _completed(page, _taken(page.keys, claims.chosen))
    of_claims, head = _claims_rows(page.keys, chosen, claims)
    total = max(1.0, float((size * chosen).sum()))
    of_place = _place_rows(found, size, chosen, head, total)
    of_holders = []
    for holder in _HOLDERS:
        numbers = held[holder]
        whole, took, paragraphs = (np.bincount(numbers, weights=w) for w in (size, size * chosen, prose))
        shares = (took / whole, took / total, paragraphs / max(1.0, float(prose.sum())))
        of_holders += [share[numbers] for share in shares]
    of_page = [
        page.links,
        page.beside,
        np.log1p(_sums(held["kind"], size) / _sums(held["kind"], np.ones(count))),
        _sums(held["kind"], size * linked) / _sums(held["kind"], size),
        np.minimum(20, _sums(held["place"], np.ones(count))),
        held["article"] == held["article"][head],
        np.full(count, min(10, 1 + held["article"].max())),
        *(np.full(count, math.log1p(amount)) for amount in (count, total, prose.sum())),
    ]
    words, heading = page.text[:, 0], tags == _TAGS.index("h")
    sides = np.column_stack([chosen, linked, words, heading]).astype(np.float32)
    none = np.zeros((1, 4), dtype=np.float32)
    last, following = np.vstack([none, sides[:-1]]), np.vstack([sides[1:], none])
    around = np.column_stack([_around(chosen.astype(float), mean=True), np.log1p(_around(np.expm1(words), mean=False))])
    return np.column_stack(
        [
            page.text,
            np.eye(len(_TAGS), dtype=np.float32)[tags],
            *page.bits,
            of_claims,
            of_place,
            *of_holders,
            *of_page,
            last,
            following,
            around,
        ]
    ).astype(np.float32)


def _taken(keys: Sequence[str], chosen: str) -> NDArray[np.bool_]:
    """Which blocks the first extractor took, by their letters."""
    whole = key(chosen)
    lines = {key(line) for line in chosen.split("\n")}
    return np.array([k in lines or (len(k) > 30 and k in whole) for k in keys], dtype=bool)


def _densest(page: Survey) -> NDArray[np.bool_]:
    """A first opinion of our own: the prose that is set like most of the page's prose, or stands with it."""
    kinds, above = page.held["kind"], page.held["above"]
    apart = np.array([block.inside & _APART > 0 for block in page.found])
    weight = page.prose * np.where(apart | (page.beside > 0.5), 0.1, 1)
    of_kind, of_above = np.bincount(kinds, weights=weight), np.bincount(above, weights=weight)
    return np.asarray((page.prose > 0) & ((kinds == of_kind.argmax()) | (above == of_above.argmax())))


def _completed(page: Survey, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a part of the paragraphs of one kind was taken, and they are most of the page's prose, all of them are:
    extractors stop at what stands between two halves of a story."""
    kinds, prose = page.held["kind"], page.prose
    whole = np.bincount(kinds, weights=prose)
    part = np.bincount(kinds, weights=prose * chosen)
    main = (part > 0.2 * whole) & (whole > MAIN * prose.sum())
    return np.asarray(chosen | ((prose > 0) & main[kinds]))


def _text_row(text: str) -> tuple[float, ...]:
    """`_OF_TEXT` of a text alone; what pages of an outlet repeat, headings of teasers and buttons, is measured once."""
    return _repeated(text) if len(text) <= REPEATED else _measured(text)


def _measured(text: str) -> tuple[float, ...]:
    words = text.count(" ") + 1  # white space is folded
    if not text.isascii():
        words = max(words, len(text) // 6)  # scripts without spaces
    head = text[:HEAD]
    return (
        math.log1p(words),
        0,
        0,
        _ENDS.search(text) is not None,
        min(9, len(_SENTENCE.findall(text[:MANY]))),
        len(_UPPER.findall(head) if head.isascii() else [c for c in head if c.isupper()]) / len(head),
        is_boilerplate(text),
    )


_repeated = lru_cache(maxsize=8_000)(_measured)


def _tag(block: Block) -> str:
    tag = _KIND_OF_TAG.get(block.tag, block.tag)
    return tag if tag in _TAGS else "div"


def _claims_rows(keys: Sequence[str], chosen: NDArray[np.bool_], claims: Claims) -> tuple[Numbers, int]:
    """What the page says of each block, and the number of the block that is its headline."""
    declared, title, described = key(claims.declared), key(claims.title), key(claims.description)
    seen: set[str] = set()
    rows = []
    for k, took in zip(keys, chosen, strict=True):
        part = 2.0 if k == title else float(len(k) > 10 and (k in title or title in k)) if title else 0.0
        summary = len(k) > 20 and (k in described or (len(described) > 20 and described[:60] in k))
        rows.append([took, len(k) > 10 and k in declared, len(declared) > 300, part, summary, k in seen])
        seen.add(k)
    head = next((at for at, k in enumerate(keys) if title and k == title), 0)
    return np.array(rows, dtype=np.float32), head


def _place_rows(found: Sequence[Block], size: Any, chosen: NDArray[np.bool_], head: int, total: float) -> Numbers:
    at = np.arange(len(found))
    marked = np.flatnonzero(chosen)
    first, last = (marked[0], marked[-1]) if len(marked) else (0, len(found) - 1)
    before = np.concatenate([[0], np.cumsum(size * chosen)[:-1]]) / total
    depths = np.array([block.depth for block in found], dtype=np.float32)
    depth = float((depths * size * chosen).sum() / total)
    return np.column_stack(
        [
            at / len(found), before, at >= first, at > last, _gaps(chosen), _gaps(chosen[::-1])[::-1],
            np.clip(at - head, -99, 99), at <= head, depths - depth,
        ]
    ).astype(np.float32)  # fmt: skip


def _gaps(chosen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Blocks since the last one that was taken, at most 99."""
    gaps, gap = [], 99
    for took in chosen:
        gaps.append(gap)
        gap = 0 if took else min(99, gap + 1)
    return np.array(gaps, dtype=np.float32)


def _numbered(names: Iterable[object]) -> NDArray[np.int64]:
    """0, 1, 2, … by first appearance."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)


def _sums(numbers: NDArray[np.int64], weights: NDArray[Any]) -> NDArray[Any]:
    """For each block, the sum over all of the same number."""
    return np.asarray(np.bincount(numbers, weights=weights)[numbers])


def _bits(values: Sequence[int], count: int) -> Numbers:
    return (np.array(values, dtype=np.int64)[:, None] >> np.arange(count) & 1).astype(np.float32)


def _around(values: NDArray[Any], *, mean: bool) -> NDArray[Any]:
    """Sum or mean over each block and the three on either side."""
    window = np.ones(7)
    sums = np.convolve(values, window, "full")[3:-3]
    return sums / np.convolve(np.ones(len(values)), window, "full")[3:-3] if mean else sums


# --- judging ------------------------------------------------------------------------------------
MOST_LEAVES = 8
ALL_LEAVES = (1 << MOST_LEAVES) - 1


@dataclass(frozen=True, slots=True)
class _Trees:
    """All trees side by side, each with `nodes` tests and at most MOST_LEAVES leaves, numbered from left to right.

    A row fails a test when its number `feature` is above `limit`; then the leaves to the left of it are out, which
    `mask` has no bits for. The first leaf that no test ruled out is the tree's (QuickScorer: Lucchese et al. 2015).
    """

    feature: NDArray[np.int64]  # (trees x nodes)
    limit: NDArray[np.float32]  # (trees x nodes)
    mask: NDArray[np.uint8]  # (trees x nodes)
    value: NDArray[np.float64]  # (trees x MOST_LEAVES)
    nodes: int


_FIRST = np.array([(bits & -bits).bit_length() - 1 for bits in range(ALL_LEAVES + 1)])  # the lowest bit's place


@cache
def _trees(judge: str) -> _Trees:
    """The trees shipped with the project, read once."""
    told = json.loads(resources.files("pipeline").joinpath("judge.json").read_text(encoding="utf-8"))
    if told["names"] != list(NAMES):
        raise AssertionError("judge.json was trained on other numbers: python -m bench.judge trains it anew")
    trees = told[judge]
    nodes = max(map(len, trees["feature"]))
    feature, limit = np.zeros((len(trees["feature"]), nodes), np.int64), np.full((len(trees["feature"]), nodes), np.inf)
    mask = np.full(feature.shape, ALL_LEAVES, np.uint8)
    value = np.zeros((len(feature), MOST_LEAVES))
    for at, (features, limits, masks, values) in enumerate(
        zip(*(trees[name] for name in ("feature", "limit", "mask", "value")), strict=True)
    ):
        feature[at, : len(features)], limit[at, : len(limits)], mask[at, : len(masks)] = features, limits, masks
        value[at, : len(values)] = values
    below = limit.astype(np.float32)  # the same tests for numbers of single precision
    below = np.where(below > limit, np.nextafter(below, np.float32(-np.inf)), below)
    return _Trees(feature.ravel(), below.ravel(), mask.ravel(), value.ravel(), nodes)


def probabilities(numbers: Numbers, *, alone: bool) -> NDArray[np.float64]:
    """That each block is part of the story; `alone` when no first extractor was asked (`Claims.chosen` None)."""
    trees = _trees("alone" if alone else "advised")
    failed = numbers[:, trees.feature] > trees.limit
    left = np.where(failed, trees.mask, np.uint8(ALL_LEAVES)).reshape(len(numbers), -1, trees.nodes)
    leaf = _FIRST[np.bitwise_and.reduce(left, axis=2)]
    score = trees.value[leaf + np.arange(leaf.shape[1]) * MOST_LEAVES].sum(axis=1)
    return np.asarray(1 / (1 + np.exp(-score)))


def keep(
    page: Survey, numbers: Numbers, sure: NDArray[np.float64], *, live: bool = False
) -> tuple[NDArray[np.bool_], float]:
    """The blocks to keep and the F1 to be expected: of all beginnings of the list by falling probability, the best one
    (Lewis 1995 for known probabilities). Rows of a table that the first extractor took stay with it.

    Few trees make shy probabilities: a hundred teasers that nobody would take for the story add up. So the F1 is
    expected of sharper ones. What follows in other articles is of other stories, unless the page is a `live` blog.
    """
    words = np.maximum(1, np.expm1(numbers[:, 0]))
    if not live:
        sure = np.where(_other_posts(page, numbers), OTHER * sure, sure)
    blended = sure.copy()
    for holder, share in BLEND.items():
        held = page.held[holder]
        blended += share * ((np.bincount(held, weights=sure * words) / np.bincount(held, weights=words))[held] - sure)
    table = np.array([block.tag in ("tr", "td", "th", "pre") for block in page.found])
    sure = np.clip(np.where(table & (_column(numbers, "chosen") > 0), np.maximum(blended, 0.6), blended), 0, 1)
    order = np.argsort(-sure, kind="stable")
    gained, taken = np.cumsum((sure * words)[order]), np.cumsum(words[order])
    kept = sure >= sure[order[np.argmax(gained / (taken + gained[-1]))]]
    sharp = words * sure**SHARP / (sure**SHARP + (1 - sure) ** SHARP)
    return kept, float(2 * sharp[kept].sum() / (words[kept].sum() + sharp.sum()))


def _other_posts(page: Survey, numbers: Numbers) -> NDArray[np.bool_]:
    """Blocks of articles that follow the one with the headline, where that one holds a story's worth of prose."""
    own = _column(numbers, "article head") > 0
    stands_in_one = np.array([block.article > 0 for block in page.found])
    if not (own & stands_in_one).any() or page.prose[own].sum() < POST:
        return np.zeros(len(own), dtype=bool)
    return np.asarray(stands_in_one & (np.arange(len(own)) > np.flatnonzero(own)[-1]))


def _column(numbers: Numbers, name: str) -> Numbers:
    return numbers[:, NAMES.index(name)]
