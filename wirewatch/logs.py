"""How `wirewatch serve` writes its log: lines for a person, or one JSON object a line for containers.

A line about a page carries `trace`: the id of its entry, the same through all stages and services.
"""

from __future__ import annotations

import logging
import sys

from pipeline.controls import without_controls

LIBRARIES = ("celery", "kombu", "amqp", "elastic_transport", "elasticsearch", "scrapy", "asyncio", "pebble")
EXTRA = ("trace", "stage", "outcome", "story")


class _Text(logging.Formatter):
    """`2026-03-01 12:00:00 desk INFO filed https://… [a1b2… file exact]`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with what is known of the page in brackets; what others said in it cannot command a terminal."""
        line = super().format(record)
        told = [str(getattr(record, name)) for name in EXTRA if getattr(record, name, "")]
        return without_controls(f"{line} [{' '.join(told)}]" if told else line)


def configure(kind: str, level: int = logging.INFO) -> None:
    """Everything of ours from `level` on to standard output, libraries from WARNING on."""
    formatter: logging.Formatter
    if kind == "json":
        from pythonjsonlogger.json import JsonFormatter

        fields = "%(asctime)s %(levelname)s %(name)s %(message)s"
        names = {"asctime": "time", "levelname": "level", "name": "logger"}
        formatter = JsonFormatter(fields, rename_fields=names, datefmt="%Y-%m-%dT%H:%M:%S%z", json_ensure_ascii=False)
    else:
        formatter = _Text("%(asctime)s %(name)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("wirewatch").setLevel(level)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("htmldate.meta").setLevel(logging.CRITICAL)  # calls it an error when a cache has nothing to clear
