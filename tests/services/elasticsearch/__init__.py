"""A real Elasticsearch for the tests, started from its jars: see `node` and docs/search-index.md."""

from __future__ import annotations

import atexit
import os
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from tests.services.elasticsearch.jars import Missing
from tests.services.elasticsearch.node import Cluster, Node, ask, elasticsearch

__all__ = ["Cluster", "Missing", "Node", "ask", "elasticsearch", "shared_url"]


@cache
def shared_url() -> str:
    """The node that tests of this process share: TEST_ELASTICSEARCH_URL, or one started now and ended with the process.

    Tests that harm a node start their own. Raises Missing.
    """
    given = os.environ.get("TEST_ELASTICSEARCH_URL", "")
    if given:
        return given
    stack = ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
    return stack.enter_context(elasticsearch(Path(folder))).url
