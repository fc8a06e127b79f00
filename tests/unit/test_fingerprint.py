"""Fingerprints: what editors change must not matter, what makes a report must."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fingerprint import _TOKEN, _tokens, fingerprint, title_key, unpack
from pipeline.paragraphs import _WORD, _words
from pipeline.types import Article

REPORT = (
    "The defence ministry will recognise three companies whose software labelled radar images for the navy, an "
    "official told reporters on Monday.\n\n"
    "The programme began in March with 12 ships and a budget of 4.5 million, and its organisers hope to add the coast "
    "guard’s patrol boats before winter storms arrive.\n\n"
    "Sailors who tried the system in the northern strait found that it missed small wooden boats in fog."
)


def make(text: str, title: str = "Navy picks software that labels radar images", summary: str = "") -> Article:
    return Article(id="a1", url="u", canonical_url="u", source_id="gazette", title=title, text=text, summary=summary)


def overlap(a: str, b: str) -> float:
    """Share of the smaller shingle set found in the other."""
    first, second = (set(unpack(fingerprint(make(text)).shingles)[1].tolist()) for text in (a, b))
    return len(first & second) / min(len(first), len(second))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("defence", "defense"),
        ("recognise", "recognize"),
        ("labelled", "labeled"),
        ("programme", "program"),
        ("organisers", "organizers"),
        ("guard’s", "guard's"),
        ("on Monday", "on March 3"),
        ("in March", "in Mar."),
        ("told reporters", "said"),
        ("The defence", "THE DEFENCE"),
    ],
)
def test_house_style_does_not_matter(old: str, new: str) -> None:
    assert overlap(REPORT, REPORT.replace(old, new)) == 1.0


def test_spelling_and_case_leave_the_exact_hash_alone() -> None:
    styled = REPORT.replace("defence", "defense").replace("’", "'").upper()
    assert fingerprint(make(styled)).exact == fingerprint(make(REPORT)).exact != ""


@pytest.mark.parametrize(
    "banner",
    [
        "Sign up now: our newsletter in your inbox",
        "Read more: five charts",
        "Advertisement",
        "Share this article",
        "(Reuters)",
        "Reporting by A. Writer; Editing by B. Desk",
        "Photo: archive",
    ],
)
def test_furniture_is_left_out(banner: str) -> None:
    made, bare = fingerprint(make(f"{banner}\n\n{REPORT}\n\n{banner}")), fingerprint(make(REPORT))
    assert (made.exact, made.title_key, made.shingles) == (bare.exact, bare.title_key, bare.shingles)


def test_a_sentence_that_only_begins_like_furniture_stays() -> None:
    line = "Photographs published by the ministry show three patrol boats beside a pier in the northern strait."
    assert fingerprint(make(f"{REPORT}\n\n{line}")).shingles != fingerprint(make(REPORT)).shingles


def test_other_figures_are_another_text_with_the_same_words() -> None:
    changed = REPORT.replace("12 ships", "14 ships")
    assert fingerprint(make(changed)).exact != fingerprint(make(REPORT)).exact
    assert overlap(REPORT, changed) == 1.0
    _, _, before = unpack(fingerprint(make(REPORT)).shingles)
    _, _, after = unpack(fingerprint(make(changed)).shingles)
    assert len(np.setdiff1d(before, after)) == len(np.setdiff1d(after, before)) == 1


def test_lead_is_part_of_the_body_and_comes_from_the_beginning() -> None:
    lead, body, _ = unpack(fingerprint(make(REPORT)).shingles)
    assert 0 < len(lead) < len(body)
    assert np.isin(lead, body).all()
    background = " ".join(f"Harbour master number{chr(97 + i)} keeps ledger{chr(97 + i)} dry." for i in range(12))
    other, whole, _ = unpack(fingerprint(make(f"{background}\n\n{REPORT}")).shingles)
    assert len(np.intersect1d(lead, other)) == 0
    assert np.isin(lead, whole).all()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Two words",
        "You have read all of your free articles this month. Log in or create an account to go on with a trial today.",
    ],
)
def test_too_little_text_is_a_headline_alone(text: str) -> None:
    made = fingerprint(make(text))
    assert (made.exact, made.shingles) == ("", b"")
    assert made.title_key


def test_a_summary_stands_in_for_a_text_not_read() -> None:
    first = REPORT.split("\n\n")[0]
    summary = fingerprint(make("", summary=first))
    assert summary.shingles == fingerprint(make(first)).shingles != b""


@pytest.mark.parametrize(
    "text",
    [
        "国防部周一表示，海军将在今年秋天之前为十二艘巡逻舰安装能够识别雷达图像的软件，并扩大试验范围。",
        "防衛省は月曜日、海上自衛隊の艦艇にレーダー画像を識別する人工知能ソフトを今年の秋までに搭載すると発表した。",
        "국방부는 월요일 해군 초계함 열두 척에 레이더 영상을 식별하는 인공지능을 가을까지 탑재한다고 밝혔다.",
        "กระทรวงกลาโหมกล่าวเมื่อวันจันทร์ว่ากองทัพเรือจะติดตั้งซอฟต์แวร์ปัญญาประดิษฐ์บนเรือตรวจการณ์",
    ],
)
def test_unspaced_scripts_are_read_by_characters(text: str) -> None:
    whole, _, _ = (set(part.tolist()) for part in unpack(fingerprint(make(text)).shingles))
    cut, _, _ = (set(part.tolist()) for part in unpack(fingerprint(make(text[:-8])).shingles))
    assert len(whole) > 20
    assert len(cut & whole) >= 0.9 * len(cut)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Exclusive: Navy picks radar software", "Navy picks radar software"),
        ("UPDATE 2-Navy picks radar software", "Navy picks radar software"),
        ("Navy picks radar software | The Harbour Gazette", "Navy picks radar software"),
        ("Navy’s “radar” défense programme", "Navy's radar defence program"),
    ],
)
def test_title_key_forgets_labels_outlets_and_style(one: str, other: str) -> None:
    assert title_key(one) == title_key(other)


def test_title_key_keeps_short_headlines_whole() -> None:
    assert title_key("Taiwan - a history") == "taiwan a history"


def test_hashes_are_the_same_in_another_process() -> None:
    code = (
        "from pipeline.fingerprint import fingerprint; from pipeline.types import Article; import sys;"
        "print(fingerprint(Article('a','u','u','s','Navy picks radar images software', sys.argv[1])).shingles.hex())"
    )
    run = subprocess.run([sys.executable, "-c", code, REPORT], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == fingerprint(make(REPORT, "Navy picks radar images software")).shingles.hex()


@given(st.text(max_size=400), st.text(max_size=80))
def test_never_raises_and_shingles_are_sorted_and_unique(text: str, title: str) -> None:
    made = fingerprint(make(text, title))
    values = np.frombuffer(made.shingles, dtype="<u8")
    assert (np.diff(values.astype(object)) > 0).all()


MARKED = [
    "plain words, and more. the end.\nnew line",
    "“quoted” words – set apart — and 'single' o'clock's rock'n'roll ''",
    "12.5 1,000.50, 3. x3 3x a.m. u.s. 1.2.3.4, end.5 5.end ,5 .5 '5'",
    "under_score e-mail@host.example #tag $5 50% ½ ² 3½ café naïve straße",
    "",
    " . , ' – ",
]


@pytest.mark.parametrize("text", MARKED)
def test_the_quick_way_to_read_words_finds_what_the_pattern_finds(text: str) -> None:
    assert _tokens(text) == _TOKEN.findall(text)


@given(st.text(alphabet="ab1.,' \n–é_-", max_size=40))
def test_the_quick_way_finds_the_same_in_any_text(text: str) -> None:
    assert _tokens(text) == _TOKEN.findall(text)


@given(st.text(alphabet="aB1.,' \n–é_-", max_size=40))
def test_words_of_paragraphs_are_found_the_same_in_any_text(text: str) -> None:
    assert _words(text) == _WORD.findall(text)


def test_words_are_remembered_when_the_memory_turns_over(monkeypatch: pytest.MonkeyPatch) -> None:
    article = make(" ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(200)))
    before = fingerprint(article)
    monkeypatch.setattr("pipeline.fingerprint._MEMO_LIMIT", 50)
    assert fingerprint(article) == before
    assert fingerprint(article) == before


def test_a_text_of_small_words_alone_has_no_shingles() -> None:
    made = fingerprint(Article("a1", "", "", "", "by", "by " * 100))
    assert (made.shingles, made.exact != "") == (b"", True)
