"""A private Docker daemon: its own folders, socket and bridge; the machine's network is put back at the end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.compose.shell import CACHE, Failed, sh, wait

RUN = Path("/run/wirewatch-compose")
SOCKET, PIDFILE, BEFORE = RUN / "docker.sock", RUN / "docker.pid", RUN / "before.json"
FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
NEEDED = {
    "dockerd": "docker.io",
    "iptables": "iptables",
    "mmdebstrap": "mmdebstrap",
    "docker-compose": "docker-compose",
    "mvn": "maven",
}


def install() -> None:
    """Install from Debian what is not there yet; the distribution's own Docker service is not started."""
    missing = [package for command, package in NEEDED.items() if shutil.which(command) is None]
    if not missing:
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    sh("apt-get", "update", "-q", env=quiet)
    sh("apt-get", "install", "-q", "-y", "--no-install-recommends", *missing, env=quiet)


def environment() -> dict[str, str]:
    """What points docker and docker-compose at our daemon and the classic builder, which pulls nothing."""
    return {
        "DOCKER_HOST": f"unix://{SOCKET}",
        "DOCKER_CONFIG": str(CACHE / "docker-config"),
        "DOCKER_BUILDKIT": "0",
        "COMPOSE_DOCKER_CLI_BUILD": "0",
    }


def docker(*arguments: object, check: bool = True, limit: float = 900) -> str:
    """Run the docker command line on our daemon."""
    return sh("docker", *arguments, env=environment(), check=check, limit=limit)


def start() -> None:
    """Start the daemon and wait until it answers. What an earlier run left is ended first."""
    stop()
    RUN.mkdir(parents=True, exist_ok=True)
    (CACHE / "docker-config").mkdir(parents=True, exist_ok=True)
    before = {"forward": FORWARD.read_text().strip(), "rules": sh("iptables-save"), "links": _links()}
    BEFORE.write_text(json.dumps(before))
    with (RUN / "dockerd.log").open("w") as log:
        subprocess.Popen(
            [
                "dockerd",
                f"--data-root={CACHE / 'docker'}",
                f"--exec-root={RUN / 'exec'}",
                f"--pidfile={PIDFILE}",
                f"--mtu={_mtu()}",
                "-H",
                f"unix://{SOCKET}",
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait("dockerd", lambda: docker("version", "--format", "{{.Server.Version}}"), 60)
    except Failed as error:
        raise Failed(f"{error}\n{(RUN / 'dockerd.log').read_text()[-2000:]}") from None


def stop() -> None:
    """End the daemon by its pid file; put bridges, packet filter and ip_forward back as they were before `start`."""
    if PIDFILE.exists():
        process = int(PIDFILE.read_text())
        if _is_ours(process):
            os.kill(process, signal.SIGTERM)
            end = time.monotonic() + 60
            while _is_ours(process) and time.monotonic() < end:
                time.sleep(0.2)
            if _is_ours(process):
                os.kill(process, signal.SIGKILL)
        PIDFILE.unlink(missing_ok=True)
    for namespace in (RUN / "exec" / "netns").glob("*"):  # mounts that dockerd leaves
        sh("umount", namespace, check=False)
    shutil.rmtree(RUN / "exec", ignore_errors=True)
    if not BEFORE.exists():
        return
    before = json.loads(BEFORE.read_text())
    for link in sorted(set(_links()) - set(before["links"])):
        if link == "docker0" or link.startswith(("br-", "veth")):
            sh("ip", "link", "delete", link, check=False)
    for table in ("nat", "filter"):  # tables that did not stand in the saved rules are not emptied by restoring those
        sh("iptables", "-t", table, "-F", check=False)
        sh("iptables", "-t", table, "-X", check=False)
    sh("iptables-restore", given=before["rules"])
    sh("iptables", "-P", "FORWARD", _forward_policy(before["rules"]))
    FORWARD.write_text(before["forward"] + "\n")
    BEFORE.unlink()


def _links() -> list[str]:
    return sorted(path.name for path in Path("/sys/class/net").iterdir())


def _mtu() -> str:
    """The MTU of the way out, or packets of builds that are larger would be lost in silence."""
    routes = json.loads(sh("ip", "-json", "route", "show", "default") or "[]")
    return Path(f"/sys/class/net/{routes[0]['dev']}/mtu").read_text().strip() if routes else "1500"


def _forward_policy(rules: str) -> str:
    return "DROP" if ":FORWARD DROP" in rules else "ACCEPT"


def _is_ours(process: int) -> bool:
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False
    return b"dockerd" in words and str(RUN).encode() in words
