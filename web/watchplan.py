"""What it takes to make an archive's subscriptions those of a watch file; and an archive's subscriptions as a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import yaml

from pipeline.outputs import Random, ready
from pipeline.watch import Every, Output, OutputKind, Subscription
from records.base import Records
from web.samples import is_archived
from web.watchfile import DAYS, Entry, resolved

FIELDS = ("query", "mode", "active", "must", "must_not", "budget", "note")


@dataclass(frozen=True, slots=True)
class Step:
    """One subscription: what becomes of it. `changes` are fields with what they were and will be."""

    name: str
    deed: str  # "add", "change", "keep", "remove", "leave"
    wanted: Subscription | None = None
    id: str = ""
    changes: tuple[tuple[str, object, object], ...] = ()
    new_outputs: tuple[Output, ...] = ()
    old_outputs: tuple[Output, ...] = ()  # to be revoked

    @property
    def idle(self) -> bool:
        """Whether nothing is done."""
        return self.deed in ("keep", "leave") and not (self.new_outputs or self.old_outputs)


def plan(
    entries: Sequence[Entry],
    subscriptions: Sequence[Subscription],
    outputs: Sequence[Output],
    target: Callable[[str], str],
    *,
    prune: bool,
) -> list[Step]:
    """The steps, in the order of the file. `target` gives what stands behind "env:NAME"; `outputs` are those in use.

    Only with `prune` is anything removed: subscriptions that are not in the file, and outputs that it does not list.
    """
    there = {one.name: one for one in subscriptions}
    steps = [
        _step(one, there.get(one.subscription.name), outputs, target, prune=prune) for one in entries
    ]  # fmt: skip
    named = {one.subscription.name for one in entries}
    deed = "remove" if prune else "leave"
    return steps + [Step(name, deed, id=one.id) for name, one in there.items() if name not in named]


def carry_out(
    steps: Sequence[Step], records: Records, now: datetime, random: Random, check: Callable[[Output], object]
) -> Iterator[Output]:
    """Do it; gives the outputs that were made, whose secrets are told this once. `check` raises for what cannot work.

    Raise BadInput for a bad target, before anything is done.
    """
    made = {step.name: [ready(one, random) for one in step.new_outputs] for step in steps}
    for new in (new for outputs in made.values() for new in outputs):
        check(new)
    for step in steps:
        if step.deed == "remove":
            records.unsubscribe(step.id)
            continue
        id = step.id
        if step.wanted is not None and step.deed in ("add", "change"):
            id = records.subscribe(step.wanted, now).id
        for old in step.old_outputs:
            records.revoke_output(old.id, now)
        for new in made[step.name]:
            yield records.put_output(replace(new, subscription_id=id), now)


def _step(
    entry: Entry, old: Subscription | None, outputs: Sequence[Output], target: Callable[[str], str], *, prune: bool
) -> Step:
    wanted = entry.subscription
    listed = entry.outputs or ()
    new = {_key(one): one for one in (replace(one, target=resolved(one.target, target)) for one in listed)}
    if old is None:
        return Step(wanted.name, "add", wanted, new_outputs=tuple(new.values()))
    current = {_key(one): one for one in outputs if one.subscription_id == old.id}
    changes = tuple(
        (name, getattr(old, name), getattr(wanted, name))
        for name in FIELDS
        if getattr(old, name) != getattr(wanted, name)
    )
    surplus = [one for key, one in current.items() if key not in new] if prune and entry.outputs is not None else []
    return Step(
        wanted.name,
        "change" if changes else "keep",
        replace(wanted, id=old.id, since=old.since),
        old.id,
        changes,
        tuple(one for key, one in new.items() if key not in current),
        tuple(surplus),
    )


def _key(one: Output) -> tuple[object, ...]:
    """What makes two outputs the same."""
    if one.kind is not OutputKind.DIGEST:
        return one.kind, one.target
    at = () if one.every is Every.HOUR else (one.hour, one.timezone)
    return one.kind, one.target, one.every, *at, one.weekday if one.every is Every.WEEK else 0


# --- the other way --------------------------------------------------------------------------
def as_yaml(subscriptions: Sequence[Subscription], outputs: Sequence[Output]) -> tuple[str, Mapping[str, Output]]:
    """A watch file of them, and the outputs whose targets it leaves to environment variables, by their names."""
    variables: dict[str, Output] = {}
    listed = [
        _entry(one, [each for each in outputs if each.subscription_id == one.id], variables) for one in subscriptions
    ]
    text = yaml.dump({"subscriptions": listed}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text, variables


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block)


def _entry(one: Subscription, outputs: Sequence[Output], variables: dict[str, Output]) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": one.name, "query": one.query, "mode": str(one.mode)}
    if not one.active:
        entry["active"] = False
    for key, samples in (("must", one.must), ("must_not", one.must_not)):
        if samples:
            entry[key] = [_sample(sample) for sample in samples]
    if one.budget is not None:
        entry["budget"] = int(one.budget) if one.budget.is_integer() else one.budget
    if one.note:
        entry["note"] = one.note
    if outputs:
        entry["outputs"] = [_output(each, one.name, variables) for each in outputs]
    return entry


def _sample(sample: str) -> Any:
    if is_archived(sample) or "\n" not in sample:
        return sample
    title, _, text = sample.partition("\n")
    return {"title": title, "text": text.strip()}


def _output(one: Output, name: str, variables: dict[str, Output]) -> Any:
    if one.kind is OutputKind.LINK:
        return "link"
    stem = re.sub(r"[^A-Z0-9]+", "_", f"{name} {one.kind}".upper()).strip("_")
    variable, number = f"WATCH_{stem}", 1
    while variable in variables:
        number += 1
        variable = f"WATCH_{stem}_{number}"
    variables[variable] = one
    target = f"env:{variable}"
    if one.kind is not OutputKind.DIGEST:
        return {str(one.kind): target}
    entry: dict[str, Any] = {"digest": str(one.every), "to": target}
    if one.every is not Every.HOUR:
        entry |= {"hour": one.hour, "timezone": one.timezone}
    if one.every is Every.WEEK:
        entry["weekday"] = DAYS[one.weekday]
    return entry
