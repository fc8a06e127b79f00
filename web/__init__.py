"""The HTTP API, the outgoing feeds and the live stream; see docs/api.md and docs/feeds.md."""
