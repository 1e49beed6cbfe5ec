"""A written market reads back as it was, or is not written at all."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from tradewind.core import Market, Panel
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.synthetic import make_market
from tradewind.data.writing import write_market

LAYOUTS = ["csv", "parquet", "sqlite"]


def market(kind: str = "equity", freq: str = "1d") -> Market:
    plants, faults = ["signal", "revisions"], ["gaps", "splits", "bad_clock"]
    return make_market(kind, 4, 120, freq, 3, plants, faults, ["future_return"])


@pytest.mark.parametrize(
    ("kind", "freq"), [("equity", "1d"), ("crypto", "1d"), ("fx", "1m"), ("property", "1mo")]
)
def test_a_csv_reads_back_to_the_same_values(kind: str, freq: str, tmp_path: Path) -> None:
    made = market(kind, freq)
    files = write_market(made, tmp_path / "made.csv", "csv")
    assert len(files) == len(made.panels)
    for file, panel in zip(files, made.panels.values(), strict=True):
        back = Panel.from_frame(pl.read_csv(file, try_parse_dates=True)).table
        assert back.select(panel.table.columns).cast(panel.table.schema).equals(panel.table)


def test_a_csv_read_as_plain_text_is_the_same_too(tmp_path: Path) -> None:
    made = market()
    (file,) = write_market(made, tmp_path / "made.csv", "csv")
    back = Panel.from_frame(pl.read_csv(file)).table.select(made.panel.table.columns)
    assert back.cast(made.panel.table.schema).equals(made.panel.table)


@pytest.mark.parametrize("kind", ["etf", "property"])
def test_parquet_reads_back_to_the_same_panel(kind: str, tmp_path: Path) -> None:
    made = market(kind)
    files = write_market(made, tmp_path / "made.parquet", "parquet")
    back = [Panel.from_frame(pl.read_parquet(file)) for file in files]
    assert back == list(made.panels.values())


def test_other_panels_are_written_beside_the_bars(tmp_path: Path) -> None:
    files = write_market(make_market("property", 2, 24), tmp_path / "homes.csv", "csv")
    assert [file.name for file in files] == ["homes.csv", "homes.sales.csv"]


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def test_sqlite_holds_the_bars_as_a_series_of_assets(tmp_path: Path) -> None:
    made = market()
    (path,) = write_market(made, tmp_path / "made.db", "sqlite")
    query = "SELECT symbol, timestamp, known_at, close FROM series JOIN assets USING (asset_id)"
    back = rows(path, query + " ORDER BY asset_id, timestamp, known_at")
    moments = pl.col("timestamp", "known_at").dt.to_string("%Y-%m-%dT%H:%M:%SZ")
    told = made.panel.table.select("symbol", "timestamp", "known_at", "close")
    assert back == told.with_columns(moments, pl.col("symbol").cast(pl.String)).rows()


def test_sqlite_holds_everything_else_that_is_known(tmp_path: Path) -> None:
    made = market("property")
    (path,) = write_market(made, tmp_path / "made.db", "sqlite")
    tables = {str(row[0]) for row in rows(path, "SELECT name FROM sqlite_schema WHERE sql > ''")}
    assert tables == {
        "assets", "series", "calendars", "sales", "truth_regimes",
        "truth_signal", "truth_outlook", "truth_faults", "truth_leaks",
    }  # fmt: skip
    assert rows(path, "SELECT * FROM calendars") == [("bars", "month+45d"), ("sales", "24/7")]
    assert rows(path, "SELECT symbol, kind FROM assets")[0] == ("RG1", "property")
    regimes = rows(path, "SELECT regime FROM truth_regimes ORDER BY timestamp")
    assert [row[0] for row in regimes] == made.truth.regimes["regime"].to_list()
    assert rows(path, "SELECT count(*) FROM sales") == [(len(made.panels["sales"]),)]


def test_a_market_as_of_a_moment_is_written_without_its_truth(tmp_path: Path) -> None:
    made = market()
    known = made.as_of(made.panel.moments[60])
    (path,) = write_market(known, tmp_path / "known.db", "sqlite")
    assert rows(path, "SELECT name FROM sqlite_schema WHERE name LIKE 'truth%'") == []
    assert rows(path, "SELECT count(*) FROM series") == [(len(known.panel),)]


def test_a_market_of_bars_alone_is_written_with_its_symbols(tmp_path: Path) -> None:
    bars = Market({"bars": market().panel})
    (path,) = write_market(bars, tmp_path / "bars.db", "sqlite")
    assert rows(path, "SELECT * FROM assets") == [(n, f"EQ{n}") for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_market_is_written_to_the_same_bytes(layout: str, tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        (path,) = write_market(market(), tmp_path / name, layout)  # type: ignore[arg-type]
        written.append(path.read_bytes())
    assert written[0] == written[1]


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """The kernel refuses to let a file grow past `size` bytes, as it does on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_disk_that_refuses_leaves_the_old_file_and_says_so(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "made"
    path.write_text("old")
    with no_file_above(4096), pytest.raises(WorkspaceError, match=f"{path}: .*: .* another folder"):
        write_market(market(), path, layout)  # type: ignore[arg-type]
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_folder_that_is_not_there_is_named(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "made"
    with pytest.raises(WorkspaceError, match=f"{path}: it is not there: check the path"):
        write_market(market(), path, layout)  # type: ignore[arg-type]


def test_an_unknown_layout_is_refused_by_its_nearest(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="no layout is called 'parkett': did you mean 'parquet'"):
        write_market(market(), tmp_path / "made", "parkett")  # type: ignore[arg-type]


def test_vectors_have_no_place_in_text(tmp_path: Path) -> None:
    made = market("crypto")
    vectors = pl.Series("embedding", [[0.0, 1.0]], dtype=pl.Array(pl.Float64, 2))
    table = made.panel.table.with_columns(vectors.new_from_index(0, len(made.panel)))
    with pytest.raises(Misuse, match=r"column 'embedding' holds vectors: write .* as parquet"):
        write_market(Market({"bars": Panel(table)}), tmp_path / "made.csv", "csv")
