"""`wirewatch doctor`: every part looked at, and what is wrong said in words."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import closing

from pipeline.errors import WirewatchError
from pipeline.outputs import shown
from records.base import Records
from web.findings import Finding
from wirewatch import bootstrap
from wirewatch.config import Settings

ROOM = 1_000_000_000  # bytes free below which the archive's disk is worth a warning


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, in the order in which a run needs it."""
    yield Finding("Python", sys.version_info >= (3, 11), sys.version.split()[0])
    yield _sources(settings)
    yield _taxonomy(settings)
    yield _manners(settings)
    yield from _archive(settings)


def _sources(settings: Settings) -> Finding:
    try:
        sources = bootstrap.load_sources(settings)
    except WirewatchError as error:
        return Finding("sources", False, str(error))
    collected = sum(not source.blocked for source in sources.values())
    return Finding("sources", collected > 0, f"{collected} collected, {len(sources) - collected} listed only")


def _taxonomy(settings: Settings) -> Finding:
    from pipeline.taxonomy import load_taxonomy

    try:
        taxonomy = load_taxonomy(*settings.taxonomy)
    except WirewatchError as error:
        return Finding("taxonomy", False, str(error))
    topics = sum(tag_id.startswith("topic:") for tag_id in taxonomy.entries)
    return Finding("taxonomy", True, f"{topics} topics, {len(taxonomy.entries) - topics} names")


def _manners(settings: Settings) -> Finding:
    contact = "http" in settings.user_agent or "@" in settings.user_agent
    words = f"we call ourselves {settings.user_agent!r}"
    if not contact:
        words += "; put an address in user_agent at which outlets can reach you"
    if settings.connect_to:
        return Finding(
            "manners", False, f"connect_to sends every connection to {settings.connect_to}: no outlet is reached"
        )
    return Finding("manners", True, words)


def _archive(settings: Settings) -> Iterator[Finding]:
    if not bootstrap.is_archive(settings):
        yield Finding("archive", True, f"none yet at {settings.data}; `wirewatch run` makes it")
        return
    if not settings.database_url:
        free = shutil.disk_usage(settings.data).free
        yield Finding("disk", free > ROOM, f"{free / 1e9:.1f} GB free at {settings.data}")
    try:
        with closing(bootstrap.open_the_records(settings, read_only=True)) as records:
            yield from _records(records)
            yield _index(settings, records)
    except WirewatchError as error:
        yield Finding("records", False, str(error))
    if settings.redis_url:
        yield _queues(settings)


def _records(records: Records) -> Iterator[Finding]:
    problems, totals = records.check(), records.totals()
    words = f"{totals.articles} articles in {totals.stories} stories, {totals.pending} pages to fetch"
    yield Finding("records", not problems, "; ".join(problems) or words)
    kept = totals.quarantined
    yield Finding("quarantine", True, f"{kept} kept" + ("; see `wirewatch quarantine list`" if kept else ""))
    yield _alerts(records)
    failing = [one for one in records.health(bootstrap.now()) if one.state in ("failing", "blocked")]
    names = ", ".join(f"{one.name} ({one.last_error})" for one in failing[:5])
    yield Finding("collecting", True, f"{len(failing)} sources failing" + (f": {names}" if names else ""))


def _alerts(records: Records) -> Finding:
    """Failing outputs are for a person to see to, but no fault of this archive."""
    going, outputs = records.outgoing(), [one for one in records.outputs() if one.revoked is None]
    names = {one.id: one.name for one in records.subscriptions()}
    failing = [one for one in outputs if one.failing_since is not None]
    words = f"{len(outputs)} outputs; alerts: {going.pending} waiting to be sent, {going.dead} given up"
    if going.dead:
        words += " (`wirewatch watch deliveries --dead`)"
    if failing:
        told = ", ".join(f"{names[one.subscription_id]} to {shown(one.target)} ({one.error})" for one in failing[:5])
        words += f"; {len(failing)} outputs failing: {told}"
    return Finding("alerts", True, words)


def _index(settings: Settings, records: Records) -> Finding:
    try:
        with closing(bootstrap.open_the_index(settings, read_only=True)) as index:
            behind = records.last_change() - index.position()
            next_step = "the indexer catches up" if settings.redis_url else "the next run catches up"
            state = "up to date" if behind == 0 else f"{behind} changes behind: {next_step}"
            return Finding("index", True, f"{index.count()} articles, {state}")
    except WirewatchError as error:
        return Finding("index", False, str(error))


def _queues(settings: Settings) -> Finding:
    try:
        depths = bootstrap.make_queues(settings).depths()
    except WirewatchError as error:
        return Finding("queues", False, str(error))
    waiting = ", ".join(f"{depth} {name}" for name, depth in depths.items() if depth)
    return Finding("queues", True, waiting or "nothing waits")
