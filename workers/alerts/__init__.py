"""Telling people: alerts from the outbox to webhooks, to what Apprise knows, and into digests."""
