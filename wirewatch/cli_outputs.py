"""`wirewatch watch output`, `deliveries` and `replay`: where alerts go, how sending stands, and sending again."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.text import Text

from pipeline.errors import BadInput, WirewatchError
from pipeline.outputs import new_key, ready, shown
from pipeline.telling import moment
from pipeline.watch import Delivery, DeliveryState, Every, Output, OutputKind
from records.base import Records
from web.watchfile import DAYS, resolved
from wirewatch import bootstrap, config
from wirewatch.cli_search import Demo, chosen, reading_records
from wirewatch.render import local
from wirewatch.terminal import Console, listing, say
from wirewatch.watching import found, writing

output_app = typer.Typer(help="Where the alerts of a subscription go.", no_args_is_help=True)

Weekday = StrEnum("Weekday", [(day, day) for day in DAYS])  # type: ignore[misc]
Id = Annotated[str, typer.Argument(help="An output's id.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one a line.")]
VERIFY = "Standard Webhooks (https://www.standardwebhooks.com) has libraries that verify it; see docs/outputs.md"


def add_to(app: typer.Typer) -> None:
    """Add this module's commands to `wirewatch watch`."""
    app.add_typer(output_app, name="output")
    app.command("deliveries")(watch_deliveries)
    app.command("replay")(watch_replay)


@output_app.command("add")
def output_add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A subscription's name or id.", show_default=False)],
    link: Annotated[bool, typer.Option("--link", help="An address for feed readers, streams and cursors.")] = False,
    webhook: Annotated[str, typer.Option(help="Post each alert, signed, to this URL.", show_default=False)] = "",
    notify: Annotated[str, typer.Option(help="A message an alert, to this Apprise URL.", show_default=False)] = "",
    digest: Annotated[Every | None, typer.Option(help="Gathered, this often, by story.", show_default=False)] = None,
    to: Annotated[str, typer.Option(help="The digest's Apprise URL.", show_default=False)] = "",
    hour: Annotated[int, typer.Option(min=0, max=23, help="A digest's hour, daily and weekly.")] = 7,
    weekday: Annotated[Weekday, typer.Option(help="A weekly digest's day.")] = Weekday.monday,  # type: ignore[attr-defined]
    timezone: Annotated[str, typer.Option(help="Whose hour that is, for example Europe/Berlin.")] = "UTC",
    demo: Demo = False,
) -> None:
    """Add an output. What is secret of it (a link's address, a webhook's key) is printed this once."""
    kinds = [OutputKind.LINK] * link + [OutputKind.WEBHOOK] * bool(webhook) + [OutputKind.NOTIFY] * bool(notify)
    kinds += [OutputKind.DIGEST] * (digest is not None)
    if len(kinds) != 1 or bool(to) != (digest is not None):
        raise BadInput("give one of --link, --webhook URL, --notify URL, or --digest hour|day|week with --to URL")
    target = resolved(webhook or notify or to, config.variable)
    with writing(context, demo) as (settings, records):
        day = list(Weekday).index(weekday)
        new = Output(
            found(records, name).id, kinds[0], target,
            every=digest or Every.DAY, hour=hour, weekday=day, timezone=timezone,
        )  # fmt: skip
        one = ready(new, secrets.token_bytes)
        bootstrap.check_output(settings)(one)
        tell_new(records.put_output(one, bootstrap.now()), bootstrap.public_address(settings))


def tell_new(one: Output, address: str) -> None:
    """Print what is secret of a new output, this once."""
    if one.kind is OutputKind.LINK:
        base = f"{address}/s/{one.secret}"
        say(f"{one.id}: whoever knows one of these addresses can read it, so keep them to yourself")
        for suffix, words in ((".rss", "RSS"), (".atom", "Atom"), (".json", "JSON Feed"), ("/stream", "events"),
                              ("/alerts", "cursor API")):  # fmt: skip
            say(f"  {base}{suffix}  {words}")
        say("`wirewatch web` answers there; the setting public_url says by what name it is reached")
    elif one.kind is OutputKind.WEBHOOK:
        say(f"{one.id}: alerts are posted to {shown(one.target)}, signed with this key, which is not shown again:")
        say(f"  {one.secret}")
        say(VERIFY)
    else:
        say(f"{one.id}: {_words(one)}")
    if one.kind is not OutputKind.LINK:
        say(f"try it: `wirewatch watch output test {one.id}`")


@output_app.command("list")
def output_list(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Of this subscription only.", show_default=False)] = "",
    as_json: AsJson = False,
    demo: Demo = False,
) -> None:
    """All outputs, revoked ones too, and how sending to them goes."""
    from wirewatch.render_watch import output_json

    with reading_records(context, demo) as records:
        outputs = records.outputs(found(records, name).id if name else "")
        names = {one.id: one.name for one in records.subscriptions()}
    if as_json:
        for one in outputs:
            say(json.dumps(output_json(one) | {"subscription": names[one.subscription_id]}, ensure_ascii=False))
        return
    table = listing("id", "of", "goes to", "state")
    for one in outputs:
        table.add_row(one.id, Text(names[one.subscription_id]), Text(_words(one)), _state(one))
    Console().print(table if outputs else "No outputs yet: `wirewatch watch output add NAME` makes one.")


@output_app.command("revoke")
def output_revoke(context: typer.Context, output: Id, demo: Demo = False) -> None:
    """Take an output out of use for good: a link's address answers no more, what waits to be sent is dropped."""
    with writing(context, demo) as (_, records):
        one = _output(records, output)
        records.revoke_output(one.id, bootstrap.now())
        say(f"revoked {one.id}: {_words(one)}")


@output_app.command("rotate")
def output_rotate(
    context: typer.Context,
    output: Id,
    finish: Annotated[bool, typer.Option("--finish", help="Sign with the new key only.")] = False,
    demo: Demo = False,
) -> None:
    """Change a webhook's key: alerts are signed with the new one and the old, until --finish."""
    with writing(context, demo) as (_, records):
        one = _output(records, output)
        if one.kind is not OutputKind.WEBHOOK or one.revoked:
            raise BadInput(f"{one.id} is no webhook in use: only those have keys")
        newest = one.secret.split()[0]
        if finish:
            records.put_output(replace(one, secret=newest), bootstrap.now())
            say(f"{one.id} signs with its newest key only")
            return
        key = new_key(secrets.token_bytes)
        records.put_output(replace(one, secret=f"{key} {newest}"), bootstrap.now())
        say(f"{one.id} signs with this key as well; give it to the receiver, then `rotate {one.id} --finish`:")
        say(f"  {key}")


@output_app.command("test")
def output_test(context: typer.Context, output: Id, demo: Demo = False) -> None:
    """Send a test message now, past the queue. Exit code 1 when it is not taken."""
    settings = chosen(context, demo)
    with reading_records(context, demo) as records:
        one = _output(records, output)
        subscription = records.subscription(one.subscription_id)
    if one.revoked or one.kind is OutputKind.LINK:
        raise BadInput(f"nothing is sent to {one.id}: it is {'revoked' if one.revoked else 'a link, which is read'}")
    try:
        bootstrap.send_test(settings, one, subscription.name if subscription else "")
    except WirewatchError as error:
        say(f"{shown(one.target)} did not take it: {error}", err=True)
        raise typer.Exit(1) from None
    say(f"{shown(one.target)} took a test message")


def watch_deliveries(
    context: typer.Context,
    output: Annotated[str, typer.Argument(help="Of this output only.", show_default=False)] = "",
    dead: Annotated[bool, typer.Option("--dead", help="Only those that were given up.")] = False,
    pending: Annotated[bool, typer.Option("--pending", help="Only those that wait.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="So many, the newest.")] = 20,
    as_json: AsJson = False,
    demo: Demo = False,
) -> None:
    """What was sent, what waits, and what was given up; newest first."""
    if dead and pending:
        raise BadInput("give --dead or --pending, not both")
    state = DeliveryState.DEAD if dead else DeliveryState.PENDING if pending else None
    with reading_records(context, demo) as records:
        one = _output(records, output).id if output else ""
        rows = records.deliveries(one, state=state, limit=limit)
    if as_json:
        for row in rows:
            say(json.dumps(_delivery_json(row), ensure_ascii=False))
        return
    table = listing("seq", "alert", "made", "output", "state", "tries", "error")
    for row in rows:
        state_words = f"{row.state} {local(row.settled)}" if row.settled else str(row.state)
        table.add_row(
            str(row.alert.seq), row.alert.id, local(row.alert.made), row.output.id, state_words, str(row.tries),
            Text(row.error),
        )  # fmt: skip
    Console().print(table if rows else "Nothing.")


def watch_replay(
    context: typer.Context,
    output: Id,
    since: Annotated[str, typer.Option(help="Alerts made since then: a date, time, or P7D.", show_default=False)] = "",
    dead: Annotated[bool, typer.Option("--dead", help="All that were given up.")] = False,
    demo: Demo = False,
) -> None:
    """Send alerts again, under the ids that they had: a receiver that remembers ids takes each once."""
    if bool(since) == dead:
        raise BadInput("say what to send again: --dead, or --since 2026-03-01, --since 2026-03-01T08:00Z, --since P7D")
    from web.wording import counted, moment_of

    with writing(context, demo) as (_, records):
        one, now = _output(records, output), bootstrap.now()
        count = records.redeliver(one.id, now, since=moment_of(since, now) if since else None)
        when = "with the next digest" if one.kind is OutputKind.DIGEST else "soon, by the run or service that sends"
        say(
            f"{counted(count, 'alert')} to be sent to {shown(one.target)} again {when}"
            if count
            else "nothing to send again"
        )


# --- what the commands share ----------------------------------------------------------------
def _output(records: Records, id: str) -> Output:
    for one in records.outputs():
        if one.id == id:
            return one
    raise BadInput(f"no output is called {id!r}: `wirewatch watch output list` shows their ids")


def _words(one: Output) -> str:
    from web.wording import output_words

    return output_words(one)


def _state(one: Output) -> Text:
    if one.revoked:
        return Text(f"revoked {local(one.revoked)}", "dim")
    if one.failing_since:
        again = f"; next try {local(one.due)}" if one.due else ""
        return Text(f"failing since {local(one.failing_since)}: {one.error}{again}", "red")
    if one.kind is OutputKind.DIGEST and one.due:
        return Text(f"next {local(one.due)}")
    return Text("in use")


def _delivery_json(row: Delivery) -> dict[str, Any]:
    return {
        "seq": row.alert.seq, "alert": row.alert.id, "reason": str(row.alert.reason), "made": moment(row.alert.made),
        "output": row.output.id, "state": str(row.state), "tries": row.tries, "settled": moment(row.settled),
        "error": row.error,
    }  # fmt: skip
