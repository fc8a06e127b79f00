"""A real Elasticsearch on loopback, of one node or of several that can be stopped, killed and started again."""

from __future__ import annotations

import json
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.services.elasticsearch.jars import distribution, java_home
from tests.services.ports import free_ports

PATIENCE = 120.0  # seconds until a node answers, at most; 5 on an idle machine


@dataclass
class Node:
    """One node. Its ports and its data stay the same when it is started again."""

    name: str
    folder: Path
    http: int
    transport: int
    settings: dict[str, str]
    heap: str
    quick: bool
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.http}"

    def start(self) -> None:
        """Start it; `wait` tells when it answers."""
        made = distribution()
        for name in ("config", "plugins"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if not (self.folder / "modules").exists():
            (self.folder / "modules").symlink_to(made / "modules")
        settings = {
            "node.name": self.name,
            "path.home": str(self.folder),
            "http.port": str(self.http),
            "transport.port": str(self.transport),
            "network.host": "127.0.0.1",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            **self.settings,
        }
        command = [
            str(java_home() / "bin/java"),
            f"-Xms{self.heap}",
            f"-Xmx{self.heap}",
            "-XX:+UseSerialGC",
            *(["-XX:TieredStopAtLevel=1"] if self.quick else []),
            f"--module-path={made / 'jars'}",
            "--add-modules=ALL-MODULE-PATH,jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED,org.elasticsearch.nativeaccess,org.apache.lucene.core",
            f"-Des.path.home={self.folder}",
            "-cp",
            str(made / "classes"),
            "Launcher",
            *(f"{name}={value}" for name, value in settings.items()),
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def log(self) -> Path:
        """What the node says."""
        return self.folder / "node.log"

    def wait(self, nodes: int = 1) -> None:
        """Until it answers and is in a cluster of so many nodes. Raises RuntimeError with the end of its log."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process is not None and self.process.poll() is None:
            try:
                if ask(f"{self.url}/_cluster/health?timeout=1s")["number_of_nodes"] >= nodes:
                    return
            except (OSError, ValueError):
                pass
            time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not answer; its log ends:\n{self.log.read_text()[-4000:]}")

    def stop(self) -> None:
        """In order (SIGTERM)."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """At once (SIGKILL)."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class Cluster:
    """The nodes that were started together."""

    nodes: Sequence[Node]

    @property
    def urls(self) -> list[str]:
        """Where they answer."""
        return [node.url for node in self.nodes]

    @property
    def url(self) -> str:
        """All of them, separated by commas, as the settings have it."""
        return ",".join(self.urls)

    def wait(self, status: str = "yellow") -> None:
        """Until every started node is in and the cluster's health is this or better."""
        running = [node for node in self.nodes if node.process is not None]
        for node in running:
            node.wait(len(running))
        told = ask(f"{running[0].url}/_cluster/health?wait_for_status={status}&timeout={PATIENCE:.0f}s")
        if told["timed_out"]:
            raise RuntimeError(f"the cluster is not {status}: {told}")


@contextmanager
def elasticsearch(
    folder: Path, nodes: int = 1, *, heap: str = "512m", quick: bool = True, settings: dict[str, str] | None = None
) -> Iterator[Cluster]:
    """A cluster with its data in `folder`; killed at the end. `quick` starts fast, without it it runs fast.

    Raises Missing when this machine lacks Maven or a JDK.
    """
    ports = free_ports(2 * nodes)
    names = [f"node{number}" for number in range(nodes)]
    settings = {"cluster.name": f"wirewatch-tests-{ports[0]}", **(settings or {})}
    if nodes == 1:
        settings["discovery.type"] = "single-node"
    else:
        settings["discovery.seed_hosts"] = ",".join(f"127.0.0.1:{port}" for port in ports[nodes:])
        settings["cluster.initial_master_nodes"] = ",".join(names)
        settings["cluster.fault_detection.follower_check.timeout"] = "5s"
    cluster = Cluster(
        [
            Node(name, folder / name, http, transport, settings, heap, quick)
            for name, http, transport in zip(names, ports[:nodes], ports[nodes:], strict=True)
        ]
    )
    try:
        for node in cluster.nodes:
            node.start()
        cluster.wait()
        yield cluster
    finally:
        for node in cluster.nodes:
            node.kill()


def ask(url: str, body: dict[str, Any] | None = None, method: str = "") -> Any:
    """The answer of a node to a bare request, without the client under test."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method or None)
    with urllib.request.urlopen(request, timeout=PATIENCE + 10) as answer:
        return json.load(answer)
