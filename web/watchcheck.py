"""Whether subscriptions of a file, or of an archive, can be read, and whether their samples are as they must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import BadQuery, WirewatchError
from pipeline.types import Article, Document
from records.base import Records
from web.samples import Failed, Tag, as_document, as_text, judge, shown
from web.samples import read as read_sample
from web.saved import pointer, understood
from web.watchfile import Entry, Problem, Sample, WatchFile

ReadFile = Callable[[Path], Article]  # raises Unreadable and the like


@dataclass(frozen=True, slots=True)
class Checked:
    """A subscription with what is wrong: problems, and samples that fail with their lines (0 = of no file)."""

    name: str
    samples: int
    problems: tuple[Problem, ...] = ()
    failed: tuple[tuple[int, Failed], ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.problems or self.failed)


def saved(records: Records) -> WatchFile:
    """The archive's own subscriptions, as if a file had them."""
    made = WatchFile(None)
    for one in records.subscriptions():
        texts = [(True, text) for text in one.must] + [(False, text) for text in one.must_not]
        made.entries.append(Entry(0, one, 0, tuple(Sample(0, must, text) for must, text in texts)))
    return made


def checked(
    read: WatchFile,
    records: Records | None,
    tag: Tag,
    now: datetime,
    *,
    samples: bool = True,
    page: ReadFile | None = None,
) -> Iterator[Checked]:
    """Each subscription. Queries may name those of the file and, failing that, of the archive.

    Without records, samples of the archive fail; without `samples` queries alone are looked at. `page` reads samples
    in files, which only files on disk can have.
    """
    entries = {entry.subscription.name: entry for entry in read.entries}
    others = [one for one in records.subscriptions() if one.name not in entries] if records else []
    ours = {name: replace(entry.subscription, id=name) for name, entry in entries.items()}
    for entry in read.entries:
        one = ours[entry.subscription.name]
        looked_at = entry.samples if samples else ()
        try:
            node = understood(one, [*others, *ours.values()])
        except BadQuery as error:
            problem = Problem(entry.query_line, f"{error}\n{pointer(one.query, error)}")
            yield Checked(one.name, len(looked_at), (problem,))
            continue
        failed = []
        for sample in looked_at:
            document = _document(sample, records, tag, now, page)
            wrong = (document, None) if isinstance(document, str) else judge(node, document, must=sample.must)
            if wrong:
                name = str(sample.path) if sample.path else shown(sample.text)
                failed.append((sample.line, Failed(name, sample.must, *wrong)))
        yield Checked(one.name, len(looked_at), (), tuple(failed))


def with_texts(entry: Entry, page: ReadFile) -> Entry:
    """Its samples in files as texts, since no archive holds those files. Raise Unreadable and the like."""
    texts = [(one.must, as_text(page(one.path)) if one.path else one.text) for one in entry.samples]
    must, must_not = (tuple(text for wanted, text in texts if wanted is which) for which in (True, False))
    return replace(entry, subscription=replace(entry.subscription, must=must, must_not=must_not))


def _document(
    sample: Sample, records: Records | None, tag: Tag, now: datetime, page: ReadFile | None
) -> Document | str:
    if sample.path is None or page is None:
        return read_sample(sample.text, records, tag, now)
    try:
        return as_document(page(sample.path), tag, now)
    except WirewatchError as error:
        return f"cannot be read: {error.message}"


def checked_json(one: Checked) -> dict[str, Any]:
    """As plain JSON values; a line is null where there is no file."""
    failed = [
        {"line": line or None, "sample": each.sample, "must": each.must, "words": each.words}
        for line, each in one.failed
    ]
    return {"name": one.name, "ok": one.sound, "problems": problems_json(one.problems), "failed": failed}


def problems_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """As plain JSON values."""
    return [{"line": one.line or None, "words": one.words} for one in problems]
