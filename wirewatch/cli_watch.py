"""`wirewatch watch`: subscriptions, tried out on the archive before they are saved."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

import typer

from pipeline.errors import Away, BadInput, Trouble
from pipeline.watch import DeliveryState, Mode, Subscription
from records.base import Records
from wirewatch import bootstrap, cli_outputs, cli_watchfile
from wirewatch.cli_search import Demo, chosen, reading_records
from wirewatch.config import Settings
from wirewatch.terminal import Console, say
from wirewatch.watching import found, tried_out, understood, writing

watch_app = typer.Typer(help="Subscriptions: queries that tell you when they match.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A subscription's name or id.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Days = Annotated[int, typer.Option(min=1, max=3650, help="Days that the back-test goes back.")]
Must = Annotated[list[str] | None, typer.Option("--must", help="Address or text that it must match (may be repeated).")]
MustNot = Annotated[list[str] | None, typer.Option("--must-not", help="Address or text that it must not match.")]
Budget = Annotated[float | None, typer.Option(min=0, help="Alerts a day from which on a back-test warns.")]
SHOWN = 10  # of what a subscription told last


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(watch_app, name="watch")
    cli_watchfile.add_to(watch_app)
    cli_outputs.add_to(watch_app)


@watch_app.command("add")
def watch_add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call it.", show_default=False)],
    query: Annotated[str, typer.Argument(help="For example: drone (pentagon OR navy) -toy", show_default=False)],
    mode: Annotated[Mode, typer.Option(help="When it speaks.")] = Mode.STORY,
    must: Must = None,
    must_not: MustNot = None,
    budget: Budget = None,
    note: Annotated[str, typer.Option(help="For whoever reads it later.")] = "",
    paused: Annotated[bool, typer.Option("--paused", help="Do not tell of anything yet.")] = False,
    days: Days = 30,
    yes: Yes = False,
    demo: Demo = False,
) -> None:
    """Show what a query would have told in the last days, then save it as a subscription."""
    one = Subscription(
        name.strip(), query, mode, not paused, tuple(must or ()), tuple(must_not or ()), budget, note
    )  # fmt: skip
    if not one.name:
        raise BadInput("a subscription needs a name")
    with writing(context, demo) as (settings, records):
        if (same := records.subscription(one.name)) is not None and same.name == one.name:
            raise BadInput(f"there is a subscription called {one.name!r} already: `wirewatch watch edit` changes it")
        _save(settings, records, one, days, yes)
        say(f"saved {one.name!r}; where its alerts go: `wirewatch watch output add`")


@watch_app.command("edit")
def watch_edit(
    context: typer.Context,
    name: Name,
    query: Annotated[str | None, typer.Option(help="Another query.", show_default=False)] = None,
    rename: Annotated[str | None, typer.Option(help="Another name.", show_default=False)] = None,
    mode: Annotated[Mode | None, typer.Option(help="When it speaks.", show_default=False)] = None,
    must: Must = None,
    must_not: MustNot = None,
    budget: Budget = None,
    note: Annotated[str | None, typer.Option(help="For whoever reads it later.", show_default=False)] = None,
    days: Days = 30,
    yes: Yes = False,
    demo: Demo = False,
) -> None:
    """Change a subscription: what is given takes the place of what was. A new query is tried first."""
    given = {"query": query, "name": rename and rename.strip(), "mode": mode, "budget": budget, "note": note}
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    changes |= {key: tuple(value) for key, value in (("must", must), ("must_not", must_not)) if value is not None}
    if not changes:
        raise BadInput("nothing to change: give --query, --rename, --mode, --must, --must-not, --budget or --note")
    with writing(context, demo) as (settings, records):
        one = replace(found(records, name), **changes)
        _save(settings, records, one, days, yes, tried="query" in changes or "mode" in changes)
        say(f"saved {one.name!r}")


@watch_app.command("pause")
def watch_pause(context: typer.Context, name: Name, demo: Demo = False) -> None:
    """Stop telling: what matches meanwhile is never told. Other queries can go on using it."""
    _set_active(context, name, False, demo)


@watch_app.command("resume")
def watch_resume(context: typer.Context, name: Name, demo: Demo = False) -> None:
    """Tell again, of what comes from now on."""
    _set_active(context, name, True, demo)


@watch_app.command("remove")
def watch_remove(context: typer.Context, name: Name, yes: Yes = False, demo: Demo = False) -> None:
    """Remove a subscription with its outputs and what it told. `pause` keeps them."""
    with writing(context, demo) as (_, records):
        one = found(records, name)
        _warn_of_broken(records, [other for other in records.subscriptions() if other.id != one.id])
        _ask(f"Remove {one.name!r} with its outputs and all that it told?", yes)
        records.unsubscribe(one.id)
        say(f"removed {one.name!r}")


@watch_app.command("list")
def watch_list(context: typer.Context, as_json: AsJson = False, demo: Demo = False) -> None:
    """All subscriptions."""
    from web.saved import broken
    from wirewatch.render_watch import print_list

    with reading_records(context, demo) as records:
        subscriptions = records.subscriptions()
        wrong = broken(subscriptions)
        if as_json:
            for one in subscriptions:
                say(json.dumps(_json(one), ensure_ascii=False))
            return
        if not subscriptions:
            say("No subscriptions yet: `wirewatch watch add NAME QUERY` makes one.")
            return
        current = [one.subscription_id for one in records.outputs() if one.revoked is None]
    rows = [(one, current.count(one.id), str(wrong.get(one.name, ""))) for one in subscriptions]
    print_list(Console(), rows)


@watch_app.command("show")
def watch_show(context: typer.Context, name: Name, as_json: AsJson = False, demo: Demo = False) -> None:
    """One subscription: its query, its outputs and what is wrong with them, and what it told last."""
    from records.telling import tell
    from web.saved import broken, users
    from wirewatch.render_watch import output_json, print_subscription

    with reading_records(context, demo) as records:
        one = found(records, name)
        everybody = records.subscriptions()
        wrong = broken(everybody)
        used_by = users(one, everybody)
        outputs = records.outputs(one.id)
        told = tell(records, records.alerts(one.id, newest=True, limit=SHOWN))
        dead = sum(len(records.deliveries(output.id, state=DeliveryState.DEAD)) for output in outputs)
    if as_json:
        whole = _json(one) | {"outputs": [output_json(each) for each in outputs], "dead": dead, "used_by": used_by}
        say(json.dumps(whole | {"alerts": [each.to_json() for each in told]}, ensure_ascii=False))
    else:
        print_subscription(Console(), one, outputs, told, dead, str(wrong.get(one.name, "")), used_by)


@watch_app.command("test")
def watch_test(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A subscription's name, or a query.", show_default=False)],
    mode: Annotated[Mode | None, typer.Option(help="When it would speak.", show_default="its own, or story")] = None,
    days: Days = 30,
    as_json: AsJson = False,
    demo: Demo = False,
) -> None:
    """Tell what a subscription or a query would have told in the last days. Nothing is saved."""
    settings = chosen(context, demo)
    with reading_records(context, demo) as records:
        one = records.subscription(what) or Subscription("", what)
        one = replace(one, mode=mode or one.mode)
        tried = tried_out(settings, records, one, understood(one, records.subscriptions()), days)
    if as_json:
        say(json.dumps(tried.to_json(), ensure_ascii=False))
    else:
        from wirewatch.render_watch import print_backtest

        print_backtest(Console(), tried)


# --- what the commands share ----------------------------------------------------------------
def _save(settings: Settings, records: Records, one: Subscription, days: int, yes: bool, *, tried: bool = True) -> None:
    """Try it, check its samples, ask, save."""
    from web.samples import check
    from wirewatch.render_watch import print_backtest, print_failed, warning

    console = Console()
    others = [other for other in records.subscriptions() if other.id != one.id]
    node = understood(one, others)
    if tried:
        try:
            print_backtest(console, tried_out(settings, records, one, node, days))
        except (Trouble, Away) as error:  # what is saved does not need the index
            console.print(warning(f"no back-test: {error}"))
    for failed in check(one, node, records, bootstrap.tagger(settings), bootstrap.now()):
        print_failed(console, failed)
    _warn_of_broken(records, [*others, one])
    _ask("Save it?", yes)
    records.subscribe(one, bootstrap.now())


def _warn_of_broken(records: Records, then: Sequence[Subscription]) -> None:
    """Say which queries will mean nothing when these are all."""
    from web.saved import broken
    from wirewatch.render_watch import warning

    for name in broken(then).keys() - broken(records.subscriptions()).keys():
        Console().print(warning(f"{name!r} uses it and will match nothing"))


def _ask(question: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput("nobody is there to be asked: say --yes")
    if not typer.confirm(question):
        raise typer.Exit(1)


def _set_active(context: typer.Context, name: str, active: bool, demo: bool) -> None:
    with writing(context, demo) as (_, records):
        one = found(records, name)
        records.subscribe(replace(one, active=active), bootstrap.now())
        say(f"{one.name!r} {'tells of what comes from now on' if active else 'is paused'}")


def _json(one: Subscription) -> dict[str, Any]:
    from web.api.values import subscription_json

    return subscription_json(one)
