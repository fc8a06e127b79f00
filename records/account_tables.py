"""The tables of people: accounts, sessions, keys, what they did; see `records.tables`, and docs/people.md."""

from __future__ import annotations

import sqlalchemy as sa

from records.columns import Instant, Values, Words
from records.dialect import Serial, partial_index
from records.schema import metadata, text

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("folded", Words, nullable=False),  # the name in one case: "Ada" and "ada" are one
    sa.Column("role", sa.Integer, nullable=False),
    text("password"),  # its argon2id hash; "" = cannot sign in by password
    text("subject"),  # who that is at the OpenID provider
    sa.Column("created", Instant, nullable=False),
    sa.Column("disabled", Instant),
    sa.UniqueConstraint("folded"),
)
partial_index("ix_users_subject", users.c.subject, where="subject <> ''", unique=True)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token", Words, primary_key=True),  # its SHA-256
    sa.Column("id", Words, nullable=False),
    sa.Column("user_id", Words, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created", Instant, nullable=False),
    sa.Column("seen", Instant, nullable=False),
    sa.Column("expires", Instant, nullable=False),
    text("origin"),
)
sa.Index(None, sessions.c.user_id)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("token", Words, primary_key=True),  # its SHA-256
    sa.Column("id", Words, nullable=False),
    sa.Column("user_id", Words, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    text("name"),
    sa.Column("role", sa.Integer, nullable=False),
    sa.Column("created", Instant, nullable=False),
    sa.Column("used", Instant),
    sa.Column("revoked", Instant),
)
sa.Index(None, api_keys.c.user_id)

login_attempts = sa.Table(
    "login_attempts",
    metadata,
    sa.Column("key", Words, primary_key=True),  # a hash of the name or address: people type passwords for names
    sa.Column("failures", sa.Integer, nullable=False),  # in a row
    sa.Column("last", Instant, nullable=False),
    sa.Column("until", Instant, nullable=False),  # no try before
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", Words, nullable=False),
    sa.Column("what", Words, nullable=False),
    text("to"),
    sa.Column("detail", Values, nullable=False, server_default="{}"),
    sqlite_autoincrement=True,
)
sa.Index(None, audit.c.who, audit.c.seq)
sa.Index(None, audit.c.what, audit.c.seq)
