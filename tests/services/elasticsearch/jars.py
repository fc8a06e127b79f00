"""What a node is made of: a Java runtime, and Elasticsearch's jars, fetched once and kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

HERE = Path(__file__).resolve().parent
OLDEST_JAVA = 21  # Elasticsearch 9.5's classes are of version 65
_PLUGIN = "META-INF/es-plugins/transport-netty4/"


class Missing(Exception):
    """A tool that the tests need is not on this machine; the message says what to install."""


@cache
def java_home() -> Path:
    """The newest JDK from 21 on, of JAVA_HOME, the PATH and /usr/lib/jvm. Raises Missing."""
    homes = {Path(os.environ["JAVA_HOME"])} if os.environ.get("JAVA_HOME") else set()
    on_path = shutil.which("javac")
    if on_path:
        homes.add(Path(on_path).resolve().parent.parent)
    homes |= {path.resolve() for path in Path("/usr/lib/jvm").glob("*")}
    fitting = [(_release(home), home) for home in homes if (home / "bin/javac").exists()]
    release, home = max(fitting, default=(0, Path()))
    if release < OLDEST_JAVA:
        raise Missing(
            f"Elasticsearch needs a JDK {OLDEST_JAVA} or newer and none was found in JAVA_HOME, PATH or /usr/lib/jvm "
            f"(the newest is {release or 'none'}). On Debian 13: apt-get install openjdk-21-jdk-headless; on Debian 12 "
            "a Temurin JDK under /usr/lib/jvm. Or set TEST_ELASTICSEARCH_URL to a node that runs already"
        )
    return home


def _release(home: Path) -> int:
    try:
        told = re.search(r'JAVA_VERSION="(\d+)', (home / "release").read_text(encoding="utf8"))
    except OSError:
        told = None
    return int(told[1]) if told else 0


@cache
def distribution() -> Path:
    """A folder with `modules/transport-netty4`, the other jars in `jars` and the launcher in `classes`.

    Made once for each state of the pom, the launcher and the JDK, whichever process comes first. Raises Missing.
    """
    home = java_home()
    parts = [(HERE / name).read_bytes() for name in ("pom.xml", "Launcher.java")]
    key = hashlib.sha256(b"\0".join([*parts, str(_release(home)).encode()])).hexdigest()[:16]
    cached = user_cache_path("wirewatch-tests")
    cached.mkdir(parents=True, exist_ok=True)
    made = cached / f"elasticsearch-{key}"
    with FileLock(cached / f"elasticsearch-{key}.lock"):
        if not made.exists():
            making = cached / f"elasticsearch-{key}.making"
            shutil.rmtree(making, ignore_errors=True)
            _make(making, home)
            making.rename(made)
    return made


def _make(folder: Path, home: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing(
            "Maven is needed to fetch Elasticsearch's jars and was not found. On Debian: apt-get install maven. "
            "Or set TEST_ELASTICSEARCH_URL to a node that runs already"
        )
    jars, module, classes = folder / "jars", folder / "modules/transport-netty4", folder / "classes"
    for path in (jars, module, classes):
        path.mkdir(parents=True)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
    _run([maven, "--quiet", "--batch-mode", "--file", str(HERE / "pom.xml"), *goal])
    for jar in [*jars.glob("netty-*.jar"), *jars.glob("transport-netty4-*.jar")]:
        jar.rename(module / jar.name)
    with zipfile.ZipFile(next(module.glob("transport-netty4-*.jar"))) as archive:
        for name in ("plugin-descriptor.properties", "entitlement-policy.yaml"):
            (module / name).write_bytes(archive.read(_PLUGIN + name))
    _run([str(home / "bin/javac"), "-d", str(classes), "-cp", f"{jars}/*", str(HERE / "Launcher.java")])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"`{' '.join(command)}` failed:\n{(done.stdout + done.stderr)[-3000:]}")
