"""What the help tells of the query language: examples that can be clicked. All of it: docs/query.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A query, and what it finds."""

    query: str
    finds: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Examples of one kind."""

    title: str
    examples: tuple[Example, ...]
    words: str = ""


CHAPTERS = (
    Chapter(
        "Words",
        (
            Example("drone", "the word in headline or text; in English every form of it (“drones”)"),
            Example("anthropic pentagon", "both words, anywhere in the article"),
            Example('"autonomous weapons"', "the words one after another"),
            Example("autonom*", "words that begin so"),
            Example("=weapons", "exactly this word, not “weapon”"),
            Example("title:drone", "in the headline; body: is the text"),
        ),
        "Case and accents do not matter. English articles are compared by the stems of their words, others as written.",
    ),
    Chapter(
        "Operators",
        (
            Example("drone OR missile", "either word"),
            Example("drone -toy", "the first without the second; NOT is the same as the minus"),
            Example("(drone OR missile) AND NOT (toy OR film)", "parentheses group; AND may be left out"),
            Example("drone NEAR/5 navy", "both, with at most five other words between them"),
            Example('"drone navy tender"~4', "in this order, with up to four other words between them"),
        ),
        "Operators are written in capitals. AND binds tighter than OR.",
    ),
    Chapter(
        "Who carries it",
        (
            Example('outlet:"straits times"', "words of the outlet's name, or its id"),
            Example("country:(SG OR MY)", "the outlet's country, two letters; INT for alliances"),
            Example("lang:en", "the article's language, two letters"),
            Example("wire:reuters", "the agency that the text comes from"),
            Example("author:smith", "words of an author's name"),
            Example("site:example.com", "the host, or a domain above it"),
            Example("copies:>5", "the story has more than five copies; also copies:2..9"),
        ),
    ),
    Chapter(
        "What it is about",
        (
            Example("topic:autonomous-weapons", "a topic of the taxonomy"),
            Example("entity:anthropic", "a body, person or system, by name or id"),
            Example("dateline:kyiv", "a place of the dateline"),
            Example("grade:full", "how much was read: full, partial or headline"),
        ),
    ),
    Chapter(
        "When",
        (
            Example("seen:P1D", "first seen in the last day; PT6H: six hours, P3M: three months"),
            Example("seen:2026-01-15..", "from that day on; times are UTC"),
            Example("date:2026-03", "published in that month, as the outlet says"),
            Example("changed:>P7D", "its text changed in the last week"),
        ),
    ),
    Chapter(
        "Saved searches",
        (Example('search:"port watch" -country:SG', "what the subscription of that name finds, and more of yours"),),
    ),
)
KEYS = (
    ("/", "go to the search box"),
    ("j", "next story"),
    ("k", "story before"),
    ("o", "open the story"),
    ("s", "subscribe to this search"),
    ("?", "show these keys"),
    ("Esc", "close what is open; leave the box"),
)
