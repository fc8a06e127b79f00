"""Compares the index with the records, article by article, and mends what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from pipeline.types import Document
from records.base import Records
from search.base import Differences, Index, content_hash
from workers.indexer import CHUNK


def verify(records: Records, index: Index, told: Callable[[int], None] = lambda compared: None) -> Differences:
    """Compare all. Neither is locked: what differs is looked at again, and what changed meanwhile does not count.

    `told` hears how many articles were compared so far.
    """
    suspects = _compare(_all(records, index, told), index.contents()).ids()
    index.refresh()
    position = index.position()
    again = [document for ids in _parts(suspects) for document in records.documents(ids) if index.keeps(document)]
    found = _compare(sorted(again, key=lambda one: one.article_id), index.contents(sorted(suspects)))
    due = _changed(records, position)
    missing, stale, extra, doubled = (
        tuple(id for id in ids if id not in due) for ids in (found.missing, found.stale, found.extra, found.doubled)
    )
    return Differences(missing, stale, extra, doubled, len(due))


def repair(records: Records, index: Index, found: Differences) -> None:
    """Make the index agree for these articles. Raises as `Index.apply` does.

    An index that is ahead of the records (a backup of them was put back) cannot be mended so: rebuild it.
    """
    for ids in _parts(found.ids()):
        documents = records.documents(ids)
        gone = set(ids) - {document.article_id for document in documents}
        index.apply(documents, sorted(gone), index.position())
    index.refresh()


def _compare(documents: Iterable[Document], contents: Iterable[tuple[str, str]]) -> Differences:
    """Both in order of id: walked through together, so that neither is held in memory."""
    missing, stale, extra, doubled = [], [], [], []
    held = iter(contents)
    one = next(held, None)
    for document in documents:
        while one and one[0] < document.article_id:
            extra.append(one[0])
            one = next(held, None)
        if one is None or one[0] != document.article_id:
            missing.append(document.article_id)
            continue
        if one[1] != content_hash(document):
            stale.append(document.article_id)
        one = next(held, None)
        while one and one[0] == document.article_id:
            doubled.append(document.article_id)
            one = next(held, None)
    while one:
        extra.append(one[0])
        one = next(held, None)
    return Differences(tuple(missing), tuple(stale), tuple(extra), tuple(doubled))


def _all(records: Records, index: Index, told: Callable[[int], None]) -> Iterator[Document]:
    """Every article that the index should hold, in order of id."""
    after, compared = "", 0
    while views := records.articles(after, CHUNK):
        ids = [view.article.id for view in views]
        yield from (document for document in records.documents(ids) if index.keeps(document))
        after, compared = ids[-1], compared + len(ids)
        told(compared)


def _parts(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    ordered = sorted(ids)
    yield from (ordered[at : at + CHUNK] for at in range(0, len(ordered), CHUNK))


def _changed(records: Records, position: int) -> set[str]:
    changed: set[str] = set()
    while changes := records.changes(position, CHUNK):
        changed |= {change.article_id for change in changes}
        position = changes[-1].seq
    return changed
