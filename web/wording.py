"""Subscriptions, outputs and back-tests in words, as pages and command line say them alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from pipeline.errors import BadInput
from pipeline.outputs import DAYS, shown
from pipeline.watch import Delivery, DeliveryState, Every, Mode, Output, OutputKind
from search.ast import Is, Near, Node, Phrase, Prefix, Saved, Word, before, leaves
from web.backtest import Backtest

_AROUND = 30  # characters before and after the place of an error
LONGEST_NAME = 60  # characters of a name that is proposed
MODES: Mapping[Mode, str] = {
    Mode.EVERY: "every copy",
    Mode.STORY: "once a story",
    Mode.NEWS: "once a story, and again when a copy brings news or a correction lands",
}
MODES_EXPLAINED: Mapping[Mode, str] = {
    Mode.STORY: "Tells of each story once, by its first copy that matches, however many outlets carry it.",
    Mode.NEWS: "Tells of each story once, and again when a later copy says something that none before it said, "
    "or carries a correction.",
    Mode.EVERY: "Tells of every copy at every outlet, so a wire story comes as often as it is carried.",
}
WEEKDAYS = DAYS
KINDS: Mapping[OutputKind, str] = {
    OutputKind.LINK: "Feed",
    OutputKind.WEBHOOK: "Webhook",
    OutputKind.NOTIFY: "Messages",
    OutputKind.DIGEST: "Digest",
}


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 copy", "2,000 copies"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def verdict(tried: Backtest) -> tuple[str, str]:
    """What a back-test found, in one line: its beginning, which is to stand out, and the rest."""
    span = f"in {counted(tried.days, 'day')}"
    if tried.covered < tried.days:
        span += f" (the archive goes back {counted(tried.covered, 'day')})"
    if not tried.fired:
        return "would not have fired ", span
    stories, copies = counted(tried.stories, "story", "stories"), counted(tried.copies, "copy", "copies")
    loudest = f"; loudest day {tried.loudest[0]} with {tried.loudest[1]:,}" if tried.loudest else ""
    return f"would have fired {counted(tried.fired, 'time')} ", f"{span}: {stories}, {copies}{loudest}"


def output_words(output: Output) -> str:
    """An output without its secrets."""
    match output.kind:
        case OutputKind.LINK:
            return "a feed of its own"
        case OutputKind.DIGEST:
            hour = f" at {output.hour:02}:00 {output.timezone}" if output.every is not Every.HOUR else ""
            day = f" on {DAYS[output.weekday]}" if output.every is Every.WEEK else ""
            return f"a digest every {output.every}{day}{hour} to {shown(output.target)}"
        case _:
            return f"{output.kind} {shown(output.target)}"


def delivery_words(one: Delivery) -> str:
    """How far a delivery is."""
    tries = f" after {counted(one.tries, 'try', 'tries')}" if one.tries else ""
    match one.state:
        case DeliveryState.SENT:
            return "sent"
        case DeliveryState.DEAD:
            return f"given up{tries}"
    return f"waits for the next try{tries}" if one.tries else "waits to be sent"


def moment_of(text: str, now: datetime) -> datetime:
    """A moment as people write it, or one so long before now. Raise BadInput."""
    try:
        if text.upper().startswith("P"):
            return before(now, text.upper())
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise BadInput(f"{text!r} is neither a date or time nor a duration: write 2026-03-01 or P7D") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def pointed(query: str, column: int) -> str:
    """The piece of a query around a column, and below it a mark at that."""
    line = " ".join(query.split("\n")).replace("\t", " ")
    begin = max(0, column - 1 - _AROUND)
    cut = "…" if begin else ""
    piece = line[begin : column - 1 + _AROUND]
    return f"{cut}{piece}\n{' ' * (len(cut) + column - 1 - begin)}▲"


def proposed_name(node: Node, taken: Iterable[str]) -> str:
    """A name for a query that nobody named yet: what it looks for, in its own words, unlike the names taken."""
    words = [_word(one) for one in leaves(node, negated=False)]
    name = " ".join(dict.fromkeys(one for one in words if one)) or "everything"
    if len(name) > LONGEST_NAME:
        name = name[:LONGEST_NAME].rpartition(" ")[0] or name[:LONGEST_NAME]
    known, number, free = set(taken), 2, name
    while free in known:
        free, number = f"{name} {number}", number + 1
    return free


def _word(leaf: Node) -> str:
    match leaf:
        case Word() | Phrase() | Prefix():
            return leaf.text
        case Near():
            return f"{leaf.left.text} {leaf.right.text}"
        case Is():
            return leaf.value
        case Saved():
            return leaf.name
    return ""
