"""What all tests share: coroutine tests, and an environment free of the developer's own settings."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Modules whose fixtures are dear: each runs in one process, and before all others.
TOGETHER = (
    "tests/unit/test_hostile.py",
    "tests/contract/test_index_alike.py",
    "tests/contract/test_index_elastic.py",
    "tests/contract/test_index_faults.py",
    "tests/integration/test_bad_feeds.py",
    "tests/integration/test_bad_house.py",
    "tests/integration/test_bad_pages.py",
    "tests/integration/test_cli.py",
    "tests/integration/test_furniture.py",
    "tests/integration/test_hostile_texts.py",
    "tests/integration/test_production.py",
    "tests/integration/test_recorded.py",
    "tests/integration/test_records_postgres.py",
    "tests/integration/test_run.py",
    "tests/integration/test_upgrade.py",
)
pytest_plugins = ["tests.services.fixtures"]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests on a loop of their own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Tests go to whichever process is free, those of a module in TOGETHER, or with a browser, to one."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if path in TOGETHER or path.startswith("tests/browser/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Instead of xdist's own groups, which pytest 9.2 does not let it form."""
    return Together(config, log)


@pytest.fixture(autouse=True)
def no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A WIREWATCH_ variable in the shell must not change what a test sees."""
    for name in [name for name in os.environ if name.startswith("WIREWATCH_") and name != "WIREWATCH_SHARED"]:
        monkeypatch.delenv(name)
    yield
