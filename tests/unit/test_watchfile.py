"""Watch files: every problem with its line, nothing reinterpreted, and what is exported is read as the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import BadInput
from pipeline.watch import Every, Mode, Output, OutputKind, Subscription
from web.watchfile import Entry, WatchFile, read_watch_file
from web.watchplan import Step, as_yaml, plan

FULL = """
subscriptions:
  - name: drone boats
    query: drone NEAR/2 boat -toy
    mode: news
    budget: 20.5
    note: For the desk.
    active: false
    must:
      - https://post.example/1
      - title: Navy  shows boats
        text: |
          One.

          Two.
      - file: page.html
    must_not: [Toy boats sell]
    outputs:
      - link
      - webhook: https://hooks.example/x
      - notify: env:CHAT
      - digest: week
        to: mailto://desk
        weekday: Friday
        hour: 18
        timezone: Europe/Oslo
  - name: no
    query: 2026
"""


def written(folder: Path, text: str) -> WatchFile:
    path = folder / "watch.yaml"
    path.write_text(text, encoding="utf-8")
    return read_watch_file(path)


def problems(folder: Path, text: str) -> list[tuple[int, str]]:
    return [(one.line, one.words) for one in written(folder, text).problems]


def test_everything_is_read_as_written(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>…</p>", encoding="utf-8")
    file = written(tmp_path, FULL)
    assert not file.problems
    full, plain = file.entries
    assert full.subscription == Subscription(
        "drone boats", "drone NEAR/2 boat -toy", Mode.NEWS, False,
        ("https://post.example/1", "Navy shows boats\n\nOne.\n\nTwo."), ("Toy boats sell",), 20.5, "For the desk.",
    )  # fmt: skip
    assert [(one.line, one.must, bool(one.path)) for one in full.samples] == [
        (10, True, False),
        (11, True, False),
        (16, True, True),
        (17, False, False),
    ]
    assert full.outputs == (
        Output("", OutputKind.LINK),
        Output("", OutputKind.WEBHOOK, "https://hooks.example/x"),
        Output("", OutputKind.NOTIFY, "env:CHAT"),
        Output(
            "", OutputKind.DIGEST, "mailto://desk", every=Every.WEEK, hour=18, weekday=4, timezone="Europe/Oslo"
        ),
    )  # fmt: skip
    assert (plain.subscription.name, plain.subscription.query, plain.outputs, plain.line) == ("no", "2026", None, 27)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "the file is empty"),
        ("watch: []", 1, "unknown key 'watch': there are subscriptions"),
        ("subscriptions: drone", 1, "subscriptions is a list"),
        ("subscriptions:\n  - drone", 2, "`key: value` lines are expected here"),
        ("subscriptions:\n  - name: a\n    qeury: b", 3, "unknown key 'qeury': did you mean 'query'?"),
        ("subscriptions:\n  - name: a", 2, "a subscription needs a `query:`"),
        ("subscriptions:\n  - name: a\n    query:", 3, "query is a text"),
        ("subscriptions:\n  - name: a\n    query: b\n    query: c", 4, "'query' stands here twice"),
        ("subscriptions:\n  - name: a\n    query: b\n    mode: nws", 4, "mode 'nws' is not one of every, story, news"),
        ("subscriptions:\n  - name: a\n    query: b\n    active: yes", 4, "active is true or false, not 'yes'"),
        ("subscriptions:\n  - name: a\n    query: b\n    budget: few", 4, "budget is a number of alerts a day"),
        ("subscriptions:\n  - name: a\n    query: b\n    must: x", 4, "must is a list"),
        ("subscriptions:\n  - name: a\n    query: b\n    must:\n      - file: x.html", 5, "there is no file"),
        (
            "subscriptions:\n  - name: a\n    query: b\n    must:\n      - {}",
            5,
            "a sample needs a `title:` or a `text:`",
        ),
        ("subscriptions:\n  - name: a\n    query: b\n    outputs: [mail]", 4, "an output is `link`"),
        ("subscriptions:\n  - name: a\n    query: b\n    outputs: [{digest: day}]", 4, "a digest needs a `to:`"),
        (
            "subscriptions:\n  - name: a\n    query: b\n    outputs: [{webhook: x, hour: 3}]",
            4,
            "webhook takes no hour",
        ),
        ("subscriptions:\n  - name: a\n    query: b\n    outputs: [{notify: 'env:A B'}]", 4, "names no environment"),
        ("subscriptions:\n  - name: a\n    query: b\n  - name: a\n    query: c", 4, "called 'a' at line 2 already"),
        ("subscriptions:\n  - name: 'a", 2, "this is not valid YAML"),
        ("subscriptions:\n  - name: !!python/object:os.system a\n    query: [b]", 3, "query is a text"),
    ],
)
def test_each_problem_has_its_line_and_what_would_be_right(tmp_path: Path, text: str, line: int, words: str) -> None:
    [(found, told)] = problems(tmp_path, text)
    assert (found, words in told) == (line, True), (found, told)


def test_one_problem_does_not_hide_the_next(tmp_path: Path) -> None:
    text = "subscriptions:\n  - name: a\n  - nme: b\n  - name: c\n    query: d\n    mode: x\n  - {name: e, query: f}"
    file = written(tmp_path, text)
    assert [one.line for one in file.problems] == [2, 3, 6]
    assert [one.subscription.name for one in file.entries] == ["e"]


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        read_watch_file(tmp_path / "binary")
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        read_watch_file(tmp_path / "none.yaml")


SAVED = (
    Subscription(
        "a: b", "=drone -search:'x' #1", Mode.EVERY, True, ("Headline\n\nText: of\nlines\n\n- and more",), id="w1"
    ),
    Subscription("null", "no", Mode.NEWS, False, (), ("https://post.example/1", "true"), 3.0, "[note] ✓", id="w2"),
)
OUTPUTS = (
    Output("w1", OutputKind.LINK, secret="token", id="o1"),
    Output("w1", OutputKind.WEBHOOK, "https://hooks.example/secret", "whsec_…", id="o2"),
    Output("w2", OutputKind.DIGEST, "mailto://me", every=Every.HOUR, hour=3, id="o3"),
    Output("w2", OutputKind.DIGEST, "mailto://us", every=Every.WEEK, weekday=2, timezone="Asia/Tokyo", id="o4"),
)


def test_what_is_exported_changes_nothing_when_it_is_applied(tmp_path: Path) -> None:
    text, variables = as_yaml(SAVED, OUTPUTS)
    assert "secret" not in text and "mailto" not in text
    assert list(variables) == ["WATCH_A_B_WEBHOOK", "WATCH_NULL_DIGEST", "WATCH_NULL_DIGEST_2"]
    file = written(tmp_path, text)
    assert not file.problems
    steps = plan(file.entries, SAVED, OUTPUTS, lambda name: variables[name].target, prune=True)
    assert all(step.idle and step.deed == "keep" for step in steps), steps


def planned(*entries: Entry, prune: bool = False) -> dict[str, Step]:
    steps = plan(entries, SAVED, OUTPUTS, {"HOOK": "https://new.example/"}.__getitem__, prune=prune)
    return {step.name: step for step in steps}


def test_a_plan_adds_changes_and_removes_only_when_told_to() -> None:
    changed = Entry(
        1, Subscription("null", "yes", Mode.NEWS), 2,
        outputs=(
            Output("", OutputKind.WEBHOOK, "env:HOOK"),
            Output("", OutputKind.DIGEST, "mailto://me", every=Every.HOUR),
        ),
    )  # fmt: skip
    new = Entry(5, Subscription("new", "x"), 6, outputs=(Output("", OutputKind.LINK),))
    steps = planned(changed, new)
    assert {name: step.deed for name, step in steps.items()} == {"null": "change", "new": "add", "a: b": "leave"}
    assert {name: new for name, _, new in steps["null"].changes} == {
        "query": "yes", "active": True, "must_not": (), "budget": None, "note": "",
    }  # fmt: skip
    assert [one.target for one in steps["null"].new_outputs] == ["https://new.example/"]
    assert steps["null"].old_outputs == ()
    assert steps["null"].wanted is not None and steps["null"].wanted.id == "w2"
    pruned = planned(changed, new, prune=True)
    assert (pruned["a: b"].deed, [one.id for one in pruned["null"].old_outputs]) == ("remove", ["o4"])
    silent = planned(Entry(1, SAVED[0], 2), prune=True)
    assert silent["a: b"].old_outputs == (), "a file that says nothing of outputs leaves them alone"
