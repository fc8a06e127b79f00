"""The taxonomy: what articles are tagged with, read from YAML files that people edit (format: docs/taxonomy.md).

A folder of its own, so that the YAML files are packed with the code that reads them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import BadInput

SHIPPED = Path(__file__).parent
ENTITY_KINDS = ("org", "person", "place", "system", "programme", "law")
KINDS = (*ENTITY_KINDS, "topic", "signal", "mute")
CASES = ("auto", "any", "name", "exact")

_LINE = "\0line"
_FILE_KEYS = {"entries", "defaults"}
_ENTRY_KEYS = {
    "id",
    "name",
    "aliases",
    "bare",
    "wikidata",
    "description",
    "case",
    "near",
    "unless",
    "signals",
    "topics",
    "when",
}
_DEFAULT_KEYS = {"case", "near", "unless", "signals", "topics"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be tagged, or a group of words that the rules speak of (kinds "signal" and "mute")."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()  # the name is looked for too, but for topics and signals
    bare: tuple[str, ...] = ()  # short names that count only beside a full one in the text, or by `near`
    wikidata: str = ""  # "Q…"; "" = not known for sure
    description: str = ""
    case: str = "auto"
    near: tuple[str, ...] = ()  # phrases or ids, one of which must stand near a mention
    unless: tuple[str, ...] = ()  # phrases that undo a mention they stand next to
    signals: tuple[str, ...] = ()  # names of signals that a mention gives
    topics: tuple[str, ...] = ()  # ids of topics that a mention gives
    when: tuple[tuple[str, ...], ...] = ()  # topics: one phrase or id of every group must stand near each other
    where: str = ""  # file and line

    @property
    def kind(self) -> str:
        """The part of the id before the colon."""
        return self.id.partition(":")[0]

    @property
    def spoken(self) -> tuple[str, ...]:
        """Everything that counts as a mention, short names apart."""
        return (self.name, *self.aliases) if self.kind in ENTITY_KINDS else self.aliases


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All entries by id, in the order of their files."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def describe(self, tag_id: str) -> str:
        """What a tag means, in a few lines for a person. BadInput, with the nearest ids, when there is none."""
        entry = self.entries.get(tag_id)
        if entry is None:
            close = difflib.get_close_matches(tag_id, self.entries, n=3)
            raise BadInput(f"no tag {tag_id!r} in the taxonomy" + (f"; perhaps {', '.join(close)}" if close else ""))
        lines = [f"{entry.id}  {entry.name}", entry.description]
        lines.append("found as: " + ", ".join(entry.spoken) if entry.spoken else "")
        lines.append("or, beside those: " + ", ".join(entry.bare) if entry.bare else "")
        lines.append("only near: " + ", ".join(entry.near) if entry.near else "")
        lines.append("not beside: " + ", ".join(entry.unless) if entry.unless else "")
        lines += ["near each other: " + " + ".join("/".join(group) for group in entry.when)] if entry.when else []
        lines.append(f"https://www.wikidata.org/wiki/{entry.wikidata}" if entry.wikidata else "")
        return "\n".join([*filter(None, lines), f"defined in {entry.where}"])


def load_taxonomy(*paths: Path, shipped: bool = True) -> Taxonomy:
    """The shipped taxonomy and, after it, one's own files or folders of `*.yaml` (`shipped=False`: those alone).

    Raises BadInput, naming file, line and entry, for a file that cannot be read, an unknown key, a value of the wrong
    type, an empty alias, an id that is given twice, and a reference to an id that is nowhere defined.
    """
    entries: dict[str, Entry] = {}
    for path in _files((SHIPPED, *paths) if shipped else paths):
        for entry in _read(path):
            if entry.id in entries:
                raise BadInput(f"{entry.where}: {entry.id} is defined already, at {entries[entry.id].where}")
            entries[entry.id] = entry
    for entry in entries.values():
        _check_references(entry, entries)
    return Taxonomy(entries)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.yaml"))
        else:
            yield path


class _Loader(yaml.SafeLoader):
    """Safe YAML whose mappings know their line and refuse a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key_node, key in zip((key for key, _ in node.value), keys, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is given twice", key_node.start_mark)
        return {**super().construct_mapping(node, deep=True), _LINE: node.start_mark.line + 1}


def _read(path: Path) -> Iterator[Entry]:
    """The entries of one file, each checked by itself."""
    try:
        with path.open(encoding="utf-8") as file:
            content = yaml.load(file, Loader=_Loader)  # a SafeLoader
    except OSError as error:
        raise BadInput(f"{path.name}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name}: is not UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise BadInput(f"{path.name}{line}: not valid YAML ({getattr(error, 'problem', None) or error})") from error
    if not isinstance(content, dict) or not isinstance(content.get("entries"), list):
        raise BadInput(f"{path.name}: must be a mapping with a list of 'entries'")
    _known_keys(content, _FILE_KEYS, f"{path.name}")
    defaults = content.get("defaults", {})
    if not isinstance(defaults, dict):
        raise BadInput(f"{path.name}: 'defaults' must be a mapping")
    _known_keys(defaults, _DEFAULT_KEYS, f"{path.name}, defaults")
    for raw in content["entries"]:
        if not isinstance(raw, dict):
            raise BadInput(f"{path.name}: an entry must be a mapping with id and name, not {raw!r}")
        yield _entry(raw, defaults, f"{path.name}, line {raw[_LINE]}")


def _entry(raw: dict[str, Any], defaults: dict[str, Any], where: str) -> Entry:
    identity = raw.get("id")
    if not isinstance(identity, str) or identity.partition(":")[0] not in KINDS or not identity.partition(":")[2]:
        raise BadInput(f"{where}: id must be one of {', '.join(KINDS)}, a colon and a name, not {identity!r}")
    where = f"{where} ({identity})"
    _known_keys(raw, _ENTRY_KEYS, where)
    name = raw.get("name")
    if not isinstance(name, str) or not name.strip():
        raise BadInput(f"{where}: name must be text, not {name!r}")
    value = {**defaults, **raw}
    case = value.get("case", "auto")
    if case not in CASES:
        raise BadInput(f"{where}: case must be one of {', '.join(CASES)}, not {case!r}")
    wikidata = value.get("wikidata", "")
    if not isinstance(wikidata, str) or (wikidata and not (wikidata[0] == "Q" and wikidata[1:].isdigit())):
        raise BadInput(f"{where}: wikidata must be like Q42, not {wikidata!r}")
    groups = value.get("when", [])
    if not isinstance(groups, list):
        raise BadInput(f"{where}: when must be a list of lists of phrases")
    entry = Entry(
        id=identity,
        name=name.strip(),
        aliases=_texts(value.get("aliases", []), "aliases", where),
        bare=_texts(value.get("bare", []), "bare", where),
        wikidata=wikidata,
        description=str(value.get("description", "")),
        case=case,
        near=_texts(value.get("near", []), "near", where),
        unless=_texts(value.get("unless", []), "unless", where),
        signals=_texts(value.get("signals", []), "signals", where),
        topics=_texts(value.get("topics", []), "topics", where),
        when=tuple(_texts(group, "when", where) for group in groups),
        where=where.partition(" (")[0],
    )
    if entry.bare and entry.kind not in ENTITY_KINDS:
        raise BadInput(f"{where}: only entities have bare names")
    if not entry.spoken and not entry.when and entry.kind != "topic":
        raise BadInput(f"{where}: needs at least one alias")
    return entry


def _known_keys(mapping: dict[str, Any], known: set[str], where: str) -> None:
    for key in mapping:
        if key not in known and key != _LINE:
            close = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(known))}"
            raise BadInput(f"{where}: unknown key {key!r}; {hint}")


def _texts(value: object, key: str, where: str) -> tuple[str, ...]:
    """A list of texts; YAML reads `no`, `on` and 1.5 as something else, so those must be quoted."""
    if not isinstance(value, list):
        raise BadInput(f"{where}: {key} must be a list, not {value!r}")
    for item in value:
        if not isinstance(item, str):
            raise BadInput(f"{where}: {key} must hold texts; put {item!r} in quotes")
        if not any(character.isalnum() for character in item):
            raise BadInput(f"{where}: {key} holds an empty text")
    return tuple(item.strip() for item in value)


def _check_references(entry: Entry, entries: Mapping[str, Entry]) -> None:
    """Every id that an entry speaks of must exist."""
    spoken_of = [f"signal:{name}" for name in entry.signals] + list(entry.topics)
    spoken_of += [text for group in (entry.near, *entry.when) for text in group if is_reference(text)]
    for identity in spoken_of:
        if identity not in entries:
            close = difflib.get_close_matches(identity, entries, n=1)
            raise BadInput(
                f"{entry.where} ({entry.id}): {identity} is not defined" + (f"; perhaps {close[0]}" if close else "")
            )


def is_reference(text: str) -> bool:
    """Whether a text in `near` or `when` is an id rather than a phrase."""
    return text.partition(":")[0] in KINDS and ":" in text
