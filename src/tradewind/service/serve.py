"""One process on one port, for this machine alone, until it is told to stop."""

import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import Any

from tradewind.core.errors import BadConfig, Refusal, WorkspaceError

PATIENCE_S = 3


def serve(reports: Path, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve the reports until Ctrl-C or SIGTERM; either is a clean end.

    `announce` is told where, once the port is ours, and in the end that it is over.
    """
    import uvicorn

    from tradewind.service.pages import make_app

    with _listening(host, port) as listener:
        config = uvicorn.Config(
            make_app(reports),
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=PATIENCE_S,
        )
        server = uvicorn.Server(config)
        with _told_of_signals(server.handle_exit):
            announce(f"the report is on {_address(listener)} (Ctrl-C ends it)")
            server.run(sockets=[listener])
    announce("stopped serving")


def require_port_free(host: str, port: int) -> None:
    """Refuse now what `serve` would refuse after the work is done.

    >>> require_port_free("0.0.0.0", 8000)
    Traceback (most recent call last):
    tradewind.core.errors.Refusal: host '0.0.0.0' is open to other machines, and keys to keep them
    out are not available yet: serve on 127.0.0.1, and reach it from elsewhere through an SSH tunnel
    """
    with _listening(host, port):
        pass


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = _loopback(host)
    with ExitStack() as stack:
        try:
            listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1" if host == "localhost" else host, port))
            listener.listen()
        except OSError as error:
            raise _port_error(error, host, port) from error
        yield listener


def _loopback(host: str) -> socket.AddressFamily:
    """The family of an address of this machine alone; any other is refused."""
    if host == "localhost":
        return socket.AF_INET
    try:
        address = ip_address(host)
    except ValueError:
        raise BadConfig(f"host {host!r} is not an address", "give 127.0.0.1 or ::1") from None
    if not address.is_loopback:
        raise Refusal(
            f"host {host!r} is open to other machines, and keys to keep them out are not "
            "available yet",
            "serve on 127.0.0.1, and reach it from elsewhere through an SSH tunnel",
        )
    return socket.AF_INET if address.version == 4 else socket.AF_INET6


def _port_error(error: OSError, host: str, port: int) -> WorkspaceError:
    another = f"choose another with --port {8001 if port in (8000, 0) or port < 1024 else port + 1}"
    if error.errno == errno.EADDRINUSE:
        return WorkspaceError(f"port {port} of {host} is in use", another)
    if error.errno == errno.EACCES:
        return WorkspaceError(f"port {port} is for the system's own services", another)
    return WorkspaceError(f"port {port} of {host}: {error.strerror}", "serve on 127.0.0.1")


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _told_of_signals(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    """Let the server hear of a signal before it listens for it, and when it passes it on afterwards."""
    before = {one: signal.signal(one, handler) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, previous in before.items():
            signal.signal(one, previous)
