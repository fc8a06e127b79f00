"""What hostile queries cost: `./run bench queries`.

Every text of `tests/hostile_queries.py` goes to every reader (the parser and the three imports), every form to
`from_json`, every bomb of saved queries to `expand`. Milliseconds of CPU on one core, the best of five. Refusals are to
take less than 50 ms; of what is read, the making of both back ends' queries is told too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

from pipeline.errors import BadQuery
from search import elastic_query
from search.ast import Node, resolve
from search.importing import from_freshrss, from_google, from_miniflux
from search.json_form import from_json
from search.parse import parse
from search.saved import expand
from search.tantivy_schema import article_query, make_schema
from tests.hostile_queries import SAVED, TEXTS, USES, forms

GOAL = 50.0  # ms
ROUNDS = 5
SHOWN = 5  # of each kind, the slowest


def main() -> None:
    """Print the slowest of what was refused and of what was read."""
    refused: list[tuple[float, str]] = []
    read: list[tuple[float, float, str]] = []
    for name, work in _works().items():
        spent, node = _measured(work)
        if node is None:
            refused.append((spent, name))
        else:
            read.append((spent, _compiled(node), name))
    print(f"refused: {len(refused)}, the slowest, ms of CPU (goal: less than {GOAL:g})")
    for spent, name in sorted(refused, reverse=True)[:SHOWN]:
        print(f"  {spent:7.2f}  {name}")
    print(f"read: {len(read)}, the slowest, ms of CPU to read it + to make both queries of it")
    for spent, made, name in sorted(read, key=lambda row: -row[0] - row[1])[:SHOWN]:
        print(f"  {spent:7.2f} + {made:7.2f}  {name}")


def _works() -> dict[str, Callable[[], Node]]:
    works: dict[str, Callable[[], Node]] = {}
    readers: dict[str, Callable[[str], Node]] = {
        "parse": parse,
        "google": lambda text: from_google(text).query,
        "freshrss": lambda text: from_freshrss(text).query,
        "miniflux": lambda text: from_miniflux(text).query,
    }
    for name, text in TEXTS.items():
        for reader, reads in readers.items():
            works[f"{name} ({reader})"] = lambda text=text, reads=reads: reads(text)  # type: ignore[misc]
    for name, form in forms().items():
        works[name] = lambda form=form: from_json(form)  # type: ignore[misc]
    for name, text in USES.items():
        works[name] = lambda text=text: expand(parse(text), SAVED.get, SAVED)  # type: ignore[misc]
    return works


def _measured(work: Callable[[], Node]) -> tuple[float, Node | None]:
    spent: list[float] = []
    node = None
    for _ in range(ROUNDS):
        began = time.process_time()
        try:
            node = work()
        except BadQuery:
            node = None
        spent.append(1000 * (time.process_time() - began))
    return min(spent), node


def _compiled(node: Node) -> float:
    schema = make_schema()
    fixed = resolve(node, datetime(2026, 1, 1, tzinfo=UTC))
    began = time.process_time()
    article_query(schema, fixed)
    json.dumps(elastic_query.ranked(fixed))
    return 1000 * (time.process_time() - began)
