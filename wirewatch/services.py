"""`wirewatch serve`: wires one service of production from the settings and runs it until a signal ends it."""

from __future__ import annotations

import logging
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import BadSetting, DiskFull, Retry, Trouble
from wirewatch import bootstrap, web_parts
from wirewatch.config import Settings
from wirewatch.logs import configure

if TYPE_CHECKING:
    from records.base import Records
    from search.base import Index
    from workers.alerts.sender import Sender
    from workers.ops import Check
    from workers.services.house import Pace, Service
    from workers.services.indexer import Indexer

T = TypeVar("T")
SERVICES = ("scheduler", "crawler", "worker", "desk", "indexer", "alerts", "web")
log = logging.getLogger("wirewatch.serve")


def serve(name: str, settings: Settings, *, processes: int | None = None) -> int:
    """Run one service; returns the exit code. Raise BadSetting when it lacks an address, Trouble."""
    if find_spec("celery") is None:
        raise Trouble("`wirewatch serve` needs more packages than `wirewatch run`: pip install 'wirewatch[services]'")
    for key in ("database_url", "redis_url"):
        if not getattr(settings, key):
            raise BadSetting(f"`wirewatch serve` needs {key}: PostgreSQL and Redis are what the services share")
    with closing(_records(settings)) as records:
        service = _service(name, settings, records)
        stopping(service.stop)
        if name == "worker":
            return _worker(service, settings, processes or settings.workers)
        if name == "crawler":
            return _crawler(service, settings)
        if name in ("scheduler", "desk", "alerts"):
            return _loop(service, settings, None)
        with closing(_surely(partial(bootstrap.open_the_index, settings), service.stop)) as index:
            return _loop(service, settings, index)


def stopping(stop: threading.Event) -> None:
    """SIGTERM and SIGINT set `stop`."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


def _records(settings: Settings) -> Records:
    """The records, waiting for a database that is not up yet. Raise Trouble when it cannot be used."""
    return _surely(lambda: bootstrap.open_the_records(settings), threading.Event())


def _surely(work: Callable[[], T], stop: threading.Event) -> T:
    from workers.patience import patiently

    return patiently(work, stop, random.random)


def _service(name: str, settings: Settings, records: Records) -> Service:
    from workers.progress import Progress
    from workers.services.house import Service

    sources = bootstrap.open_shelf(settings)
    return Service(
        name=name,
        records=records,
        queues=bootstrap.make_queues(settings),
        sources=sources,
        fresh=sources.changed,
        clock=bootstrap.now,
        spread=random.random,
        pace=pace(settings),
        progress=Progress(began=bootstrap.now()),
    )


def pace(settings: Settings) -> Pace:
    """How the services work together, from the settings."""
    from workers.services.house import Pace

    return Pace(
        window=timedelta(days=settings.window_days),
        lease=timedelta(minutes=settings.lease_minutes),
        resend=timedelta(minutes=settings.resend_minutes),
        headline_after=timedelta(seconds=settings.headline_after),
        ahead=settings.concurrency * 2,
        bound=settings.queue_bound,
    )


def _worker(service: Service, settings: Settings, processes: int) -> int:
    from workers.furniture import Furniture
    from workers.services.worker import run_worker
    from workers.tasks import Kit

    def kit() -> Kit:
        records = bootstrap.open_the_records(settings)
        furniture = Furniture(records, bootstrap.now)
        return Kit(records, bootstrap.make_queues(settings), service.sources, furniture)

    service.records.close()  # no connection is to be shared with the processes born of this one
    with _ops(service, settings, {"redis": service.queues.ping}):
        rules, level = bootstrap.tag_rules(settings), logging.getLogger("wirewatch").level
        return run_worker(service.queues, kit, rules, processes, service.pulse, level)


def _crawler(service: Service, settings: Settings) -> int:
    from crawlers.crawl import run_in_reactor
    from workers.memory import stay_lean
    from workers.pool import StagePool
    from workers.services.crawler import CrawlerService

    if settings.crawler >= settings.crawlers:
        raise BadSetting(f"crawler = {settings.crawler}, but there are {settings.crawlers} crawlers, counted from 0")
    stay_lean()
    crawler = bootstrap.make_crawler(settings, bootstrap.KeptRobots(service.records))
    with closing(StagePool(1, bootstrap.tag_rules(settings))) as pool, _ops(service, settings, _checks(service)):
        run_in_reactor(CrawlerService(service, crawler, pool, settings.crawler).run())
    return 0


def _loop(service: Service, settings: Settings, index: Index | None) -> int:
    """Scheduler, desk, alerts, indexer and web: run again whenever a role or a connection was lost."""
    from workers.patience import Stopped, pauses
    from workers.services.alerts import Alerts
    from workers.services.desk import DeskService
    from workers.services.indexer import Indexer
    from workers.services.scheduler import Scheduler

    checks, gauges = _checks(service), _no_gauges
    run: Callable[[], None]
    if service.name == "scheduler":
        run, gauges = Scheduler(service).run, partial(house_gauges, service)
    elif service.name == "desk":
        run = DeskService(service).run
    elif service.name == "alerts":
        run, gauges = Alerts(service, partial(_sender, service, settings)).run, partial(alert_gauges, service)
    else:
        assert index is not None
        checks["index"] = index.position
        indexer = Indexer(service, index)
        run = indexer.run if service.name == "indexer" else partial(_web, service, settings)
        gauges = partial(index_gauges, indexer)
    with _ops(service, settings, checks, gauges):
        for pause in pauses(service.spread, first=1.0):
            try:
                run()
            except Stopped:
                pass
            except (Retry, DiskFull) as error:
                log.warning("starting again: %s", error)
            if service.stop.wait(pause):
                return 0
    return 0


def read_now(settings: Settings, records: Records, addresses: Sequence[str]) -> None:
    """Ask the workers to read these pages of the spool before all others. Raise Away."""
    from workers.messages import ReadOrder

    trails = [trail for address in addresses if (trail := records.trail(address))]
    orders = [ReadOrder(trail.spooled.id) for trail in trails if trail.spooled]
    bootstrap.make_queues(settings).read(orders, asked=True)


def _web(service: Service, settings: Settings) -> None:
    def began(address: str) -> None:
        log.info("web answers at %s", address)

    prepare = partial(configure, settings.log)
    web_parts.serve_web(settings, service.stop, turn=service.pulse.beat, began=began, prepare=prepare)


def _checks(service: Service) -> dict[str, Check]:
    def records() -> str:
        sizes = service.records.sizes()
        return f"{sizes.spooled} pages on the spool, {sizes.quarantined} in quarantine, change {sizes.last_change}"

    return {"records": records, "redis": service.queues.ping}


def house_gauges(service: Service) -> dict[tuple[str, str, str], float]:
    """Queue depths, the spool, sources by state. A part that is away is left out: Prometheus shows a gap."""
    found: dict[tuple[str, str, str], float] = {}
    with suppress(Retry):
        for queue, depth in service.queues.depths().items():
            found["wirewatch_queue_depth", "queue", queue] = depth
    with suppress(Retry):
        sizes = service.records.sizes()
        found["wirewatch_spool_pages", "", ""] = sizes.spooled
        found["wirewatch_quarantined", "", ""] = sizes.quarantined
        for state, count in _sources_by_state(service).items():
            found["wirewatch_sources", "state", state] = count
    return found


def _sources_by_state(service: Service) -> Counter[str]:
    states: dict[str, str] = {}
    for feed in service.records.feed_states():
        state = "failing" if feed.failures else "healthy" if feed.last_try else "new"
        worst = states.get(feed.source_id)
        states[feed.source_id] = "failing" if "failing" in (state, worst) else worst or state
    return Counter(states.values())


def _sender(service: Service, settings: Settings) -> Sender:
    return bootstrap.make_sender(settings, service.records, service.progress, endless=True)


def alert_gauges(service: Service) -> dict[tuple[str, str, str], float]:
    """What waits to be sent, for how long, and what was given up."""
    with suppress(Retry):
        now, going = service.clock(), service.records.outgoing()
        return {
            ("wirewatch_alerts_pending", "", ""): going.pending,
            ("wirewatch_alerts_dead", "", ""): going.dead,
            ("wirewatch_alerts_oldest_seconds", "", ""): (now - going.oldest).total_seconds() if going.oldest else 0.0,
            ("wirewatch_outputs_failing", "", ""): going.failing,
        }
    return {}


def index_gauges(indexer: Indexer) -> dict[tuple[str, str, str], float]:
    """How far the index is behind the records."""
    with suppress(Retry, DiskFull):
        return {("wirewatch_index_lag_changes", "", ""): indexer.lag()}
    return {}


def _no_gauges() -> dict[tuple[str, str, str], float]:
    return {}


@contextmanager
def _ops(
    service: Service,
    settings: Settings,
    checks: Mapping[str, Check],
    gauges: Callable[[], Mapping[tuple[str, str, str], float]] = _no_gauges,
) -> Iterator[None]:
    from workers.ops import Gauges, Ops, serving_ops, watch_over

    watch_over(service.pulse, service.name)
    app = Ops(service.name, service.pulse, checks, Gauges(service.progress, gauges))
    with serving_ops(app, settings.ops_host, settings.ops_port) as port:
        log.info("%s begins; it answers /healthz, /readyz and /metrics on port %d", service.name, port)
        yield
    log.info("%s ends", service.name)
