"""The form that makes or changes a subscription: what it holds, and what that means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.errors import BadInput, BadQuery
from pipeline.watch import Every, Mode, Output, OutputKind, Subscription
from search.format import format_query
from search.importing import Origin
from search.importing import understood as imported
from search.parse import parse
from web.api.values import LONGEST_QUERY, MOST_SAMPLES
from web.backtest import DAYS
from web.forms import Sent, Wrong, number
from web.parts import Parts
from web.problems import Taken
from web.samples import is_archived
from web.watching import may_save, prepared
from web.wording import proposed_name

LONGEST_NAME, LONGEST_NOTE = 200, 10_000  # characters
MOST_DAYS = 366
APART = "---"  # a line between two samples of which one is a text
_APART = re.compile(rf"^[ \t]*{APART}+[ \t]*$", re.MULTILINE)


@dataclass(slots=True)
class Draft:
    """The form's fields as they were filled in, and what is wrong with them; `column` is of the query's error."""

    name: str = ""
    query: str = ""
    mode: str = Mode.STORY
    must: str = ""
    must_not: str = ""
    budget: str = ""
    note: str = ""
    days: int = DAYS
    tried: str = ""  # of what the back-test that was shown was
    column: int = 0
    notes: Sequence[str] = ()  # what an imported query does not say quite as before

    def trial(self) -> str:
        """What a back-test of it is of."""
        return f"{self.mode} {self.query}"


def of(one: Subscription) -> Draft:
    """The form of a subscription that is there."""
    budget = "" if one.budget is None else f"{one.budget:g}"
    return Draft(one.name, one.query, one.mode, together(one.must), together(one.must_not), budget, one.note)


def filled(sent: Sent, wrong: Wrong) -> Draft:
    """The form as it was sent. An empty mode is the usual one, and so are days that are no number."""
    try:
        days = int(number(sent["days"] or str(DAYS), 1, MOST_DAYS, "the days of a back-test"))
    except BadInput as error:
        wrong.add("days", error)
        days = DAYS
    return Draft(
        sent["name"], sent["query"] or sent["q"], sent["mode"] or Mode.STORY, sent["must"], sent["must_not"],
        sent["budget"], sent["note"], days, sent["tried"],
    )  # fmt: skip


def translate(draft: Draft, text: str, origin: str, wrong: Wrong) -> Draft:
    """The form with a query of another system as ours."""
    try:
        told = imported(text[:LONGEST_QUERY], Origin(origin))
    except BadQuery as error:
        wrong.add("text", f"column {error.column}: {error.message}")
        return draft
    except (BadInput, ValueError) as error:
        wrong.add("text", error)
        return draft
    return replace(draft, query=format_query(told.query), notes=told.notes)


def with_name(draft: Draft, taken: Iterable[str]) -> Draft:
    """With a name made from its query, where it has none yet and the query can be read."""
    if draft.name or not draft.query:
        return draft
    try:
        return replace(draft, name=proposed_name(parse(draft.query), taken))
    except BadQuery:
        return draft


def meant(parts: Parts, draft: Draft, of: Subscription | None, wrong: Wrong) -> Subscription:
    """The subscription that the form means; what is wrong is in `wrong`, and then it may not be saved."""
    one = of or Subscription("", "")
    if not draft.name:
        wrong.add("name", "give it a name: outputs, other queries and messages call it by that")
    elif len(draft.name) > LONGEST_NAME:
        wrong.add("name", f"a name has {LONGEST_NAME} characters at most")
    if not draft.query:
        wrong.add("query", "say what to look for; * stands for everything")
    elif len(draft.query) > LONGEST_QUERY:
        wrong.add("query", f"a query has {LONGEST_QUERY:,} characters at most")
    if draft.mode not in tuple(Mode):
        wrong.add("mode", "choose one of these")
    samples = {name: apart(getattr(draft, name)) for name in ("must", "must_not")}
    for name, some in samples.items():
        if len(some) > MOST_SAMPLES:
            wrong.add(name, f"{MOST_SAMPLES} samples are the most")
    budget = None
    if draft.budget:
        try:
            budget = number(draft.budget, 0.01, 1_000_000, "the limit")
        except BadInput as error:
            wrong.add("budget", error)
    if len(draft.note) > LONGEST_NOTE:
        wrong.add("note", f"a note has {LONGEST_NOTE:,} characters at most")
    mode = one.mode if "mode" in wrong.fields else Mode(draft.mode)
    made = replace(
        one, name=draft.name, query=draft.query, mode=mode, must=samples["must"], must_not=samples["must_not"],
        budget=budget, note=draft.note,
    )  # fmt: skip
    if draft.query and "query" not in wrong.fields:
        try:
            may_save(parts, made)
        except BadQuery as error:
            draft.column = error.column
            wrong.add("query", error.message)
        except Taken as error:
            wrong.add("name", error)
    return made


def outputs(parts: Parts, sent: Sent, wrong: Wrong) -> list[Output]:
    """The outputs that the form of a new subscription asks for, checked."""
    made = []
    if sent["feed"]:
        made.append(prepared(parts, Output("", OutputKind.LINK)))
    for kind in (OutputKind.WEBHOOK, OutputKind.NOTIFY, OutputKind.DIGEST):
        if sent[kind]:
            try:
                made.append(output(parts, kind, sent[kind], sent))
            except BadInput as error:
                wrong.add(kind, error)
    return made


def output(parts: Parts, kind: OutputKind, target: str, sent: Sent, subscription_id: str = "") -> Output:
    """A new output as a form asks for it, checked. Raise BadInput."""
    if kind is not OutputKind.DIGEST:
        return prepared(parts, Output(subscription_id, kind, target, "" if kind is OutputKind.LINK else sent["secret"]))
    if sent["every"] not in tuple(Every):
        raise BadInput("a digest goes out every hour, day or week")
    hour = int(number(sent["hour"] or "7", 0, 23, "the hour"))
    weekday = int(number(sent["weekday"] or "0", 0, 6, "the weekday, from 0 for Monday,"))
    new = Output(
        subscription_id, kind, target, every=Every(sent["every"]), hour=hour, weekday=weekday,
        timezone=sent["timezone"] or "UTC",
    )  # fmt: skip
    return prepared(parts, new)


# --- samples --------------------------------------------------------------------------------
def apart(text: str) -> tuple[str, ...]:
    """The samples of a field: an address a line, or texts with a line of --- between two."""
    found: list[str] = []
    for block in _APART.split(text):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        found += lines if all(is_archived(line) for line in lines) else [block.strip()]
    return tuple(dict.fromkeys(found))


def together(samples: Sequence[str]) -> str:
    """The field that says these."""
    addresses = [one for one in samples if is_archived(one)]
    texts = [one for one in samples if not is_archived(one)]
    return f"\n{APART}\n".join((["\n".join(addresses)] if addresses else []) + texts)
