"""Agency, credit and dateline: what is evidence, and what only looks like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from pipeline.agencies import agencies
from pipeline.attribute import attribute, split_places
from pipeline.types import Article
from tests.shared import shared_root

FILLER = "The ministry set out the plan in a paper of forty pages.\n\nIt did not say what the programme will cost."
FETCHED = datetime(2026, 2, 26, 9, tzinfo=UTC)


def article(text: str, **values: object) -> Article:
    base = Article(id="a1", url="https://x.example/1", canonical_url="https://x.example/1", source_id="x", title="T")
    return replace(base, text=text, fetched=FETCHED, **values)  # type: ignore[arg-type]


EVIDENCE = [
    # text, agency, how
    (f"LONDON (Reuters) - Ministers met on Monday.\n\n{FILLER}", "Reuters", "dateline"),
    (f"LONDON, Feb 24 (Reuters) - Ministers met.\n\n{FILLER}", "Reuters", "dateline"),
    (f"WASHINGTON (AP) — Ministers met on Monday.\n\n{FILLER}", "AP", "dateline"),
    (f"Paris (AFP) – Ministers met on Monday.\n\n{FILLER}", "AFP", "dateline"),
    (f"Berlin (dpa) - Die Minister trafen sich am Montag.\n\n{FILLER}", "dpa", "dateline"),
    (f"Berlin (dpa/AFP) - Die Minister trafen sich.\n\n{FILLER}", "dpa", "dateline"),
    (f"NEW DELHI, Feb 24 (PTI) Ministers met on Monday.\n\n{FILLER}", "PTI", "dateline"),
    (f"New Delhi [India], February 24 (ANI): Ministers met.\n\n{FILLER}", "ANI", "dateline"),
    (f"SEOUL, Feb. 24 (Yonhap) -- Ministers met on Monday.\n\n{FILLER}", "Yonhap", "dateline"),
    (f"BEIJING, Feb. 24 (Xinhua) -- Ministers met.\n\n{FILLER}", "Xinhua", "dateline"),
    (f"MOSCOW, February 24. /TASS/. Ministers met.\n\n{FILLER}", "TASS", "dateline"),
    (f"TOKYO (Kyodo) - Ministers met on Monday.\n\n{FILLER}", "Kyodo", "dateline"),
    (f"Madrid, 24 feb (EFE).- Los ministros se reunieron.\n\n{FILLER}", "EFE", "dateline"),
    (f"OTTAWA (The Canadian Press) — Ministers met.\n\n{FILLER}", "The Canadian Press", "dateline"),
    (f"(Bloomberg) -- Ministers met on Monday.\n\n{FILLER}", "Bloomberg", "dateline"),
    (f"(Reuters) - Ministers met on Monday.\n\n{FILLER}", "Reuters", "dateline"),
    (f"PORT HALVA (Meridian Wire) - Ministers met.\n\n{FILLER}", "Meridian Wire", "dateline"),
    (f"LONDON (Thomson Reuters) - Ministers met.\n\n{FILLER}", "Reuters", "dateline"),
    (f"{FILLER} “We shall see,” the minister said. REUTERS", "Reuters", "credit"),
    (f"{FILLER} The talks go on. AFP", "AFP", "credit"),
    (f"{FILLER} The talks go on. – AFP", "AFP", "credit"),
    (f"{FILLER} The talks go on. — Reuters", "Reuters", "credit"),
    (f"{FILLER} The talks go on. (AP)", "AP", "credit"),
    (f"{FILLER} The talks go on. REUTERS, AFP", "Reuters", "credit"),
    (f"{FILLER}\n\nREUTERS", "Reuters", "credit"),
    (f"{FILLER}\n\n(Reuters)", "Reuters", "credit"),
    (f"{FILLER}\n\n- AFP", "AFP", "credit"),
    (f"{FILLER}\n\nAssociated Press", "AP", "credit"),
    (f"{FILLER}\n\nSource: Reuters", "Reuters", "credit"),
    (f"{FILLER}\n\nQuelle: dpa", "dpa", "credit"),
    (f"{FILLER}\n\nAFP/Reuters", "AFP", "credit"),
    (f"{FILLER}\n\n© 2026 AFP", "AFP", "copyright"),
    (f"{FILLER}\n\nCopyright 2026 The Associated Press. All rights reserved.", "AP", "copyright"),
    (f"{FILLER}\n\n(Reporting by Ana Vidal in Oslo; Editing by Bo Lind)", "Reuters", "desk line"),
    (f"{FILLER}\n\nReporting by Ana Vidal; Additional reporting by Kim Oh; Editing by Bo Lind", "Reuters", "desk line"),
]
TRAPS = [
    f"Reuters said on Monday that it would open an office in Oslo.\n\n{FILLER}",
    f"The court ruled for Reuters.\n\n{FILLER} The editor of Reuters",
    f"{FILLER} The pictures were first shown by Reuters.",
    f"{FILLER}\n\nReuters has reported before that the ministry was looking at drones.",
    f"{FILLER}\n\nWith inputs from agencies",
    f"NATO (the alliance) - Ministers met on Monday.\n\n{FILLER}",
    f"EXCLUSIVE - Ministers met on Monday.\n\n{FILLER}",
    f"LONDON (Saturday) - Ministers met on Monday.\n\n{FILLER}",
    f"A PA to the minister (AP Smith) said so.\n\n{FILLER}",
    f"The AP style book (AP) was quoted - twice.\n\n{FILLER}",
    f"{FILLER} It was a matter for the AA.",
    f"{FILLER} He joined the CP in 1990 and left the AAP.",
    f"{FILLER}\n\nReporting by the inspector was late, and the ministry knew.",
    f"{FILLER}\n\n© 2026 The Harbour Gazette",
    f"{FILLER}\n\nSource: Ministry of Defence",
    f"{FILLER} “Bloomberg is a terminal, not a newspaper,” he said.",
]


@pytest.mark.parametrize(("text", "wire", "how"), EVIDENCE)
def test_evidence_names_the_agency(text: str, wire: str, how: str) -> None:
    done = attribute(article(text))
    assert (done.wire, done.wire_how) == (wire, how)


@pytest.mark.parametrize("text", TRAPS)
def test_a_mention_is_no_evidence(text: str) -> None:
    assert attribute(article(text)).wire == ""


@pytest.mark.parametrize("text", [t for t, _, how in EVIDENCE if how in ("credit", "desk line", "copyright")])
def test_credits_move_out_of_the_text(text: str) -> None:
    done = attribute(article(text))
    assert done.credit
    assert not done.text.endswith(done.credit)
    assert done.text.startswith("The ministry set out")
    assert done.text.rstrip()[-1] in ".”"


@pytest.mark.parametrize("text", [t for t, _, _ in EVIDENCE] + TRAPS)
def test_attributing_twice_changes_nothing(text: str) -> None:
    once = attribute(article(text))
    assert attribute(once) == once


@pytest.mark.parametrize(
    ("line", "places", "day"),
    [
        ("NEW YORK/WASHINGTON/SAN FRANCISCO - Ministers", ("New York", "Washington", "San Francisco"), None),
        ("LONDON, Feb 24 (Reuters) - Ministers", ("London",), date(2026, 2, 24)),
        ("PARIS, Dec 30 (Reuters) - Ministers", ("Paris",), date(2025, 12, 30)),
        ("RIO DE JANEIRO, 24 February 2026 (AFP) - Ministers", ("Rio de Janeiro",), date(2026, 2, 24)),
        ("AUSTIN, Texas (AP) — Ministers", ("Austin",), None),
        ("FORT MEADE, Md. — Ministers", ("Fort Meade",), None),
        ("KYIV, Ukraine — Ministers", ("Kyiv",), None),
        ("Wien (APA) - Die Minister", ("Wien",), None),
        ("Ministers met in London - and left", (), None),
        ("AI - a short history", (), None),
    ],
)
def test_dateline(line: str, places: tuple[str, ...], day: date | None) -> None:
    done = attribute(article(f"{line} met on Monday.\n\n{FILLER}"))
    assert (done.dateline_places, done.dateline_date) == (places, day)
    assert done.text.startswith(line[:10])  # readers expect the dateline where it is


def test_places_keep_their_spelling() -> None:
    assert split_places("ST. PETERSBURG/WASHINGTON, D.C.") == ("St. Petersburg", "Washington")


def test_print_line_and_banner_go() -> None:
    banner = "date 2026-02-25 Sign up now: Get HB's newsletters delivered to your inbox"
    text = f"{banner}\n\nOSLO - Ministers met.\n\n{FILLER}"
    done = attribute(article(text))
    assert done.text.startswith("OSLO - Ministers met.")
    assert done.dateline_date == date(2026, 2, 25)
    assert (done.published, done.published_how) == (datetime(2026, 2, 25, tzinfo=UTC), "text")


def test_a_known_date_outranks_the_print_line() -> None:
    known = datetime(2026, 2, 25, 3, 10, tzinfo=UTC)
    done = attribute(article(f"Published Feb 25, 2026 10:00 AM\n\n{FILLER}", published=known, published_how="json-ld"))
    assert (done.published, done.published_how) == (known, "json-ld")
    assert done.text == FILLER


def test_dateline_outranks_what_extraction_found() -> None:
    done = attribute(article(f"OSLO (AFP) - Ministers met.\n\n{FILLER}", wire="Reuters", wire_how="json-ld"))
    assert (done.wire, done.wire_how) == ("AFP", "dateline")
    done = attribute(article(f"{FILLER}\n\nAFP", wire="Reuters", wire_how="json-ld"))
    assert (done.wire, done.wire_how) == ("Reuters", "json-ld")


def test_no_text_is_no_trouble() -> None:
    assert attribute(article("")).wire == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [("Reuters Staff", "Reuters"), ("AP", "AP"), ("ap", ""), ("By Agence France-Presse", "AFP"), ("PA", "PA Media"),
     ("pa", ""), ("Ana Vidal", ""), ("", ""), ("The Associated Press", "AP"), ("Reuters Smith", "")],
)  # fmt: skip
def test_named(text: str, name: str) -> None:
    assert agencies().named(text) == name


def test_table_has_no_double_marks() -> None:
    table = agencies()
    assert len(set(table.exact.values())) >= 30
    assert "Meridian Wire" in table.exact


@pytest.mark.shared
def test_reference_story() -> None:
    root = shared_root()
    if root is None:
        pytest.skip("the reference story is absent: ../shared/seed")
    raw = next((root / "seed").glob("*.txt")).read_text(encoding="utf-8")
    done = attribute(article(raw))
    assert "newsletter" not in done.text
    assert done.text.startswith("NEW YORK/WASHINGTON/SAN FRANCISCO")
    assert done.published is not None
    assert done.published.date() == done.dateline_date == date(2026, 2, 25)
    assert done.dateline_places == ("New York", "Washington", "San Francisco")
    assert (done.wire, done.wire_how, done.credit) == ("Reuters", "credit", "REUTERS")
    assert done.text.endswith("English.")
