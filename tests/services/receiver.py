"""Receivers of webhooks and messages on loopback: an HTTP server whose answers a test chooses, and a mail server."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str]]
ACCEPTED: Answer = (204, {})


@dataclass(frozen=True, slots=True)
class Post:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    when: float  # time.monotonic

    @property
    def id(self) -> str:
        """Of the event."""
        return self.headers["webhook-id"]

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@dataclass(slots=True)
class Receiver:
    """`answer` says what is answered to each post; by default all are accepted."""

    port: int = 0
    posts: list[Post] = field(default_factory=list)
    answer: Callable[[Post], Answer] = field(default=lambda post: ACCEPTED)
    hold: threading.Event | None = None  # answers wait for it, when there is one

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    def ids(self, path: str = "/hook") -> list[str]:
        """Of the events that came to that path, in order."""
        return [post.id for post in list(self.posts) if post.path == path]


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    """A receiver that answers in threads."""
    one = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            post = Post(self.path, headers, body, time.monotonic())
            one.posts.append(post)
            if one.hold is not None:
                one.hold.wait(30)
            status, more = one.answer(post)
            self.send_response(status)
            for name, value in ({"Content-Length": "0"} | more).items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, *_: object) -> None:
            """A sender that was killed leaves broken connections."""

    with Server(("127.0.0.1", port), Handler) as server:
        one.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield one
        finally:
            if one.hold is not None:
                one.hold.set()
            server.shutdown()
            thread.join()


@dataclass(slots=True)
class Mailbox:
    """What a mail server was given."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refuse: bool = False


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server: as much of SMTP (RFC 5321) as a client without TLS and password needs."""
    box = Mailbox()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 mail.example ready")
            while line := self.rfile.readline():
                verb = line[:4].strip().upper()
                if verb == b"DATA":
                    self._data()
                elif verb == b"QUIT":
                    return self._say("221 bye")
                else:
                    self._say("250 ok")
            return None

        def _data(self) -> None:
            self._say("354 go on")
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.removeprefix(b"."))
            if box.refuse:
                return self._say("451 not now")
            told = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(told, EmailMessage)
            box.mails.append(told)
            return self._say("250 kept")

        def _say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Session) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
