"""What tests of commands without an archive share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration, no archive."""
    monkeypatch.setenv("WIREWATCH_CONFIG", str(tmp_path / "none" / "wirewatch.toml"))
    monkeypatch.setenv("WIREWATCH_DATA", str(tmp_path / "none"))
