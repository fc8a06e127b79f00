"""Watch files over the API: written, checked and applied as the command line does, but with no files and no secrets
of the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.watch import OutputKind
from tests.integration.web_house import Answer, WebHouse

FILE = """\
subscriptions:
  - name: harbour
    query: drones AND harbour
    mode: every
    must:
      - title: Drones watch the harbour
        text: The ministry bought forty drones.
    must_not:
      - Ferries are late
    outputs:
      - link
      - webhook: env:HOOK
  - name: ferries
    query: ferry OR ferries
    note: by hand
"""
HOOK = "https://hook.example/in"


def applied(web: WebHouse, file: str = FILE, **more: Any) -> Answer:
    """A file applied."""
    return web.ask("/api/v1/watchfile", "POST", given={"file": file, "targets": {"HOOK": HOOK}} | more)


def deeds(answer: Answer) -> dict[str, str]:
    """What becomes of each subscription."""
    return {step["name"]: step["deed"] for step in answer.json()["steps"]}


def test_a_file_is_checked_applied_and_written_again(web: WebHouse) -> None:
    told = web.ask("/api/v1/watchfile/check", "POST", given={"file": FILE}).json()
    assert told["ok"] and [one["name"] for one in told["subscriptions"]] == ["harbour", "ferries"]
    dry = applied(web, dry_run=True).json()
    assert (dry["applied"], dry["outputs"], web.records.subscriptions()) == (False, [], [])
    done = applied(web)
    assert deeds(done) == {"harbour": "add", "ferries": "add"} and done.json()["applied"]
    link, hook = done.json()["outputs"]
    assert link["addresses"]["rss"].startswith(f"{web.url}/s/") and hook["secret"].startswith("whsec_")
    assert [one.target for one in web.records.outputs() if one.kind is OutputKind.WEBHOOK] == [HOOK]
    assert deeds(applied(web)) == {"harbour": "keep", "ferries": "keep"} and applied(web).json()["outputs"] == []
    written = web.ask("/api/v1/watchfile").json()
    assert written["targets"] == {"WATCH_HARBOUR_WEBHOOK": "webhook https://hook.example/…"}
    again = applied(web, written["file"], targets={"WATCH_HARBOUR_WEBHOOK": HOOK}, dry_run=True)
    assert set(deeds(again).values()) == {"keep"}


def test_what_is_left_out_goes_only_when_that_is_asked_for(web: WebHouse) -> None:
    applied(web)
    less = FILE.replace("      - webhook: env:HOOK\n", "").replace("mode: every", "mode: news").split("  - name: f")[0]
    assert deeds(applied(web, less, dry_run=True)) == {"harbour": "change", "ferries": "leave"}
    pruned = applied(web, less, prune=True)
    first, second = pruned.json()["steps"]
    assert first["changes"] == [{"field": "mode", "was": "every", "will_be": "news"}]
    assert (first["old_outputs"], second["deed"]) == (["webhook https://hook.example/…"], "remove")
    assert [one.name for one in web.records.subscriptions()] == ["harbour"]


def test_samples_that_fail_are_told_with_their_lines(web: WebHouse) -> None:
    wrong = FILE.replace("Ferries are late", "Drones over the harbour")
    told = web.ask("/api/v1/watchfile/check", "POST", given={"file": wrong}).json()
    [failed] = told["subscriptions"][0]["failed"]
    assert not told["ok"] and (failed["line"], failed["must"], failed["words"]) == (9, False, "is matched")
    web.subscribe("drones")
    one = replace(web.records.subscriptions()[0], must=("Ferries are late",))
    web.records.subscribe(one, web.clock())
    saved = web.ask("/api/v1/watchfile/check").json()
    [failed] = saved["subscriptions"][0]["failed"]
    assert (failed["line"], failed["sample"], failed["must"]) == (None, "Ferries are late", True)


@pytest.mark.parametrize(
    ("file", "where", "words"),
    [
        ("subscriptions: [", "line 1", "not valid YAML"),
        (FILE.replace("drones AND harbour", "'drones AND (harbour'"), "line 3", "(harbour"),
        (FILE.replace("- title: Drones watch the harbour\n        text:", "- file:"), "line 6", "no files here"),
        ("subscriptions:\n  - name: x\n    query: x\n    must: [{file: /etc/passwd}]", "line 4", "no files here"),
        ("nothing: here", "line 1", "unknown key"),
    ],
)
def test_a_file_with_mistakes_changes_nothing(web: WebHouse, file: str, where: str, words: str) -> None:
    refused = applied(web, file)
    assert (refused.status, refused.json()["type"]) == (400, "urn:wirewatch:bad-file")
    assert any(where == one["where"] and words in one["message"] for one in refused.json()["errors"]), refused.body
    assert web.records.subscriptions() == []
    assert web.ask("/api/v1/watchfile/check", "POST", given={"file": file}).json()["ok"] is False


def test_variables_are_those_given_never_those_of_the_server(web: WebHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "https://secret.example/")
    refused = applied(web, targets={})
    assert refused.status == 400 and "env:HOOK" in refused.json()["detail"]
    assert web.records.subscriptions() == []


def test_a_small_file_cannot_say_more_than_its_size(web: WebHouse) -> None:
    many = "\n".join("  - name: n\n    query: q\n    must: *all" for _ in range(400))
    samples = ", ".join(["x"] * 1000)
    file = f"subscriptions:\n  - name: first\n    query: q\n    must: &all [{samples}]\n{many}"
    told = web.ask("/api/v1/watchfile/check", "POST", given={"file": file}).json()
    assert sum("more than 100,000 things" in one["words"] for one in told["problems"]) == 1
