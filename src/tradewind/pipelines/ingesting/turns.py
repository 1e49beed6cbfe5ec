"""One at a time: what the gate says of rows rests on all that came before them."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from tradewind.storage.disk_errors import named
from tradewind.storage.holding import held
from tradewind.storage.workspace import Workspace

Stage = Callable[[str], AbstractContextManager[object]]


@contextmanager
def in_turn(workspace: Workspace, stage: Stage) -> Iterator[None]:
    """Judge, or decide about rows, while nobody else in any process does; having to wait is a stage."""
    market = workspace.path / "market"
    with named(market):
        market.mkdir(exist_ok=True)
    with ExitStack() as turn:
        try:
            turn.enter_context(held(market, fcntl.LOCK_NB))
        except BlockingIOError:
            with stage("wait for another ingest"):
                turn.enter_context(held(market))
        yield
