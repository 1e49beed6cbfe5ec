"""The server takes its port or says why not, and a signal ends it cleanly."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tradewind.core.errors import BadConfig, Refusal, WorkspaceError
from tradewind.service.config import ServiceConfig
from tradewind.service.serve import require_port_free
from tradewind.storage.files import publish_folder

PROGRAM = """
import sys
from pathlib import Path
from tradewind.service.serve import serve
serve(Path(sys.argv[1]), "127.0.0.1", 0, lambda line: print(line, flush=True))
"""


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop_and_stops_cleanly(
    tmp_path: Path, stop: signal.Signals
) -> None:
    publish_folder(tmp_path / "up", {"index.html": "real"})
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ran:
        assert ran.stdout
        where = ran.stdout.readline()
        assert where.startswith("the report is on http://127.0.0.1:")
        assert httpx.get(where.split()[4]).text == "real"
        ran.send_signal(stop)
        out, err = ran.communicate(timeout=10)
    assert (out, err, ran.returncode) == ("stopped serving\n", "", 0)


def test_a_port_in_use_is_told_with_another(busy: int) -> None:
    message = f"port {busy} of 127.0.0.1 is in use: choose another with --port {busy + 1}"
    with pytest.raises(WorkspaceError, match=message):
        require_port_free("127.0.0.1", busy)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_a_port_that_was_free_is_free_afterwards(host: str) -> None:
    require_port_free(host, 0)
    require_port_free(host, 0)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1"])
def test_a_host_that_others_can_reach_is_refused(host: str) -> None:
    message = "is open to other machines, and keys to keep them out are not available yet: serve on"
    with pytest.raises(Refusal, match=message):
        require_port_free(host, 0)


@pytest.mark.parametrize("host", ["", "example.com", "127.0.0.1.", "127.1"])
def test_a_host_that_is_no_address_is_told(host: str) -> None:
    with pytest.raises(BadConfig, match=r"is not an address: give 127\.0\.0\.1 or ::1"):
        require_port_free(host, 0)


def test_a_port_of_the_system_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    message = "port 80 is for the system's own services: choose another with --port 8001"
    with pytest.raises(WorkspaceError, match=message):
        require_port_free("127.0.0.1", 80)


def test_an_address_that_this_machine_lacks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(99, "Cannot assign requested address")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(WorkspaceError, match="Cannot assign requested address: serve on"):
        require_port_free("127.0.0.2", 8000)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(BadConfig, match=f"there is no port {port}: give one from 1 to 65535"):
        ServiceConfig(port=port)
