"""What the commands about subscriptions share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import typer

from pipeline.errors import BadInput, BadQuery
from pipeline.watch import Subscription
from records.base import Records
from search.ast import Node
from wirewatch import bootstrap
from wirewatch.cli_search import chosen
from wirewatch.config import Settings

if TYPE_CHECKING:
    from web.backtest import Backtest


def found(records: Records, name: str) -> Subscription:
    """The subscription of that name or id. Raise BadInput."""
    one = records.subscription(name)
    if one is None:
        raise BadInput(f"no subscription is called {name!r}: `wirewatch watch list` shows them")
    return one


def understood(one: Subscription, subscriptions: Iterable[Subscription]) -> Node:
    """Its query, expanded, were it one of these. Raise BadInput that points at what is wrong."""
    from web.saved import pointer
    from web.saved import understood as read

    try:
        return read(one, subscriptions)
    except BadQuery as error:
        raise BadInput(f"{error}\n{pointer(one.query, error)}") from None


@contextmanager
def writing(context: typer.Context, demo: bool) -> Iterator[tuple[Settings, Records]]:
    """The records of the archive asked for, which must have been made, also while another process collects."""
    settings = chosen(context, demo)
    bootstrap.must_be_archive(settings)
    with closing(bootstrap.open_the_records(settings)) as records:
        yield settings, records


def tried_out(settings: Settings, records: Records, one: Subscription, node: Node, days: int) -> Backtest:
    """Its back-test. Raise Trouble when the index cannot be searched."""
    from web.backtest import backtest

    with closing(bootstrap.open_the_index(settings, read_only=True)) as index:
        return backtest(node, one.mode, index, records, bootstrap.now(), days=days, budget=one.budget)
