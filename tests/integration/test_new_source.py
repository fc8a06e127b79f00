"""A source that is added while a run goes on is collected by that run."""

from __future__ import annotations

import signal
import time
from contextlib import closing
from pathlib import Path

from crawlers.registry import write_source
from pipeline.errors import WirewatchError
from records import open_records
from tests.integration.outlets import WHOLE, serving
from wirewatch.demo import demo_sources

FIRST, SECOND = "harbour-courier", "capitol-ledger"


def test_a_run_takes_up_a_source_that_is_added(tmp_path: Path) -> None:
    with serving(tmp_path / "config", "--frozen", only=(FIRST,)) as served:
        process = served.start(tmp_path / "data", "run", "--quiet")
        assert process.stdout is not None
        try:
            assert waited_for(tmp_path / "data", FIRST), "the run goes"
            write_source(demo_sources()[SECOND], tmp_path / "config" / "sources")
            assert waited_for(tmp_path / "data", SECOND)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0, process.stdout.read()
        finally:
            process.kill()
            process.wait(20)
            process.stdout.close()
    with closing(open_records(tmp_path / "data" / "records.db", read_only=True)) as records:
        assert records.check() == []
        assert {one.source_id for one in records.feed_states()} == {FIRST, SECOND}


def waited_for(data: Path, source_id: str) -> bool:
    """Whether an article of that source is filed in time."""
    end = time.monotonic() + WHOLE
    while time.monotonic() < end:
        if (data / "records.db").exists():
            try:
                with closing(open_records(data / "records.db", read_only=True)) as records:
                    if records.latest(source_id, 1):
                        return True
            except WirewatchError:  # it is being made
                pass
        time.sleep(0.3)
    return False
