"""Which subscriptions a few articles match: what search would find, told at once.

The articles go into a small index in memory, by the rows and the queries that the index on disk is searched with.
Equal queries run once, and only those of which some article has all that `search.required` says it must have.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import chain
from operator import or_

from tantivy import Query

from pipeline.errors import BadQuery
from pipeline.types import Document
from pipeline.watch import Subscription
from search.ast import Node, names_used, resolve
from search.batch import SCHEMA, Batch
from search.format import format_query
from search.parse import parse
from search.past import is_relative
from search.required import Clause, Key, is_prefix, required
from search.saved import expand
from search.tantivy_schema import article_query

KEPT = 20_000  # compiled queries, of one to some kilobytes each; all are forgotten when there are more

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Question:
    """A query, the subscriptions that ask it, and what an article must have to match."""

    node: Node
    relative: bool  # see `search.past`
    clauses: tuple[Clause, ...]  # it is looked up by the first; () = always asked
    askers: set[str] = field(default_factory=set)  # ids of active subscriptions


class LiveMatcher:
    """The active subscriptions' queries. One thread at a time."""

    def __init__(self, subscriptions: Iterable[Subscription] = ()) -> None:
        self._known: dict[str, Subscription] = {}  # by id
        self._ids: dict[str, str] = {}  # by name
        self._uses: dict[str, frozenset[str]] = {}  # id -> names in its query
        self._users: dict[str, set[str]] = {}  # name -> ids of those that use it
        self._broken: dict[str, BadQuery] = {}
        self._asked: dict[str, _Question] = {}  # id of an active subscription -> its query
        self._questions: dict[Node, _Question] = {}
        self._by_key: dict[Key, list[_Question]] = {}  # those looked up by a key
        self._by_prefix: dict[Key, list[_Question]] = {}  # those looked up by a prefix
        self._always: list[_Question] = []
        self._made: dict[_Question, Query] = {}  # compiled when first needed
        self.learn(subscriptions)

    @property
    def broken(self) -> Mapping[str, BadQuery]:
        """Ids of those whose query cannot be read, or uses one that is not there, and why. They match nothing."""
        return self._broken

    def learn(self, changed: Iterable[Subscription], removed: Iterable[str] = ()) -> None:
        """These are new or other than before, those (ids) are no more. See `records.watching.Matcher`."""
        stale: set[str] = set()  # ids
        names: set[str] = set()  # whose query became another
        for id in removed:
            if old := self._forget(id):
                names.add(old.name)
        for one in changed:
            old = self._forget(one.id)
            names |= {one.name} | ({old.name} if old else set())
            self._known[one.id], self._ids[one.name] = one, one.id
            stale.add(one.id)
        waiting = list(names)
        while waiting:
            users = self._users.get(waiting.pop(), set()) - stale
            stale |= users
            waiting += [self._known[id].name for id in users]
        for id in stale & self._known.keys():
            self._drop(id)
            self._read(self._known[id])

    def match(self, documents: Sequence[Document], now: datetime) -> Mapping[str, Sequence[str]]:
        """See `records.watching.Matcher`. Ids of articles are in the order given."""
        if not self._asked or not documents:
            return {}
        batch = Batch(documents)
        possible = list(self._possible(batch))
        if not possible:
            return {}
        opened = batch.opened(reduce(or_, (bits for _, bits in possible)))
        found: dict[str, Sequence[str]] = {}
        for question, _ in possible:
            try:
                ids = opened.find(self._query(question, now))
            except BadQuery as error:  # as a search would say; what is filed must not fail for it
                _log.warning("the query %r was not matched: %s", format_query(question.node), error)
                continue
            if ids:
                found |= dict.fromkeys(question.askers, ids)
        return found

    def _possible(self, batch: Batch) -> Iterator[tuple[_Question, int]]:
        """The questions that some articles may match, each once, with those articles as bits."""
        hit = [self._by_key[key] for key in batch.has.keys() & self._by_key.keys()]
        hit += [questions for key, questions in self._by_prefix.items() if batch.prefixed(key)]
        for question in dict.fromkeys(chain(self._always, *hit)):
            bits = batch.may(question.clauses)
            if bits:
                yield question, bits

    def _query(self, question: _Question, now: datetime) -> Query:
        if question.relative:
            return article_query(SCHEMA, resolve(question.node, now))
        made = self._made.get(question)
        if made is None:
            if len(self._made) >= KEPT:
                self._made.clear()
            made = self._made[question] = article_query(SCHEMA, question.node)
        return made

    # --- learning ---------------------------------------------------------------------------
    def _forget(self, id: str) -> Subscription | None:
        self._drop(id)
        old = self._known.pop(id, None)
        if old is not None and self._ids.get(old.name) == id:
            del self._ids[old.name]
        for name in self._uses.pop(id, ()):
            self._users[name].discard(id)
            if not self._users[name]:
                del self._users[name]
        self._broken.pop(id, None)
        return old

    def _drop(self, id: str) -> None:
        """It asks no more."""
        question = self._asked.pop(id, None)
        if question is None:
            return
        question.askers.discard(id)
        if not question.askers:
            del self._questions[question.node]
            self._made.pop(question, None)
            for held in self._places(question):
                held.remove(question)

    def _read(self, one: Subscription) -> None:
        """Ask its query, if it is active and can be read."""
        before = self._broken.pop(one.id, None)
        try:
            node = parse(one.query)
            self._use(one.id, names_used(node))
            node = expand(node, self._lookup, self._ids)
        except BadQuery as error:
            self._broken[one.id] = error
            if before is None or str(before) != str(error):
                _log.warning("the subscription %r matches nothing: %s", one.name, error)
            return
        if one.active:
            question = self._questions.get(node) or self._add(node)
            question.askers.add(one.id)
            self._asked[one.id] = question

    def _use(self, id: str, names: Iterable[str]) -> None:
        for name in self._uses.get(id, ()):
            self._users[name].discard(id)
        self._uses[id] = frozenset(names)
        for name in self._uses[id]:
            self._users.setdefault(name, set()).add(id)

    def _lookup(self, name: str) -> str | None:
        id = self._ids.get(name)
        return self._known[id].query if id is not None else None

    def _add(self, node: Node) -> _Question:
        question = _Question(node, is_relative(node), required(node))
        self._questions[node] = question
        for held in self._places(question):
            held.append(question)
        return question

    def _places(self, question: _Question) -> list[list[_Question]]:
        """The lists that a question stands in."""
        if not question.clauses:
            return [self._always]
        return [
            (self._by_prefix if is_prefix(key) else self._by_key).setdefault(key, []) for key in question.clauses[0]
        ]
