"""A market that comes in pieces is judged, and believed, as if it had come at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from tests.data.quality.test_causality import faulty
from tests.pipelines.conftest import Notes
from tradewind.core import Panel, stream
from tradewind.core.panel import KEYS
from tradewind.data.quality.gate import Gate
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market
from tradewind.pipelines.ingesting.ingest import IngestRequest, IngestResult, quarantine_of, run
from tradewind.storage.workspace import Workspace

ABOUT = ["symbol", "timestamp", "known_at", "check", "reason", "quarantined_at"]


@pytest.fixture(scope="module")
def panel() -> Panel:
    return faulty("crypto", "1d", seed=3, periods=130, symbols=5)


def fed(pieces: Sequence[pl.DataFrame], folder: Path) -> Workspace:
    workspace = Workspace(folder / "market").create()
    for nth, piece in enumerate(pieces):
        file = folder / f"{nth}.parquet"
        piece.with_columns(pl.col("symbol").cast(pl.String)).write_parquet(file)
        ingest(file, workspace)
    return workspace


def ingest(file: Path, workspace: Workspace, calendar: str = "24/7") -> IngestResult:
    return run(IngestRequest("parquet", file, calendar=calendar), workspace, Notes())


def by_arrival(panel: Panel, count: int) -> list[pl.DataFrame]:
    """The rows in the order in which they were known, in so many pieces, each shuffled."""
    known = panel.table["known_at"].unique().sort()
    cuts = [None, *(known[len(known) * nth // count - 1] for nth in range(1, count + 1))]
    return [
        panel.arrivals(after, upto).sample(fraction=1, shuffle=True, seed=1)
        for after, upto in pairwise(cuts)
    ]


def believed(workspace: Workspace, at: datetime) -> pl.DataFrame:
    """The rows that say something at a moment."""
    rows = MarketStore(workspace.path).read().as_of(at).table
    return rows.with_columns(pl.col("symbol").cast(pl.String)).filter(pl.col("close").is_not_null())


def held(workspace: Workspace) -> pl.DataFrame:
    return quarantine_of(workspace).list().select(ABOUT).sort(KEYS)


def test_pieces_in_the_order_of_arrival_leave_the_same_store(panel: Panel, tmp_path: Path) -> None:
    (tmp_path / "at_once").mkdir()
    at_once = fed([panel.table], tmp_path / "at_once")
    pieces = by_arrival(panel, 15)
    in_pieces = fed(pieces, tmp_path)
    one, many = MarketStore(at_once.path), MarketStore(in_pieces.path)
    assert panel.revised > 20
    assert min(map(len, pieces)) > 0
    assert many.content_hash() == one.content_hash()
    assert held(in_pieces).equals(held(at_once))
    whole = Gate(calendar="24/7")(panel)
    assert one.count() == len(whole.clean)
    assert len(held(at_once)) == len(whole.quarantined) > 50


def test_a_spike_is_withdrawn_when_the_next_day_shows_it(tmp_path: Path) -> None:
    market = make_market("crypto", 3, 100, seed=2, faults=["spikes"])
    spike = market.truth.faults.sort("timestamp").row(-1, named=True)
    cut = spike["timestamp"]
    before, after = (
        market.panel.until(cut).table,
        market.panel.arrivals(cut, cut + timedelta(days=1)),
    )
    workspace = fed([before], tmp_path)
    at = (pl.col("symbol") == spike["symbol"]) & (pl.col("timestamp") == cut)
    assert len(believed(workspace, cut).filter(at)) == 1
    file = tmp_path / "next.parquet"
    after.with_columns(pl.col("symbol").cast(pl.String)).write_parquet(file)
    told = ingest(file, workspace).tables[0]
    assert (told["read"], told["clean"], told["withdrawn"], told["added"]) == (3, 3, 1, 4)
    versions = MarketStore(workspace.path).read().table.filter(at)
    assert versions["known_at"].to_list() == [cut, after["known_at"][0]]
    assert versions["close"].is_null().to_list() == [False, True]
    assert held(workspace).filter(at)["check"].to_list() == ["bars.spike"]


def test_a_file_of_one_day_gets_the_verdicts_that_a_history_gives(tmp_path: Path) -> None:
    market = make_market("crypto", 3, 120, seed=4, faults=["splits"])
    cut = market.truth.faults["timestamp"].max() - timedelta(days=1)
    workspace = fed([market.panel.until(cut).table], tmp_path)
    day = market.panel.arrivals(cut, cut + timedelta(days=1))
    file = tmp_path / "day.parquet"
    day.with_columns(pl.col("symbol").cast(pl.String)).write_parquet(file)
    told = ingest(file, workspace)
    assert "bars.split" in {finding.check for finding in told.findings}
    assert all(
        "of 3 rows" in finding.detail for finding in told.findings if "bars" in finding.check
    )


def test_names_that_come_one_after_another_are_believed_as_at_once(
    panel: Panel, tmp_path: Path
) -> None:
    """What a file cannot unsay it withdraws a microsecond later."""
    (tmp_path / "at_once").mkdir()
    at_once = fed([panel.table], tmp_path / "at_once")
    in_pieces = fed([panel.table.filter(symbol=name) for name in panel.symbols], tmp_path)
    last = panel.table["known_at"].max()
    checks = held(in_pieces)["check"]
    assert (checks == "identity.twins").sum() > 20
    for at in (panel.moments[60], panel.moments[100], last):
        at = at + timedelta(microseconds=1)
        assert believed(in_pieces, at).equals(believed(at_once, at))
    keys = ["symbol", "timestamp", "known_at", "check"]
    assert held(in_pieces).select(keys).equals(held(at_once).select(keys))


def test_days_that_come_in_any_order_lose_no_row(panel: Panel, tmp_path: Path) -> None:
    pieces = by_arrival(panel, 6)
    order = stream(1, "order").permutation(6)
    workspace = fed([pieces[nth] for nth in order], tmp_path)
    stored = MarketStore(workspace.path).read().table.with_columns(pl.col("symbol").cast(pl.String))
    kept = pl.concat([stored.select(KEYS), held(workspace).select(KEYS)])
    came = panel.table.select(pl.col("symbol").cast(pl.String), "timestamp", "known_at")
    assert came.join(kept, on=KEYS, how="anti").is_empty()


def test_a_release_stands_when_more_comes(tmp_path: Path) -> None:
    market = make_market("crypto", 3, 100, seed=2, faults=["spikes"])
    cut = market.panel.moments[-3]
    workspace = fed([market.panel.until(cut).table], tmp_path)
    quarantine = quarantine_of(workspace)
    rows = quarantine.list("held")
    quarantine.release(rows, cut + timedelta(hours=1), MarketStore(workspace.path).append)
    file = tmp_path / "later.parquet"
    later = market.panel.arrivals(cut, market.panel.moments[-1])
    later.with_columns(pl.col("symbol").cast(pl.String)).write_parquet(file)
    told = ingest(file, workspace)
    assert told.tables[0]["withdrawn"] == 0
    now = believed(workspace, market.panel.moments[-1])
    assert len(now.join(rows, on=["symbol", "timestamp"], how="semi")) == len(rows) > 0


def test_a_correction_at_the_moment_of_a_withdrawal_waits_in_quarantine(tmp_path: Path) -> None:
    """Its key is taken by what it corrects; released, it is known from then on."""
    market = make_market("crypto", 3, 100, seed=2, faults=["spikes"])
    spike = market.truth.faults.sort("timestamp").row(0, named=True)
    workspace = fed([market.panel.table], tmp_path)
    at = (pl.col("symbol") == spike["symbol"]) & (pl.col("timestamp") == spike["timestamp"])
    withdrawn = MarketStore(workspace.path).read().table.filter(at)["known_at"][1]
    row = market.panel.table.filter(at).with_columns(
        pl.col("symbol").cast(pl.String), known_at=pl.lit(withdrawn)
    )
    row.write_parquet(tmp_path / "corrected.parquet")
    told = ingest(tmp_path / "corrected.parquet", workspace).tables[0]
    assert (told["clean"], told["quarantined"], told["added"]) == (0, 1, 0)
    assert "row.withdrawn" in held(workspace).filter(at)["check"].to_list()
