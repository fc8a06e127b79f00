"""Generated queries: every node that the parser can make, over a small vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from search.ast import (
    KEY_FIELDS,
    NAME_FIELDS,
    Ago,
    Count,
    Everything,
    Is,
    Near,
    Node,
    Not,
    Phrase,
    Prefix,
    Range,
    Saved,
    Word,
    all_of,
    any_of,
)

_FIRST = datetime(2025, 12, 1, tzinfo=UTC)
INSTANTS = (st.timedeltas(timedelta(0), timedelta(days=62)) | st.integers(0, 62).map(timedelta)).map(_FIRST.__add__)
AGO = st.sampled_from(["P1D", "PT6H", "P2W", "P1M", "P1Y2M3DT4H5M6S"]).map(Ago)


def ranges(*, relative: bool) -> st.SearchStrategy[Node]:
    """Half-open spans of all time fields; never empty, never open at both ends."""
    fields = st.sampled_from(["date", "seen", "changed"])
    spans = st.tuples(INSTANTS, INSTANTS).filter(lambda pair: pair[0] < pair[1])
    ends = INSTANTS | AGO if relative else INSTANTS
    choices: list[st.SearchStrategy[Node]] = [
        st.builds(lambda field, pair: Range(field, *pair), fields, spans),
        st.builds(Range, fields, ends, st.none()),
        st.builds(Range, fields, st.none(), ends),
    ]
    if relative:
        choices.append(st.builds(Range, fields, AGO, AGO))
    return st.one_of(choices)


def counts() -> st.SearchStrategy[Node]:
    """Numbers of copies; never empty, never open at both ends."""
    number = st.integers(1, 15)
    return st.one_of(
        st.builds(Count, st.just("copies"), number, st.none()),
        st.builds(Count, st.just("copies"), st.none(), number),
        st.builds(lambda one, more: Count("copies", one, one + more), number, st.integers(0, 5)),
    )


def nears(words: Sequence[str]) -> st.SearchStrategy[Node]:
    """Two words or phrases near each other, in one field, compared alike."""

    def made(texts: tuple[str, str], quoted: tuple[bool, bool], field: str, exact: bool, within: int) -> Near:
        kinds = [Phrase if phrase or " " in text else Word for phrase, text in zip(quoted, texts, strict=True)]
        left, right = (kind(text, field, exact) for kind, text in zip(kinds, texts, strict=True))
        return Near(left, right, within)

    phrase = st.lists(st.sampled_from(list(words)), min_size=1, max_size=2).map(" ".join)
    scope = st.sampled_from(["", "", "title", "body"])
    flags = st.tuples(st.booleans(), st.booleans())
    return st.builds(made, st.tuples(phrase, phrase), flags, scope, st.booleans(), st.integers(0, 6))


def spread(words: Sequence[str]) -> st.SearchStrategy[Node]:
    """A loose phrase, or two words or phrases near each other."""
    loose = st.lists(st.sampled_from(list(words)), min_size=2, max_size=4).map(" ".join)
    scope = st.sampled_from(["", "", "title", "body"])
    return st.builds(Phrase, loose, scope, st.booleans(), st.integers(1, 4)) | nears(words)


def leaf_texts(words: Sequence[str], prefixes: Sequence[str]) -> st.SearchStrategy[Node]:
    """One word, phrase, loose phrase, prefix, or two words near each other."""
    scope = st.sampled_from(["", "", "title", "body"])
    word = st.sampled_from(list(words))
    phrase = st.lists(word, min_size=1, max_size=3).map(" ".join)
    return st.one_of(
        st.builds(Word, word, scope, st.booleans()),
        st.builds(Word, word, scope),
        st.builds(Phrase, phrase, scope, st.booleans()),
        st.builds(Prefix, st.sampled_from(list(prefixes)), scope),
        spread(words),
    )


def nodes(
    words: Sequence[str],
    prefixes: Sequence[str],
    values: Sequence[tuple[str, str]],
    *,
    relative: bool = False,
    saved: Sequence[str] = (),
) -> st.SearchStrategy[Node]:
    """Trees of up to about a dozen leaves; `values` are (field, value) of names, keys and codes, `saved` are names."""
    pairs = st.sampled_from(list(values))
    open_ended = [pair for pair in values if pair[0] in NAME_FIELDS + KEY_FIELDS]
    leaf = st.one_of(
        leaf_texts(words, prefixes),
        st.builds(lambda pair: Is(*pair), pairs),
        st.builds(
            lambda pair, cut: Is(pair[0], pair[1][: max(2, len(pair[1]) - cut)], prefix=True),
            st.sampled_from([pair for pair in open_ended if " " not in pair[1]]),
            st.integers(0, 4),
        ),
        ranges(relative=relative),
        counts(),
        st.just(Everything()),
        *([st.builds(Saved, st.sampled_from(list(saved)))] if saved else []),
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=4).map(all_of),
            st.lists(inner, min_size=2, max_size=4).map(any_of),
            st.builds(Not, inner),
        ),
        max_leaves=12,
    )
