"""The only place that wires things: settings in, working parts out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from pipeline.errors import AlreadyRunning, BadInput, DiskFull, Refused
from pipeline.types import Article, FetchTask, Source, Tagging
from pipeline.watch import Output, OutputKind
from records.base import Records
from search.base import Index
from wirewatch.config import Settings

if TYPE_CHECKING:
    from crawlers.crawl import Crawler
    from crawlers.guard import Guard
    from crawlers.post import Poster
    from crawlers.robots import RobotsStore
    from crawlers.shelf import Shelf
    from pipeline.tag import TagRules
    from web.sourcing import Sourcing
    from workers.alerts.sender import Sender
    from workers.progress import Progress
    from workers.queues import Queues
    from workers.runner import Runner

RECORDS, INDEX, LOCK = "records.db", "index", "collecting.lock"


def now() -> datetime:
    """The clock that is passed to everything that needs one."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Archive:
    """The records and the index of one data folder."""

    folder: Path
    records: Records
    index: Index


def is_archive(settings: Settings) -> bool:
    """Whether an archive has been made there; one in PostgreSQL always counts as made."""
    return bool(settings.database_url) or (settings.data / RECORDS).exists()


def must_be_archive(settings: Settings) -> None:
    """Raise BadInput when no archive has been made there."""
    if not is_archive(settings):
        where = settings.data
        raise BadInput(f"there is no archive at {where} yet: `wirewatch run` makes one, `wirewatch demo` shows one")


@contextmanager
def open_archive(settings: Settings, *, read_only: bool = False) -> Iterator[Archive]:
    """Open records and index, made anew if they are not there; migrations run. Raise Trouble, Away or BadInput."""
    folder = settings.data
    if read_only:
        must_be_archive(settings)
    if not (settings.database_url and settings.elasticsearch_url):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            kind = DiskFull if error.errno == 28 else BadInput
            raise kind(f"the archive's folder {folder} cannot be made: {error.strerror}") from error
    with (
        closing(open_the_records(settings, read_only=read_only)) as records,
        closing(open_the_index(settings, read_only=read_only)) as index,
    ):
        yield Archive(folder, records, index)


def open_the_records(settings: Settings, *, read_only: bool = False) -> Records:
    """PostgreSQL if the settings name one, SQLite in the archive's folder otherwise. Raise Trouble, Away.

    What is written alerts subscribers, whichever command or service writes it.
    """
    from records import open_records

    place = settings.database_url or settings.data / RECORDS
    if read_only:
        return open_records(place, read_only=True)
    from search.match import LiveMatcher

    return open_records(place, matcher=LiveMatcher())


def open_the_index(settings: Settings, *, read_only: bool = False) -> Index:
    """Elasticsearch if the settings name one, tantivy in the archive's folder otherwise. Raise Trouble, Away."""
    if settings.elasticsearch_url:
        from search.elastic_index import open_index as open_elastic

        return open_elastic(
            settings.elasticsearch_url,
            prefix=settings.elasticsearch_prefix,
            shards=settings.elasticsearch_shards,
            replicas=settings.elasticsearch_replicas,
            retention_months=settings.retention_months or None,
            read_only=read_only,
        )
    from search.tantivy_index import open_index

    return open_index(settings.data / INDEX, read_only=read_only)


def make_queues(settings: Settings) -> Queues:
    """The queues of the services on Redis, which is not asked yet."""
    from workers.queues import Queues, make_app

    return Queues(make_app(settings.redis_url), settings.redis_url, settings.crawlers)


def order(settings: Settings) -> Callable[[Sequence[FetchTask]], None]:
    """What sends the crawlers of production for pages, ahead of all others. Raises Away."""
    from workers.messages import FetchOrder

    def send(tasks: Sequence[FetchTask]) -> None:
        make_queues(settings).fetch([FetchOrder(one) for one in tasks], asked=True)

    return send


def make_sourcing(settings: Settings, *, lenient: bool = False) -> Sourcing:
    """What looks at outlets and adds them as sources. Raise as `load_sources`, unless `lenient`."""
    from crawlers.asking import Forgetful, with_fetch
    from web.sourcing import Sourcing

    shelf = open_shelf(settings.model_copy(update={"only": ()}), lenient=lenient)
    closed = "these are the demo's invented outlets; without --demo sources can be added" if settings.demo else ""

    def ask(work: Callable[..., Any], *, within: float | None = None) -> Any:
        return with_fetch(make_crawler(settings, Forgetful()), work, within=within)

    return Sourcing(shelf, settings.sources_folder, _guard(settings), None if closed else ask, closed, shelf.look)


def public_address(settings: Settings, port: int = 0) -> str:
    """What the addresses of links begin with; `port` is the one that the web server got."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.web_host, settings.web_host)  # noqa: S104  # not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{port or settings.web_port}"


@contextmanager
def collecting(folder: Path) -> Iterator[None]:
    """Hold the archive as its one collector. Raise AlreadyRunning when another process has it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        with lock.acquire(timeout=0):
            yield
    except Timeout:
        words = f"another wirewatch is collecting into {folder}: stop it first, or give this one a folder with --data"
        raise AlreadyRunning(words) from None


def writing_index(settings: Settings) -> AbstractContextManager[None]:
    """What a second writer of the index needs: on Elasticsearch nothing, on disk that nobody collects."""
    return nullcontext() if settings.elasticsearch_url else collecting(settings.data)


def load_sources(settings: Settings) -> dict[str, Source]:
    """Shipped sources and the user's own, which win by id. Raise BadSource or BadInput."""
    from crawlers.registry import load_sources as load
    from crawlers.registry import shipped_sources

    if settings.demo:
        from wirewatch.demo import demo_sources

        return demo_sources()
    folders = [shipped_sources()] if settings.shipped_sources else []
    if settings.sources_folder.is_dir():
        folders.append(settings.sources_folder)
    sources = load(*folders)
    unknown = sorted(set(settings.only) - set(sources))
    if unknown:
        raise BadInput(f"no source is called {', '.join(unknown)}; `wirewatch sources list` shows their ids")
    return {key: source for key, source in sources.items() if not settings.only or key in settings.only}


def open_shelf(settings: Settings, *, lenient: bool = False) -> Shelf:
    """The same, read anew when a file changes. Raise as `load_sources`, unless `lenient`."""
    from crawlers.shelf import Shelf

    return Shelf(lambda: load_sources(settings), settings.sources_folder, lenient=lenient)


def tag_rules(settings: Settings) -> TagRules:
    """By what articles are tagged."""
    from pipeline.tag import TagRules

    return TagRules(settings.taxonomy, settings.names)


def tagger(settings: Settings) -> Callable[[Article], Tagging]:
    """What tags an article by those rules; the taxonomy is read when the first one comes. Raise BadInput then."""
    from pipeline.tag import Tagger, load_tagger
    from search.topics import topic_queries

    made: list[Tagger] = []

    def tag(article: Article) -> Tagging:
        if not made:
            made.append(load_tagger(tag_rules(settings), topic_queries))
        return made[0].tag(article)

    return tag


def make_crawler(settings: Settings, robots: RobotsStore, clock: Callable[[], datetime] = now) -> Crawler:
    """The crawler with its manners, robots.txt kept in the records."""
    from crawlers.crawl import Crawler, CrawlSettings

    return Crawler(
        CrawlSettings(
            user_agent=settings.user_agent,
            concurrency=settings.concurrency,
            per_host=settings.per_host,
            delay=settings.delay,
            timeout=settings.timeout,
            max_body=int(settings.max_page_mb * 1_000_000),
            max_feed=int(settings.max_feed_mb * 1_000_000),
            connect_to=settings.connect_to,
            allow_private=settings.allow_private,
        ),
        robots,
        clock,
    )


class KeptRobots:
    """The records as the crawler's store of robots.txt files."""

    def __init__(self, records: Records) -> None:
        self.get, self.put = records.robots, records.put_robots


@contextmanager
def make_runner(settings: Settings, archive: Archive, sources: Mapping[str, Source]) -> Iterator[Runner]:
    """A runner over an archive, ready to run; its process pool ends with the context."""
    from crawlers.shelf import Shelf
    from workers.pool import StagePool
    from workers.progress import Progress
    from workers.runner import Runner, RunSettings

    archive.records.sync_sources(list(sources.values()))
    pool = StagePool(settings.workers, tag_rules(settings))
    progress = Progress(began=now())
    try:
        yield Runner(
            records=archive.records,
            index=archive.index,
            crawler=make_crawler(settings, KeptRobots(archive.records)),
            pool=pool,
            sources=sources,
            clock=now,
            settings=RunSettings(
                ahead=settings.concurrency + 16,
                headline_after=timedelta(seconds=settings.headline_after),
                window=timedelta(days=settings.window_days),
            ),
            progress=progress,
            sender=make_sender(settings, archive.records, progress),
            fresh=sources.changed if isinstance(sources, Shelf) else lambda: None,
        )
    finally:
        pool.close()


def make_sender(settings: Settings, records: Records, progress: Progress, *, endless: bool = False) -> Sender:
    """What sends the alerts; `endless` = it waits for records that are away as long as it takes."""
    from workers.alerts.notify import Notifier
    from workers.alerts.sender import Sender

    notifier = Notifier(settings.alert_timeout, _guard(settings))
    return Sender(records, _poster(settings), notifier, now, random.random, progress, endless=endless)


def send_test(settings: Settings, output: Output, name: str) -> None:
    """Send a test message to an output of the subscription of that name. Raise what sending an alert raises."""
    from workers.alerts.notify import Notifier
    from workers.alerts.trial import send_trial

    notifier = Notifier(settings.alert_timeout, _guard(settings))
    asyncio.run(send_trial(_poster(settings), notifier, output, name, now()))


def check_output(settings: Settings) -> Callable[[Output], None]:
    """What raises BadInput for an output to which nothing could be sent, without connecting anywhere."""
    from workers.alerts.notify import check

    guard = _guard(settings)

    def checked(one: Output) -> None:
        if one.kind is OutputKind.WEBHOOK:
            try:
                guard.check_url(one.target)
            except Refused as error:
                raise BadInput(f"nothing is posted there: {error}") from error
        elif one.kind is not OutputKind.LINK:
            check(one.target, guard)

    return checked


def _guard(settings: Settings) -> Guard:
    from crawlers.guard import Guard

    return Guard(allow_private=settings.allow_private)


def _poster(settings: Settings) -> Poster:
    from crawlers.post import Poster

    return Poster(_guard(settings), now, user_agent=settings.user_agent, timeout=settings.alert_timeout)
