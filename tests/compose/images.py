"""Stand-ins for the upstream images, made on the spot under the tags that docker-compose.yml and the Dockerfile name.

They are Debian's Python, Redis, PostgreSQL and Prometheus, and Elasticsearch out of its published jars. They hold this
machine's CA bundle, so that pip works in builds: they are never pushed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

from tests.compose import engine
from tests.compose.shell import CACHE, ROOT, Failed, sh
from tests.services.elasticsearch.jars import Missing, distribution, java_home

HERE = Path(__file__).resolve().parent / "images"
BASE = "wirewatch-stand-in:base"
LABEL = "wirewatch.stand-in"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


def named(service: str) -> str:
    """The image that the compose file names for a service."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf8")
    found = re.search(rf"^  {service}:\n(?:    .*\n)*?    image: (\S+)\n", text, re.MULTILINE)
    assert found, service
    return found[1]


def python_base() -> None:
    """Debian's Python under the tag of the Dockerfile's base image."""
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf8")
    version = re.search(r"^ARG PYTHON=(\S+)$", dockerfile, re.MULTILINE)
    assert version
    suite, mirror = _debian()
    key = _key(suite, mirror, AUTHORITIES.read_bytes() if AUTHORITIES.exists() else b"")
    if _has(BASE, key):
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    archive = CACHE / "base.tar"
    trusted = [f"--customize-hook=upload {AUTHORITIES} {AUTHORITIES}"] if AUTHORITIES.exists() else []
    sh(
        *("nice", "-n", "10", "mmdebstrap", "--quiet", "--variant=minbase"),
        "--include=python3,python3-pip,python3-venv,ca-certificates",
        '--customize-hook=chroot "$1" ln -s /usr/bin/python3 /usr/local/bin/python',
        *trusted,
        *(suite, archive, f"deb {mirror} {suite} main"),
    )
    changes = ["ENV PIP_BREAK_SYSTEM_PACKAGES=1", f"LABEL {LABEL}={key}"]
    if trusted:
        changes += [f"ENV PIP_CERT={AUTHORITIES}", f"ENV SSL_CERT_FILE={AUTHORITIES}"]
    if index := os.environ.get("PIP_INDEX_URL"):
        changes.append(f"ENV PIP_INDEX_URL={index}")
    engine.docker("import", *(f"--change={change}" for change in changes), archive, BASE)
    engine.docker("tag", BASE, f"python:{version[1]}")
    archive.unlink()


def simple(service: str) -> None:
    """A stand-in that is nothing but its Dockerfile on our base."""
    _build(service, HERE / service, _key(*(path.read_bytes() for path in sorted((HERE / service).iterdir()))))


def elasticsearch() -> None:
    """The node of tests/services, with a JDK without what only compiling needs."""
    try:
        made, java = distribution(), java_home()
    except Missing as error:
        raise Failed(str(error)) from None
    key = _key(made.name, *(path.read_bytes() for path in sorted((HERE / "elasticsearch").iterdir())))
    if _has(named("elasticsearch"), key):
        return
    context = CACHE / "elasticsearch"
    shutil.rmtree(context, ignore_errors=True)
    shutil.copytree(HERE / "elasticsearch", context)
    unneeded = ("jmods", "src.zip", "include", "man", "legal", "demo", "classes*.jsa")
    shutil.copytree(java, context / "jdk", symlinks=True, ignore=shutil.ignore_patterns(*unneeded))
    shutil.copytree(made, context / "home")
    _build("elasticsearch", context, key)
    shutil.rmtree(context)


def _build(service: str, context: Path, key: str) -> None:
    tag = named(service)
    if not _has(tag, key):
        engine.docker("build", "-q", "--build-arg", f"BASE={BASE}", "--label", f"{LABEL}={key}", "-t", tag, context)


def _has(tag: str, key: str) -> bool:
    found = engine.docker("image", "inspect", "--format", f'{{{{index .Config.Labels "{LABEL}"}}}}', tag, check=False)
    return found.strip() == key


def _key(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
    return digest.hexdigest()[:16]


def _debian() -> tuple[str, str]:
    """Suite and mirror that this machine's own apt is set to."""
    release = Path("/etc/os-release").read_text(encoding="utf8")
    suite = re.search(r"^VERSION_CODENAME=(\w+)", release, re.MULTILINE)
    sources = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("debian*"))]
    text = "\n".join(path.read_text(encoding="utf8") for path in sources if path.is_file())
    mirror = re.search(r"^(?:URIs:|deb(?: \[[^\]]*\])?) +(\S+debian/?)(?=\s|$)", text, re.MULTILINE)
    if not suite or not mirror:
        raise Failed("no Debian mirror in this machine's apt configuration")
    return suite[1], mirror[1]
