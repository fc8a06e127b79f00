"""The tests' own Elasticsearch: a machine that lacks a tool is told which."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.elasticsearch import Missing, jars


@pytest.fixture(autouse=True)
def asked_anew() -> None:
    jars.java_home.cache_clear()


def test_the_newest_fitting_jdk_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for release in (17, 99):
        home = tmp_path / str(release)
        (home / "bin").mkdir(parents=True)
        (home / "bin/javac").touch()
        (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{release}.0.1"\n')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "99"))
    assert jars.java_home() == tmp_path / "99"
    jars.java_home.cache_clear()


def test_without_a_new_jdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_release", lambda home: 17)
    with pytest.raises(Missing, match=r"JDK 21 or newer.*the newest is 17.*apt-get install.*TEST_ELASTICSEARCH_URL"):
        jars.java_home()


def test_without_maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(Missing, match="apt-get install maven"):
        jars._make(tmp_path, tmp_path)
