"""Feeds as they come: odd, broken, hostile. What is whole is kept, what cannot be read is said."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.feeds import read_feed
from crawlers.readers import read_listing
from pipeline.errors import BadSource, NotNews, Refused, Unreadable, WirewatchError
from pipeline.types import Fetched, FetchTask, Kind, Listing, Source
from tests.shared import shared_data

OURS = Path(__file__).parent.parent / "data" / "feeds"
URL = "https://outlet.example/feed"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
RSS = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Wire</title>{}</channel></rss>'
ITEM = "<item><title>Story {0}</title><link>https://outlet.example/{0}</link></item>"


def read(body: bytes | str, content_type: str = "application/rss+xml", fetched: datetime = NOW) -> Listing:
    raw = body.encode() if isinstance(body, str) else body
    return read_feed(raw, URL, {"content-type": content_type}, fetched)


def page(body: bytes | str, kind: Kind = Kind.FEED, content_type: str = "text/xml") -> Fetched:
    raw = body.encode() if isinstance(body, str) else body
    return Fetched(FetchTask(URL, "outlet", kind), URL, 200, {"content-type": content_type}, raw, NOW)


def dated(element: str) -> Listing:
    return read(RSS.format(f"<item><link>https://outlet.example/1</link>{element}</item>"))


# --- what is read ---------------------------------------------------------------------------------------------------


def test_an_ordinary_feed() -> None:
    listing = read((OURS / "wordpress.rss").read_bytes())
    first, second, third = listing.entries
    assert (listing.format, listing.reader, listing.title) == ("rss 2.0", "fast", "Harbour & Sky")
    assert (listing.language, listing.home) == ("en", "https://harboursky.example/")
    assert listing.ttl == timedelta(minutes=30)
    assert first.title == "Navy’s new mine hunter “learns on the job”"
    assert first.summary == "The crew of one watched it find eleven mines & miss none. Read on"
    assert first.url == "https://harboursky.example/2026/11/23/mine-hunter-learns/?utm_source=rss&utm_medium=feed"
    assert first.canonical_url == "https://harboursky.example/2026/11/23/mine-hunter-learns"
    assert (first.authors, first.tags, first.language) == (("Tomás Ferreira",), ("Sea", "Autonomy"), "en")
    assert (first.published, first.published_how) == (datetime(2026, 11, 23, 17, 30, tzinfo=UTC), "feed:published")
    assert second.title == "AT&T & the ministry: what is left to sign"
    assert (second.authors, second.summary) == (("Ines Okafor",), "Only the content says what happened.")
    assert second.published == datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
    assert (third.url, third.published_how) == ("https://harboursky.example/2026/11/21/guid-only", "feed:updated")


def test_atom() -> None:
    listing = read((OURS / "blog.atom").read_bytes(), "application/atom+xml")
    first, second = listing.entries
    assert (listing.format, listing.language, listing.title) == ("atom 1.0", "pt", "Radar & Rota")
    assert (first.title, first.summary) == ("O exército testa enxames", "Doze aparelhos voaram sem piloto.")
    assert (first.authors, first.tags) == (("Lia Prado", "Rui Costa"), ("drones", "satélites"))
    assert first.published == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert (second.title, second.summary) == ("1 < 2 & it stays", "a plain <b>summary</b> & no more")


def test_rdf_and_a_feed_that_says_when_to_come() -> None:
    assert [e.title for e in read((OURS / "ministry.rdf").read_bytes()).entries] == ["無人機の試験を始めました"]
    listing = read((OURS / "plain.rss").read_bytes())
    assert (listing.ttl, listing.skip_hours, listing.skip_days) == (timedelta(minutes=45), {0, 7}, {6})


def test_relative_links_are_resolved_and_an_entry_comes_once() -> None:
    body = RSS.format("<item><link>/a?utm_source=x</link></item><item><link>https://outlet.example/a#top</link></item>")
    assert [entry.url for entry in read(body).entries] == ["https://outlet.example/a?utm_source=x"]


def test_a_changed_entry_has_another_revision() -> None:
    def revision(title: str) -> str:
        return (
            read(RSS.format(f"<item><title>{title}</title><link>https://o.example/1</link></item>")).entries[0].revision
        )

    assert revision("Talks open") != revision("Talks end")
    assert revision("Talks open") == revision("Talks open")


def test_long_summaries_end_at_a_word() -> None:
    text = "word " * 5000
    listing = read(RSS.format(f"<item><link>https://o.example/1</link><description>{text}</description></item>"))
    summary = listing.entries[0].summary
    assert len(summary) <= 1000 and summary.endswith("word…")


def test_empty_and_valid_is_no_error() -> None:
    listing = read(RSS.format(""))
    assert (listing.entries, listing.warning, listing.title) == ((), "", "Wire")


# --- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "published", "how"),
    [
        ("Mon, 23 Nov 2026 12:00:00 +0200", datetime(2026, 11, 23, 10, tzinfo=UTC), "feed:published"),
        ("Mon, 23 Nov 2026 12:00:00 CEST", datetime(2026, 11, 23, 10, tzinfo=UTC), "feed:published"),
        ("2026-11-23T12:00:00", datetime(2026, 11, 23, 12, tzinfo=UTC), "feed:published (no zone)"),
        ("23 Nov 2026", datetime(2026, 11, 23, tzinfo=UTC), "feed:published (no zone)"),
        ("Tue, 24 Nov 2026 00:59:00 GMT", datetime(2026, 11, 24, 0, 59, tzinfo=UTC), "feed:published"),
        ("Tue, 24 Nov 2026 01:01:00 GMT", None, "future refused"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, "too old refused"),
        ("soon", None, ""),
        ("", None, ""),
    ],
)  # fmt: skip
def test_dates(date: str, published: datetime | None, how: str) -> None:
    entry = dated(f"<pubDate>{date}</pubDate>").entries[0]
    assert (entry.published, entry.published_how) == (published, how)


@pytest.mark.parametrize("clock", ["Mon, 23 Nov 2026 12:00:00 JST", "Mon, 23 Nov 2026 12:00:00  JST"])
def test_a_zone_that_feedparser_does_not_know(clock: str) -> None:
    assert dated(f"<pubDate>{clock}</pubDate>").entries[0].published == datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.mark.shared
def test_feedparsers_expected_dates() -> None:
    """Of its `Expect:` lines all that speak of the date of the first entry (with a link put in, which we need)."""
    pattern = re.compile(r"entries\[0\]\['(published|updated|created)_parsed'\] == (\([\d, ]+\))")
    seen = 0
    for path in sorted(shared_data("feeds-feedparser/tests/wellformed").rglob("*.xml")):
        body = path.read_bytes()
        expected = pattern.search(body.decode("utf-8", "ignore"))
        if expected is None:
            continue
        link = r'\g<0><link href="https://o.example/1">https://o.example/1</link>'
        body = re.sub(rb"<(?:item|entry)(?:\s[^>]*)?>", link.encode(), body, count=1, flags=re.IGNORECASE)
        entry = read(body).entries[0]
        assert entry.published == datetime(*ast.literal_eval(expected[2])[:6], tzinfo=UTC), path.name
        assert entry.published_how.startswith(f"feed:{expected[1]}"), path.name
        seen += 1
    assert seen >= 8


@pytest.mark.shared
def test_feedparsers_date_formats() -> None:
    """Each form of date that it tests, as a pubDate: one date a feed, read as it expects."""
    code = shared_data("feeds-feedparser/tests/test_date_parsers.py").read_text()
    seen, wrong = 0, []
    for text, expected in _date_cases(code):
        got = dated(f"<pubDate>{text.replace('&', '&amp;').replace('<', '&lt;')}</pubDate>").entries[0].published
        seen += 1
        if got != expected:
            wrong.append((text, got, expected))
    assert seen >= 40
    assert [case[0] for case in wrong] == DATES_READ_OTHERWISE, wrong
    assert all(got is None for _, got, _ in wrong)


# No date at all for these, where feedparser's chain guesses (day 1 of the current month) or knows one platform's form.
DATES_READ_OTHERWISE = [
    "2004-július-13T9:15-05:00",
    "-0312",
    "-03-12",
    "03335",
    "2004-05-25 오후 11:23:17",
    "2004년 05월 28일  01:31:15",
]


def _date_cases(code: str) -> Iterator[tuple[str, datetime | None]]:
    """(date, what is expected of us) of its parametrised cases; what lies before 1990 is no date of news."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Tuple) and len(node.elts) == 3 and isinstance(node.elts[0], ast.Name):
            text, expected = (ast.literal_eval(part) for part in node.elts[1:])
            if text:
                when = datetime(*expected[:6], tzinfo=UTC) if expected else None
                yield text, when if when and when.year >= 1990 else None


# --- broken and hostile ---------------------------------------------------------------------------------------------


def test_a_truncated_feed_keeps_what_is_whole() -> None:
    body = RSS.format("".join(ITEM.format(n) for n in range(5)))
    cut = body[: body.index("Story 3") + 4]
    listing = read(cut)
    assert [entry.title for entry in listing.entries] == ["Story 0", "Story 1", "Story 2"]
    assert "cut short" in listing.warning


def test_a_malformed_feed_is_read_with_a_warning() -> None:
    listing = read(
        RSS.format(ITEM.format(1) + "<item><title>Fish & chips</title><link>https://o.example/2</link></item>")
    )
    assert [entry.title for entry in listing.entries] == ["Story 1", "Fish & chips"]
    assert listing.reader == "feedparser" and "not well-formed" in listing.warning


@pytest.mark.parametrize("encoding", ["windows-1251", "iso-8859-2", "utf-16", "utf-8-sig", "shift_jis", "gb18030"])
def test_declared_encodings(encoding: str) -> None:
    word = {"windows-1251": "Оборона", "shift_jis": "防衛省", "gb18030": "国防部"}.get(encoding, "Łódź")
    declared = encoding.removesuffix("-sig")
    text = RSS.format(f"<item><title>{word}</title><link>https://o.example/1</link></item>").replace(
        "utf-8", declared, 1
    )
    assert read(text.encode(encoding), "application/xml").entries[0].title == word


@pytest.mark.parametrize("content_type", ["text/xml", "text/html", "application/xml; charset=us-ascii", ""])
def test_a_wrongly_declared_encoding(content_type: str) -> None:
    text = RSS.format("<item><title>Café “nine”</title><link>https://o.example/1</link></item>")
    assert read(text, content_type).entries[0].title == "Café “nine”"
    latin = text.replace("“", '"').replace("”", '"').encode("latin-1")  # says UTF-8, is Latin-1
    assert read(latin, content_type).entries[0].title == 'Café "nine"'


BOMBS = {
    "billion laughs": '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
    "one long entity": f'<!DOCTYPE r [<!ENTITY a "{"x" * 5000}">]>',
    "parameter entities": "<!DOCTYPE r [<!ENTITY % a \"<!ENTITY b 'c'>\"> %a;]>",
    "far behind": "<!--" + "-x" * 9000 + '--><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>',
}


@pytest.mark.parametrize("declared", ["utf-16", "UTF-16LE", "ucs-2", "utf-32"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_feed_whose_declaration_can_be_read_byte_by_byte_is_not_in_utf_16(declared: str, mark: str) -> None:
    listing = read(mark + RSS.replace("utf-8", declared).format(ITEM.format("Łódź")))
    assert [entry.title for entry in listing.entries] == ["Story Łódź"]


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bombs_are_refused_at_once(name: str, encoding: str) -> None:
    body = BOMBS[name] + "<rss><channel><item><title>" + "&b;&a;" * 5000 + "</title></item></channel></rss>"
    with pytest.raises(Refused, match="bomb"):
        read(body.encode(encoding))


def test_harmless_entities_are_read_and_files_are_not() -> None:
    doctype = '<!DOCTYPE rss [<!ENTITY eacute "&#233;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    listing = read(
        doctype
        + "<rss><channel><item><title>Caf&eacute; &f;</title><link>https://o.example/1</link></item></channel></rss>"
    )
    assert listing.entries[0].title.startswith("Café")
    assert Path("/etc/hostname").read_text().strip() not in listing.entries[0].title


def test_a_feed_of_fifty_megabytes() -> None:
    filler = "<description>" + "news " * 2100 + "</description></item>"
    items = [ITEM.format(n).replace("</item>", filler) for n in range(50)] * 100
    body = RSS.format("".join(items)).encode()
    assert len(body) > 50 << 20
    started = time.process_time()
    listing = read(body)
    assert time.process_time() - started < 3  # 0.06 s on the machine it was written on
    assert len(listing.entries) == 50 and "only the first 7 MB of 50 MB" in listing.warning
    with pytest.raises(Refused, match="too large"):
        read(body + b" " * (16 << 20))


def test_feedparser_is_never_given_more_than_it_can_chew() -> None:
    text = "<description>" + "news " * 2000 + "&bad;</description></item>"
    body = RSS.format("".join(ITEM.format(n).replace("</item>", text) for n in range(400)))
    listing = read(body)
    assert listing.reader == "feedparser" and "only the first 1 MB of 3 MB" in listing.warning
    assert 100 < len(listing.entries) < 250


def test_no_more_than_two_thousand_entries() -> None:
    listing = read(RSS.format("".join(ITEM.format(n) for n in range(2500))))
    assert len(listing.entries) == 2000 and "2000 of 2500" in listing.warning


@pytest.mark.parametrize(
    "nasty", ["<rss><channel>" + "<item>" * 3000, "<rss" + " a" * 50_000, "<feed>" + "&" * 100_000]
)
def test_nonsense_takes_bounded_time(nasty: str) -> None:
    started = time.process_time()
    with pytest.raises(WirewatchError):
        read(nasty)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "body", ["", "  \n", "\x00\x01\x02", "Not found", "<a><b/></a>", "<rss", "{", '{"a": 1}', "[]"]
)
def test_what_is_no_listing(body: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read_listing(page(body))
    assert (raised.value.source_id, raised.value.url) == ("outlet", URL)


def test_entries_without_an_address_are_counted() -> None:
    listing = read(
        RSS.format(ITEM.format(1) + "<item><title>none</title></item><item><link>ftp://o.example/</link></item>")
    )
    assert len(listing.entries) == 1 and "2 entries without" in listing.warning


# --- read_listing ---------------------------------------------------------------------------------------------------


def test_a_feed_address_may_hold_anything_that_lists() -> None:
    assert read_listing(page(RSS.format(ITEM.format(1)), Kind.SITEMAP)).format == "rss 2.0"
    assert read_listing(page('{"version": "https://jsonfeed.org/version/1.1", "items": []}')).format == "json feed 1.1"
    sitemap = "<urlset><url><loc>https://outlet.example/1</loc></url></urlset>"
    assert read_listing(page(sitemap)).format == "sitemap"
    assert read_listing(page("\n\n" + RSS.format(ITEM.format(1)))).reader == "fast"


def test_a_page_where_a_feed_should_be() -> None:
    html = "<!doctype html><html><head><link rel='alternate' type='application/rss+xml' href='/rss'></head></html>"
    with pytest.raises(NotNews, match=r"HTML page, not a feed; it announces https://outlet\.example/rss"):
        read_listing(page(html))


def test_patterns_of_a_source() -> None:
    source = Source("o", "O", "GB", "en", URL, allow=(r"/world/", r"/tech/"), deny=(r"/live/",))
    links = ["world/1", "sport/2", "tech/live/3", "tech/4"]
    body = RSS.format("".join(f"<item><link>https://outlet.example/{link}</link></item>" for link in links))
    listing = read_listing(page(body), source)
    assert [entry.url.split("/", 3)[3] for entry in listing.entries] == ["world/1", "tech/4"]
    with pytest.raises(BadSource, match=r"'\('"):
        read_listing(page(body), Source("o", "O", "GB", "en", URL, allow=("(",)))


KINDS = st.sampled_from([Kind.FEED, Kind.SITEMAP, Kind.SECTION])
SAMPLES = st.sampled_from([path.read_bytes() for path in sorted(OURS.iterdir())])


@settings(deadline=None, max_examples=60)
@given(SAMPLES, KINDS, st.integers(0, 9000), st.integers(0, 60), st.binary(max_size=6))
def test_damaged_bytes_raise_nothing_but_our_errors(body: bytes, kind: Kind, at: int, gone: int, put: bytes) -> None:
    at %= len(body)
    damaged = body[:at] + put + body[at + gone :]
    try:
        listing = read_listing(Fetched(FetchTask(URL, "outlet", kind), URL, 200, {}, damaged, NOW))
    except (Unreadable, NotNews, Refused):
        return
    assert all(entry.id and entry.canonical_url and entry.url.startswith("http") for entry in listing.entries)


@pytest.mark.shared
def test_no_crash_over_feedparsers_own_feeds() -> None:
    """Most of its feeds hold one element to test, and half of those are broken on purpose: they list nothing."""
    errors: dict[str, int] = {}
    for path in sorted(shared_data("feeds-feedparser/tests").rglob("*.xml")):
        try:
            read_listing(page(path.read_bytes()))
        except WirewatchError as error:
            kind = "broken" if "not well-formed" in error.message else type(error).__name__
            errors[kind] = errors.get(kind, 0) + 1
    assert errors.pop("broken") < 330
    assert errors.pop("Refused") == 1  # entities within entities
    assert sum(errors.values()) < 30, errors
