"""An archive to measure pages over: records and index of made news, kept in a folder and found there again.

The texts are those of `bench.stream`: 400,000 articles of 300,000 stories over thirty days unless told otherwise, of
200 outlets in eight countries. Around them stands what an archive in use has: names and topics by Zipf's law, some of
them rising at the end, polled feeds, subscriptions with links and alerts. Filed by the records' own `commit` and
indexed by the indexer's own way, in batches; goes on where a run before was stopped.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

from bench.stream import OUTLETS, SPAN, START, Made, _Words, stream
from pipeline.ids import version_id
from pipeline.types import Assignment, FeedState, Filed, Fingerprint, Grade, Kind, Read, Source, Tag, Tagging
from pipeline.watch import Mode, Output, OutputKind, Subscription
from records import open_records
from records.base import Records
from records.values import Poll
from search.match import LiveMatcher
from search.tantivy_index import open_index
from wirewatch.bootstrap import INDEX, RECORDS
from workers.indexer import catch_up

NOW = START + SPAN  # when it is looked at
COUNTRIES = ("GB", "US", "SG", "FR", "DE", "JP", "AU", "IN")
BATCH = 500  # articles of one commit
TOPICS = 24
NAMES = 20_000
RISING = 10  # names that are told of far more often on the last day
SUBSCRIPTIONS = 40
ALERTED = 4_000  # the last articles, which come when the subscriptions are there


def outlets() -> list[Source]:
    """The sources."""
    return [
        Source(
            f"outlet-{n}",
            f"Outlet {n}",
            COUNTRIES[n % len(COUNTRIES)],
            "en",
            f"https://outlet-{n}.example/",
            feeds=(f"https://outlet-{n}.example/feed",),
        )
        for n in range(OUTLETS)
    ]


def names() -> list[str]:
    """What entities are called, the most frequent first."""
    words, draw = _Words(1).written, random.Random(7)
    return [" ".join(words[draw.randrange(200, 90_000)].title() for _ in range(2)) + f" {n}" for n in range(NAMES)]


def filings(count: int) -> Iterator[Filed]:
    """All articles in order of arrival, each with its story and what it is about; a copy is about the same."""
    called = names()
    rising = {called[300 + 40 * n] for n in range(RISING)}
    for made in stream(count):
        yield _filed(made, called, sorted(rising))


def _filed(made: Made, called: list[str], rising: list[str]) -> Filed:
    one, draw = made.article, random.Random(made.report)
    assert one.first_seen
    outlet = int(one.source_id.rsplit("-", 1)[-1])
    copy = made.number != made.report
    url = f"https://{one.source_id}.example/news/{made.number}"
    about = {called[int(NAMES * draw.random() ** 4)] for _ in range(draw.choice((1, 2, 3, 5)))}
    if one.first_seen > NOW - timedelta(days=1) and draw.random() < 0.05:
        about.add(draw.choice(rising))
    topics = {int(TOPICS * draw.random() ** 2) for _ in range(draw.choice((0, 1, 1, 2)))}
    tagging = Tagging(
        tuple(Tag(f"topic:topic-{n}", f"Topic {n}") for n in sorted(topics)),
        tuple(Tag(f"name:{name.lower().replace(' ', '-')}", name) for name in sorted(about)),
        round(draw.random(), 2),
    )
    article = replace(
        one,
        url=url,
        canonical_url=url,
        grade=Grade.FULL,
        authors=(f"Jane Smith {outlet % 50}",),
        published=one.first_seen - timedelta(minutes=draw.randrange(60)),
        published_how="meta",
        published_confidence=0.9,
        fetched=one.first_seen,
        language="en" if outlet % 10 else "de",
        wire="Reuters" if copy else "",
        wire_how="credit" if copy else "",
        version=version_id(one.title, one.text),
    )
    printed = Fingerprint(f"e{made.number}", f"t{made.number}", b"")  # nothing is folded here
    assignment = Assignment(one.id, f"s{made.report:08x}", "near" if copy else "first", 0.9 if copy else 1.0)
    return Filed(Read(article, printed, tagging), assignment)


def make(folder: Path, count: int) -> None:
    """Fill the folder. Takes about a minute for 60,000 articles."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        closing(open_records(folder / RECORDS, matcher=LiveMatcher())) as records,
        closing(open_index(folder / INDEX)) as index,
    ):
        done, begin = records.totals().articles, time.perf_counter()
        if not done:
            records.sync_sources(outlets())
            records.record_polls([_polled(one) for one in outlets()], NOW)
        coming = islice(filings(count), done, None)
        while some := list(islice(coming, BATCH)):
            if count - done <= ALERTED and not records.subscriptions():
                _subscribe(records)
            records.commit(some, [], max(one.read.article.first_seen or NOW for one in some))
            catch_up(records, index)
            done += len(some)
            if done % 20_000 == 0:
                print(f"         {done} articles, {time.perf_counter() - begin:.0f} s", flush=True)
        catch_up(records, index)


def _polled(one: Source) -> Poll:
    url = one.feeds[0]
    due = {"last_try": NOW, "last_success": NOW, "last_new": NOW, "next_due": NOW + timedelta(minutes=30)}
    return Poll(one.id, url, lambda new: FeedState(one.id, url, Kind.FEED, per_day=60.0, **due), ())


def _subscribe(records: Records) -> None:
    """Queries of common names, each with a link."""
    at = NOW - timedelta(days=1)
    for n, name in enumerate(names()[:SUBSCRIPTIONS]):
        saved = records.subscribe(Subscription(f"watch {n}", f'entity:"{name}"', Mode.EVERY), at)
        records.put_output(Output(saved.id, OutputKind.LINK, secret=f"bench-link-{n:032}"), at)
