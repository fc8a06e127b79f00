"""Outputs and deliveries: what every back end of the records promises of what is to be sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import BadInput
from pipeline.watch import Delivery, DeliveryState, Mode, Output, OutputKind, Settled, Subscription
from records.base import Records
from records.values import Outgoing
from tests.contract.records_kit import MINUTE, NOW, article, entry, filed

SENT, DEAD, PENDING = DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.PENDING
PAGES = [entry(source, f"n{number}") for number, source in enumerate(("alba", "bern", "cork", "alba", "bern"))]


def subscribe(records: Records, name: str = "all") -> Subscription:
    return records.subscribe(Subscription(name, "paragraph", Mode.EVERY), NOW)


def output(records: Records, of: Subscription, kind: OutputKind = OutputKind.WEBHOOK, **changes: object) -> Output:
    made = Output(of.id, kind, changes.pop("target", "https://desk.example/hook"), **changes)  # type: ignore[arg-type]
    return records.put_output(made, NOW)


def file(records: Records, *numbers: int, at: int = 0) -> None:
    made = [filed(replace(article(PAGES[number]), notices=())) for number in numbers]
    records.commit(made, [], NOW + at * MINUTE)


def numbers(deliveries: list[Delivery]) -> list[int]:
    """Which pages they tell of."""
    return [[page.id for page in PAGES].index(one.alert.article_id) for one in deliveries]


def test_each_output_gets_each_alert_and_links_none(records: Records) -> None:
    of = subscribe(records)
    hook, chat = output(records, of), output(records, of, OutputKind.NOTIFY, target="json://desk.example")
    link = output(records, of, OutputKind.LINK, target="", secret="t" * 32)
    digest = output(records, of, OutputKind.DIGEST, target="json://desk.example", due=NOW + 60 * MINUTE)
    file(records, 0)
    due = records.due_deliveries(NOW)
    assert {one.output.id for one in due} == {hook.id, chat.id}
    assert {(one.state, one.tries, one.settled) for one in due} == {(PENDING, 0, None)}
    assert records.outputs(of.id) == records.outputs()
    assert {one.id for one in records.outputs()} == {hook.id, chat.id, link.id, digest.id}
    assert records.link("t" * 32) == link
    assert records.link("") is records.link("other") is None
    assert records.due_digests(NOW) == []
    [(ready, alerts)] = records.due_digests(NOW + 60 * MINUTE)
    assert (ready, [one.article_id for one in alerts]) == (digest, [PAGES[0].id])


def test_how_sending_stands_is_told_in_numbers(records: Records) -> None:
    of = subscribe(records)
    assert records.outgoing() == Outgoing(0, 0, None, 0)
    hook, other = output(records, of), output(records, of, target="https://other.example/hook")
    output(records, of, OutputKind.DIGEST, target="json://desk.example", due=NOW)
    file(records, 0, at=1)
    file(records, 1, at=2)
    assert records.outgoing() == Outgoing(4, 0, NOW + MINUTE, 0)
    first, second = (one.seq for one in records.alerts(of.id))
    records.settle([Settled(hook.id, first, DEAD, "404")], NOW)
    records.settle([Settled(other.id, first, SENT), Settled(other.id, second, PENDING, "503", NOW)], NOW)
    assert records.outgoing() == Outgoing(2, 1, NOW + 2 * MINUTE, 2)
    records.revoke_output(hook.id, NOW)
    assert records.outgoing() == Outgoing(1, 1, NOW + 2 * MINUTE, 1)
    assert records.redeliver(other.id, NOW, seqs=[first]) == 1
    assert records.outgoing().failing == 0, "what is sent again has all its tries again"


def test_the_head_goes_first_and_a_failure_keeps_the_output_back(records: Records) -> None:
    of = subscribe(records)
    hook, other = output(records, of), output(records, of, target="https://other.example/hook")
    file(records, 1, 0)
    file(records, 2, at=1)
    due = [one for one in records.due_deliveries(NOW) if one.output.id == hook.id]
    order = sorted(due, key=lambda one: (one.alert.first_seen, one.alert.seq))
    assert due == order
    assert len(due) == 3
    assert len(records.due_deliveries(NOW, each=1)) == 2
    assert len(records.due_deliveries(NOW, outputs=1)) == 3
    head = due[0].alert.seq
    records.settle([Settled(hook.id, head, PENDING, "503", NOW + 5 * MINUTE)], NOW)
    assert {one.output.id for one in records.due_deliveries(NOW + 4 * MINUTE)} == {other.id}
    [failing] = [one for one in records.outputs() if one.id == hook.id]
    assert (failing.tries, failing.error, failing.failing_since, failing.due) == (1, "503", NOW, NOW + 5 * MINUTE)
    again = [one for one in records.due_deliveries(NOW + 5 * MINUTE) if one.output.id == hook.id]
    assert [one.alert.seq for one in again] == [one.alert.seq for one in due]
    assert (again[0].tries, again[0].error) == (1, "503")
    records.settle([Settled(hook.id, head, PENDING, "504", NOW + 9 * MINUTE)], NOW + 5 * MINUTE)
    records.settle([Settled(hook.id, head, SENT)], NOW + 9 * MINUTE)
    [sound] = [one for one in records.outputs() if one.id == hook.id]
    assert (sound.tries, sound.error, sound.failing_since) == (0, "", None)
    [sent] = records.deliveries(hook.id, state=SENT)
    assert (sent.alert.seq, sent.tries, sent.settled) == (head, 3, NOW + 9 * MINUTE)
    assert [one.output.id for one in records.deliveries(alert=head)] == sorted([hook.id, other.id])
    whole = [(one.alert.seq, one.output.id) for one in records.deliveries()]
    for number, place in enumerate(whole):
        rest = records.deliveries(after=place)
        assert [(one.alert.seq, one.output.id) for one in rest] == whole[number + 1 :]


def test_what_was_given_up_is_kept_and_sent_again_when_asked(records: Records) -> None:
    of = subscribe(records)
    hook = output(records, of)
    file(records, 0)
    file(records, 1, at=1)
    file(records, 2, at=2)
    first, second, third = records.due_deliveries(NOW)
    records.settle([Settled(hook.id, first.alert.seq, DEAD, "404")], NOW)
    records.settle([Settled(hook.id, second.alert.seq, SENT)], NOW)
    assert numbers(records.due_deliveries(NOW)) == [2], "the others go on"
    [dead] = records.deliveries(hook.id, state=DEAD)
    assert (dead.error, dead.tries) == ("404", 1)
    assert records.redeliver(hook.id, NOW) == 1
    assert numbers(records.due_deliveries(NOW)) == [0, 2]
    records.settle([Settled(hook.id, one.alert.seq, SENT) for one in (first, third)], NOW)
    assert records.due_deliveries(NOW) == []
    assert records.redeliver(hook.id, NOW, since=NOW + MINUTE) == 2
    assert numbers(records.due_deliveries(NOW)) == [1, 2]
    assert records.redeliver(hook.id, NOW, seqs=[first.alert.seq]) == 1
    assert [one.alert.id for one in records.due_deliveries(NOW)] == [one.alert.id for one in (first, second, third)]
    assert records.redeliver(hook.id, NOW) == 0, "none is dead"


def test_a_new_output_gets_what_comes_and_the_past_when_asked(records: Records) -> None:
    of = subscribe(records)
    file(records, 0)
    hook = output(records, of)
    assert records.due_deliveries(NOW) == []
    file(records, 1, at=1)
    assert numbers(records.due_deliveries(NOW)) == [1]
    assert records.redeliver(hook.id, NOW, since=NOW) == 2
    assert numbers(records.due_deliveries(NOW)) == [0, 1]


def test_a_revoked_output_takes_no_more(records: Records) -> None:
    of = subscribe(records)
    hook, link = output(records, of), output(records, of, OutputKind.LINK, target="", secret="s" * 32)
    file(records, 0)
    for one in (hook, link, hook):
        records.revoke_output(one.id, NOW + MINUTE)
    file(records, 1, at=2)
    assert records.due_deliveries(NOW) == records.deliveries() == []
    found = records.link("s" * 32)
    assert found is not None
    assert found.revoked == NOW + MINUTE
    with pytest.raises(BadInput, match="was revoked"):
        records.redeliver(hook.id, NOW)
    with pytest.raises(BadInput, match="no output"):
        records.revoke_output("o0", NOW)


def test_outputs_are_changed_and_gone_with_their_subscription(records: Records) -> None:
    of, other = subscribe(records), subscribe(records, "other")
    hook = output(records, of)
    changed = records.put_output(replace(hook, target="https://new.example/", secret="whsec_new"), NOW)
    assert records.outputs(of.id) == [changed]
    assert records.outputs(other.id) == []
    for wrong in (replace(hook, id="o0"), replace(hook, id="", subscription_id="w0")):
        with pytest.raises(BadInput, match="there is no"):
            records.put_output(wrong, NOW)
    file(records, 0)
    records.unsubscribe(of.id)
    assert records.outputs() == records.due_deliveries(NOW) == []
    with pytest.raises(BadInput, match="no output"):
        records.redeliver(hook.id, NOW)


def test_a_digest_goes_out_when_it_is_due(records: Records) -> None:
    of = subscribe(records)
    digest = output(records, of, OutputKind.DIGEST, target="json://desk.example")
    file(records, 0)
    assert records.due_digests(NOW) == [(digest, [])], "when it is due is not known yet: only that is to be set"
    records.set_due(digest.id, NOW + MINUTE)
    assert records.due_digests(NOW) == []
    [(ready, alerts)] = records.due_digests(NOW + MINUTE)
    records.settle([Settled(ready.id, one.seq, SENT) for one in alerts], NOW + MINUTE)
    records.set_due(digest.id, NOW + 2 * MINUTE)
    [(_, left)] = records.due_digests(NOW + 2 * MINUTE)
    assert (len(alerts), left) == (1, [])
    assert records.redeliver(digest.id, NOW, since=NOW) == 1
    [(later, again)] = records.due_digests(NOW + 2 * MINUTE)
    assert (later.due, again) == (NOW + 2 * MINUTE, alerts), "a replay waits for the next digest"
