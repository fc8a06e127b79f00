"""A stream of made news, of any length and in bounded memory: what `bench.window` folds.

Words follow Zipf's law over an invented vocabulary, English function words first. What news repeats is repeated here:
set phrases across all texts, names within a topic, background paragraphs told again under many reports of one topic
until they are rewritten, and an outlet's closing paragraph. One text in four is an edited copy of a recent one: cut,
trimmed inside, reworded, padded, retitled.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np

from pipeline.ids import article_id
from pipeline.types import Article

START = datetime(2026, 2, 23, tzinfo=UTC)
SPAN = timedelta(days=30)  # first_seen is spread over it: the whole stream stays in the window
VOCABULARY, PHRASES, TOPICS, OUTLETS = 100_000, 30_000, 3_000, 200
WORDS = 400  # a text
COPIES = 0.25  # share of copies
RECENT = 4_000  # reports that are still copied
BACKGROUND = 6  # paragraphs of background a topic has at a time
REWRITTEN = 0.01  # chance that a paragraph of background is written anew when used: it is told about a hundred times
PARAGRAPH = 45  # words
BREAK = 0  # the word that ends a paragraph
_COMMON = """
the of to and a in that for is on was with as it by he at from his an be are has have had but not they which will were
their this its said who been or would one about more after also when there she her up out if than we could into you all
so what no other can two new over last first some most them him i do year may before because only time now years where
many between being those under while per during such then even these against through both any like made how still
"""
_FUNCTION_WORDS = _COMMON.split()


@dataclass(frozen=True, slots=True)
class Made:
    """An article, and which piece of reporting it is: the number of the first that told it."""

    article: Article
    number: int
    report: int


class _Words:
    """Words as numbers, drawn by Zipf's law, and how they are written."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        syllables = ["".join(parts) for parts in product("bcdfghklmnprstvz", "aeiou", ("", "n", "r", "s", "l"))]
        made = dict.fromkeys(_FUNCTION_WORDS)
        while len(made) < VOCABULARY:
            made["".join(draw.choices(syllables, k=draw.choice((1, 2, 2, 3, 3, 4))))] = None
        self.written = ["\n\n", *made]
        weights = 1 / (np.arange(VOCABULARY) + 2.7)
        self._sums = np.cumsum(weights / weights.sum())
        self._numbers = np.random.default_rng(seed)
        self._pool: list[int] = []
        self._at = 0

    def take(self, count: int) -> list[int]:
        """The next words."""
        if self._at + count > len(self._pool):
            drawn = self._sums.searchsorted(self._numbers.random(1 << 16))
            self._pool, self._at = (np.minimum(drawn, VOCABULARY - 1) + 1).tolist(), 0
        self._at += count
        return self._pool[self._at - count : self._at]

    def name(self, count: int) -> list[int]:
        """Words that are no function words."""
        found: list[int] = []
        while len(found) < count:
            found += [word for word in self.take(count) if word > len(_FUNCTION_WORDS)]
        return found[:count]


@dataclass(slots=True)
class _Topic:
    names: list[list[int]]
    background: list[list[int]]


def stream(count: int, seed: int = 1) -> Iterator[Made]:
    """So many articles in order of arrival. Takes about 0.1 ms each."""
    draw, words = random.Random(seed), _Words(seed)
    phrases = [words.take(draw.randint(2, 5)) for _ in range(PHRASES)]
    closing = [words.take(25) for _ in range(OUTLETS)]
    topics = [
        _Topic([words.name(draw.randint(2, 3)) for _ in range(12)], [words.take(PARAGRAPH) for _ in range(BACKGROUND)])
        for _ in range(TOPICS)
    ]
    figures = {n: str(n) for n in range(2, 1000)}
    recent: deque[tuple[int, list[int], list[int]]] = deque(maxlen=RECENT)
    step = SPAN.total_seconds() / count
    for number in range(count):
        outlet = int(OUTLETS * draw.random() ** 2)
        if recent and draw.random() < COPIES:
            report, title, text = recent[-1 - int(len(recent) * draw.random() ** 2)]
            text = _copy(draw, words, text)
            if draw.random() < 0.5:
                title = words.take(9)
        else:
            report, topic = number, topics[int(TOPICS * draw.random() ** 3)]
            text = _report(draw, words, phrases, topic)
            title = draw.choice(topic.names) + words.take(7)
            recent.append((report, title, text))
        if draw.random() < 0.5:
            text = [*text, BREAK, *closing[outlet]]
        said = [words.written[word] for word in text]
        for at in range(draw.randrange(40), len(said), 40):
            if text[at]:
                said[at] = figures[2 + int(997 * draw.random() ** 2)]
        id = article_id(str(number))[:-8] + f"{number:08x}"
        heading = " ".join([words.written[word] for word in title])
        yield Made(
            Article(id, "", "", f"outlet-{outlet}", heading, " ".join(said),
                    first_seen=START + timedelta(seconds=step * number)),
            number, report,
        )  # fmt: skip


def _report(draw: random.Random, words: _Words, phrases: list[list[int]], topic: _Topic) -> list[int]:
    """A lead and what follows, with names of its topic and set phrases, and up to two paragraphs of background."""
    told = [draw.randrange(BACKGROUND) for _ in range(draw.choice((0, 1, 1, 2)))]
    text: list[int] = []
    paragraph = 0
    while len(text) < WORDS - PARAGRAPH * len(told):
        text += words.take(draw.randint(6, 14))
        text += draw.choice(topic.names) if draw.random() < 0.4 else phrases[int(PHRASES * draw.random() ** 3)]
        if len(text) - paragraph > PARAGRAPH:
            text.append(BREAK)
            paragraph = len(text)
    for which in told:
        if draw.random() < REWRITTEN:
            topic.background[which] = words.take(PARAGRAPH)
        text += [BREAK, *topic.background[which]]
    return text


def _copy(draw: random.Random, words: _Words, text: list[int]) -> list[int]:
    """Cut, trimmed or padded, and words dropped or put in another's place."""
    kind = draw.random()
    if kind < 0.4:
        text = text[: draw.randint(100, len(text))]
    elif kind < 0.6:
        at = draw.randint(60, len(text) - 100)
        text = text[:at] + text[at + draw.randint(20, 90) :]
    elif kind < 0.7:
        text = [*words.take(40), BREAK, *text]
    elif kind < 0.9:
        text = [*text, BREAK, *words.take(draw.randint(40, 160))]
    changed = int(len(text) * draw.choice((0.0, 0.01, 0.03, 0.05)))
    text = list(text)
    for new in words.take(changed):
        text[draw.randrange(len(text))] = new
    return text
