"""Where the real pages and feeds lie: beside the project, never in it (their text is their publishers')."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


def shared_root() -> Path | None:
    """The folder `shared` beside the project (or WIREWATCH_SHARED), or None when it is absent."""
    path = Path(os.environ.get("WIREWATCH_SHARED", ROOT.parent / "shared"))
    return path if (path / "data").is_dir() else None


def shared_data(*parts: str) -> Path:
    """A path under shared/data; skips the test, saying why, when the data is absent."""
    root = shared_root()
    if root is None:
        import pytest  # here, for the benches use this module too

        pytest.skip("the real data is absent: ../shared/data")
    return root.joinpath("data", *parts)


def docs_script(name: str) -> ModuleType:
    """One of the documentation's scripts (docs/*.py), which lie in no package."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
