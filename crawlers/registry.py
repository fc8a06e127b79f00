"""The source registry: one TOML file an outlet, checked whole before anything is fetched.

A file holds the keys of `KEYS` and nothing else, flat but for the table `read`; `docs/sources.md` tells what each
means, `crawlers.source_keys` what it may hold. Every fault of every file is reported at once, one a line, with file,
line, key and what would be right.
"""

from __future__ import annotations

import difflib
import errno
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from crawlers.source_keys import ADDRESS_KEYS, CHECKS, KEYS, REQUIRED, RULES, Wrong
from pipeline.errors import BadSource, DiskFull, Trouble
from pipeline.types import Source, Storage

_PLAINER = {"Illegal character '\\n'": "a quote is missing", "Cannot overwrite a value": "a key stands there twice"}


@dataclass(frozen=True, slots=True)
class _File:
    """A source file as read: its text is kept to say on which line a fault is."""

    path: Path
    text: str
    values: Mapping[str, object]

    def line(self, key: str, value: str = "") -> int:
        """Line (from 1) of a top-level key, or of a value in what follows it; 0 when it is not there."""
        found = re.search(rf"(?m)^\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]", self.text)
        if not found:
            return 0
        spot = self.text.find(value, found.start()) if value else -1
        return self.text.count("\n", 0, spot if spot >= 0 else found.end() - 1) + 1

    def fault(self, message: str, key: str, value: str = "") -> str:
        """`message` with file and line in front."""
        line = self.line(key, value)
        return f"{self.path}: line {line}: {message}" if line else f"{self.path}: {message}"


def shipped_sources() -> Path:
    """The folder of the source files that come with Wirewatch."""
    return Path(__file__).parent / "sources"


def load_source(path: Path) -> Source:
    """The source a TOML file describes. Raises BadSource with every fault of the file, one a line."""
    faults: list[str] = []
    file, source = _load(path, faults)
    if file is None or source is None or faults:
        raise BadSource("\n".join(faults), source_id=path.stem)
    return source


def load_sources(*folders: Path) -> dict[str, Source]:
    """Every source of the folders by id, sorted; a later folder's file replaces an earlier one's of the same id.

    A folder that does not exist holds no sources. Raises BadSource with every fault of every file, one a line;
    two sources that poll one address are a fault.
    """
    faults: list[str] = []
    chosen: dict[str, tuple[_File, Source]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            file, source = _load(path, faults)
            if file is not None and source is not None:
                chosen[source.id] = (file, source)
    sources = {id_: source for id_, (_file, source) in sorted(chosen.items())}
    for first, second, key, url in duplicates(sources.values()):
        file = chosen[second][0]
        faults.append(file.fault(f"{key}: {url} is polled by {first!r} already; keep it in one of the two", key, url))
    if faults:
        raise BadSource("\n".join(faults))
    return sources


def duplicates(sources: Iterable[Source]) -> list[tuple[str, str, str, str]]:
    """(first source id, second source id, key, address) for each address that two sources, or one twice, would poll."""
    seen: dict[str, str] = {}
    twice: list[tuple[str, str, str, str]] = []
    for source in sources:
        for key in ADDRESS_KEYS:
            for url in getattr(source, key):
                same = bare_address(url)
                if same in seen:
                    twice.append((seen[same], source.id, key, url))
                else:
                    seen[same] = source.id
    return twice


def bare_address(url: str) -> str:
    """What two addresses of one listing share: no scheme, host in small letters, no last slash."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}?{parts.query}"


def source_of(values: Mapping[str, object]) -> Source:
    """The source that these values describe: the keys of a file. Raises BadSource with every fault, one a line."""
    faults: list[str] = []
    path = Path(f"{values.get('id', 'source')}.toml")
    source = _check(_File(path, "", values), faults)
    if source is None:
        raise BadSource("\n".join(fault.removeprefix(f"{path}: ") for fault in faults))
    return source


def write_source(source: Source, folder: Path) -> Path:
    """Write `<id>.toml` into the folder (made if need be, the old file replaced whole) and return its path.

    Keys that hold their default are left out. Raises BadSource, and writes nothing, if the file would not load.
    """
    path = folder / f"{source.id}.toml"
    text = to_toml(source)
    faults: list[str] = []
    _check(_File(path, text, tomllib.loads(text)), faults)
    if faults:
        raise BadSource("\n".join(faults), source_id=source.id)
    fresh = folder / f".{source.id}.toml.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"no room left to write {path}; free some and try again", source_id=source.id) from error
        raise Trouble(f"cannot write {path}: {error.strerror}", source_id=source.id) from error
    return path


def _load(path: Path, faults: list[str]) -> tuple[_File | None, Source | None]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        file = _File(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        told = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.DOTALL)
        line = (told[2] or text.count("\n") + 1) if told else 1
        faults.append(f"{path}: line {line}: not TOML: {_PLAINER.get(told[1], told[1]) if told else error}")
        return None, None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        faults.append(f"{path}: line {line}: not UTF-8; save the file as UTF-8")
        return None, None
    except OSError as error:
        faults.append(f"{path}: cannot be read: {error.strerror}")
        return None, None
    return file, _check(file, faults)


def _check(file: _File, faults: list[str]) -> Source | None:
    """The source of a file, or None with what is wrong added to `faults`."""
    before = len(faults)
    good: dict[str, object] = {}
    for key, value in file.values.items():
        if key not in CHECKS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            right = f"did you mean {near[0]!r}?" if near else "the keys are " + ", ".join(KEYS)
            faults.append(file.fault(f"unknown key {key!r}; {right}", key))
            continue
        try:
            good[key] = CHECKS[key](value)
        except Wrong as error:
            faults.append(file.fault(f"{key}: {error}", key, error.part))
    faults += [file.fault(f"missing key {key!r}", key) for key in REQUIRED if key not in file.values]
    faults += _between_keys(file, good, clean=len(faults) == before)
    if len(faults) > before:
        return None
    if "poll_minutes" in good:
        good["poll_min"], good["poll_max"] = good.pop("poll_minutes")  # type: ignore[misc]
    if "storage" in good:
        good["storage"] = Storage(str(good["storage"]))
    if "read" in good:
        good["rules"] = good.pop("read")
    return Source(**good)  # type: ignore[arg-type]


def _between_keys(file: _File, good: Mapping[str, object], *, clean: bool) -> list[str]:
    """Faults that no key has alone. A mistyped key is no reason to say as well that there is nothing to collect."""
    faults: list[str] = []
    stem = file.path.stem
    if good.get("id", stem) != stem:
        faults.append(file.fault(f"id: must be the file's name, {stem!r}, not {good['id']!r}", "id"))
    if clean and not any(file.values.get(key) for key in (*ADDRESS_KEYS, "blocked")):
        faults.append(
            f"{file.path}: nothing to collect: give one of {', '.join(ADDRESS_KEYS)}, or say why in 'blocked'"
        )
    if "confirmed" in good and "confirmed_how" not in file.values:
        faults.append(file.fault("confirmed: needs 'confirmed_how' to say who saw the addresses work", "confirmed"))
    return faults


def to_toml(source: Source) -> str:
    """The file of a source: the required keys, then whatever differs from its default."""
    lines: list[str] = []
    default = {field.name: field.default for field in fields(Source)}
    for key in KEYS:
        if key == "poll_minutes":
            poll = [source.poll_min, source.poll_max]
            if poll != [default["poll_min"], default["poll_max"]]:
                minutes = [each / timedelta(minutes=1) for each in poll]
                lines.append(f"poll_minutes = [{', '.join(f'{each:.10g}' for each in minutes)}]")
            continue
        if key == "read":
            rules = {name: value for name in RULES if (value := getattr(source.rules, name))}
            lines += ["\n[read]", *(f"{name} = {_toml(value)}" for name, value in rules.items())] if rules else []
            continue
        value = getattr(source, key)
        if key in REQUIRED or value != default[key]:
            lines.append(f"{key} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        if len(value) < 2:
            return "[" + ", ".join(_toml(item) for item in value) + "]"
        return "[\n" + "".join(f"    {_toml(item)},\n" for item in value) + "]"
    # A JSON string is a TOML basic string but for DEL, which TOML wants escaped.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
