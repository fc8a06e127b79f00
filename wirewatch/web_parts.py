"""Wires the web application, and serves it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.errors import BadSetting
from wirewatch import __version__, bootstrap
from wirewatch.config import Settings

if TYPE_CHECKING:
    from web.parts import Parts
    from web.serving import Application


def serve_web(
    settings: Settings,
    stop: Event,
    *,
    turn: Callable[[], object] = lambda: None,
    began: Callable[[str], object] = lambda address: None,
    prepare: Callable[[], object] | None = None,
) -> None:
    """Answer for pages, API and feeds until `stop` is set, from as many processes as the settings say.

    `began` is told the address; `prepare` (to be pickled) is called in each process first. Raise BadSetting, or what
    records and index raise when they cannot be opened.
    """
    from web.access import LOOPBACK
    from web.processes import serve_many
    from web.serving import listen, serve
    from wirewatch.signing_in import make_first_admin

    with closing(bootstrap.open_the_records(settings)) as records:
        make_first_admin(settings, records, bootstrap.now())
        has_admin = records.has_admin()
    host, named = settings.web_host, urlsplit(settings.public_url).hostname
    for key, name in (("web_host", host), ("public_url", named)):
        if name and name not in LOOPBACK and not settings.api_token and not has_admin:
            right = "make an admin's account first with `wirewatch people add NAME --role admin`"
            raise BadSetting(f"{key} lets others than this machine in, and nothing keeps them out: {right}")
    with closing(listen(host, settings.web_port)) as where:
        public = bootstrap.public_address(settings, where.getsockname()[1])
        make = partial(web_app, settings, public, prepare)
        if settings.web_processes > 1:
            with make():  # migrations run once, and what is wrong is told at once
                pass
            serve_many(make, where, settings.web_processes, stop, turn, partial(began, public))
        else:
            with make() as app:
                began(public)
                serve(app, where, stop, turn)


@contextmanager
def web_app(settings: Settings, public: str, prepare: Callable[[], object] | None = None) -> Iterator[Application]:
    """The web application over records and index of its own. Raise Trouble, Away."""
    from web.app import make_app

    if prepare:
        prepare()
    with web_parts(settings, public) as parts:
        yield make_app(parts, __version__)


@contextmanager
def web_parts(settings: Settings, public: str) -> Iterator[Parts]:
    """What it is made of. Raise Trouble, Away."""
    from web.parts import Parts
    from web.tagging import Taggers
    from wirewatch.doctor import examine
    from wirewatch.reader import PageReader
    from wirewatch.signing_in import make_openid
    from workers.verify import verify

    with (
        closing(bootstrap.open_the_records(settings)) as records,
        closing(bootstrap.open_the_index(settings, read_only=True)) as index,
        closing(PageReader(settings)) as reader,
    ):
        taggers = Taggers(bootstrap.tag_rules(settings))
        yield Parts(
            records,
            index,
            bootstrap.now,
            secrets.token_bytes,
            public,
            settings.api_token,
            settings.api_rate,
            read_page=reader,
            examine=partial(examine, settings),
            compare_index=partial(verify, records, index),
            check_output=bootstrap.check_output(settings),
            send_test=partial(bootstrap.send_test, settings),
            tag=lambda one: taggers().tag(one),
            taggers=taggers,
            sourcing=bootstrap.make_sourcing(settings, lenient=True),
            depths=bootstrap.make_queues(settings).depths if settings.redis_url else None,
            order=bootstrap.order(settings) if settings.redis_url else None,
            openid=make_openid(settings, bootstrap.now),
            proxies=settings.trusted_proxies,
        )
