"""What the API answers about a story's copies, for its description (OpenAPI): see `web.api.shapes`."""

from __future__ import annotations

from pydantic import Field

from web.api.shapes import Page, Told
from web.api.values import Given

Span = list[int]  # a, a_end, b, b_end: characters of two texts


class EvidenceTold(Told):
    """What names the agency in some of the copies."""

    how: str = Field(description="dateline, byline, credit, …")
    copies: int
    sample: str = Field(description="As printed in the surest of them.")
    article: str = Field(description="Which one that is.")


class AgencyTold(Told):
    """The agency that the copies speak for."""

    name: str
    strength: float = Field(description="0 to 1.")
    named_by: int = Field(description="Copies that name it.")
    evidence: list[EvidenceTold]
    others: dict[str, int] = Field(description="Other agencies that are named, and by how many copies.")


class PassageTold(Told):
    """Words cut or added, and where they stand in the text that has them."""

    start: int
    end: int
    words: int
    text: str


class FindTold(Told):
    """A figure or a name that was new, and the sentence that has it."""

    text: str
    sentence: str


class NewTold(Told):
    """What a copy brought that no copy before it told."""

    score: float = Field(description="0 = nothing; nears 1 with every find.")
    sentences: list[str]
    figures: list[FindTold]
    names: list[FindTold]
    entities: list[str]


class OldAndNew(Told):
    """What became of what."""

    old: str
    new: str


class ExchangedTold(OldAndNew):
    """A figure or a name, and the sentence that has the new one."""

    sentence: str


class ChangesTold(Told):
    """What one text changed of another, in an editor's terms."""

    summary: str
    trivial: bool = Field(description="Nothing but style and typing errors.")
    headline: OldAndNew | None
    figures: list[ExchangedTold]
    names: list[ExchangedTold]
    added: list[str] = Field(description="Sentences.")
    removed: list[str]
    reworded: list[OldAndNew]
    notices: list[str] = Field(description="Corrections and updates that it owns up to.")
    typos: list[OldAndNew]
    share: float = Field(description="Of the old text's words that are in the new one.")


class RevisionTold(ChangesTold):
    """What an outlet changed in its article, and when that was first seen."""

    seen: str


class CarrierTold(Told):
    """A copy: where it hangs in the tree and why, and what became of the text in it."""

    id: str
    url: str
    title: str
    outlet: str
    country: str
    came_out: str | None
    clock: str = Field(description="published, first seen, …")
    clock_why: str
    clock_confidence: float
    wire: str
    method: str = Field(description="How it was found to be a copy: first, exact, near, headline, kept, …")
    score: float
    like: str = Field(description="The article that it was found to be like.")
    matched_spans: list[Span] | None
    parent: str | None = Field(description="An article's id, `agency`, or nothing known.")
    how: str = Field(description="What that rests on.")
    reasons: list[str]
    against: str | None = Field(description="The article whose text it was compared with.")
    share: float | None = Field(description="How much of that it kept, 0 to 1.")
    spans: list[Span]
    cut: list[PassageTold]
    added: list[PassageTold]
    new: NewTold
    revisions: list[RevisionTold]


class OnEventTold(Told):
    """Another story on the event."""

    id: str
    title: str
    copies: int


class EventTold(Told):
    """What the story reports on, and the other stories that do."""

    id: str
    score: float
    like: str | None
    shared_terms: int
    stories: list[OnEventTold]


class SaidTold(Told):
    """A person's judgement of two articles."""

    id: int
    a: str
    b: str
    same: bool
    by: str


class LabelTold(SaidTold):
    """The same with why and when."""

    note: str
    made: str
    undone: str | None


class LabelsTold(Page):
    """Those taken back too, in the order in which they were made."""

    labels: list[LabelTold]


class NewLabel(Given):
    """Two articles, by id or address, and whether they are the same reporting."""

    a: str = Field(min_length=1, max_length=4096)
    b: str = Field(min_length=1, max_length=4096)
    same: bool
    note: str = Field(default="", max_length=2000)


class ProvenanceTold(Told):
    """Where a story comes from; copies in the order in which they came out."""

    id: str
    title: str
    agency: AgencyTold | None
    earliest: str
    copies: list[CarrierTold]
    event: EventTold | None
    labels: list[SaidTold]


class SideTold(Told):
    """One of two texts; `text` as far as its outlet lets us keep it."""

    id: str = Field(description="Of the article, or of the version.")
    name: str
    when: str | None
    title: str
    text: str


class PieceTold(Told):
    """A passage: `a` and `b` are its place in the two texts, characters from the first to before the last."""

    act: str = Field(description="kept, moved, cut, added.")
    a: list[int]
    b: list[int]
    words: int
    edits: list[Span] = Field(description="Words exchanged, left out or put in within what was kept.")


class DifferenceTold(Told):
    """How the second text was made of the first; pieces in the order of the second."""

    a: SideTold
    b: SideTold
    a_in_b: float
    b_in_a: float
    pieces: list[PieceTold]
    changes: ChangesTold
