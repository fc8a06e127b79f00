"""Source files: what is accepted, and what is said of what is not."""

from __future__ import annotations

import errno
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.registry import bare_address, duplicates, load_source, load_sources, write_source
from crawlers.source_keys import KEYS
from pipeline.controls import without_controls
from pipeline.errors import BadSource, DiskFull, Trouble
from pipeline.types import Rules, Source, Storage

GOOD = """\
id = "lantern"
name = "The Harbour Lantern"
country = "SG"
language = "en"
homepage = "https://lantern.example/"
feeds = ["https://lantern.example/rss.xml"]
"""
WHOLE = (
    GOOD
    + """\
kind = "defence"
sitemaps = ["https://lantern.example/sitemap.xml"]
news_sitemaps = ["https://lantern.example/news.xml"]
sections = ["https://lantern.example/defence"]
allow = ["/story/\\\\d+"]
deny = ['/video/']
carries = ["Reuters", "AFP"]
poll_minutes = [0.5, 90]
storage = "headline"
terms = "the text stays the publisher's"
blocked = "closed for the summer"
confirmed = 2026-10-02
confirmed_how = "read by hand"

[read]
body = "div.story > p"
remove = [".promo", "//aside"]
title = "h1 span"
authors = "//meta[@name='who']/@content"
"""
)


def put(folder: Path, text: str, name: str = "lantern") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path) -> list[str]:
    with pytest.raises(BadSource) as caught:
        load_source(path)
    return caught.value.message.replace(f"{path}: ", "").splitlines()


def test_the_five_keys_and_an_address_are_enough(tmp_path: Path) -> None:
    source = load_source(put(tmp_path, GOOD))
    assert (source.id, source.country, source.feeds) == ("lantern", "SG", ("https://lantern.example/rss.xml",))
    assert source.confirmed is None
    assert source.confirmed_how == "not confirmed"
    assert (source.poll_min, source.poll_max) == (timedelta(minutes=5), timedelta(hours=12))


def test_every_key_is_read(tmp_path: Path) -> None:
    source = load_source(put(tmp_path, WHOLE))
    plain = Source("lantern", "The Harbour Lantern", "SG", "en", "https://lantern.example/")
    same = [key for key in KEYS if key not in ("poll_minutes", "read") and getattr(source, key) == getattr(plain, key)]
    assert same == ["id", "name", "country", "language", "homepage"], "every other key is set in WHOLE"
    assert source.storage is Storage.HEADLINE
    assert source.confirmed == date(2026, 10, 2)
    assert source.allow == (r"/story/\d+",)
    assert source.rules == Rules("div.story > p", (".promo", "//aside"), "h1 span", "//meta[@name='who']/@content")
    assert (source.poll_min, source.poll_max) == (timedelta(seconds=30), timedelta(minutes=90))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("feeds =", "feed =", "line 6: unknown key 'feed'; did you mean 'feeds'?"),
        (
            "feeds =",
            "poll_minuts = [5, 10]\nfeeds =",
            "line 6: unknown key 'poll_minuts'; did you mean 'poll_minutes'?",
        ),
        ("feeds =", "zzz = 1\nfeeds =", "line 6: unknown key 'zzz'; the keys are id, name, country, language"),
        ("feeds =", "feeds_too = 1\n\n[feed]\nfeeds =", "line 8: unknown key 'feed'; did you mean 'feeds'?"),
        ('"SG"', '"sg"', "line 3: country: 'sg' is not known; did you mean 'SG'?"),
        ('"SG"', '"Singapore"', "line 3: country: 'Singapore' is not known; two capital letters"),
        ('"en"', '"english"', "line 4: language: 'english' is not known; two small letters"),
        ('"en"', "5", "line 4: language: must be text in quotes, not 5"),
        ('"https://lantern.example/"', '"lantern.example"', "line 5: homepage: 'lantern.example' must be an address"),
        ('"https://lantern.example/rss.xml"', '"ftp://lantern.example/"', "line 6: feeds: 'ftp://lantern.example/'"),
        ('"https://lantern.example/rss.xml"', '"https://lantern/"', "'https://lantern/' is not a whole address"),
        ('"https://lantern.example/rss.xml"', '"https://a:b@c.example/"', "without a user name and password"),
        ('"https://lantern.example/rss.xml"', '"https://c.example/a b"', "'https://c.example/a b' is not a whole"),
        ('"https://lantern.example/rss.xml"', '"https://c.example/#x"', "without the part after '#'"),
        ('"https://lantern.example/rss.xml"', '"https://c.example:x/"', "is not an address"),
        ("feeds =", 'feeds = "https://a.example/"\n#', "line 6: feeds: must be a list such as"),
        ("feeds =", "feeds = [1]\n#", "line 6: feeds: must be text in quotes, not 1"),
        ("feeds =", 'allow = ["ok", "(x"]\nfeeds =', "line 6: allow: '(x' is not a regular expression"),
        ("feeds =", "poll_minutes = [60, 5]\nfeeds =", "line 6: poll_minutes: must be two numbers of minutes"),
        ("feeds =", "poll_minutes = [0, 5]\nfeeds =", "0 is not above 0"),
        ("feeds =", "poll_minutes = [5]\nfeeds =", "poll_minutes: must be two numbers of minutes"),
        ("feeds =", "poll_minutes = [true, 5]\nfeeds =", "poll_minutes: must be two numbers of minutes"),
        ("feeds =", "poll_minutes = [5, 99999]\nfeeds =", "99999 is longer than a week"),
        ("feeds =", 'storage = "fulls"\nfeeds =', "line 6: storage: 'fulls' is not known; did you mean 'full'?"),
        ("feeds =", 'kind = "paper"\nfeeds =', "line 6: kind: 'paper' is not known; did you mean 'newspaper'?"),
        ("feeds =", 'confirmed = "2026-10-02"\nfeeds =', "line 6: confirmed: must be a day without quotes"),
        ("feeds =", "confirmed = 2026-10-02T10:00:00\nfeeds =", "line 6: confirmed: must be a day"),
        ("feeds =", "confirmed = 2026-10-02\nfeeds =", "line 6: confirmed: needs 'confirmed_how'"),
        ('"lantern"', '"Lantern!"', "line 1: id: 'Lantern!' must be 1 to 62 lower-case letters"),
        ('"lantern"', '"beacon"', "line 1: id: must be the file's name, 'lantern', not 'beacon'"),
        ('"The Harbour Lantern"', '" "', "line 2: name: must not be empty"),
        ('country = "SG"\n', "", "missing key 'country'"),
        ('feeds = ["https://lantern.example/rss.xml"]', "", "nothing to collect: give one of feeds, sitemaps"),
        ('Lantern"', "Lantern", "line 2: not TOML: a quote is missing"),
        ("feeds =", "feeds = []\nfeeds =", "line 7: not TOML: a key stands there twice"),
        ("feeds =", "feeds = [\n#", "not TOML"),
        ("feeds =", 'read = "p"\nfeeds =', "line 6: read: must be a table such as [read]"),
        ("feeds =", 'read.body = "p >"\nfeeds =', "line 6: read: body: 'p >' is not a CSS selector"),
        ("feeds =", 'read.body = "//p["\nfeeds =', "line 6: read: body: '//p[' is not XPath"),
        ("feeds =", 'read.remove = ["p", ""]\nfeeds =', "line 6: read: remove: must not be empty"),
        ("feeds =", 'read.remove = "p"\nfeeds =', "line 6: read: remove: must be a list such as"),
        ("feeds =", 'read.bdoy = "p"\nfeeds =', "line 6: read: unknown key 'bdoy'; did you mean 'body'?"),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_would_be_right(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert any(said in fault for fault in faults_of(put(tmp_path, GOOD.replace(old, new, 1))))


def test_the_line_of_a_list_item_is_the_items(tmp_path: Path) -> None:
    text = GOOD.replace(
        '["https://lantern.example/rss.xml"]', '[\n  "https://a.example/",\n  "gopher://b.example/",\n]'
    )
    assert faults_of(put(tmp_path, text))[0].startswith("line 8: feeds: 'gopher://b.example/'")


def test_a_mistyped_key_is_not_told_twice(tmp_path: Path) -> None:
    assert len(faults_of(put(tmp_path, GOOD.replace("feeds =", "feed =")))) == 1


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    put(tmp_path, GOOD.replace("feeds", "feed").replace('"SG"', '"XX"'))
    put(tmp_path, "id = \n", "broken")
    (tmp_path / "latin.toml").write_bytes('id = "latin"\nname = "Käse"'.encode("latin-1"))
    with pytest.raises(BadSource) as caught:
        load_sources(tmp_path)
    lines = caught.value.message.splitlines()
    assert len(lines) == 4
    assert "broken.toml: line 1: not TOML" in lines[0]
    assert "lantern.toml: line 3: country" in lines[1]
    assert "lantern.toml: line 6: unknown key 'feed'" in lines[2]
    assert "latin.toml: line 2: not UTF-8" in lines[3]


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="cannot be read"):
        load_source(tmp_path / "absent.toml")


def test_a_later_folder_replaces_by_id_and_an_absent_one_is_empty(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    put(ours, GOOD)
    put(ours, GOOD.replace("lantern", "beacon"), "beacon")
    put(theirs, GOOD.replace("The Harbour Lantern", "Mine"))
    sources = load_sources(ours, theirs, tmp_path / "absent")
    assert list(sources) == ["beacon", "lantern"]
    assert sources["lantern"].name == "Mine"


def test_one_address_in_two_sources_is_a_fault_of_the_second(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    put(tmp_path, GOOD.replace("lantern", "mirror").replace("https://mirror", "http://LANTERN"), "mirror")
    with pytest.raises(
        BadSource, match=r"mirror\.toml: line 6: feeds: http://LANTERN.example/rss.xml is polled by 'lan"
    ):
        load_sources(tmp_path)


def test_an_address_twice_in_one_source_is_a_duplicate() -> None:
    source = Source("a", "A", "ZZ", "und", "https://a.example/", feeds=("https://a.example/f", "https://a.example/f/"))
    assert duplicates([source]) == [("a", "a", "feeds", "https://a.example/f/")]
    assert bare_address("https://A.example/F/?x=1") == bare_address("http://a.example/F?x=1")
    assert bare_address("https://a.example/f?x=1") != bare_address("https://a.example/f?x=2")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    source = load_source(put(tmp_path, WHOLE))
    path = write_source(source, tmp_path / "new" / "folder")
    assert load_source(path) == source
    assert [entry.name for entry in path.parent.iterdir()] == ["lantern.toml"]


def test_defaults_are_left_out(tmp_path: Path) -> None:
    path = write_source(load_source(put(tmp_path, GOOD)), tmp_path / "out")
    assert path.read_text(encoding="utf-8") == GOOD


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), minutes=st.integers(1, 10_080))
def test_any_text_survives_writing(tmp_path_factory: pytest.TempPathFactory, text: str, minutes: int) -> None:
    source = Source("a", "A" + text, "ZZ", "und", "https://a.example/", terms=text, blocked="x" + text)
    source = replace(source, poll_min=timedelta(minutes=minutes), poll_max=timedelta(days=7))
    assert load_source(write_source(source, tmp_path_factory.mktemp("written"))) == replace(
        source, name=without_controls(source.name)
    )


def test_nothing_is_written_that_would_not_load(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="country: 'Nowhere' is not known"):
        write_source(Source("a", "A", "Nowhere", "en", "https://a.example/", blocked="x"), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("code", "kind"), [(errno.ENOSPC, DiskFull), (errno.EACCES, Trouble)])
def test_a_folder_that_cannot_be_written_is_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[Trouble]
) -> None:
    def refuse(*_args: object, **_more: object) -> int:
        raise OSError(code, "refused")

    source = load_source(put(tmp_path, GOOD))
    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(kind, match=r"lantern\.toml"):
        write_source(source, tmp_path / "out")
