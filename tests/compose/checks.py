"""What deploy/README.md promises of the running stack, each checked for real."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from typing import Any

from tests.compose.engine import docker
from tests.compose.images import named
from tests.compose.shell import CACHE, ROOT, Failed, Report, wait
from tests.compose.stack import OURS, STORES, WATCH, Stack, kill_from_outside, service_of

ALL = (*STORES, *OURS, *WATCH)
REFERENCE = "anthropic-hegseth-ultimatum"  # the demo's telling of the reference story
QUERY = "anthropic AND pentagon"
OUTLETS = 8  # of the thirteen that carry it, those whose whole text can be read


def hardened(stack: Stack, report: Report) -> None:
    """No container runs as root or with a capability, ours write nothing but to tmpfs, ports are on loopback only."""
    for name, row in stack.containers().items():
        host = row["HostConfig"]
        problems = [
            not row["Config"]["User"] or row["Config"]["User"].split(":")[0] in ("0", "root"),
            host["CapDrop"] != ["ALL"],
            "no-new-privileges:true" not in host["SecurityOpt"],
            not host["Memory"],
            host["RestartPolicy"]["Name"] != "unless-stopped",
            not host["ReadonlyRootfs"] and service_of(row) != "elasticsearch",
        ]
        if any(problems):
            raise Failed(f"{name}: {problems}")
        for bound in (row["NetworkSettings"]["Ports"] or {}).values():
            if any(one["HostIp"] != "127.0.0.1" for one in bound or []):
                raise Failed(f"{name} is published at {bound}")
    stack.get("WIREWATCH_PORT", "/api/v1/openapi.json")
    report.fact("every container: not root, no capabilities, read-only (Elasticsearch apart), ports on loopback only")


def collected(stack: Stack, report: Report) -> None:
    """The demo's outlets are collected, the reference story is found once with its copies, through Elasticsearch."""
    begin = time.monotonic()
    story = reference(stack, 240)
    copies, outlets, took = len(story["copies"]), len(story["outlets"]), time.monotonic() - begin
    report.fact(
        f"`wirewatch search '{QUERY}'` finds the reference story once, {copies} copies at {outlets} outlets, "
        f"{took:.0f} s after all services were healthy"
    )
    address = "http://127.0.0.1:9200/_cat/indices/wirewatch*?h=index,docs.count"
    count = stack.inside("elasticsearch", "curl", "-s", address)
    if not count.strip():
        raise Failed("Elasticsearch holds no index of ours")
    report.fact("Elasticsearch holds " + "; ".join(" ".join(line.split()) for line in count.splitlines()))


def reference(stack: Stack, limit: float) -> dict[str, Any]:
    """The one story that holds whole copies of the reference story, once it has copies at enough outlets."""

    def seen() -> dict[str, Any] | None:
        truth = stack.truth()
        holding = [
            story
            for story in stack.search(QUERY)
            if any(
                truth.get(copy["url"], {}).get("piece") == REFERENCE and copy["grade"] != "headline"
                for copy in story["copies"]
            )
        ]
        if len(holding) > 1:
            raise Failed(f"the reference story stands there {len(holding)} times")
        return holding[0] if holding and len(holding[0]["outlets"]) >= OUTLETS else None

    found = wait(f"the reference story at {OUTLETS} outlets", seen, limit, every=3)
    assert isinstance(found, dict)
    return found


def watched(stack: Stack, report: Report) -> None:
    """Prometheus reaches every service, every query of dashboard and alerts is valid, Flower sees the worker."""
    services = {*OURS}

    def all_up() -> bool:
        return {row["metric"]["service"] for row in stack.asked('up{job="wirewatch"} == 1')} >= services

    wait("every service up in Prometheus", all_up, 120)
    dashboard = json.loads((ROOT / "deploy/grafana/dashboards/wirewatch.json").read_text(encoding="utf8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    with suppress(Failed):
        wait("data for every query", lambda: all(stack.asked(query) for query in queries), 60, every=5)
    empty = [query for query in queries if not stack.asked(query)]
    metrics = sorted({name for query in empty for name in re.findall(r"\b(?:wirewatch|process)_\w+", query)})
    full = len(queries) - len(empty)
    report.fact(f"Prometheus: {len(services)} services up; {full} of the dashboard's {len(queries)} queries have data")
    if metrics:
        report.fact(f"without data yet: {', '.join(metrics)}")
    rules = json.loads(stack.get("PROMETHEUS_PORT", "/api/v1/rules"))["data"]["groups"][0]["rules"]
    broken = [rule["name"] for rule in rules if rule["health"] != "ok"]
    if broken:
        raise Failed(f"alert rules that cannot be evaluated: {broken}")
    docker(
        *("run", "--rm", "-v", f"{ROOT}/deploy/prometheus:/etc/prometheus:ro"),
        *("-v", f"{ROOT}/tests/compose/alerts_test.yml:/tests/alerts.yml:ro", "--entrypoint", "promtool"),
        *(named("prometheus"), "test", "rules", "/tests/alerts.yml"),
    )
    report.fact(
        f"{len(rules)} alert rules are evaluated; each fires when it should and only then (`promtool test rules`)"
    )
    stack.get("FLOWER_PORT", "/healthcheck")


def steady(stack: Stack, report: Report) -> None:
    """Nothing was started again until now, be it for want of memory."""
    rows = stack.containers()
    if again := {name: row["RestartCount"] for name, row in rows.items() if row["RestartCount"]}:
        raise Failed(f"started again by themselves: {again}")
    if killed := [name for name, row in rows.items() if row["State"]["OOMKilled"]]:
        raise Failed(f"processes were killed for want of memory: {killed}")
    report.fact("until here no container was started again by itself, and none ran out of memory")


def scaled(stack: Stack, report: Report) -> None:
    """Three workers take part, and Prometheus finds them by itself."""
    stack.up(*ALL, scale=3)
    workers = [row for row in stack.containers().values() if service_of(row) == "worker"]
    if len(workers) != 3:
        raise Failed(f"{len(workers)} workers")
    wait("three workers in Prometheus", lambda: len(stack.asked('up{service="worker"} == 1')) == 3, 120)
    report.memory = stack.memory()
    report.fact("`--scale worker=3`: three workers healthy and found by Prometheus")


def helped(stack: Stack, report: Report) -> None:
    """A worker of another machine does the reading when this one's workers are gone."""
    stack.compose("stop", "worker")
    before = len(ids(stack))
    stack.second("up", "-d")
    try:
        wait("articles through the other machine's worker", lambda: len(ids(stack)) > before, 120)
        logs = stack.second("logs")
        if "filed" not in stack.compose("logs", "--tail=200", "desk") or '"read ' not in logs:
            raise Failed("the other worker read nothing")
    finally:
        stack.second("down")
    report.fact("no worker of its own, one of `deploy/compose.worker.yml`: stories go on being filed")
    stack.up(*ALL)


def kept(stack: Stack, report: Report) -> None:
    """`down` and `up` lose nothing: the same ids in the records, the same stories from the index."""
    quiet(stack)
    before, stories = ids(stack), found(stack)
    stack.compose("stop")
    codes = {name: int(row["State"]["ExitCode"]) for name, row in stack.containers().items()}
    if forced := {name: code for name, code in codes.items() if code not in (0, 143)}:  # 137: the time to stop was up
        raise Failed(f"did not stop in order: {forced}")
    stack.down()
    stack.up(*(name for name in ALL if name != "crawler"))
    same(stack, before, stories)
    report.fact(f"`down` and `up`: {len(before)} articles and {len(stories)} stories found before, the same after")
    stack.up(*ALL)


def restored(stack: Stack, report: Report) -> None:
    """The runbook's backup and restore: pg_dump, everything deleted, pg_restore, the index made from the records."""
    quiet(stack)
    before, stories = ids(stack), found(stack)
    backup = CACHE / "stack" / "records.dump"
    stack.inside("postgres", "pg_dump", "-U", "wirewatch", "-d", "wirewatch", "-Fc", kept_in=backup)
    stack.down(volumes=True)
    stack.up("postgres")
    stack.inside("postgres", "pg_restore", "-U", "wirewatch", "-d", "wirewatch", "--exit-on-error", given=backup)
    stack.up(*(name for name in ALL if name != "crawler"))
    same(stack, before, stories)
    report.fact(
        f"backup ({backup.stat().st_size / 1000:.0f} KB), all volumes deleted, restored: the same {len(before)} "
        f"articles and, from an index made anew, the same {len(stories)} stories"
    )
    stack.up(*ALL)


def survived(stack: Stack, report: Report, service: str) -> None:
    """A service whose process is killed comes back by itself, and the stack goes on."""
    row = next(row for row in stack.containers().values() if service_of(row) == service)
    before, begin = ids(stack), time.monotonic()
    kill_from_outside(row)
    wait(f"{service} started again", lambda: _restarts(stack, service) > row["RestartCount"], 60, every=0.2)
    wait(f"{service} healthy again", lambda: not stack.unwell((service,)), 180)
    took = time.monotonic() - begin
    wait("all healthy again", lambda: not stack.unwell(ALL), 180)
    reference(stack, 120)
    if missing := sorted(set(before) - set(ids(stack))):
        raise Failed(f"articles are gone: {missing[:5]}")
    report.fact(f"kill -9 of {service}: healthy again after {took:.0f} s, nothing lost, the reference story found once")


def quiet(stack: Stack) -> None:
    """Stop what brings new pages in, and wait until what was on its way is filed and indexed."""
    stack.compose("stop", "crawler")

    def settled() -> bool:
        depth = stack.asked('sum(wirewatch_queue_depth{queue!~"fetch.*"}) + max(wirewatch_spool_pages)')
        lag = stack.asked("max(wirewatch_index_lag_changes)")
        return bool(depth and lag) and float(depth[0]["value"][1]) == float(lag[0]["value"][1]) == 0

    time.sleep(35)  # two scrapes and a turn of the scheduler: what the numbers tell of is now
    wait("queues empty, index level", settled, 180, every=3)


def ids(stack: Stack) -> list[str]:
    """The ids of all articles in the records."""
    return stack.sql("select id from articles order by id")


def found(stack: Stack) -> list[str]:
    """The ids of the stories that a wide query finds in the index."""
    return sorted(story["id"] for story in stack.search("seen:P7D"))


def same(stack: Stack, before: list[str], stories: list[str]) -> None:
    """Records and index hold what they held."""
    after = ids(stack)
    if after != before:
        missing = sorted(set(before) - set(after))
        raise Failed(f"{len(before)} articles before, {len(after)} after; missing: {missing[:5]}")
    wait("the same stories from the index", lambda: found(stack) == stories, 180, every=3)
    stack.inside("indexer", "wirewatch", "index", "verify")  # fails when an article differs


def _restarts(stack: Stack, service: str) -> int:
    return next(int(row["RestartCount"]) for row in stack.containers().values() if service_of(row) == service)
