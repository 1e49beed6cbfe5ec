"""What is decided about rows set aside takes no newer version's place, and outlasts a crash."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.data.quality.conftest import at, bars, walk
from tests.pipelines.conftest import Notes
from tradewind.core import Panel
from tradewind.core.errors import WorkspaceError
from tradewind.data.store import MarketStore
from tradewind.pipelines.holdings.examining import examine
from tradewind.pipelines.holdings.setting_aside import Chosen, Decided, decided
from tradewind.pipelines.ingesting.ingest import IngestRequest, quarantine_of, run
from tradewind.storage.workspace import Workspace

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DAILY = bars(walk(40)).with_columns(known_at=pl.col("date").cast(pl.String) + "T22:30:00Z")
BAD = DAILY.with_columns(at(20, "high", 1.0))


def corrected(high: float | None, known_at: str = "2022-03-01T22:30:00Z") -> pl.DataFrame:
    """A later version of the bad bar: right, or with another high."""
    row = DAILY[20:21].with_columns(known_at=pl.lit(known_at))
    return row if high is None else row.with_columns(high=high)


@pytest.fixture
def ingest(tmp_path: Path, workspace: Workspace) -> Callable[..., None]:
    def ingested(*tables: pl.DataFrame) -> None:
        pl.concat(tables).write_csv(tmp_path / "bars.csv")
        run(IngestRequest("csv", tmp_path / "bars.csv"), workspace, Notes())

    return ingested


def highs(workspace: Workspace) -> list[float]:
    table = MarketStore(workspace.path).read().table
    return table.filter(session=DAILY["date"][20])["high"].to_list()


def test_a_row_that_a_correction_has_displaced_stays_held(
    workspace: Workspace, ingest: Callable[..., None]
) -> None:
    ingest(BAD, corrected(None))
    told = decided(workspace, "release", Chosen(), NOW)
    assert told == Decided("release", 0, displaced=1)
    assert told.summary.endswith("1 stay held: a newer version of their bar is there, so drop them")
    assert highs(workspace) == [DAILY["high"][20]]


def test_a_row_that_came_mended_stays_held(
    workspace: Workspace, ingest: Callable[..., None]
) -> None:
    ingest(BAD)
    ingest(DAILY)
    assert decided(workspace, "release", Chosen(), NOW) == Decided("release", 0, displaced=1)


def test_of_several_versions_the_last_is_released_and_the_others_stay_held(
    workspace: Workspace, ingest: Callable[..., None]
) -> None:
    ingest(BAD, corrected(2.0))
    assert decided(workspace, "release", Chosen(), NOW) == Decided("release", 1, displaced=1)
    assert highs(workspace) == [2.0]
    assert quarantine_of(workspace).list("held")["high"].to_list() == [1.0]
    later = NOW + timedelta(days=1)
    assert decided(workspace, "release", Chosen(), later) == Decided("release", 0, displaced=1)


def test_a_newer_version_is_released_after_an_older_one(
    workspace: Workspace, ingest: Callable[..., None]
) -> None:
    ingest(BAD)
    decided(workspace, "release", Chosen(), NOW)
    ingest(BAD, corrected(2.0))
    assert decided(workspace, "release", Chosen(), NOW + timedelta(days=1)).count == 1
    assert highs(workspace) == [1.0, 2.0]


def test_a_row_that_was_withdrawn_is_released(
    workspace: Workspace, ingest: Callable[..., None]
) -> None:
    spike = [
        at(20, name, float(DAILY["close"][20] * 3)) for name in ("open", "high", "low", "close")
    ]
    ingest(DAILY.with_columns(spike))
    assert len(highs(workspace)) == 2
    assert decided(workspace, "release", Chosen(check="bars.spike"), NOW).count == 1
    assert highs(workspace)[1:] == [None, pytest.approx(DAILY["close"][20] * 3)]


@pytest.mark.parametrize("stored", [False, True])
def test_a_release_that_is_cut_short_loses_no_row_and_adds_none_twice(
    workspace: Workspace,
    ingest: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    stored: bool,
) -> None:
    ingest(BAD)
    append = MarketStore.append

    def cut_short(self: MarketStore, panel: Panel) -> None:
        if stored:
            append(self, panel)
        raise WorkspaceError("there is no space left", "free some")

    with monkeypatch.context() as broken:
        broken.setattr(MarketStore, "append", cut_short)
        with pytest.raises(WorkspaceError, match="no space left"):
            decided(workspace, "release", Chosen(), NOW)
    ingest(BAD)
    assert highs(workspace) == [1.0] * stored
    assert decided(workspace, "release", Chosen(), NOW + timedelta(days=1)).count == 1
    assert highs(workspace) == [1.0]
    assert MarketStore(workspace.path).read().table["known_at"].max() == NOW
    assert "bars.order" not in {one.check for one in examine(workspace).findings}
