"""The index on an Elasticsearch cluster, behind `search.base.Index`. docs/search-index.md tells how it is laid out.

An `apply` is one bulk request (or several) and then one write of the position; a crash in between means that the
batch comes again, which changes nothing. Every `apply` looks which generation serves, so that a migration may take
place beside it.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from elasticsearch import ApiError, NotFoundError, TransportError

from pipeline.errors import Away, Corrupt, Trouble
from pipeline.types import Document
from search.base import Asked, Order, Page, Place, Span, Story, Survey, ranking
from search.elastic_bulk import Bulk, Item, Outcome
from search.elastic_client import connected
from search.elastic_errors import REMEDY, wrapped
from search.elastic_homes import Homes
from search.elastic_layout import FLOOR, POSITION, Layout, next_generation
from search.elastic_read import Moment, Search, frequencies, largest, stories, survey
from search.elastic_schema import VERSION, Generation, Shape, article_row, month_of, months_before
from search.facets import Facet, checked
from search.folding import page, walk

REFRESH = 2.0  # seconds until what was applied shows, at most
_REFUSED = 1_000  # refused documents that are remembered
_ALL_REFUSED = 10  # so many refused and none taken: the index is wrong
T = TypeVar("T")
_log = logging.getLogger(__name__)


def open_index(
    url: str,
    prefix: str = "wirewatch",
    *,
    shards: int = 1,
    replicas: int = 1,
    retention_months: int | None = None,
    refresh_seconds: float = REFRESH,
    read_only: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> ElasticIndex:
    """The index of this prefix on the cluster at `url` (several addresses of one cluster: with commas).

    Nothing is asked of the cluster until the first use, which makes what is missing. With `refresh_seconds=0`
    an `apply` shows when it returns, which costs much. Raises BadSetting for an address that is none.
    """
    shape = Shape(shards, replicas, refresh_seconds)
    return ElasticIndex(url, prefix, shape, retention_months, read_only=read_only, sleep=sleep, bound=None)


def remove_index(url: str, prefix: str = "wirewatch") -> None:
    """Delete all indices and templates of this prefix. Raises Away or Trouble."""
    index = open_index(url, prefix)
    with wrapped(index.where):
        index.layout.delete([name for names in index.layout.indices().values() for name in names])
        index.layout.delete_templates()
    index.close()


class ElasticIndex:
    """See `search.base.Index`. `bound` ties it to a generation that does not serve yet."""

    def __init__(
        self,
        url: str,
        prefix: str,
        shape: Shape,
        retention_months: int | None,
        *,
        read_only: bool,
        sleep: Callable[[float], None],
        bound: Generation | None,
    ) -> None:
        self.url = url
        self.prefix = prefix
        self.read_only = read_only
        self.refused: OrderedDict[str, str] = OrderedDict()  # article id -> why the server cannot take it; the latest
        self._shape = shape
        self._retention_months = retention_months
        self._at_once = shape.refresh_seconds == 0
        self._sleep = sleep
        self._bound = bound
        self._lock = threading.RLock()
        self._connect()
        self._known: Generation | None = None  # whose months and floor these are
        self._months: list[str] = []
        self._floor: str | None = None  # the oldest month kept; None until it was read
        self._homes = Homes()

    def _connect(self) -> None:
        """Nothing is sent yet."""
        self.where, self._client = connected(self.url)
        self.layout = Layout(self._client, self.prefix, self._shape)
        self._bulk = Bulk(self._client, self.where, self._sleep)

    # --- writing ----------------------------------------------------------------------------
    def apply(self, upserts: Sequence[Document], deletes: Sequence[str], position: int) -> None:
        """Raise DiskFull, Away, Trouble or Corrupt. A document that the server cannot take is logged and `refused`."""
        with self._lock, wrapped(self.where):
            generation = self._writable()
            latest = {document.article_id: document for document in upserts}
            homes = {id: generation.month(month_of(one.first_seen)) for id, one in latest.items()}
            self._house(generation, set(homes.values()))
            kept = {id: home for id, home in homes.items() if home >= generation.month(self._floor or "")}
            gone = set(deletes) - set(latest)
            if gone:
                self._months = self.layout.months(generation)
            strays = self._homes.strays(self._client, generation, homes, self._months)
            strays |= {(id, month) for id in gone for month in self._months}

            def items() -> Iterator[Item]:
                for id, month in sorted(strays):
                    yield Item(month, id, position, None)
                for id, home in kept.items():
                    yield Item(home, id, position, article_row(latest[id]))

            self._homes.note(kept, gone)
            self._settle(self._bulk.write(items()), generation, len(kept))
            self._remember(generation, position)
            if self._at_once:
                self._refresh()

    def _writable(self) -> Generation:
        if self.read_only:
            raise Trouble(f"the index at {self.where} was opened for reading only")
        generation = self._bound or self.layout.serving()[0]
        if generation is None:
            self.layout.put_templates()
            self.layout.begin(next_generation(self.prefix, self.layout.indices()), serve=True)
            generation = self.layout.serving()[0]
        if generation is None:
            raise Away(f"the index at {self.where} was removed while it was made: it is tried again")
        if generation.version != VERSION:
            raise Trouble(
                f"the index at {self.where} is of version {generation.version}, this release writes {VERSION}: with "
                "the newest release `wirewatch index migrate` makes it anew while the old one serves"
            )
        if generation != self._known:
            self._learn(generation)
        return generation

    def _learn(self, generation: Generation) -> None:
        """What an earlier process may have left half done is made whole, and what it wrote is made visible."""
        self._months = self.layout.months(generation)
        if not self._bound:
            self.layout.show(generation, self._months)
        if self._months:
            self._client.indices.refresh(index=f"{generation.name}-m*")
        self._floor = self.layout.floor(generation)
        self._homes.forget()
        self._known = generation

    def _house(self, generation: Generation, wanted: set[str]) -> None:
        """Make the months' indices that are not there yet, unless they are older than what is kept."""
        missing = sorted(wanted - set(self._months))
        if not missing:
            return
        self._floor = self.layout.floor(generation)  # another process may have raised it
        missing = [name for name in missing if name >= generation.month(self._floor or "")]
        made = [name for name in missing if self.layout.create(name)]
        if not self._bound:
            try:
                self.layout.show(generation, missing)
            except Away:
                self.layout.delete(made)
                raise
        self._months = sorted({*self._months, *missing})

    def _settle(self, outcome: Outcome, generation: Generation, items: int) -> None:
        """Items whose index went missing (somebody deleted it) go into a new one. One that is refused is told, but
        when the server refuses all, it is not the documents that are wrong."""
        if outcome.homeless:
            self._months = self.layout.months(generation)
            self._house(generation, {item.index for item in outcome.homeless if item.row is not None})
            again = self._bulk.write(item for item in outcome.homeless if item.row is not None)
            if again.homeless:
                raise Away(f"an index at {self.where} goes missing again and again: it is tried later")
            outcome.refused |= again.refused
        if len(outcome.refused) >= _ALL_REFUSED and len(outcome.refused) >= items:
            raise Corrupt(f"the index at {self.where} takes none of {items} articles: {REMEDY}")
        self.refused |= outcome.refused
        while len(self.refused) > _REFUSED:
            self.refused.popitem(last=False)

    def _remember(self, generation: Generation, position: int) -> None:
        """Last of all. Where it stands further on already, it stays there."""
        row = json.dumps({POSITION: position}).encode()
        outcome = self._bulk.write([Item(generation.state, POSITION, position, row)])
        if outcome.homeless:
            raise Away(f"the index at {self.where} was replaced by another process meanwhile: it is tried again")
        if outcome.refused:
            raise Corrupt(f"the index at {self.where} cannot remember its position: {REMEDY}")

    def refresh(self) -> None:
        """Show everything that was applied to every search from now on."""
        with wrapped(self.where):
            self._refresh()

    def _refresh(self) -> None:
        self._client.indices.refresh(index=self._target(), ignore_unavailable=True)

    # --- reading ----------------------------------------------------------------------------
    def position(self) -> int:
        """The last applied change; 0 for a new index."""
        with wrapped(self.where):
            return self.layout.position(self._bound) if self._bound else self.layout.serving()[1]

    def count(self) -> int:
        """Articles in the index, as of the last refresh."""
        with wrapped(self.where):
            return int(self._client.count(index=self._target(), ignore_unavailable=True)["count"])

    def search(
        self,
        query: Asked,
        *,
        limit: int = 20,
        offset: int = 0,
        order: Order = Order.RELEVANCE,
        after: Place | None = None,
        folded: bool = True,
        matching: int | None = None,
    ) -> Page:
        """See `search.base.Index`."""
        if limit < 0 or offset < 0:
            raise ValueError("limit and offset are not negative")
        by = ranking(query, order)

        def found(at: Moment) -> Page:
            return page(Search(at, query, by, folded=folded, matching=matching), limit, offset, after)

        return self._at_one_moment(found)

    def walk(
        self, query: Asked, *, order: Order = Order.NEWEST, batch: int = 100, folded: bool = True
    ) -> Iterator[Story]:
        """See `search.base.Index`. Raises Away when the index is replaced, or five minutes pass between two stories."""
        with wrapped(self.where), Moment(self._client, self._target(), keep="5m") as moment:
            yield from walk(Search(moment, query, ranking(query, order), folded=folded), batch)

    def facets(self, query: Asked, names: Sequence[str], *, top: int = 10) -> Mapping[str, Facet]:
        """See `search.base.Index`."""
        return self.survey(query, names, top=top).facets

    def counts(self, query: Asked, field: str, *, hourly: bool = False) -> Mapping[datetime, int]:
        """See `search.base.Index`."""
        return self.survey(query, by=field, hourly=hourly).counts

    def survey(
        self, query: Asked, names: Sequence[str] = (), *, top: int = 10, by: str = "", hourly: bool = False
    ) -> Survey:
        """See `search.base.Index`."""
        wanted, width = checked(names, top), timedelta(hours=1 if hourly else 24)
        return self._at_one_moment(lambda at: survey(at, query, wanted, top, by, width))

    def stories(self, query: Asked, spans: Sequence[Span] = ()) -> list[int]:
        """See `search.base.Index`."""
        return self._at_one_moment(lambda at: stories(at, query, spans))

    def largest(self, query: Asked, top: int) -> list[tuple[str, int]]:
        """See `search.base.Index`."""
        return self._at_one_moment(lambda at: largest(at, query, top))

    def frequencies(self, terms: Sequence[str], *, english: bool = False) -> Mapping[str, int]:
        """See `search.base.Index`."""
        return self._at_one_moment(lambda at: frequencies(at, terms, "body_en" if english else "body"))

    def _at_one_moment(self, work: Callable[[Moment], T]) -> T:
        """Look at one state of the index; at another when a generation was swapped for another under it."""
        with wrapped(self.where):
            try:
                with Moment(self._client, self._target()) as moment:
                    return work(moment)
            except NotFoundError:
                with Moment(self._client, self._target()) as moment:
                    return work(moment)

    def contents(self, article_ids: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
        """See `search.base.Index`."""
        ids = None if article_ids is None else sorted(set(article_ids))
        parts = [None] if ids is None else [ids[at : at + 1000] for at in range(0, len(ids), 1000)]
        with wrapped(self.where), Moment(self._client, self._target(), keep="5m") as moment:
            for part in parts:
                query: dict[str, Any] = {"match_all": {}} if part is None else {"ids": {"values": part}}
                for chunk, _ in moment.chunks(query, [{"id": "asc"}, {"hash": "asc"}], []):
                    yield from ((hit["sort"][0], hit["sort"][1]) for hit in chunk)

    def _target(self) -> str:
        return f"{self._bound.name}-m*" if self._bound else self.prefix

    # --- keeping ----------------------------------------------------------------------------
    def keeps(self, document: Document) -> bool:
        """Whether it is not older than what is retained; read once, and again when a month begins or ends."""
        if self._floor is None:
            with wrapped(self.where):
                generation = self._bound or self.layout.serving()[0]
                self._floor = self.layout.floor(generation) if generation else ""
        return month_of(document.first_seen) >= self._floor

    def expire(self, now: datetime) -> list[str]:
        """Drop the months before the `retention_months` whole ones that precede this month. They stay away:
        `apply` leaves their articles out from now on, in this generation and those that follow it."""
        if self._retention_months is None:
            return []
        with self._lock, wrapped(self.where):
            generation = self._writable()
            floor = max(self.layout.floor(generation), months_before(now, self._retention_months))
            self._client.index(
                index=generation.state, id=FLOOR, document={FLOOR: floor}
            )  # first, so that what is dropped does not come back
            self._floor = floor
            old = [name for name in self.layout.months(generation) if name < generation.month(floor)]
            self.layout.delete(old)
            self._months = self.layout.months(generation)
        return [name.removeprefix(generation.month("")) for name in old]

    @property
    def outdated(self) -> bool:
        """Whether what serves was made by another version of the mapping."""
        with wrapped(self.where):
            generation = self.layout.serving()[0]
        return generation is not None and generation.version != VERSION

    @contextmanager
    def anew(self) -> Iterator[ElasticIndex]:
        """See `search.base.Index`: this one serves, and may be written, until the other one is whole."""
        if self.read_only:
            raise Trouble(f"the index at {self.where} was opened for reading only")
        with wrapped(self.where):
            self.layout.put_templates()
            known = self.layout.indices()
            serving = self.layout.serving()[0]
            self.layout.delete([name for one, names in known.items() if one != serving for name in names])
            fresh = next_generation(self.prefix, known)
            self.layout.begin(fresh, serve=False)
            floor = self.layout.floor(serving) if serving else ""
            if floor:
                self._client.index(index=fresh.state, id=FLOOR, document={FLOOR: floor})
        other = ElasticIndex(
            self.url, self.prefix, self._shape, self._retention_months, read_only=False, sleep=self._sleep, bound=fresh
        )
        try:
            yield other
        except BaseException:
            self._discard(fresh)
            raise
        finally:
            other.close()
        with self._lock, wrapped(self.where):
            if self._client.indices.exists(index=f"{fresh.name}-m*", allow_no_indices=False):
                self._client.indices.refresh(index=f"{fresh.name}-m*")
            self.layout.swap(serving, fresh)
            self.layout.delete(known.get(serving, []) if serving else [])
            if serving:
                self.layout.delete(self.layout.months(serving))

    def _discard(self, generation: Generation) -> None:
        """What was not finished goes; if the cluster does not let it, the next `anew` takes it away."""
        try:
            self.layout.delete([generation.state, *self.layout.months(generation)])
        except (ApiError, TransportError) as error:
            _log.warning("%s stays behind until the next rebuild: %s", generation.name, error)

    def clear(self) -> None:
        """Empty it, to be rebuilt from position 0."""
        with self.anew():
            pass

    def close(self) -> None:
        """Let the connections go. The index may be used again: it opens new ones."""
        with self._lock:
            self._client.close()
            self._connect()
