"""The taxonomy: what articles are tagged with, read from YAML files that people edit (format: docs/taxonomy.md).

A folder of its own, so that the YAML files are packed with the code that reads them.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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
    "gives_way",
    "query",
    "change",
}
CHANGES = ("extend", "replace", "remove")  # what an entry may do to one of the same id that came before it
_LISTS = ("aliases", "bare", "near", "unless", "signals", "topics", "when", "gives_way")
_SCALARS = ("name", "wikidata", "description", "case", "query")
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
    gives_way: tuple[str, ...] = ()  # topics: ids of topics beside which single words do not give this one
    query: str = ""  # topics: a search query that gives it as well; read by `search.topics`
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

    @property
    def digest(self) -> str:
        """Of all that the entries say, wherever they stand."""
        said = [replace(entry, where="") for _, entry in sorted(self.entries.items())]
        return hashlib.blake2b(repr(said).encode(), digest_size=8).hexdigest()

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
        lines.append(f"by query: {entry.query}" if entry.query else "")
        lines.append(f"https://www.wikidata.org/wiki/{entry.wikidata}" if entry.wikidata else "")
        return "\n".join([*filter(None, lines), f"defined in {entry.where}"])


@dataclass(frozen=True, slots=True)
class _Given:
    """An entry as a file gives it."""

    entry: Entry
    change: str  # one of CHANGES, or "" for a new entry
    keys: frozenset[str]  # those that the file has


def load_taxonomy(*paths: Path, shipped: bool = True) -> Taxonomy:
    """The shipped taxonomy and, after it, one's own files or folders of `*.yaml` (`shipped=False`: those alone).

    An entry with `change` extends, replaces or removes the one of its id that came before it. Raises BadInput, naming
    file, line and entry, for a file that cannot be read, an unknown key, a value of the wrong type, an empty alias, an
    id that is given twice, a change to one that is not there, and a reference to an id that is nowhere defined.
    """
    entries: dict[str, Entry] = {}
    removed: set[str] = set()
    for path in _files((SHIPPED, *paths) if shipped else paths):
        for given in _read(path):
            _put(entries, removed, given)
    for entry in list(entries.values()):
        _check_references(entry, entries, removed)
        if not removed.isdisjoint(entry.topics):
            entries[entry.id] = replace(entry, topics=tuple(id for id in entry.topics if id not in removed))
    return Taxonomy(entries)


def _put(entries: dict[str, Entry], removed: set[str], given: _Given) -> None:
    """Add an entry to those before it, or change the one of its id."""
    new, old = given.entry, entries.get(given.entry.id)
    if not given.change:
        if old is not None:
            raise BadInput(
                f"{new.where}: {new.id} is defined already, at {old.where}; say `change: extend` to add to that entry, "
                "`change: replace` to take its place, or give this one an id of its own"
            )
        entries[new.id] = new
        removed.discard(new.id)
        return
    if old is None:
        raise BadInput(
            f"{new.where} ({new.id}): there is no such entry to {given.change}{_perhaps(new.id, entries)}; "
            "leave `change` out to add a new one"
        )
    if given.change == "remove":
        removed.add(new.id)
        del entries[new.id]
    else:
        entries[new.id] = new if given.change == "replace" else _extended(old, given)


def _extended(old: Entry, given: _Given) -> Entry:
    """Lists are added to; what has one value is taken from the newer where it has it."""
    lists: dict[str, Any] = {
        key: tuple(dict.fromkeys((*getattr(old, key), *getattr(given.entry, key)))) for key in _LISTS
    }
    single = {key: getattr(given.entry, key) for key in _SCALARS if key in given.keys}
    return replace(old, **single, **lists, where=f"{old.where}, and {given.entry.where}")


def _perhaps(identity: str, entries: Iterable[str]) -> str:
    close = difflib.get_close_matches(identity, entries, n=1)
    return f"; perhaps {close[0]}" if close else ""


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.yaml"))
        else:
            yield path


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where PyYAML was built with libyaml


class _Loader(_Base):  # type: ignore[misc]
    """Safe YAML whose mappings know their line and refuse a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key_node, key in zip((key for key, _ in node.value), keys, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is given twice", key_node.start_mark)
        return {**super().construct_mapping(node, deep=True), _LINE: node.start_mark.line + 1}


def _read(path: Path) -> Iterator[_Given]:
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
        yield _given(raw, defaults, f"{path.name}, line {raw[_LINE]}")


def _given(raw: dict[str, Any], defaults: dict[str, Any], where: str) -> _Given:
    """An entry with what it does to an earlier one. Defaults are for whole entries, not for what is added to one."""
    change = raw.get("change", "")
    if change not in ("", *CHANGES):
        raise BadInput(f"{where} ({raw.get('id')}): change must be one of {', '.join(CHANGES)}, not {change!r}")
    keys = frozenset(key for key in raw if key != _LINE)
    if change == "remove" and not keys <= {"id", "change", "description"}:
        surplus = ", ".join(sorted(keys - {"id", "change", "description"}))
        raise BadInput(f"{where} ({raw.get('id')}): `change: remove` needs an id and nothing else, not {surplus}")
    partly = change in ("extend", "remove")
    return _Given(_entry(raw, {} if partly else defaults, where, partly=partly), change, keys)


def _entry(raw: dict[str, Any], defaults: dict[str, Any], where: str, *, partly: bool = False) -> Entry:
    identity = raw.get("id")
    if not isinstance(identity, str) or identity.partition(":")[0] not in KINDS or not identity.partition(":")[2]:
        raise BadInput(f"{where}: id must be one of {', '.join(KINDS)}, a colon and a name, not {identity!r}")
    where = f"{where} ({identity})"
    _known_keys(raw, _ENTRY_KEYS, where)
    name = raw.get("name", "-" if partly else None)
    if not isinstance(name, str) or not name.strip():
        raise BadInput(f"{where}: name must be text, not {name!r}")
    value = {**defaults, **raw}
    case = value.get("case", "auto")
    if case not in CASES:
        raise BadInput(f"{where}: case must be one of {', '.join(CASES)}, not {case!r}")
    wikidata = value.get("wikidata", "")
    if not isinstance(wikidata, str) or (wikidata and not (wikidata[0] == "Q" and wikidata[1:].isdigit())):
        raise BadInput(f"{where}: wikidata must be like Q42, not {wikidata!r}")
    query = value.get("query", "")
    if not isinstance(query, str) or ("query" in value and not query.strip()):
        raise BadInput(f"{where}: query must be a search query in quotes, not {query!r}")
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
        gives_way=_texts(value.get("gives_way", []), "gives_way", where),
        query=query,
        where=where.partition(" (")[0],
    )
    if entry.query and entry.kind != "topic":
        raise BadInput(f"{where}: only topics have a query")
    if entry.bare and entry.kind not in ENTITY_KINDS:
        raise BadInput(f"{where}: only entities have bare names")
    if not partly and not entry.spoken and not entry.when and entry.kind != "topic":
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


def _check_references(entry: Entry, entries: Mapping[str, Entry], removed: Collection[str]) -> None:
    """Every id that an entry speaks of must exist, or have existed: what is removed is just never found."""
    spoken_of = [f"signal:{name}" for name in entry.signals] + [*entry.topics, *entry.gives_way]
    spoken_of += [text for group in (entry.near, entry.unless, *entry.when) for text in group if is_reference(text)]
    for identity in spoken_of:
        if identity not in entries and identity not in removed:
            raise BadInput(f"{entry.where} ({entry.id}): {identity} is not defined{_perhaps(identity, entries)}")


def is_reference(text: str) -> bool:
    """Whether a text in `near` or `when` is an id rather than a phrase."""
    return text.partition(":")[0] in KINDS and ":" in text
