"""What all tests share: coroutine tests, and an environment free of the developer's own settings."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.services.fixtures"]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests on a loop of their own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture(autouse=True)
def no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A WIREWATCH_ variable in the shell must not change what a test sees."""
    for name in [name for name in os.environ if name.startswith("WIREWATCH_") and name != "WIREWATCH_SHARED"]:
        monkeypatch.delenv(name)
    yield
