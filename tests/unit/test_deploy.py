"""The files of deploy/ keep what deploy/README.md promises. The stack itself is run by tests/compose/run."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from tests.shared import ROOT
from wirewatch.config import Settings
from wirewatch.services import SERVICES

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf8"))
ALL: dict[str, dict[str, Any]] = COMPOSE["services"]
OVERRIDES = sorted((ROOT / "deploy").glob("compose.*.yml"))
NOT_READ_ONLY = {"elasticsearch"}  # its entrypoint writes the password into a key store
METRICS = {
    "wirewatch_outcomes_total",
    "wirewatch_errors_total",
    "wirewatch_stage_seconds_total",
    "wirewatch_queue_depth",
    "wirewatch_spool_pages",
    "wirewatch_index_lag_changes",
    "wirewatch_sources",
    "wirewatch_alerts_oldest_seconds",
    "wirewatch_outputs_failing",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "up",
}
DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboards/wirewatch.json").read_text(encoding="utf8"))
RULES = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf8"))["groups"][0]["rules"]


def test_every_service_of_ours_is_in_the_compose_file() -> None:
    ours = {name: one for name, one in ALL.items() if one.get("command", [""])[0] == "serve"}
    assert set(ours) == set(SERVICES)
    for name, one in ours.items():
        assert one["command"][1] == name
        assert one["user"] == "10001:10001"
        assert {"postgres", "redis"} <= set(one["depends_on"])


@pytest.mark.parametrize("name", ALL)
def test_every_container_is_watched_bounded_and_locked_down(name: str) -> None:
    one = ALL[name]
    assert one["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert one["mem_limit"] and one["restart"] == "unless-stopped"
    assert one["user"].split(":")[0] not in ("0", "root")
    assert one["cap_drop"] == ["ALL"] and one["security_opt"] == ["no-new-privileges:true"]
    assert one.get("read_only", False) or name in NOT_READ_ONLY
    assert set(one["logging"]["options"]) == {"max-size", "max-file"}
    assert not one.get("privileged") and "network_mode" not in one and "container_name" not in one


@pytest.mark.parametrize("name", ALL)
def test_ports_are_published_on_loopback_unless_the_user_says_otherwise(name: str) -> None:
    for port in ALL[name].get("ports", []):
        assert port.startswith("${WIREWATCH_BIND:-127.0.0.1}:")
        assert "outside" in ALL[name]["networks"]
    if name in ("redis", "postgres", "elasticsearch"):
        assert ALL[name]["networks"] == ["inside"] and "ports" not in ALL[name]


def test_the_data_services_cannot_reach_out() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_images_have_a_version() -> None:
    for name, one in ALL.items():
        assert re.search(r":[\w.$]", one["image"]) and not one["image"].endswith(":latest"), name


def test_what_compose_sets_are_settings_that_there_are() -> None:
    demo = yaml.safe_load((ROOT / "deploy/compose.demo.yml").read_text(encoding="utf8"))["services"]
    known = {f"WIREWATCH_{name.upper()}" for name in Settings.model_fields}
    for name, one in [*ALL.items(), *demo.items()]:
        set_here = {key for key in one.get("environment", {}) if key.startswith("WIREWATCH_")}
        assert set_here <= known, name


@pytest.mark.parametrize("path", ["docker-compose.yml", *(f"deploy/{one.name}" for one in OVERRIDES)])
def test_overrides_name_services_that_there_are_and_every_variable_has_a_default(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf8")
    assert set(yaml.safe_load(text)["services"]) <= set(ALL)
    assert "version:" not in text and not re.search(r"^name:", text, re.MULTILINE)
    for variable in re.findall(r"(?<!\$)\$\{([^}]*)\}", text):
        assert re.fullmatch(r"[A-Z_]+:(-.+|\?.* deploy/(make-env|README.md).*)", variable)
    for one in yaml.safe_load(text)["services"].values():
        assert all(port.startswith("${WIREWATCH_") and ":-127.0.0.1}:" in port for port in one.get("ports", []))


def test_a_worker_of_another_machine_is_the_same_as_one_of_this() -> None:
    (other,) = yaml.safe_load((ROOT / "deploy/compose.worker.yml").read_text(encoding="utf8"))["services"].values()
    alike = set(ALL["worker"]) - {"environment", "networks", "depends_on"}
    assert {key: other[key] for key in alike} == {key: ALL["worker"][key] for key in alike}
    assert set(other["environment"]) < set(ALL["worker"]["environment"])


def test_the_passwords_that_compose_asks_for_are_made_by_make_env(tmp_path: Path) -> None:
    made = make_env(tmp_path / "env")
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", (ROOT / "docker-compose.yml").read_text(encoding="utf8")))
    assert asked and asked <= set(made)
    assert len({made[name] for name in asked}) == len(asked)
    assert all(re.fullmatch(r"[0-9a-f]{48}", made[name]) for name in asked)  # safe inside an address


def test_make_env_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("# mine\nPOSTGRES_PASSWORD=kept\nWIREWATCH_PORT=9000", encoding="utf8")  # no end of line
    first = make_env(path)
    text = path.read_text(encoding="utf8")
    assert first["POSTGRES_PASSWORD"] == "kept" and first["WIREWATCH_PORT"] == "9000" and text.startswith("# mine\n")
    assert make_env(path) == first and path.read_text(encoding="utf8") == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def make_env(path: Path) -> dict[str, str]:
    """Run deploy/make-env on a file; what stands in it then."""
    subprocess.run([str(ROOT / "deploy" / "make-env"), str(path)], check=True, capture_output=True)
    lines = [line for line in path.read_text(encoding="utf8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_secrets_are_ignored_by_git_and_stay_out_of_the_image() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf8").splitlines()
    assert ".env" in ignored and "/config/" in ignored
    assert (ROOT / ".dockerignore").read_text(encoding="utf8").splitlines()[1] == "*"


def test_dashboard_and_alerts_ask_for_metrics_that_there_are() -> None:
    queries = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    named = re.findall(r"\b(?:wirewatch|process)_\w+|\bup\b", " ".join(queries + [rule["expr"] for rule in RULES]))
    assert set(named) == METRICS
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_every_alert_stands_in_the_runbook() -> None:
    runbook = (ROOT / "deploy" / "README.md").read_text(encoding="utf8")
    for rule in RULES:
        assert f"`{rule['alert']}`" in runbook and rule["annotations"]["summary"]


def test_prometheus_asks_every_service() -> None:
    told = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf8"))
    names = [name for one in told["scrape_configs"][0]["dns_sd_configs"] for name in one["names"]]
    assert sorted(names) == sorted(SERVICES)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_tells_well_from_unwell(status: int, code: int) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(self.path.encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        done = health(server.server_port)
        thread.join()
    assert done.returncode == code
    assert "/readyz" in done.stdout if code else not done.stdout


def test_the_health_check_fails_where_nobody_answers() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_port
    done = health(port)
    assert done.returncode == 1 and str(port) in done.stdout


def health(port: int) -> subprocess.CompletedProcess[str]:
    """The health check as compose runs it."""
    command = [sys.executable, "-ISs", str(ROOT / "deploy" / "health.py"), str(port)]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
