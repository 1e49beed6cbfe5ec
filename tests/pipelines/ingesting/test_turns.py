"""Two who judge at once: one waits, says so, and then judges after what the other has stored."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event

import polars as pl

from tests.data.quality.conftest import at, bars, walk
from tests.pipelines.conftest import Notes
from tradewind.data.store import MarketStore
from tradewind.pipelines.ingesting.ingest import IngestRequest, quarantine_of, run
from tradewind.pipelines.ingesting.turns import in_turn
from tradewind.storage.workspace import Workspace

CLOSES = walk(40)
BARS = bars(CLOSES).with_columns(
    [at(20, name, float(CLOSES[20] * 3)) for name in ("open", "high", "low", "close")]
)


class Waiting(Notes):
    """Says when it has to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = Event()

    def stage(self, name: str) -> AbstractContextManager[None]:
        if name.startswith("wait"):
            self.waits.set()
        return super().stage(name)


def file(folder: Path, rows: pl.DataFrame) -> Path:
    path = folder / f"{len(rows)}.csv"
    rows.write_csv(path)
    return path


def test_a_second_ingest_waits_and_says_so(tmp_path: Path, workspace: Workspace) -> None:
    request, notes = IngestRequest("csv", file(tmp_path, BARS)), Waiting()
    with ThreadPoolExecutor(1) as pool:
        with in_turn(workspace, Notes().stage):
            waiting = pool.submit(run, request, workspace, notes)
            assert notes.waits.wait(20)
            assert MarketStore(workspace.path).tables == ()
        assert waiting.result(20).tables[0]["read"] == len(BARS)
    assert notes.stages == ["read bars", "wait for another ingest", "judge bars"]


def test_of_two_halves_that_come_at_once_each_is_judged_with_the_other(
    tmp_path: Path, workspace: Workspace
) -> None:
    """The second half shows that the last bar of the first was a spike."""
    halves = [file(tmp_path, BARS[:21]), file(tmp_path, BARS[21:])]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: run(IngestRequest("csv", one), workspace, Notes()), halves))
    newest = MarketStore(workspace.path).read().table.filter(session=BARS["date"][20])
    assert newest["close"].to_list()[1:] == [None]
    assert quarantine_of(workspace).list()["check"].to_list() == ["bars.spike"]
