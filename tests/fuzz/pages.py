"""Mutates real structure and reads what comes of it, for a while: `python -m tests.fuzz.pages --minutes 10`.

The pages are our own (`tests/data/pages`). Tags, attributes, JSON-LD and encodings are deleted, doubled, nested,
swapped and garbled, and baits that are hard on regular expressions are put into texts and attributes. atheris
(`pip install atheris`, for Linux) keeps the pages that reach code of `pipeline` not reached before, and mutates those
further. A page that ends in anything but an article or one of our errors, takes more than two seconds of CPU, or gives
a text that is no text, is kept, made as small as can be, in `tests/data/hostile`, where `tests/unit/test_hostile.py`
reads it ever after.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

try:
    import atheris  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    sys.exit("tests.fuzz.pages follows coverage with atheris, which is not installed: pip install atheris")

with atheris.instrument_imports(include=["pipeline"], enable_loader_override=False):
    from pipeline.body import reset_caches
    from pipeline.errors import StageFailed, WirewatchError
    from pipeline.read import read_page
    from tests.hostile import BAIT, FOUND, SOURCE, TITLED, html, ld, nested, page, pushes, state, tools, warm

SECONDS = 2.0  # of CPU that a page may take
ALARM = 8  # after which it is given up
LARGEST = 150_000  # bytes to which mutation may let a page grow
PAGES = Path(__file__).parent.parent / "data" / "pages"
TAG = re.compile(rb"<[^<>]{0,2000}>")
ATTRIBUTE = re.compile(rb"""(?<![\w:-])[\w:-]{1,60}=(?:"[^"]*"|'[^']*'|[^\s>]+)""")
VALUE = re.compile(rb'"[^"\n]{0,300}"')
ENCODINGS = ["utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1251", "shift_jis", "gb18030", "utf-32", "utf-7"]
NAMES = (
    b"div p table tr td li ul a b font form select option svg math template noscript iframe script style textarea "
    b"title h1 article time meta body html head frameset plaintext xmp br details object"
).split()
ODD = (
    b"\0 \x80 \xff\xfe \xed\xa0\x80 &#xD800; &#0; &bogus; ]]> <![CDATA[ <?x <!-- --> </ < \\ud800 \\u0000 "
    b'" { [ null 1e999 -1 {"@type":"NewsArticle"}'
).split(b" ")
Mutation = Callable[[bytes, random.Random], bytes]


def _span(found: list[re.Match[bytes]], chance: random.Random) -> tuple[int, int]:
    return chance.choice(found).span() if found else (0, 0)


def drop_tag(body: bytes, chance: random.Random) -> bytes:
    start, end = _span(list(TAG.finditer(body)), chance)
    return body[:start] + body[end:]


def double(body: bytes, chance: random.Random) -> bytes:
    tags = list(TAG.finditer(body))
    if len(tags) < 2:
        return body
    at = chance.randrange(len(tags) - 1)
    piece = body[tags[at].start() : tags[min(len(tags) - 1, at + chance.randint(1, 9))].end()]
    return body[: tags[at].start()] + piece * chance.choice((2, 2, 3, 50, 1_000)) + body[tags[at].end() :]


def nest(body: bytes, chance: random.Random) -> bytes:
    start, _ = _span(list(TAG.finditer(body)), chance)
    name, times = chance.choice(NAMES), chance.choice((1, 3, 40, 300, 2_000))
    close = b"</" + name + b">" if chance.random() < 0.5 else b""
    return body[:start] + (b"<" + name + b">") * times + body[start:] + close * times


def rename(body: bytes, chance: random.Random) -> bytes:
    start, end = _span(list(TAG.finditer(body)), chance)
    slash = b"/" if body[start : start + 2] == b"</" else b""
    return body[:start] + b"<" + slash + chance.choice(NAMES) + b">" + body[end:]


def swap(body: bytes, chance: random.Random) -> bytes:
    one, two = sorted(chance.randrange(len(body) + 1) for _ in "ab")
    length = chance.randint(1, 400)
    return body[:one] + body[two : two + length] + body[one:two] + body[two + length :]


def garble(body: bytes, chance: random.Random) -> bytes:
    given = bytearray(body)
    for _ in range(chance.choice((1, 5, 50))):
        if given:
            given[chance.randrange(len(given))] = chance.randrange(256)
    return bytes(given)


def insert(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + chance.choice(ODD) * chance.choice((1, 1, 2, 30, 3_000)) + body[at:]


def bait(body: bytes, chance: random.Random) -> bytes:
    kinds = [list(TAG.finditer(body)), list(ATTRIBUTE.finditer(body)), list(VALUE.finditer(body))]
    _, end = _span(chance.choice(kinds), chance)
    at = max(0, end - chance.choice((0, 0, 1)))
    text = (chance.choice(list(BAIT.values())) + chance.choice(("", chance.choice(list(BAIT.values()))))).encode(
        "utf-8"
    )
    return body[:at] + text * chance.choice((1, 10, 200, 5_000, 20_000)) + body[at:]


def attribute(body: bytes, chance: random.Random) -> bytes:
    found = list(ATTRIBUTE.finditer(body))
    (start, end), (other, last) = _span(found, chance), _span(found, chance)
    return body[:start] + body[other:last] * chance.choice((0, 1, 2, 100)) + body[end:]


def value(body: bytes, chance: random.Random) -> bytes:
    """A JSON value of another type, or that of another key."""
    found = list(VALUE.finditer(body))
    (start, end), (other, last) = _span(found, chance), _span(found, chance)
    new = chance.choice(
        (body[other:last], b"[]", b"{}", b"null", b"true", b"7", b"[[[]]]", b'{"name":{"name":[1]}}', b'""')
    )
    return body[:start] + new + body[end:]


def cut(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def recode(body: bytes, chance: random.Random) -> bytes:
    return body.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), "replace")


def splice(body: bytes, chance: random.Random) -> bytes:
    other = chance.choice(SEEDS)
    return body[: chance.randrange(len(body) + 1)] + other[chance.randrange(len(other)) :]


MUTATIONS: tuple[Mutation, ...] = (
    drop_tag, drop_tag, double, nest, rename, swap, garble, insert, bait, bait, attribute, value, value, cut, recode,
    splice,
)  # fmt: skip
SEEDS = [
    *(path.read_bytes() for path in sorted(PAGES.glob("*.html"))),
    html(TITLED, state(nested({"children": [{"text": "A text of three words."}] * 9}, 2))),
    html(TITLED, pushes('1:{"title":"A long headline","body":"$2"}\n2:T3c,<p>A text</p>')),
    html(ld(headline="A headline", liveBlogUpdate=[{"headline": "One", "articleBody": "A post of a few words."}] * 4)),
]


class TooLong(BaseException):
    """The alarm; no `except Exception` of a stage catches it."""


def _ring(*_: object) -> None:
    raise TooLong


def verdict(body: bytes) -> str:
    """What is wrong with reading this page; "" when nothing is. The same fault gives the same words."""
    begin = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, ALARM)
    try:
        article = read_page(page(body), None, SOURCE, tools()).article
    except StageFailed as error:
        where = traceback.extract_tb(error.__cause__.__traceback__)[-1] if error.__cause__ else None
        return f"{type(error.__cause__).__name__} in {Path(where.filename).name}:{where.name}" if where else str(error)
    except WirewatchError:
        return _slow(begin)
    except TooLong as error:
        ours = [one for one in traceback.extract_tb(error.__traceback__) if "/pipeline/" in one.filename]
        return f"too long in {Path(ours[-1].filename).name}:{ours[-1].name}" if ours else "too long"
    except Exception as error:
        return f"{type(error).__name__} left the stages"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    if not article.title.strip() or article.text != article.text.strip("\n") or "\n\n\n" in article.text:
        return "an article that is none"
    return _slow(begin)


def _slow(begin: float) -> str:
    return "slow" if time.process_time() - begin > SECONDS else ""


def smaller(body: bytes, fault: str, until: float) -> bytes:
    """The page with what does not matter to the fault left out."""
    step = len(body) // 2
    while step and time.monotonic() < until:
        at = 0
        while at < len(body) and time.monotonic() < until:
            less = body[:at] + body[at + step :]
            if verdict(less) == fault:
                body = less
            else:
                at += step
        step //= 2
    return body


class Fuzzer:
    """Reads what atheris has it read, and counts what came of it."""

    def __init__(self, minutes: float) -> None:
        self.came: collections.Counter[str] = collections.Counter()
        self.slowest, self.count, self.minutes, self.begin = 0.0, 0, minutes, time.monotonic()

    def read(self, body: bytes) -> None:
        """One page. Faults are kept, not raised, so that one does not end the run."""
        begin = time.process_time()
        fault = verdict(body)
        self.slowest, self.count = max(self.slowest, time.process_time() - begin), self.count + 1
        self.came[fault or "sound"] += 1
        if fault and self.came[fault] == 1:
            print(f"{fault}: {keep(smaller(body, fault, time.monotonic() + 60), fault)}", flush=True)
        if self.count % 500 == 0:
            reset_caches()
        if time.monotonic() > self.begin + self.minutes * 60:
            self.end()

    def end(self) -> None:
        """Say what was done and leave: atheris ends a process without a word. Exit code 1 when a fault was found."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        slow = f"slowest {self.slowest:.2f} s CPU, peak {peak} MB"
        print(f"{self.count} pages in {self.minutes:g} minutes, {slow}; {dict(self.came)}", flush=True)
        os._exit(1 if set(self.came) - {"sound"} else 0)


def mutated(body: bytes, most: int, seed: int) -> bytes:
    """atheris's custom mutator: one or a few of MUTATIONS."""
    chance = random.Random(seed)
    for _ in range(chance.choice((1, 1, 2, 3, 6, 12))):
        body = chance.choice(MUTATIONS)(body, chance)[:most]
    return body


def keep(body: bytes, fault: str) -> Path:
    """Store a page under its fault's name."""
    FOUND.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-z0-9]+", "-", fault.lower()).strip("-")
    path = FOUND / f"{name}-{hashlib.sha256(body).hexdigest()[:6]}.html"
    path.write_bytes(body)
    return path


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    warm()
    signal.signal(signal.SIGVTALRM, _ring)
    with tempfile.TemporaryDirectory() as corpus:
        for number, body in enumerate(SEEDS):
            Path(corpus, str(number)).write_bytes(body)
        limits = [
            f"-max_len={LARGEST}",
            "-rss_limit_mb=0",
            f"-artifact_prefix={corpus}/",
            "-timeout=100",
            "-verbosity=0",
            f"-seed={given.seed % 2**32}",
        ]
        atheris.Setup([sys.argv[0], *limits, corpus], Fuzzer(given.minutes).read, custom_mutator=mutated)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
