"""A test message: sent at once and past the queue, so that whoever sets an output up sees it work."""

from __future__ import annotations

import secrets
from datetime import datetime

from crawlers.post import Poster
from pipeline.telling import Telling
from pipeline.watch import Alert, Output, OutputKind, Reason
from workers.alerts import digests
from workers.alerts.notify import Notifier, message_of
from workers.alerts.webhooks import Webhooks, body_of

TITLE = "A test of Wirewatch: this output works"


async def send_trial(poster: Poster, notifier: Notifier, output: Output, name: str, now: datetime) -> None:
    """Send one; a webhook's type is "alert.test". Raise what sending an alert raises."""
    id = f"evt_{secrets.token_hex(12)}"
    alert = Alert(0, id, output.subscription_id, "", "", "", Reason.STORY, now, now)
    telling = Telling(alert, name, "", "", TITLE, "", "Wirewatch", first_seen=now, outlets=("Wirewatch",))
    if output.kind is OutputKind.WEBHOOK:
        async with poster:
            await Webhooks(poster, lambda: now).post(output, id, body_of(telling, "test"))
    elif output.kind is OutputKind.DIGEST:
        await notifier.send(output, digests.message(output, digests.digest_id(output, [alert]), [telling]))
    else:
        await notifier.send(output, message_of(telling))
