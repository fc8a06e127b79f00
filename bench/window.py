"""The cost of folding against a large window: time and bytes a document as the desk remembers more and more.

    python -m bench.window [--documents N] [--peer-documents N] [--restored N]

Folds a stream of made news (`bench.stream`; a million unless told otherwise, which takes a quarter of an hour) and
prints at 10 thousand, 100 thousand, 300 thousand and 1 million documents, all of them in the window: CPU time a
document of fingerprinting and of the desk over the documents before the mark, bytes of state a document, and how many
of the made copies were found. Making the documents is outside the clock. Then the state is rebuilt from fingerprints.
Beforehand datasketch and rensa, where installed, do the least that folding needs on documents of the same stream:
shingle, sketch, query, insert; they judge nothing.
"""

from __future__ import annotations

import argparse
import gc
import resource
import time
from array import array
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from bench.stream import Made, stream
from pipeline.assign import StoryDesk
from pipeline.fingerprint import fingerprint
from pipeline.types import Assignment

MARKS = (10_000, 100_000, 300_000, 1_000_000)
BATCH = 64  # as `workers.desk`
WARM = 6_000  # documents ahead of the clock: fingerprinting remembers words, the stream what is copied
PERMUTATIONS, THRESHOLD, WORDS = 128, 0.5, 3  # of the peers


def resident() -> int:
    """Bytes of memory this process holds (Linux)."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


class Copies:
    """How many made copies join their report, and how many that join anything join the right one."""

    def __init__(self) -> None:
        self._reports = array("I")  # by number of the document
        self._first = 0
        self.copies = self.found = self.joined = self.right = 0

    def see(self, made: Made, assigned: Assignment) -> None:
        """Take note of the next document."""
        if not self._reports:
            self._first = made.number
        self._reports.append(made.report)
        is_copy = made.report != made.number and made.report >= self._first
        self.copies += is_copy
        if assigned.like:
            right = self._reports[int(assigned.like[-8:], 16) - self._first] == made.report
            self.joined += 1
            self.right += right
            self.found += right and is_copy

    def __str__(self) -> str:
        precision, recall = self.right / max(1, self.joined), self.found / max(1, self.copies)
        return f"of {self.copies} copies {recall:.4f} found, of {self.joined} joined {precision:.4f} right"


def window(documents: int) -> None:
    """Fold the stream and print a line at each mark."""
    made = stream(documents + WARM)
    for one in islice(made, WARM):
        fingerprint(one.article)
    copies, desk, before = Copies(), StoryDesk(), resident()
    marks = [mark for mark in MARKS if mark < documents] + [documents]
    spent = {"fingerprint": 0.0, "desk": 0.0}
    since = (0, 0.0, 0.0)
    slowest = 0.0
    print("documents  fingerprint      desk  together  bytes a document")
    for mark in marks:
        measured = mark - min(10_000, mark // 4)
        while len(desk) < mark:
            if len(desk) >= measured > since[0]:
                since = (len(desk), spent["fingerprint"], spent["desk"])
            batch = list(islice(made, min(BATCH, mark - len(desk))))
            begin = time.process_time()
            articles = [(one.article, fingerprint(one.article)) for one in batch]
            between = time.process_time()
            assigned = desk.assign(articles)
            end = time.process_time()
            spent["fingerprint"] += between - begin
            spent["desk"] += end - between
            slowest = max(slowest, end - between)
            for one, assignment in zip(batch, assigned, strict=True):
                copies.see(one, assignment)
        count = len(desk) - since[0]
        of_print, of_desk = ((spent[part] - at) / count for part, at in zip(spent, since[1:], strict=True))
        print(f"{mark:9d}  {of_print * 1e6:8.0f} µs  {of_desk * 1e6:5.0f} µs  {1 / (of_print + of_desk):6.0f}/s  "
              f"{(resident() - before) / mark:6.0f}   {copies}", flush=True)  # fmt: skip
    total = spent["fingerprint"] + spent["desk"]
    rates = ", ".join(f"{part} {documents / seconds:.0f}" for part, seconds in spent.items())
    print(f"all {documents}: {documents / total:.0f} a CPU second ({rates}); slowest batch of {BATCH} {slowest:.2f} s; "
          f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")  # fmt: skip


def restore(documents: int) -> None:
    """Print how long the state takes to rebuild from fingerprints."""
    desk, made, spent = StoryDesk(), stream(documents), 0.0
    while some := list(islice(made, 5_000)):
        rows = []
        for one in some:
            article, story = one.article, f"s{one.report:020x}"
            assert article.first_seen is not None
            rows.append((article.id, story, article.first_seen, fingerprint(article), article.source_id))
        begin = time.process_time()
        desk.restore(rows)
        spent += time.process_time() - begin
    print(f"rebuilt {documents} in {spent:.1f} CPU seconds: {documents / spent:.0f}/s")


def peers(documents: int) -> None:
    """Print what datasketch and rensa do a CPU second; a line for each that is not installed."""
    texts = [one.article.text for one in islice(stream(documents), documents)]
    for name, folds in (("datasketch", _datasketch), ("rensa", _rensa)):
        try:
            steps = folds()
        except ImportError:
            print(f"{name}: not installed")
            continue
        begin = time.process_time()
        for number, text in enumerate(texts):
            steps(number, text)
        rate = documents / (time.process_time() - begin)
        print(f"{name}: {rate:.0f} a CPU second; {documents} documents, {PERMUTATIONS} permutations")


def _shingles(text: str) -> Iterator[str]:
    words = text.lower().split()
    return (" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1))


def _datasketch() -> Callable[[int, str], object]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)

    def fold(number: int, text: str) -> None:
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([shingle.encode() for shingle in set(_shingles(text))])
        index.query(sketch)
        index.insert(number, sketch)

    return fold


def _rensa() -> Callable[[int, str], object]:
    import rensa

    index = rensa.RMinHashLSH(THRESHOLD, PERMUTATIONS, PERMUTATIONS // 4)

    def fold(number: int, text: str) -> None:
        sketch = rensa.RMinHash(PERMUTATIONS, 1)
        sketch.update(list(set(_shingles(text))))
        index.query(sketch)
        index.insert(number, sketch)

    return fold


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--peer-documents", type=int, default=3_000)
    parser.add_argument("--restored", type=int, default=100_000, help="documents of which the state is rebuilt")
    options = parser.parse_args()
    peers(options.peer_documents)
    window(options.documents)
    restore(options.restored)


if __name__ == "__main__":
    main()
