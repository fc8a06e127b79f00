"""The index on disk: tantivy behind `search.base.Index`.

The position is a row of the index itself, committed together with the articles it covers: they cannot disagree.
Every search looks at the last commit, whichever process made it. A lock file that a killed process left behind
does not count: the lock is the operating system's and dies with the process.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import tantivy
from tantivy import Query, Searcher, TextAnalyzerBuilder, Tokenizer

from pipeline.errors import AlreadyRunning, Corrupt, DiskFull, Trouble, WirewatchError
from pipeline.types import Document
from search.ast import Everything
from search.base import Asked, Order, Page, Place, Span, Story, Survey, ranking
from search.facets import Facet, checked
from search.folding import page, walk
from search.limits import too_open
from search.tantivy_read import Search, count_of, largest, stories
from search.tantivy_schema import VERSION, article_query, article_row, make_schema, position_row
from search.tantivy_survey import survey
from search.tantivy_values import REMEMBERED, Numbers, Values

HEAP = 16_000_000  # bytes the writer gathers before it writes a segment
_VERSION_FILE = "wirewatch-index"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_PERMISSION = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_REMEDY = "`wirewatch index rebuild` makes it anew from the records"


def open_index(path: Path, *, read_only: bool = False) -> TantivyIndex:
    """Open the index in this directory, or make it.

    An index of another version of the schema is emptied (`rebuilt` tells, `position()` is 0); with `read_only`
    it is refused. Nothing is written with `read_only`, and an index that does not exist yet is empty.
    Raises Corrupt or DiskFull.
    """
    return TantivyIndex(path, read_only=read_only)


def remove_index(path: Path) -> None:
    """Delete the index in this directory, also one that cannot be opened. Raises Trouble when the disk refuses."""
    with _wrapped(path):
        if path.exists():
            shutil.rmtree(path)


class TantivyIndex:
    """See `search.base.Index`."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self.rebuilt = False  # whether an index of another version was emptied
        self._schema = make_schema()
        self._lock = threading.RLock()
        self._writing: tuple[tantivy.IndexWriter, Numbers] | None = None
        self._index: tantivy.Index | None = None
        self._searching: Searcher | None = None
        self._row: tuple[int, int] | None = None  # position and next number of the commit that it sees, once asked for
        self._values: Values | None = None  # of that commit
        self._seen: tuple[int, int, int] | None = None  # the commit that it sees
        with _wrapped(path):
            self._open()

    # --- writing ----------------------------------------------------------------------------
    def apply(self, upserts: Sequence[Document], deletes: Sequence[str], position: int) -> None:
        """Raise DiskFull, Corrupt, or AlreadyRunning while another process has the writer."""

        def change(writer: tantivy.IndexWriter, numbers: Numbers) -> None:
            latest = {document.article_id: document for document in upserts}
            for article_id in {*latest, *deletes}:
                writer.delete_documents_by_term("id", article_id)
            for document in latest.values():
                writer.add_document(article_row(document, numbers))
            writer.delete_documents_by_term("kind", "position")
            writer.add_document(position_row(position, numbers))

        self._write(change)

    def clear(self) -> None:
        """Empty it, to be rebuilt from position 0. Raises as `apply` does."""
        self._write(lambda writer, _: writer.delete_all_documents())

    @contextmanager
    def anew(self) -> Iterator[TantivyIndex]:
        """This one, emptied: there is one folder, so nothing serves while it is filled."""
        self.clear()
        yield self

    def refresh(self) -> None:
        """Nothing to do: every search looks at the last commit."""

    def expire(self, now: datetime) -> list[str]:
        """Nothing: an index on disk keeps all."""
        return []

    def close(self) -> None:
        """Let running merges end and release the writer. The index may be used again: it opens a new one."""
        with self._lock, _wrapped(self.path):
            writing, self._writing = self._writing, None
            if writing:
                writing[0].wait_merging_threads()

    def _write(self, change: Callable[[tantivy.IndexWriter, Numbers], object]) -> None:
        with self._lock, _wrapped(self.path):
            self._commit(change)

    def _commit(self, change: Callable[[tantivy.IndexWriter, Numbers], object]) -> None:
        """A writer that failed is dropped: the next one begins at the last commit."""
        if self.read_only or self._index is None:
            raise Trouble(f"the index in {self.path} was opened for reading only")
        writer, numbers = self._writing or (self._index.writer(HEAP, 1), None)
        self._writing = None
        if numbers is None or len(numbers) >= REMEMBERED:
            numbers = Numbers(self._searcher, self._last_row()[1])
        change(writer, numbers)
        writer.commit()
        writer.garbage_collect_files()
        self._writing = writer, numbers

    # --- reading ----------------------------------------------------------------------------
    def position(self) -> int:
        """The last applied change; 0 for a new index."""
        with _wrapped(self.path):
            return self._last_row()[0]

    def _last_row(self) -> tuple[int, int]:
        with self._lock:
            searcher = self._searcher()
            if searcher and self._row is None:
                kind = Query.term_query(self._schema, "kind", "position", "basic")
                rows = [searcher.doc(address) for _, address in searcher.search(kind, limit=1).hits]
                told = [int(rows[0].get_first(name) or 0) if rows else 0 for name in ("position", "numbers")]
                self._row = told[0], told[1]
            return self._row or (0, 0)

    def count(self) -> int:
        """Articles in the index."""
        with self._reading(Everything()) as (searcher, compiled):
            return count_of(searcher.search(compiled, limit=1)) if searcher else 0

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
        with self._reading(query) as (searcher, compiled):
            if not searcher:
                return Page((), 0, of=0)
            order = ranking(query, order)
            found = Search(searcher, self._schema, compiled, order, folded=folded, matching=matching)
            return page(found, limit, offset, after)

    def walk(
        self, query: Asked, *, order: Order = Order.NEWEST, batch: int = 100, folded: bool = True
    ) -> Iterator[Story]:
        """See `search.base.Index`."""
        with self._reading(query) as (searcher, compiled):
            if searcher:
                yield from walk(Search(searcher, self._schema, compiled, ranking(query, order), folded=folded), batch)

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
        wanted = checked(names, top)
        width = timedelta(hours=1 if hourly else 24)
        with self._reading(query) as (searcher, compiled):
            if not searcher:
                return Survey(dict.fromkeys(wanted, ()), {}, 0)
            return survey(searcher, compiled, self._values_of(searcher), wanted, top, by, width)

    def stories(self, query: Asked, spans: Sequence[Span] = ()) -> list[int]:
        """See `search.base.Index`."""
        with self._reading(query) as (searcher, compiled):
            return stories(searcher, compiled, spans) if searcher else [0] * max(1, len(spans))

    def largest(self, query: Asked, top: int) -> list[tuple[str, int]]:
        """See `search.base.Index`."""
        with self._reading(query) as (searcher, compiled):
            return largest(searcher, compiled, top) if searcher else []

    def frequencies(self, terms: Sequence[str], *, english: bool = False) -> Mapping[str, int]:
        """What was deleted may count until its segment is merged."""
        with _wrapped(self.path):
            searcher = self._searcher()
            field = "body_en" if english else "body"
            return {term: searcher.doc_freq(field, term) if searcher else 0 for term in terms}

    @contextmanager
    def _reading(self, query: Asked) -> Iterator[tuple[Searcher | None, Query]]:
        """The last commit, None while there is no index to read, and the query over it."""
        compiled = article_query(self._schema, query)
        with _wrapped(self.path):
            yield self._searcher(), compiled

    def contents(self, article_ids: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
        """See `search.base.Index`."""
        with _wrapped(self.path):
            searcher = self._searcher()
            if not searcher:
                return
            if article_ids is None:
                query = Query.term_query(self._schema, "kind", "article", "basic")
            else:
                query = Query.term_set_query(self._schema, "id", sorted(set(article_ids)))
            total = count_of(searcher.search(query, limit=1))
            rows = (searcher.doc(address) for _, address in searcher.search(query, limit=max(1, total)).hits)
            yield from sorted((str(row.get_first("id")), str(row.get_first("hash"))) for row in rows)

    def keeps(self, document: Document) -> bool:
        """Always."""
        return True

    @property
    def outdated(self) -> bool:
        """Whether it was of another version when it was opened; it was emptied then, and is to be filled."""
        return self.rebuilt

    def _values_of(self, searcher: Searcher) -> Values:
        with self._lock:
            if self._values is None or self._values.searcher is not searcher:
                self._values = Values(searcher)
            return self._values

    def _searcher(self) -> Searcher | None:
        """The last commit; None while there is no index to read."""
        with self._lock:
            if self._index is None:
                self._open()
            if self._index is None:
                return None
            commit = _commit_of(self.path)
            if self._searching is None or commit != self._seen:
                self._index.reload()
                self._seen, self._searching, self._row = commit, self._index.searcher(), None
            return self._searching

    # --- opening ----------------------------------------------------------------------------
    def _open(self) -> None:
        exists = (self.path / "meta.json").exists()
        current = _version(self.path) == VERSION
        if self.read_only:
            if not exists:
                return
            if not current:
                raise Corrupt(f"the index in {self.path} is of another version: {_REMEDY}")
        elif not current:
            self._start_anew(exists)
        index = tantivy.Index(self._schema, str(self.path))
        index.register_tokenizer("whitespace", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
        index.config_reader("manual")
        self._index, self._searching = index, None

    def _start_anew(self, exists: bool) -> None:
        """The version is written last: a start that is cut short is made again."""
        if exists:
            shutil.rmtree(self.path)
            self.rebuilt = True
        self.path.mkdir(parents=True, exist_ok=True)
        tantivy.Index(self._schema, str(self.path))
        (self.path / _VERSION_FILE).write_text(f"{VERSION}\n")


def _commit_of(path: Path) -> tuple[int, int, int]:
    """What tells one commit from another: each puts a new file in the place of the last one's."""
    told = os.stat(f"{path}/meta.json")  # noqa: PTH116  # a Path costs more than the call
    return told.st_ino, told.st_mtime_ns, told.st_size


def _version(path: Path) -> int:
    """0 when there is none to be read."""
    try:
        return int((path / _VERSION_FILE).read_text())
    except (OSError, ValueError):
        return 0


@contextmanager
def _wrapped(path: Path) -> Iterator[None]:
    """Foreign exceptions become ours. A panic of tantivy's is no Exception, hence the wide net."""
    try:
        yield
    except (WirewatchError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        if not isinstance(error, OSError | ValueError) and type(error).__name__ != "PanicException":
            raise
        # A writer keeps its lock while anything refers to it, be it the trace of the error that ended it.
        traceback.clear_frames(error.__traceback__)
        raise _ours(path, error) from error


def _ours(path: Path, error: BaseException) -> WirewatchError:
    text = str(error)
    if wrong := too_open(text):
        return wrong
    told = re.search(r"os error (\d+)|code: (\d+)", text)
    number = error.errno if isinstance(error, OSError) and error.errno else int(told[1] or told[2]) if told else 0
    if number in _NO_ROOM or "No space left" in text:
        return DiskFull(f"no room left for the index in {path}: free some, then go on; nothing is lost")
    if number in _NO_PERMISSION:
        return Trouble(f"no permission to read or write the index in {path}: {text}")
    if "LockBusy" in text:
        return AlreadyRunning(f"another process is writing the index in {path}: stop it, or wait for it")
    return Corrupt(f"the index in {path} cannot be read: {_REMEDY} ({text[:200]})")
