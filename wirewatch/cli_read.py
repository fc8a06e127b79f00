"""`wirewatch read`: pages that a person has, read by the pipeline's own stages, with no archive."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import re
import sys
import zlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from pipeline.errors import BadInput, Refused, Unreadable, WirewatchError
from pipeline.types import Fetched, FetchFailed, Kind, Source
from web.reading import NOBODY, error_json, page_json, page_of
from wirewatch import bootstrap
from wirewatch.terminal import say

MAX_FILE = 64_000_000  # bytes of one page, unpacked; the reader itself refuses more markup than any story has
PAGES = re.compile(r"\.html?(?:\.gz)?$", re.IGNORECASE)
Load = Callable[["Given"], Awaitable[Fetched]]
Answer = Callable[["Given"], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Given:
    """One page to read: an address, a file, or (when both are empty) standard input."""

    id: str
    url: str = ""
    path: Path | None = None


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(read)


def read(
    context: typer.Context,
    pages: Annotated[list[str], typer.Argument(help="Files, folders of .html, .htm and .html.gz, addresses; or -")],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line.")] = False,
    url: Annotated[str, typer.Option(help="Address of the one file that is read.", show_default=False)] = "",
    fetched: Annotated[str, typer.Option(help="When it was fetched, in ISO 8601.", show_default="now")] = "",
    source: Annotated[str, typer.Option(help="Read with this source's rules.", show_default=False)] = "",
    as_archived: Annotated[bool, typer.Option("--as-archived", help="Show only what an archive keeps.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=128, help="Processes that read.")] = 1,
) -> None:
    """Read pages as the pipeline does, and print what was found and how it is known. Needs no archive."""
    given = list(_given(pages))
    if url and (len(given) != 1 or given[0].url or not re.match(r"https?://[^/\s]", url, re.IGNORECASE)):
        raise BadInput("--url is the http(s) address of one file: give one file with it")
    when = _moment(fetched)
    outlet = bootstrap.load_sources(context.obj.settings(only=(source,)))[source] if source else NOBODY

    async def work(fetch: Callable[[str], Awaitable[Any]]) -> int:
        async def load(one: Given) -> Fetched:
            if not one.url:
                return page_of(content(one), url, when)
            outcome = await fetch(one.url)
            if isinstance(outcome, FetchFailed):
                raise outcome.error
            return Fetched(outcome.task, outcome.url, outcome.status, outcome.headers, outcome.body, outcome.fetched)

        failed = 0
        with _reading(jobs, outlet, as_archived, load) as answer:
            async for told in _in_order(given, answer, ahead=2 * jobs if jobs > 1 else 1):
                failed += "error" in told
                say(json.dumps(told, ensure_ascii=False, indent=None if jsonl else 2).encode())
        return failed

    if any(one.url for one in given):
        from wirewatch.fetching import with_fetch

        failed = with_fetch(context.obj.settings(), work, Kind.PAGE)
    else:
        failed = asyncio.run(work(_nothing))
    if failed:
        say(f"{failed} of {len(given)} pages could not be read", err=True)
        raise typer.Exit(1)


@contextmanager
def _reading(jobs: int, source: Source, as_archived: bool, load: Load) -> Iterator[Answer]:
    """What makes the answer of one page: in this process, or in `jobs` others that a page cannot take down with it."""

    async def answer(one: Given) -> dict[str, Any]:
        try:
            found = await alone(await load(one), source, as_archived)
        except WirewatchError as error:
            found = error
        if isinstance(found, WirewatchError):
            return error_json(one.id, found)
        return page_json(one.id, found, source, as_archived=as_archived)

    alone: Callable[[Fetched, Source, bool], Awaitable[Any]]
    if jobs == 1:
        from workers import stages

        async def alone(page: Fetched, source: Source, as_archived: bool) -> Any:
            return stages.alone(page, source, as_archived)

        yield answer
        return
    from workers.pool import StagePool

    pool = StagePool(jobs)
    alone = pool.alone
    try:
        yield answer
    finally:
        pool.close()


async def _in_order(given: Iterable[Given], answer: Answer, ahead: int) -> AsyncIterator[dict[str, Any]]:
    """Answers in the order of the pages, no more than `ahead` of them under way."""
    under_way: deque[asyncio.Task[dict[str, Any]]] = deque()
    for one in given:
        under_way.append(asyncio.ensure_future(answer(one)))
        if len(under_way) >= ahead:
            yield await under_way.popleft()
    while under_way:
        yield await under_way.popleft()


def _given(pages: Iterable[str]) -> Iterator[Given]:
    """The pages that the arguments name, folders recursively and sorted. Raise BadInput for what is not there."""
    for name in pages:
        if re.match(r"https?://", name, re.IGNORECASE):
            yield Given(name, url=name)
            continue
        if name == "-":
            yield Given("-")
            continue
        path = Path(name)
        if path.is_dir():
            files = sorted(one for one in path.rglob("*") if PAGES.search(one.name) and one.is_file())
            if not files:
                raise BadInput(f"the folder {name} holds no page: no file in it is called .html, .htm or .html.gz")
            yield from (Given(PAGES.sub("", one.name), path=one) for one in files)
        elif path.exists():
            yield Given(PAGES.sub("", path.name), path=path)
        else:
            raise BadInput(f"there is no file or folder {name}; addresses begin with https://")


def content(one: Given) -> bytes:
    """A file's bytes, unpacked when they are gzip. Raise Unreadable or Refused."""
    try:
        if one.path is None:
            return _unpacked(sys.stdin.buffer)
        with one.path.open("rb") as file:
            return _unpacked(file)
    except OSError as error:  # BadGzipFile is one, too
        raise Unreadable(f"the file cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise Unreadable(f"the file is not whole: {error}") from error


def _unpacked(file: BinaryIO) -> bytes:
    data = file.read(MAX_FILE + 1)
    if data.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(data)) as packed:
            data = packed.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise Refused(f"the page is larger than {MAX_FILE // 1_000_000} MB")
    return data


def _moment(text: str) -> datetime:
    """The time given with --fetched, UTC when it names no zone; now when there is none. Raise BadInput."""
    if not text:
        return bootstrap.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--fetched {text} is no time: write it like 2026-03-01T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _nothing(url: str) -> Any:
    raise Refused(f"{url} is not fetched")
