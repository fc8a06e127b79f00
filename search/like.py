"""More like this: an article's most telling words, as a query.

What is telling is measured as usual: by how often a word stands in the article and how few articles have it
(tf-idf, as in Lucene's MoreLikeThis), over the terms of our own analysis; so both back ends are asked the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from search.analysis import is_english, stem, terms
from search.ast import Node

LOOKED_AT = 400  # terms of an article whose frequency is asked for: those it has most often
TERMS = 25  # terms of the query
SHARE = 0.3  # of them, at least, that another article has
IN_TITLE = 3  # how often a word of the headline counts
COMMON = 0.25  # of all articles: a term that more have tells nothing

Frequencies = Callable[[Sequence[str], bool], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Like:
    """Articles that have at least `least` of these terms (stems, when `english`) in headline or text.

    Those of the story `without` are left out, and those that `within` does not match.
    """

    terms: tuple[str, ...]
    least: int
    english: bool
    without: str
    within: Node


def telling(
    title: str, text: str, language: str, story_id: str, frequencies: Frequencies, articles: int, within: Node
) -> Like:
    """The query for articles like this one. `articles` is how many the index holds.

    Without any telling word it matches nothing (`terms` is empty).
    """
    english = is_english(language)
    found: Counter[str] = Counter()
    for part, weight in ((title, IN_TITLE), (text, 1)):
        for term in terms(part):
            found[stem(term) if english else term] += weight
    words = [term for term, _ in found.most_common() if len(term) > 1 and not term.isdigit()]
    known = frequencies(words[:LOOKED_AT], english)
    worth = {
        term: found[term] * math.log((1 + articles) / (1 + count))
        for term, count in known.items()
        if count > 1 and count <= max(5.0, COMMON * articles)  # 1 is this article itself
    }
    best = sorted(worth, key=lambda term: (-worth[term], term))[:TERMS]
    return Like(tuple(best), max(1, math.ceil(SHARE * len(best))), english, story_id, within)
