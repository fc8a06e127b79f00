"""The stack under test: compose commands on it, and what can be asked of its containers."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.compose.engine import docker, environment
from tests.compose.shell import CACHE, ROOT, Failed, sh, wait
from tests.services.ports import free_ports

PROJECT = "wirewatch-test"
OURS = ("scheduler", "crawler", "worker", "desk", "indexer", "alerts", "web")
STORES = ("redis", "postgres", "elasticsearch")
PUBLISHED = ("WIREWATCH", "PROMETHEUS", "FLOWER", "REDIS", "POSTGRES")
WATCH = ("prometheus", "flower")  # Grafana has no stand-in
V2 = "github.com/docker/compose/v2/cmd@v2.29.7"


class Stack:
    """docker-compose.yml with the demo's outlets, in a project, an .env and a configuration folder of its own."""

    def __init__(self, v2: bool) -> None:
        self.v2 = v2
        self.folder = CACHE / "stack"
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "config" / "sources").mkdir(parents=True)
        self.ports = dict(zip((f"{name}_PORT" for name in PUBLISHED), free_ports(len(PUBLISHED)), strict=True))
        env = self.folder / "env"
        given = {**self.ports, "ELASTICSEARCH_HEAP": "512m", "WIREWATCH_CONFIG_FOLDER": self.folder / "config"}
        env.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
        sh(ROOT / "deploy" / "make-env", env)
        command = [*(["docker", "compose"] if v2 else ["docker-compose"]), "--project-directory", ROOT]
        files = [
            ROOT / "docker-compose.yml",
            *(ROOT / "deploy" / f"compose.{name}.yml" for name in ("demo", "private")),
        ]
        self._base = [*command, "--env-file", env, "-p", PROJECT, *(word for file in files for word in ("-f", file))]
        self._passwords = dict(line.split("=", 1) for line in env.read_text().splitlines())
        self._other = [*command, "--env-file", self._second(), "-p", f"{PROJECT}-second"]
        self._other += ["-f", ROOT / "deploy" / "compose.worker.yml", "-f", self.folder / "second.yml"]

    def _second(self) -> Path:
        """What the "second machine" is told: it shares only this machine's loopback with the first."""
        passwords = self._passwords
        database = f"postgresql://wirewatch:{passwords['POSTGRES_PASSWORD']}@127.0.0.1:{self.ports['POSTGRES_PORT']}"
        queue = f"redis://:{passwords['REDIS_PASSWORD']}@127.0.0.1:{self.ports['REDIS_PORT']}/0"
        given = {"DATABASE_URL": f"{database}/wirewatch", "REDIS_URL": queue, "CONFIG_FOLDER": self.folder / "config"}
        told = self.folder / "second"
        told.write_text("".join(f"WIREWATCH_{name}={value}\n" for name, value in given.items()))
        demo = {"WIREWATCH_DEMO": "127.0.0.1:8999", "WIREWATCH_OPS_PORT": "0"}
        override = {"services": {"worker": {"network_mode": "host", "environment": demo}}}
        (self.folder / "second.yml").write_text(json.dumps(override))
        return told

    def password(self, name: str) -> str:
        """What `deploy/make-env` made up for it."""
        return self._passwords[name]

    def compose(self, *arguments: object, check: bool = True, limit: float = 1200) -> str:
        """Run a compose command."""
        return sh(*self._base, *arguments, env=environment(), check=check, limit=limit)

    def second(self, *arguments: object, check: bool = True) -> str:
        """Run a compose command on the workers of the "second machine"."""
        return sh(*self._other, *arguments, env=environment(), check=check)

    def up(self, *services: str, scale: int = 1, limit: float = 300) -> None:
        """Start services and wait until all of them are healthy, or name those that are not, with their last words."""
        waiting = ["--wait"] if self.v2 else []
        scaling = ["--scale", f"worker={scale}"] if "worker" in services else []
        self.compose("up", "-d", *waiting, *scaling, *services)
        try:
            wait("healthy", lambda: not self.unwell(services), limit)
        except Failed:
            words = [f"{name}: {self.compose('logs', '--tail=15', name)}" for name in self.unwell(services)]
            raise Failed("not healthy: " + "\n".join(words)[-6000:]) from None

    def containers(self) -> dict[str, dict[str, Any]]:
        """Running and stopped containers of the project by name, as `docker inspect` tells of them."""
        ids = docker("ps", "-aq", "--filter", f"label=com.docker.compose.project={PROJECT}").split()
        rows = json.loads(docker("inspect", *ids)) if ids else []
        return {row["Name"].lstrip("/"): row for row in rows}

    def unwell(self, services: tuple[str, ...]) -> list[str]:
        """The services of these that have no container, or one that is not running and healthy."""
        seen = dict.fromkeys(services, 0)
        bad = set()
        for row in self.containers().values():
            service = service_of(row)
            if service in seen:
                seen[service] += 1
                if row["State"]["Status"] != "running" or row["State"].get("Health", {}).get("Status") != "healthy":
                    bad.add(service)
        return sorted(bad | {name for name, count in seen.items() if not count})

    def container(self, service: str) -> str:
        """The id of a service's (first) container."""
        return next(str(row["Id"]) for row in self.containers().values() if service_of(row) == service)

    def inside(self, service: str, *command: object, given: Path | None = None, kept_in: Path | None = None) -> str:
        """The output of a command in a service's container; files may be its standard input and output."""
        words = shlex.join(str(word) for word in ("docker", "exec", "-i", self.container(service), *command))
        source = shlex.quote(str(given or "/dev/null"))
        target = f" > {shlex.quote(str(kept_in))}" if kept_in else ""
        return sh("sh", "-c", f"{words} < {source}{target}", env=environment())

    def sql(self, query: str) -> list[str]:
        """The lines of an answer of PostgreSQL."""
        return self.inside("postgres", "psql", "-U", "wirewatch", "-d", "wirewatch", "-Atc", query).splitlines()

    def search(self, query: str) -> list[dict[str, Any]]:
        """The stories that `wirewatch search` finds, in the container of `web`."""
        found = self.inside("web", "wirewatch", "search", query, "--json", "--limit", "200")
        rows = [json.loads(line) for line in found.splitlines()]
        return [row for row in rows if "answer" not in row]  # the last line tells of all that matches

    def truth(self) -> dict[str, dict[str, Any]]:
        """What the demo's outlets have published until now, by address."""
        ask = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8999/__replay__/truth').read().decode())"
        rows = json.loads(self.inside("crawler", "python", "-c", ask))
        return {url: row for row in rows for url in row["urls"]}

    def get(self, port: str, path: str) -> str:
        """What a published port answers on this machine's loopback."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[port]}{path}", timeout=10) as answer:
                return str(answer.read().decode())
        except OSError as error:
            raise Failed(f"{port} {path}: {error}") from None

    def asked(self, query: str) -> list[dict[str, Any]]:
        """What Prometheus answers."""
        told = json.loads(self.get("PROMETHEUS_PORT", f"/api/v1/query?query={quote(query)}"))
        rows: list[dict[str, Any]] = told["data"]["result"]
        return rows

    def memory(self) -> dict[str, str]:
        """Memory by container, as `docker stats` shows it."""
        told = docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *self.containers())
        return dict(line.split(" ", 1) for line in sorted(told.splitlines()))

    def down(self, *, volumes: bool = False) -> None:
        """Stop and remove the containers, and the data if asked."""
        self.second("down", "--remove-orphans", check=False)
        self.compose("down", "--remove-orphans", *(["--volumes"] if volumes else []))


def build_v2() -> None:
    """Docker Compose 2 as a plugin of the docker command, from its source."""
    plugin = CACHE / "docker-config" / "cli-plugins" / "docker-compose"
    if plugin.exists():
        return
    made = CACHE / "go"
    sh("nice", "-n", "10", "go", "install", V2, env={"GOBIN": str(made)}, limit=1800)
    plugin.parent.mkdir(parents=True, exist_ok=True)
    (made / "cmd").rename(plugin)


def service_of(row: dict[str, Any]) -> str:
    """The service that a container belongs to."""
    return str(row["Config"]["Labels"]["com.docker.compose.service"])


def kill_from_outside(row: dict[str, Any]) -> None:
    """SIGKILL to a container's first process, as a machine short of memory sends it; `docker kill` counts as a stop."""
    os.kill(int(row["State"]["Pid"]), 9)
