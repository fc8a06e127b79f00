"""The taxonomy: what ships is whole, and what a person writes is checked with file, line and entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import BadInput
from pipeline.tag import Tagger
from pipeline.taxonomy import ENTITY_KINDS, Taxonomy, load_taxonomy
from pipeline.types import Article

DOCS = Path(__file__).resolve().parents[2] / "docs" / "taxonomy.md"


@pytest.fixture(scope="module")
def shipped() -> Taxonomy:
    return load_taxonomy()


def write(folder: Path, text: str, name: str = "own.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_what_ships_is_large_enough(shipped: Taxonomy) -> None:
    kinds = [entry.kind for entry in shipped.entries.values()]
    assert sum(kind in ENTITY_KINDS for kind in kinds) >= 400
    assert kinds.count("topic") >= 30
    assert set(ENTITY_KINDS) <= set(kinds)


def test_topics_have_the_names_people_label_with(shipped: Taxonomy) -> None:
    names = """autonomous-weapons drones-unmanned counter-drone military-ai-procurement ai-policy-law ethics-safety
    cyber ai-models-companies surveillance command-control-targeting space export-controls-chips training-simulation
    nuclear logistics research"""
    assert {f"topic:{name}" for name in names.split()} <= set(shipped.entries)
    assert all(entry.description for entry in shipped.entries.values() if entry.kind == "topic")


def test_wikidata_ids_are_given_once(shipped: Taxonomy) -> None:
    given = [entry.wikidata for entry in shipped.entries.values() if entry.wikidata]
    assert len(given) == len(set(given))


def test_every_shipped_name_is_found_in_a_sentence(shipped: Taxonomy) -> None:
    tagger, missed = Tagger(shipped), []
    for entry in shipped.entries.values():
        if entry.kind in ENTITY_KINDS:
            phrase = next((text for text in entry.near if ":" not in text), "")
            context = phrase or " ".join(shipped.entries[text].name for text in entry.near[:1] if ":" in text)
            text = f"Visitors saw {entry.name} there. They spoke of {context}."
            tagging = tagger.tag(Article("a", "", "", "s", "A headline", text))
            if entry.id not in {tag.id for tag in tagging.entities}:
                missed.append(entry.id)
    assert missed == []


BAD = {
    "entries:\n  - {id: org:x, name: X": r"own\.yaml, line \d+: not valid YAML",
    "- one\n- two\n": r"own\.yaml: must be a mapping",
    "entries: 3\n": r"own\.yaml: must be a mapping with a list of 'entries'",
    "entries: []\nextra: 1\n": r"own\.yaml: unknown key 'extra'",
    "entries:\n  - just text\n": r"an entry must be a mapping",
    "entries:\n  - {name: X}\n": r"own\.yaml, line 2: id must be one of",
    "entries:\n  - {id: 'firm:x', name: X}\n": r"line 2: id must be one of org, person",
    "entries:\n  - {id: 'org:', name: X}\n": r"line 2: id must be one of",
    "entries:\n  - {id: 'org:x'}\n": r"line 2 \(org:x\): name must be text, not None",
    "entries:\n\n  - {id: 'org:x', name: X, alias: [Y]}\n": r"line 3 \(org:x\): unknown key 'alias'; did you mean",
    "entries:\n  - {id: 'org:x', name: X, aliases: Y}\n": r"aliases must be a list, not 'Y'",
    "entries:\n  - {id: 'org:x', name: X, aliases: ['']}\n": r"line 2 \(org:x\): aliases holds an empty text",
    "entries:\n  - {id: 'org:x', name: X, aliases: ['  - ']}\n": r"aliases holds an empty text",
    "entries:\n  - {id: 'org:x', name: X, aliases: [no]}\n": r"must hold texts; put False in quotes",
    "entries:\n  - {id: 'org:x', name: X, case: loud}\n": r"case must be one of auto, any, name, exact, not 'loud'",
    "entries:\n  - {id: 'org:x', name: X, wikidata: 42}\n": r"wikidata must be like Q42",
    "entries:\n  - {id: 'org:x', name: X, signals: [war]}\n": r"signal:war is not defined",
    "entries:\n  - {id: 'org:x', name: X, topics: ['topic:cybr']}\n": r"topic:cybr is not defined; perhaps topic:cyber",
    "entries:\n  - {id: 'org:x', name: X, near: ['org:nobody']}\n": r"org:nobody is not defined",
    "entries:\n  - {id: 'topic:x', name: X, when: [war]}\n": r"when must be a list, not 'war'",
    "entries:\n  - {id: 'signal:x', name: X, aliases: [x], bare: [y]}\n": r"only entities have bare names",
    "entries:\n  - {id: 'signal:x', name: X}\n": r"needs at least one alias",
    "entries:\n  - {id: 'org:x', name: X}\n  - {id: 'org:x', name: Y}\n": r"line 3: org:x is defined already, at own",
    "entries:\n  - {id: 'org:x', name: X, name: Y}\n": r"line 2: not valid YAML \('name' is given twice\)",
    "entries:\n  - {id: 'org:x', name: X, change: swap}\n": r"extend, replace, remove, not 'swap'",
    "entries:\n  - {id: 'org:x', name: X, change: extend}\n": r"no such entry to extend; leave",
    "entries:\n  - {id: 'org:antropic', change: remove}\n": r"to remove; perhaps org:anthropic; leave",
    "entries:\n  - {id: 'org:x', name: X, change: remove}\n": r"needs an id and nothing else, not name",
    "entries:\n  - {id: 'org:x', name: X, unless: ['org:nobody']}\n": r"org:nobody is not defined",
    "defaults: {name: X}\nentries: []\n": r"own\.yaml, defaults: unknown key 'name'",
}


@pytest.mark.parametrize("text", BAD)
def test_a_mistake_is_named_with_its_place(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=BAD[text]):
        load_taxonomy(write(tmp_path, text), shipped="perhaps" in BAD[text] or "perhaps" in text)


def test_a_file_that_is_not_there_or_not_text_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        load_taxonomy(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("entries: [] # café".encode("latin-1"))
    with pytest.raises(BadInput, match="not UTF-8"):
        load_taxonomy(tmp_path / "latin.yaml")


def test_a_shipped_id_is_changed_only_where_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"defined already, at organisations\.yaml, line \d+; say `change: extend`"):
        load_taxonomy(write(tmp_path, "entries:\n  - {id: 'org:anthropic', name: Mine}\n"))


CHANGES = """
defaults: {signals: [drone]}
entries:
  - {id: "org:anthropic", change: extend, aliases: [Anthropos Lab, Anthropic], wikidata: Q1, near: [model]}
  - {id: "system:claude", change: replace, name: Claude the Cat}
  - {id: "org:palantir", change: remove}
  - {id: "topic:robotics", change: remove}
"""


def test_shipped_entries_are_extended_replaced_and_removed(tmp_path: Path, shipped: Taxonomy) -> None:
    changed = load_taxonomy(write(tmp_path, CHANGES)).entries
    old, new = shipped.entries["org:anthropic"], changed["org:anthropic"]
    assert new.aliases == (*old.aliases, "Anthropos Lab", "Anthropic")
    assert (new.wikidata, new.near, new.name, new.description) == ("Q1", ("model",), old.name, old.description)
    assert new.signals == old.signals, "defaults are for whole entries"
    assert "organisations.yaml" in new.where and "own.yaml, line 4" in new.where
    assert (changed["system:claude"].name, changed["system:claude"].aliases) == ("Claude the Cat", ())
    assert changed["system:claude"].signals == ("drone",)
    assert "org:palantir" not in changed and "topic:robotics" not in changed
    assert not any("topic:robotics" in entry.topics for entry in changed.values())
    assert list(changed) == [id for id in shipped.entries if id not in ("org:palantir", "topic:robotics")]


def test_the_digest_is_of_what_is_said_not_of_where(tmp_path: Path, shipped: Taxonomy) -> None:
    one = load_taxonomy(write(tmp_path, "entries:\n  - {id: 'org:x', name: Xylo}\n", "a.yaml"))
    two = load_taxonomy(write(tmp_path, "# moved\n\nentries:\n  - {id: 'org:x', name: Xylo}\n", "b.yaml"))
    assert one.digest == two.digest != shipped.digest
    assert Tagger(one).digest == Tagger(two).digest != Tagger(one, names=True).digest


def test_a_signal_of_ones_own_speaks_for_relevance(tmp_path: Path) -> None:
    text = "entries:\n  - {id: 'signal:harbour', name: Harbour robots, aliases: [pilot robot], signals: [both]}\n"
    told = Tagger(load_taxonomy(write(tmp_path, text))).tag(Article("a", "", "", "s", "Pilot robots reach Lindmark"))
    assert told.relevance >= 0.5
    assert told.reasons == ('"Pilot robots" in the headline',)


def test_own_files_and_folders_are_added(tmp_path: Path) -> None:
    write(
        tmp_path, "defaults: {signals: [defence]}\nentries:\n  - {id: 'org:port-guard', name: Port Guard}\n", "a.yaml"
    )
    write(tmp_path, "entries:\n  - {id: 'topic:tides', name: Tides, aliases: [spring tide]}\n", "b.yaml")
    both = load_taxonomy(tmp_path)
    assert both.entries["org:port-guard"].signals == ("defence",)
    assert "org:anthropic" in both.entries
    tagging = Tagger(both).tag(Article("a", "", "", "s", "Port Guard ready for spring tides"))
    assert [tag.id for tag in (*tagging.topics, *tagging.entities)] == ["topic:tides", "org:port-guard"]


def test_own_files_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "entries:\n  - {id: 'org:x', name: Xylo}\n")
    assert list(load_taxonomy(path, shipped=False).entries) == ["org:x"]


def test_describe_tells_what_a_tag_means(shipped: Taxonomy) -> None:
    told = shipped.describe("system:claude")
    assert "Anthropic's model, not the person." in told
    assert "systems.yaml, line" in told
    with pytest.raises(BadInput, match="perhaps org:anthropic"):
        shipped.describe("org:antropic")


def test_every_key_is_documented() -> None:
    from pipeline.taxonomy import _DEFAULT_KEYS, _ENTRY_KEYS, _FILE_KEYS, CASES, KINDS

    text = DOCS.read_text(encoding="utf-8")
    missing = [word for word in (*_ENTRY_KEYS, *_FILE_KEYS, *_DEFAULT_KEYS, *CASES, *KINDS) if f"`{word}`" not in text]
    assert missing == []
