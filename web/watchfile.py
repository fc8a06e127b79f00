"""Watch files: subscriptions in YAML, to be kept in git, checked in CI and applied to any archive.

Every problem is kept with its line; none stops the reading of the rest. No value is reinterpreted: a query `no` or
`2026` is that text, whatever YAML takes it for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import yaml

from pipeline.errors import BadInput
from pipeline.outputs import DAYS as WEEKDAYS
from pipeline.watch import Every, Mode, Output, OutputKind, Subscription

LARGEST = 5_000_000  # bytes
MOST = 100_000  # subscriptions, samples and outputs of a file; aliases of YAML could make a small file say far more
ENVIRONMENT = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")  # a target that stands in an environment variable
KEYS = ("name", "query", "mode", "active", "must", "must_not", "budget", "note", "outputs")
TIMES = ("every", "to", "hour", "weekday", "timezone")
DAYS = tuple(map(str.lower, WEEKDAYS))
Choice = TypeVar("Choice", bound=StrEnum)
Part = TypeVar("Part")


def resolved(target: str, lookup: Callable[[str], str]) -> str:
    """A target or, for "env:NAME", what `lookup` gives for that variable: so that no secret need be written down."""
    named = ENVIRONMENT.fullmatch(target)
    return lookup(named[1]) if named else target


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line (from 1; 0 = the whole file), and what would be right."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A text or the address of an archived article; or a page in a file."""

    line: int
    must: bool
    text: str = ""
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A subscription as the file has it. Of samples in files the subscription knows nothing yet."""

    line: int
    subscription: Subscription
    query_line: int
    samples: tuple[Sample, ...] = ()
    outputs: tuple[Output, ...] | None = None  # targets may be "env:NAME"; None = the file says nothing of them


@dataclass(slots=True)
class WatchFile:
    """What was read of a file; one that came over the network has no path."""

    path: Path | None
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_watch_file(path: Path) -> WatchFile:
    """Raise BadInput only when there is no such file, or it is no text."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(f"{path} is larger than {LARGEST // 1_000_000} MB: no watch file is")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not UTF-8 text") from None
    return _Reader(WatchFile(path)).read(text)


def read_watch_text(text: str) -> WatchFile:
    """A watch file that somebody sent: no files beside it can be named."""
    return _Reader(WatchFile(None)).read(text)


class _Wrong(Exception):
    """Noted already; the part that it stands in is left out."""


class _Reader:
    def __init__(self, file: WatchFile) -> None:
        self.file = file
        self.taken = 0

    def read(self, text: str) -> WatchFile:
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            self.note(line, f"this is not valid YAML: {error.problem or error.context}")
            return self.file
        except (yaml.YAMLError, RecursionError) as error:
            self.note(0, f"this is not valid YAML: {type(error).__name__}")
            return self.file
        try:
            if root is None:
                raise self.bad(None, "the file is empty: it needs `subscriptions:` and a list")
            listed = self.mapping(root, ("subscriptions",)).get("subscriptions")
            if listed is None:
                raise self.bad(root, "`subscriptions:` is missing")
            self.file.entries = list(self.parts(self.entry, self.sequence(listed, "subscriptions")))
        except _Wrong:
            pass
        lines: dict[str, int] = {}
        for one in self.file.entries:
            first = lines.setdefault(one.subscription.name, one.line)
            if first != one.line:
                self.note(one.line, f"there is a subscription called {one.subscription.name!r} at line {first} already")
        return self.file

    def entry(self, node: yaml.Node) -> Entry:
        found = self.mapping(node, KEYS)
        for key in ("name", "query"):
            if key not in found:
                raise self.bad(node, f"a subscription needs a `{key}:`")
        samples = [
            *self.samples(found.get("must"), must=True, key="must"),
            *self.samples(found.get("must_not"), must=False, key="must_not"),
        ]
        outputs = None
        if "outputs" in found:
            outputs = tuple(self.parts(self.output, self.sequence(found["outputs"], "outputs")))
        one = Subscription(
            name=self.text(found["name"], "name"),
            query=self.text(found["query"], "query"),
            mode=self.choice(found["mode"], Mode, "mode") if "mode" in found else Mode.STORY,
            active=self.flag(found["active"], "active") if "active" in found else True,
            must=tuple(sample.text for sample in samples if sample.must and sample.text),
            must_not=tuple(sample.text for sample in samples if not sample.must and sample.text),
            budget=self.number(found["budget"], "budget") if "budget" in found else None,
            note=self.text(found["note"], "note") if "note" in found else "",
        )
        query = found["query"]
        block = isinstance(query, yaml.ScalarNode) and query.style in ("|", ">")  # it begins on the next line
        return Entry(_line(node), one, _line(query) + bool(block), tuple(samples), outputs)

    def samples(self, node: yaml.Node | None, *, must: bool, key: str) -> Iterator[Sample]:
        if node is not None:
            yield from self.parts(lambda one: self.sample(one, must), self.sequence(node, key))

    def sample(self, node: yaml.Node, must: bool) -> Sample:
        if isinstance(node, yaml.ScalarNode):
            return Sample(_line(node), must, self.text(node, "a sample"))
        found = self.mapping(node, ("title", "text", "file"))
        if "file" in found:
            if len(found) > 1:
                raise self.bad(node, "a sample is a `file:`, or has a `title:` and a `text:`")
            if self.file.path is None:
                raise self.bad(found["file"], "there are no files here: give the sample's `title:` and `text:`")
            path = self.file.path.parent / self.text(found["file"], "file")
            if not path.is_file():
                raise self.bad(found["file"], f"there is no file {path}")
            return Sample(_line(node), must, path=path)
        title = self.text(found["title"], "title") if "title" in found else ""
        text = self.text(found["text"], "text") if "text" in found else ""
        if not (title or text):
            raise self.bad(node, "a sample needs a `title:` or a `text:`")
        return Sample(_line(node), must, f"{' '.join(title.split())}\n\n{text}".rstrip())

    def output(self, node: yaml.Node) -> Output:
        if isinstance(node, yaml.ScalarNode):
            if node.value != "link":
                raise self.bad(
                    node, "an output is `link`, `webhook: URL`, `notify: URL` or `digest: day` with `to: URL`"
                )
            return Output("", OutputKind.LINK)
        found = self.mapping(node, ("webhook", "notify", "digest", *TIMES[1:]))
        kinds = [kind for kind in (OutputKind.WEBHOOK, OutputKind.NOTIFY, OutputKind.DIGEST) if kind in found]
        if len(kinds) != 1:
            raise self.bad(node, "an output is one of `link`, `webhook:`, `notify:` and `digest:`")
        if kinds[0] is not OutputKind.DIGEST:
            if len(found) > 1:
                raise self.bad(node, f"a {kinds[0]} takes no {', '.join(sorted(set(found) - set(kinds)))}")
            return Output("", kinds[0], self.target(found[kinds[0]]))
        if "to" not in found:
            raise self.bad(node, "a digest needs a `to:`, an Apprise URL or env:NAME")
        return Output(
            "",
            OutputKind.DIGEST,
            self.target(found["to"]),
            every=self.choice(found["digest"], Every, "digest"),
            hour=self.whole(found["hour"], "hour", 23) if "hour" in found else 7,
            weekday=self.day(found["weekday"]) if "weekday" in found else 0,
            timezone=self.text(found["timezone"], "timezone") if "timezone" in found else "UTC",
        )

    def target(self, node: yaml.Node) -> str:
        target = self.text(node, "a target")
        if target.startswith("env:") and not ENVIRONMENT.fullmatch(target):
            raise self.bad(node, f"{target!r} names no environment variable: write env:NAME")
        return target

    # --- small values -----------------------------------------------------------------------
    def mapping(self, node: yaml.Node, allowed: Sequence[str]) -> Mapping[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.bad(node, f"`key: value` lines are expected here, of {', '.join(allowed)}")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in allowed:
                near = get_close_matches(name, allowed, 1)
                right = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(allowed)}"
                raise self.bad(key, f"unknown key {name!r}: {right}")
            if name in found:
                raise self.bad(key, f"{name!r} stands here twice")
            found[name] = value
        return found

    def sequence(self, node: yaml.Node, what: str) -> Sequence[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.bad(node, f"{what} is a list: each item begins with a -")
        parts: list[yaml.Node] = node.value
        return parts

    def text(self, node: yaml.Node, what: str) -> str:
        plain = isinstance(node, yaml.ScalarNode)
        value = str(node.value).strip() if plain else ""
        if not value or (plain and node.tag.endswith(":null")):
            raise self.bad(node, f"{what} is a text; put it into quotes if it has a colon or begins with a sign")
        return value

    def choice(self, node: yaml.Node, kind: type[Choice], what: str) -> Choice:
        value = self.text(node, what)
        if value not in list(kind):
            raise self.bad(node, f"{what} {value!r} is not one of {', '.join(kind)}")
        return kind(value)

    def flag(self, node: yaml.Node, what: str) -> bool:
        value = self.text(node, what)
        if value not in ("true", "false"):
            raise self.bad(node, f"{what} is true or false, not {value!r}")
        return value == "true"

    def number(self, node: yaml.Node, what: str) -> float:
        value = self.text(node, what)
        if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
            raise self.bad(node, f"{what} is a number of alerts a day, not {value!r}")
        return float(value)

    def whole(self, node: yaml.Node, what: str, most: int) -> int:
        value = self.text(node, what)
        if not re.fullmatch(r"\d{1,4}", value) or int(value) > most:
            raise self.bad(node, f"{what} is a whole number up to {most}, not {value!r}")
        return int(value)

    def day(self, node: yaml.Node) -> int:
        value = self.text(node, "weekday").lower()
        if value not in DAYS:
            raise self.bad(node, f"weekday is one of {', '.join(DAYS)}, not {value!r}")
        return DAYS.index(value)

    # --- problems ---------------------------------------------------------------------------
    def parts(self, read: Callable[[yaml.Node], Part], nodes: Sequence[yaml.Node]) -> Iterator[Part]:
        """What `read` makes of them; those in which something is wrong, which is noted, are left out."""
        for node in nodes:
            self.taken += 1
            if self.taken > MOST:
                raise self.bad(node, f"the file says more than {MOST:,} things") if self.taken == MOST + 1 else _Wrong
            try:
                yield read(node)
            except _Wrong:
                continue

    def bad(self, node: yaml.Node | None, words: str) -> _Wrong:
        self.note(_line(node) if node is not None else 0, words)
        return _Wrong()

    def note(self, line: int, words: str) -> None:
        self.file.problems.append(Problem(line, words))


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1
