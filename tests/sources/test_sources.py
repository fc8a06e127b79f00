"""The source files that come with Wirewatch, each by itself and all together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawlers.codes import KINDS
from crawlers.registry import load_source, load_sources, shipped_sources, write_source
from crawlers.source_keys import ADDRESS_KEYS, KEYS
from pipeline.types import Source

FILES = sorted(shipped_sources().glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_source_file(path: Path, tmp_path: Path) -> None:
    source = load_source(path)
    assert source.id == path.stem
    assert source.blocked or any(getattr(source, key) for key in ADDRESS_KEYS)
    assert not (source.blocked and any(getattr(source, key) for key in ADDRESS_KEYS)), "blocked, yet polled"
    assert source.country != "ZZ", "a shipped source says where it is"
    assert source.language != "und", "and in what language it writes"
    assert source.terms, "and under what terms"
    assert "by this project" in source.confirmed_how, "nobody here has fetched it: say who did, or that no one has"
    assert (source.confirmed is None) == source.confirmed_how.startswith("not confirmed")
    assert source.confirmed is None or source.confirmed.isoformat() in source.confirmed_how
    assert write_source(source, tmp_path).read_text("utf-8") == path.read_text("utf-8"), "as wirewatch would write it"


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return load_sources(shipped_sources())


def test_there_are_enough_and_from_many_places(sources: dict[str, Source]) -> None:
    collectable = [source for source in sources.values() if not source.blocked]
    assert len(collectable) >= 70
    assert len({source.country for source in collectable} - {"INT"}) >= 20
    assert len({source.language for source in collectable}) >= 8
    assert {source.kind for source in collectable} == set(KINDS)
    assert len(sources) == len(FILES)


def test_names_are_told_apart(sources: dict[str, Source]) -> None:
    names = [source.name.casefold() for source in sources.values()]
    assert sorted(names) == sorted(set(names))


def test_agencies_without_a_feed_are_found_at_their_carriers(sources: dict[str, Source]) -> None:
    for name, agency in (("Reuters", "reuters"), ("AFP", "afp"), ("AP", "ap")):
        assert sources[agency].blocked
        assert sum(name in source.carries for source in sources.values() if not source.blocked) >= 20
    assert "Reuters" in sources["straitstimes"].carries


def test_the_handbook_names_every_key_and_kind() -> None:
    handbook = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
    told = set(re.findall(r"^\| `(\w+)`", handbook, re.MULTILINE))
    assert set(KEYS) == told & set(KEYS), f"docs/sources.md lacks {sorted(set(KEYS) - told)}"
    assert not [kind for kind in KINDS if f"`{kind}`" not in handbook]
