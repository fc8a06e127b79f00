"""What recurs at an outlet: which paragraphs are furniture, and which are text although they recur."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.assign import StoryDesk
from pipeline.fingerprint import fingerprint
from pipeline.furniture import REMEMBERED, WITNESSES, WITNESSES_WITHIN, Learner, Paragraph, without_furniture
from pipeline.ids import version_id
from pipeline.paragraphs import paragraph_key, paragraph_keys
from pipeline.types import Article, Filed, Grade, Read, Tagging

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BANNER = "Sign up for the Halva Herald briefing and start each morning well informed."
STOCK = "The ministry did not immediately respond to a request for comment."


def words(chance: random.Random, count: int) -> str:
    """Words that no other text holds."""
    return " ".join("".join(chance.choices("abcdefgilmnoprstu", k=chance.randint(4, 9))) for _ in range(count))


def story(number: int, *, top: Sequence[str] = (), within: Sequence[str] = (), end: Sequence[str] = (),
          title: str = "", outlet: str = "halva", shared: str = "") -> Article:  # fmt: skip
    """A story of six paragraphs in words of its own; `shared` words are strewn over it."""
    chance = random.Random(number)
    own = [f"{words(chance, 30)} {shared} {words(chance, 5)}." for _ in range(6)]
    text = "\n\n".join([*top, *own[:3], *within, *own[3:], *end])
    at = NOW + timedelta(minutes=number)
    return Article(f"a{outlet}{number}", "u", "u", outlet, title or words(chance, 7), text=text, summary=own[0],
                   grade=Grade.FULL, fetched=at, first_seen=at)  # fmt: skip


class House:
    """A desk and a learner, and what the reader knows."""

    def __init__(self) -> None:
        self.desk, self.learner = StoryDesk(), Learner()
        self.rows: list[tuple[Article, Filed]] = []
        self.learned: dict[tuple[str, int], Paragraph] = {}

    def file(self, *articles: Article) -> list[str]:
        """The texts as they are filed, one after the other."""
        texts = []
        for article in articles:
            dropped = {key for (source_id, key), one in self.learned.items()
                       if source_id == article.source_id and one.dropped}  # fmt: skip
            read = without_furniture(article, dropped)
            made = fingerprint(read)
            [assignment] = self.desk.assign([(read, made)])
            filed = Filed(Read(read, made, Tagging()), assignment)
            self.rows.append((read, filed))
            for one in self.learner.see([filed], NOW):
                self.learned[one.source_id, one.key] = one
            texts.append(read.text)
        return texts

    def restart(self) -> None:
        """Forget all but what the records would keep."""
        self.learner = Learner()
        latest = {read.id: (read, filed) for read, filed in self.rows}
        rows = [
            (read.id, filed.assignment.story_id, read.first_seen or NOW, filed.read.fingerprint, read.source_id)
            for read, filed in latest.values()
        ]
        assert list(self.learner.remembering(rows)) == rows
        self.learner.restore(self.learned.values())

    @property
    def dropped(self) -> list[str]:
        return [one.sample for one in self.learned.values() if one.dropped]


@pytest.mark.parametrize(("place", "needed"), [("top", WITNESSES), ("within", WITNESSES_WITHIN), ("end", WITNESSES)])
def test_a_banner_under_unlike_stories_goes(place: str, needed: int) -> None:
    """From the fifth on; within the text, where a turn of phrase may stand, from the ninth."""
    house = House()
    texts = house.file(*(story(n, **{place: [BANNER]}) for n in range(10)))  # type: ignore[arg-type]
    assert [BANNER in text for text in texts] == [True] * needed + [False] * (10 - needed)
    assert house.dropped == [BANNER]
    [learned] = house.learned.values()
    assert learned.witnesses == tuple(f"ahalva{n}" for n in range(needed))
    assert (learned.first_seen, learned.last_seen) == (NOW, NOW + timedelta(minutes=needed - 1))


def test_several_banners_at_once_and_what_changes_in_them() -> None:
    house = House()
    texts = house.file(
        *(story(n, top=[f"Updated {n} hours ago"], end=[BANNER, f"Read 1,{n}00 more"]) for n in range(6))
    )
    assert texts[-1] == story(5).text + "\n\nRead 1,500 more", "too short to be sure of"


def test_a_wire_story_at_ten_outlets_loses_nothing() -> None:
    house = House()
    texts = house.file(*(story(7, end=[BANNER], outlet=f"outlet{n}") for n in range(10)))
    assert all(BANNER in text for text in texts)
    assert not house.learned


@pytest.mark.parametrize("place", ["top", "within", "end"])
def test_background_under_follow_ups_is_text(place: str) -> None:
    """They share names in the headline or in the rest of the text, as follow-ups do."""
    background = "The laboratory had refused in February to let its models steer weapons without a person."
    for more in ({"title": ""}, {"shared": "Port Halva laboratory refuses"}):
        house = House()
        for n in range(12):
            title = f"Halva laboratory {words(random.Random(n), 5)}" if "title" in more else ""
            given = {place: [background], **more, "title": title}
            [text] = house.file(story(n, **given))  # type: ignore[arg-type]
            assert background in text
        assert house.dropped == []


def test_one_story_published_again_and_again_is_no_furniture() -> None:
    house = House()
    again = [story(n, title=words(random.Random(n), 6)) for n in [1] * 8]
    texts = house.file(*(Article(f"a{n}", "u", "u", "halva", words(random.Random(n), 6), text=one.text,
                                 grade=Grade.FULL, fetched=NOW) for n, one in enumerate(again)))  # fmt: skip
    assert set(texts) == {again[0].text}
    assert house.dropped == []


def test_market_reports_of_one_form_keep_their_sentences() -> None:
    house = House()
    chance = random.Random(5)
    for n in range(12):
        text = "\n\n".join(
            [f"Shares rose {n}.5 per cent on Monday, the index closing at {4000 + n} points.",
             f"In currency markets, the dollar traded at 1.{n} against the euro.",
             f"Gold rose {n} dollars to {3000 + n} an ounce, and oil fell {n} per cent.", words(chance, 12)]
        )  # fmt: skip
        title = words(chance, 6)
        [kept] = house.file(Article(f"a{n}", "u", "u", "halva", title, text=text, grade=Grade.FULL, fetched=NOW))
        assert kept == text


def test_a_turn_of_phrase_is_text() -> None:
    """It recurs under unlike stories, but within them, and not under a third of all."""
    house = House()
    texts = house.file(*(story(n, within=[STOCK] if n % 5 == 4 else []) for n in range(100)))
    assert sum(STOCK in text for text in texts) == 20
    assert house.dropped == []


@pytest.mark.parametrize("credit", [
    "Reporting by Ada Vole in Port Halva; Editing by Bo Finch",
    "© 2026 The Associated Press. All rights reserved.",
    "Dieser Text enthält Material von dpa und anderen.",
    "(With inputs from agencies in the capital)",
])  # fmt: skip
def test_who_wrote_it_is_never_furniture(credit: str) -> None:
    assert all(credit in text for text in House().file(*(story(n, end=[credit]) for n in range(8))))


def test_what_comes_twice_teaches_nothing() -> None:
    once, twice = House(), House()
    for n in range(8):
        once.file(story(n, end=[BANNER]))
        twice.file(story(n, end=[BANNER]))
        before = dict(twice.learned)
        for read, filed in twice.rows[-1:]:
            assert twice.learner.see([filed], NOW + timedelta(days=1)) == [], read.id
        assert twice.learned == before
    assert once.learned == twice.learned


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_restart_changes_nothing(every: int) -> None:
    steady, restarted = House(), House()
    for n in range(10):
        article = story(n, end=[BANNER], within=[STOCK] if n % 2 else [])
        assert steady.file(article) == restarted.file(article)
        if n % every == 0:
            restarted.restart()
    assert steady.learned == restarted.learned
    assert BANNER in steady.dropped


def test_a_new_version_of_an_article_is_the_same_witness() -> None:
    house = House()
    house.file(*(story(n, end=[BANNER]) for n in range(WITNESSES - 1)))
    house.file(story(0, end=[BANNER, "A correction was made to this story at noon."]))
    assert not house.dropped
    house.file(story(90, end=[BANNER]))
    assert house.dropped == [BANNER]


def test_what_a_person_says_is_text_is_not_learned_again() -> None:
    house = House()
    house.file(*(story(n, end=[BANNER]) for n in range(6)))
    [(place, one)] = house.learned.items()
    house.learned[place] = Paragraph(one.source_id, one.key, one.witnesses, one.first_seen, one.last_seen, one.sample,
                                     one.confirmed, kept=NOW)  # fmt: skip
    house.restart()
    assert all(BANNER in text for text in house.file(*(story(n, end=[BANNER]) for n in range(10, 20))))


def test_memory_is_bounded_and_the_oldest_go() -> None:
    house = House()
    house.file(*(story(n, end=[BANNER] if n == 0 else []) for n in range(REMEMBERED * 2)))
    outlet = house.learner._outlets["halva"]
    assert len(outlet.articles) == REMEMBERED
    assert set(outlet.articles) == {f"ahalva{n}" for n in range(REMEMBERED, REMEMBERED * 2)}
    assert {id for ids in outlet.under.values() for id in ids} == set(outlet.articles)
    assert not outlet.witnesses


def test_an_article_of_furniture_alone_keeps_its_text() -> None:
    article = story(1)
    bare = Article("a", "u", "u", "halva", "T", text=BANNER, summary=BANNER)
    assert without_furniture(bare, {paragraph_key(BANNER)}) == bare
    assert without_furniture(article, {paragraph_key(BANNER)}) is article


def test_a_summary_that_was_the_banner_is_the_first_paragraph_left() -> None:
    article = Article("a", "u", "u", "halva", "T", text=f"{BANNER}\n\nA story.", summary=BANNER)
    read = without_furniture(article, {paragraph_key(BANNER)})
    assert (read.text, read.summary, read.version) == ("A story.", "A story.", version_id("T", "A story."))


@pytest.mark.parametrize(("one", "other", "same"), [
    ("Updated 23 minutes ago", "UPDATED: 2 hours  ago.", True),
    ("Last modified on Mon 2 Mar 2026", "Last modified on Fri 13 Nov 2025", True),
    ("Follow us on Halva Social", "Follow us on Borel Social", False),
    ("Shares of the shipping company rose 3 per cent in Port Halva, the sharpest rise since the storm of that winter.",
     "Shares of the shipping company rose 5 per cent in Port Halva, the sharpest rise since the storm of that winter.",
     False),
])  # fmt: skip
def test_keys(one: str, other: str, same: bool) -> None:
    assert paragraph_key(one) != 0
    assert (paragraph_key(one) == paragraph_key(other)) is same


@pytest.mark.parametrize("text", ["", "Advertisement", "12.5 3,412 1,233 91.2 12,233 9,123", "word " * 400])
def test_what_is_no_furniture_by_its_length(text: str) -> None:
    assert paragraph_key(text) == 0


@settings(deadline=None)
@given(st.text(), st.lists(st.text(max_size=40), max_size=6))
def test_any_text_has_keys(text: str, more: Iterable[str]) -> None:
    """Any text at all, lone surrogates too; a paragraph's key does not depend on case or white space."""
    assert -(2**63) <= paragraph_key(text) < 2**63
    joined = "\n\n".join(more)
    assert len(paragraph_keys(joined)) == (8 * len(joined.split("\n\n")) if joined else 0)
    spaced = f"  The {BANNER.upper()}\t "
    assert paragraph_key(spaced) == paragraph_key(f"The {BANNER}")


@settings(deadline=None, max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(3, 20))
def test_a_paragraph_that_stands_under_one_story_alone_is_never_dropped(chance: random.Random, count: int) -> None:
    house = House()
    articles = [story(chance.randint(0, 40), end=[BANNER] if chance.random() < 0.7 else []) for _ in range(count)]
    own = {article.id: [one for one in article.text.split("\n\n") if one != BANNER] for article in articles}
    for article, text in zip(articles, house.file(*articles), strict=True):
        assert [one for one in text.split("\n\n") if one != BANNER] == own[article.id]
