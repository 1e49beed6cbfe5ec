"""A provider on loopback, a clock that sleep moves, and a connection to both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.sources.loopback import Loopback, Ticking, serving
from tradewind.core import stream
from tradewind.data.sources.connecting import Connection
from tradewind.storage.workspace import Workspace


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as loopback:
        yield loopback


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def connection(clock: Ticking, tmp_path: Path) -> Connection:
    workspace = Workspace(tmp_path / "market").create()
    return Connection(workspace, clock, clock.sleep, stream(7, "retries"))
