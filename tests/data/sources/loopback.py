"""A provider on loopback, which answers what a test has written down, and a clock that sleep moves."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest


@dataclass
class Asked:
    """What arrived: the path, the parameters, and the body of a POST."""

    path: str
    params: dict[str, str]
    body: Any


@dataclass
class Reply:
    """What is sent back. `cut` closes the connection in the middle of the body, or before any of it."""

    payload: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: bytes | None = None
    cut: str = ""


@dataclass
class Loopback:
    """A server: `answer` decides each reply, `asked` is what arrived."""

    url: str
    answer: Callable[[Asked], Reply]
    asked: list[Asked] = field(default_factory=list)

    def script(self, *replies: Reply) -> None:
        """These replies in turn, the last for ever."""
        left = list(replies)
        self.answer = lambda _: left.pop(0) if len(left) > 1 else left[0]


@dataclass
class Ticking:
    """A clock that stands still until somebody sleeps, and remembers for how long."""

    at: datetime = datetime(2024, 3, 1, 12, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)
    why: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float, why: str) -> None:
        self.slept.append(seconds)
        self.why.append(why)
        self.at += timedelta(seconds=seconds)


class _Handler(BaseHTTPRequestHandler):
    loopback: Loopback

    def do_GET(self) -> None:
        self._reply(None)

    def do_POST(self) -> None:
        self._reply(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def _reply(self, body: Any) -> None:
        parts = urlsplit(self.path)
        asked = Asked(parts.path, dict(parse_qsl(parts.query)), body)
        self.loopback.asked.append(asked)
        reply = self.loopback.answer(asked)
        text = json.dumps(reply.payload).encode() if reply.text is None else reply.text
        if reply.cut == "before":
            self.connection.close()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text[: len(text) // 2] if reply.cut == "middle" else text)

    def log_message(self, *args: object) -> None:
        """Nothing on stderr."""


@contextmanager
def serving() -> Iterator[Loopback]:
    """A server for the time of a test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    loopback = Loopback(f"http://127.0.0.1:{server.server_port}", lambda _: pytest.fail("unasked"))
    server.RequestHandlerClass = type("Handler", (_Handler,), {"loopback": loopback})
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield loopback
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
