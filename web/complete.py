"""What may come next in a query that is being typed: fields, operators, and the values that the archive has.

Values come from the facets of the index and the names of saved searches, and are gathered once in a while; within
their fields topics and entities come from the taxonomy, too, so that a small archive can be asked for what it has not
yet.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from pipeline.errors import BadInput
from pipeline.taxonomy import ENTITY_KINDS, Taxonomy
from pipeline.types import Grade
from records.base import Records
from search.ast import COUNT_FIELDS, FIELDS, SAVED, TIME_FIELDS, Everything, Is, Saved
from search.base import Index
from search.format import format_query
from web.wording import counted

GATHERED = timedelta(minutes=2)  # until values are gathered anew
MOST_VALUES = 20_000  # of one field
SHOWN = 10
_VALUED = ("outlet", "country", "lang", "wire", "topic", "entity", "author")
_SHORTEST = 2  # letters after which values are offered without their field
_MEANING = {
    "title": "words of the headline",
    "body": "words of the text",
    "outlet": "who carries it",
    "author": "who wrote it",
    "dateline": "where it was written",
    "wire": "the agency it comes from",
    "topic": "what it is about",
    "entity": "whom it names",
    "url": "the address",
    "country": "the outlet's country",
    "lang": "the language",
    "site": "the host",
    "grade": "full, partial or headline",
    "date": "when it was published",
    "seen": "when it was first seen",
    "changed": "when its text changed",
    "copies": "how many outlets' copies",
    "search": "a saved search",
}
_OPERATORS = {
    "AND": "both sides",
    "OR": "either side",
    "NOT": "without what follows",
    "NEAR/5": "near each other",
}
_TOKEN = re.compile(r"""[-=(]*(?:(?P<field>[A-Za-z_]+):)?(?P<group>\([^()"]*?)?(?P<typed>"[^"]*|[^\s()"]*)$""")


class Completion(NamedTuple):
    """What stands in the place of the characters `begin` to before `end`, and what is told of it."""

    begin: int
    end: int
    text: str
    kind: str  # "field", "operator", or the value's field
    note: str


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a field: as it is shown, as it is compared, and how many articles have it (0 = none yet)."""

    field: str
    text: str
    folded: str
    count: int
    name: str = ""  # of a topic that no article has yet


class Completer:
    """Knows the values of one archive. Safe for many threads."""

    def __init__(self, records: Records, index: Index, taxonomy: Callable[[], Taxonomy]) -> None:
        self._records, self._index, self._taxonomy = records, index, taxonomy
        self._lock = threading.Lock()
        self._values: dict[str, list[Value]] = {}
        self._listed: Mapping[str, Sequence[Value]] | None = None
        self._gathered: datetime | None = None

    def complete(self, query: str, at: int, now: datetime) -> list[Completion]:
        """The best first, at most SHOWN; `at` is the place of the cursor, in characters."""
        at = min(max(0, at), len(query))
        field, begin, typed = _under(query[:at])
        closing = re.match(r'[^\s()"]*' if not typed.startswith('"') else r'[^"]*"?', query[at:])
        end = at + (closing.end() if closing else 0)
        found = self._in_field(field, typed, now) if field else self._anywhere(typed, now)
        return [Completion(begin, end, text, kind, note) for text, kind, note in islice(found, SHOWN)]

    def _in_field(self, field: str, typed: str, now: datetime) -> Iterator[tuple[str, str, str]]:
        sought = _folded(typed.strip('"'))
        if field in TIME_FIELDS:
            fixed = [("P1D", "the last 24 hours"), ("P7D", "the last 7 days"), ("P30D", "the last 30 days")]
            fixed += [(f"{now:%Y-%m-%d}", "today"), (f"{now:%Y-%m}", "this month"), (f"{now:%Y}", "this year")]
        elif field in COUNT_FIELDS:
            fixed = [(">1", "two or more"), (">5", "more than five"), (">20", "more than twenty"), ("1", "no copies")]
        elif field == "grade":
            fixed = [(str(one), "") for one in Grade]
        else:
            yield from ((_written(one), field, _articles(one)) for one in _matching(self._of(field, now), sought))
            return
        yield from ((text, field, note) for text, note in fixed if _folded(text).startswith(sought))

    def _anywhere(self, typed: str, now: datetime) -> Iterator[tuple[str, str, str]]:
        bare = typed.strip('"')
        if not bare:
            return
        if bare.isupper():
            yield from ((one, "operator", note) for one, note in _OPERATORS.items() if one.startswith(bare))
        sought = _folded(bare)
        if not typed.startswith('"'):
            yield from ((f"{one}:", "field", _MEANING[one]) for one in FIELDS if one.startswith(sought))
        if len(sought) < _SHORTEST and sought.isascii():
            return
        known = {field: [one for one in self._of(field, now) if not _absent(one)] for field in (*_VALUED, SAVED)}
        some = [one for values in known.values() for one in islice(_matching(values, sought), 3)]
        for one in sorted(some, key=lambda one: (not one.folded.startswith(sought), -one.count)):
            yield f"{one.field}:{_written(one)}", one.field, _articles(one)

    def _of(self, field: str, now: datetime) -> Sequence[Value]:
        if field == SAVED:
            return [Value(SAVED, one.name, _folded(one.name), 0) for one in self._records.subscriptions()]
        if not self._fresh(now) and self._lock.acquire(blocking=not self._values):
            try:
                if not self._fresh(now):
                    self._gather(now)
            finally:
                self._lock.release()
        return self._values.get(field, ())  # while one request gathers, others are given what was known before

    def _fresh(self, now: datetime) -> bool:
        return self._gathered is not None and timedelta() <= now - self._gathered < GATHERED

    def _gather(self, now: datetime) -> None:
        told = self._index.facets(Everything(), _VALUED, top=MOST_VALUES)
        gathered = {name: list(_values(name, values)) for name, values in told.items()}
        if self._listed is None:
            try:
                self._listed = _listed(self._taxonomy())
            except BadInput:  # told by what tags, and by `wirewatch doctor`: completion has the archive's values
                self._listed = {}
        for name, listed in self._listed.items():
            held = {one.folded for one in gathered[name]}
            gathered[name] += [one for one in listed if one.folded not in held]
        self._values, self._gathered = gathered, now


def _under(left: str) -> tuple[str, int, str]:
    """The field ("" = none), the place where what is being typed begins, and what is typed so far."""
    found = next(filter(None, (_TOKEN.match(left, start) for start in _starts(left))), None)
    field = (found["field"] or "").lower() if found else ""
    if found is None or (field and field not in FIELDS):
        return "", len(left), ""
    return field, len(left) - len(found["typed"]), found["typed"]


def _starts(left: str) -> Iterator[int]:
    """Where a word may begin, outside of quotes, the earliest first: a value may have spaces within quotes, and a
    field's values may stand in parentheses."""
    places, quoted = [0], False
    for at, letter in enumerate(left):
        if letter in '"“”„':
            quoted = not quoted
        elif not quoted and (letter.isspace() or letter == "("):
            places.append(at + 1)
    grouped = [at for at in places if re.match(r"[-=]*[A-Za-z_]+:\([^()]*$", left[at:])]
    yield from grouped[-1:]
    yield places[-1]


def _matching(values: Sequence[Value], sought: str) -> Iterator[Value]:
    """What the archive has, then the rest; of each those that begin so, then those of which a word does; in the order
    given."""
    for absent in (False, True):
        later = []
        for one in values:
            if _absent(one) is not absent:
                continue
            if one.folded.startswith(sought):
                yield one
            elif f" {sought}" in one.folded or f"-{sought}" in one.folded:
                later.append(one)
        yield from later


def _absent(one: Value) -> bool:
    """Whether it is only listed, and no article has it."""
    return not one.count and one.field != SAVED


def _listed(taxonomy: Taxonomy) -> dict[str, list[Value]]:
    """Its topics and entities, as the index writes them."""
    found: dict[str, list[Value]] = {"topic": [], "entity": []}
    for entry in taxonomy.entries.values():
        if entry.kind == "topic":
            text = entry.id.partition(":")[2]
            found["topic"].append(Value("topic", text, _folded(text), 0, entry.name))
        elif entry.kind in ENTITY_KINDS:
            found["entity"].append(Value("entity", entry.name, _folded(entry.name), 0))
    return found


def _values(name: str, told: Iterable[tuple[str, int]]) -> Iterator[Value]:
    yield from (Value(name, text, _folded(text), count) for text, count in told)


def _folded(text: str) -> str:
    """Without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def _written(one: Value) -> str:
    leaf = Saved(one.text) if one.field == SAVED else Is(one.field, one.text)
    return format_query(leaf).partition(":")[2]


def _articles(one: Value) -> str:
    if one.field == SAVED:
        return ""
    return counted(one.count, "article") if one.count else f"{one.name}: none yet" if one.name else "none yet"
