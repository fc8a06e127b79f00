"""Reading measured: what is found on pages, and what it costs, beside other libraries in the same run.

    python -m bench.reading [PATH-OF-SHARED] [--rounds N]

Bodies of the development halves are scored with score_extraction.py. Each reader gets the same bytes, page by page in
turns; times are CPU milliseconds a page, the least of the rounds (more than one flatters readers that remember class
names: the second finds them known). Ours is all of `pipeline.extract` (headline, people, dates, language, body);
trafilatura is `bare_extraction` in precision mode without metadata. Readers that are not installed are left out:
pip install newspaper4k readability-lxml resiliparse news-please.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import importlib.util
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from lxml import html as lxml_html
from trafilatura import bare_extraction
from trafilatura.meta import reset_caches

from pipeline.errors import WirewatchError
from pipeline.read import read_alone
from pipeline.types import Fetched, FetchTask, Kind, Source
from tests.shared import ROOT

SETS = ("extraction-aeb", "extraction-fundus", "pages-fundus")
SOURCE = Source(id="none", name="", country="INT", language="", homepage="")
NOW = datetime(2026, 11, 1, tzinfo=UTC)

Reader = Callable[[bytes], str]


def ours(body: bytes) -> str:
    """All that the pipeline reads of a page."""
    page = Fetched(FetchTask("", SOURCE.id, Kind.PAGE), "", 200, {}, body, NOW)
    try:
        return read_alone(page, SOURCE).article.text
    except WirewatchError:
        return ""


def trafilatura(body: bytes, *, fast: bool = False) -> str:
    """Bare, in its precision mode; `fast` without its comparison with other extractors."""
    found = bare_extraction(body, favor_precision=True, fast=fast, include_comments=False, with_metadata=False)
    return (found.text or "") if found is not None else ""


def newspaper(body: bytes) -> str:
    """newspaper4k."""
    article = importlib.import_module("newspaper").Article("https://news.example/story", fetch_images=False)
    article.download(input_html=decoded(body))
    article.parse()
    return str(article.text)


def readability(body: bytes) -> str:
    """readability-lxml, its summary as text."""
    found = lxml_html.fromstring(importlib.import_module("readability").Document(decoded(body)).summary())
    return "\n".join(" ".join(str(text).split()) for text in found.itertext())


def resiliparse(body: bytes) -> str:
    """Resiliparse's main content."""
    extract = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    return str(extract(decoded(body), main_content=True, alt_texts=False, links=False))


def newsplease(body: bytes) -> str:
    """news-please."""
    return str(
        importlib.import_module("newsplease")
        .NewsPlease.from_html(decoded(body), url="https://news.example/story")
        .maintext
        or ""
    )


READERS: dict[str, tuple[str, Reader]] = {
    "wirewatch": ("pipeline", ours),
    "trafilatura, precision": ("trafilatura", trafilatura),
    "trafilatura, fast": ("trafilatura", partial(trafilatura, fast=True)),
    "newspaper4k": ("newspaper", newspaper),
    "readability-lxml": ("readability", readability),
    "resiliparse": ("resiliparse", resiliparse),
    "news-please": ("newsplease", newsplease),
}


def nowhere(host: Any, *_: Any, **__: Any) -> Any:
    """In place of `socket.getaddrinfo`: readers that look for pictures or other pages find no network, at once."""
    raise socket.gaierror(f"{host}: this bench has no network")


def decoded(body: bytes) -> str:
    """For readers that want text."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def pages(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of a set."""
    for path in sorted((folder / "html").iterdir()):
        raw = path.read_bytes()
        yield path.name, gzip.decompress(raw) if path.suffix == ".gz" else raw


def run(reader: Reader, body: bytes) -> tuple[str, float]:
    """(text, CPU milliseconds); a reader that fails has read nothing."""
    begin = time.process_time()
    try:
        text = reader(body)
    except Exception:  # a peer may raise anything
        text = ""
    return text, 1000 * (time.process_time() - begin)


def score(shared: Path, name: str, read: dict[str, str]) -> str:
    """The line of score_extraction.py."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf8") as file:
        for id, text in read.items():
            file.write(json.dumps({"id": id, "articleBody": text}) + "\n")
        file.flush()
        command = [sys.executable, str(shared / "tools/score_extraction.py"), file.name]
        command.append(str(shared / "data" / name / "gold.jsonl"))
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0].split("pages ", 1)[1]


def main() -> None:
    """Every installed reader over every set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    socket.getaddrinfo = nowhere
    readers = {name: one for name, (module, one) in READERS.items() if importlib.util.find_spec(module)}
    print("not installed:", ", ".join(sorted(set(READERS) - set(readers))) or "none")
    costs: dict[str, list[float]] = {name: [] for name in readers}
    for name in SETS:
        read: dict[str, dict[str, str]] = {reader: {} for reader in readers}
        for id, body in pages(options.shared / "data" / name):
            for reader, one in readers.items():
                told: list[Any] = [run(one, body) for _ in range(options.rounds)]
                read[reader][id] = told[0][0]
                costs[reader].append(min(cost for _, cost in told))
            reset_caches()
        for reader, texts in read.items():
            print(f"{name:18} {reader:24} {score(options.shared, name, texts)}")
    bare = statistics.mean(costs["trafilatura, precision"])
    for reader, cost in costs.items():
        cost.sort()
        mean, shares = statistics.mean(cost), (5, 25, 50, 75, 95)
        marks = "  ".join(f"{share} % {cost[int(share / 100 * (len(cost) - 1))]:.1f}" for share in shares)
        print(
            f"cost {reader:24} {mean:5.1f} ms a page, {mean / bare:.2f} of trafilatura   {marks}  most {cost[-1]:.0f}"
        )


if __name__ == "__main__":
    main()
