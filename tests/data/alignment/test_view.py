"""A view holds what it says, as a table, a tensor, a contract and a panel."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewind.core import Panel
from tradewind.core.errors import BadTable, Misuse
from tradewind.data.alignment import AlignedView, Tensor, align
from tradewind.data.quality.pandera_contracts import check_tables
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market

AT = datetime(2024, 1, 2, tzinfo=UTC)
MARKETS = {kind: make_market(kind, 2, 30).panel for kind in ("equity", "crypto")}


@pytest.fixture(scope="module")
def view() -> AlignedView:
    times = [*MARKETS["crypto"].moments, *MARKETS["equity"].moments]
    return align(MARKETS, sorted(set(times)), ["close", "volume"], name="pairs", fill_limit=1)


def test_a_tensor_holds_the_table_and_masks_what_is_missing(view: AlignedView) -> None:
    tensor = view.tensor()
    assert tensor.shape == (len(view.times), 4, 2)
    for place, column in enumerate(view.columns):
        told = view.table[column].to_list()
        held = tensor.values[:, :, place].ravel()
        assert [None if np.isnan(value) else value for value in held] == told
    assert not tensor.mask.all()
    assert tensor == view.tensor()


def test_coverage_shares_sum_to_one_and_count_what_the_table_says(view: AlignedView) -> None:
    cover = view.coverage()
    assert cover["symbol"].to_list() == [name for name in view.symbols for _ in view.columns]
    assert np.allclose(cover.select(pl.sum_horizontal("fresh", "filled", "missing")), 1)
    assert cover["longest"].max() == 1
    fresh = (view.table["fill"] == 0).sum() / len(view)
    assert cover["fresh"].mean() == pytest.approx(fresh)


def test_the_long_form_keeps_its_contract(view: AlignedView) -> None:
    long = view.long()
    assert len(long) == int(view.tensor().mask.sum())
    assets = pl.DataFrame({"asset_id": range(1, 5), "symbol": view.symbols})
    assert check_tables({"assets": assets, "cross_asset": long}) == []


def test_the_long_form_pivots_back_to_the_table(view: AlignedView) -> None:
    wide = view.long().pivot("column", index=["timestamp", "symbol"], values="value")
    told = view.table.filter(pl.col("stamp").is_not_null()).select("at", "symbol", *view.columns)
    assert wide.rows() == told.rows()


def test_a_view_is_kept_in_a_store_as_a_panel(view: AlignedView, tmp_path: Path) -> None:
    store, panel = MarketStore(tmp_path), view.panel()
    store.append(panel, "cross_asset")
    back = store.read("cross_asset").table
    assert (
        back.rows()
        == panel.table.with_columns(pl.col("symbol").cast(pl.String))
        .sort("symbol", "timestamp")
        .rows()
    )


def test_a_view_tells_its_size(view: AlignedView) -> None:
    assert (
        repr(view) == f"AlignedView('pairs': 4 symbols at {len(view.times)} moments, close, volume)"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fill": pl.col("fill").cast(pl.Int64)}, "column 'fill' of a AlignedView is Int64, not Int32"),
        ({"stamp": pl.col("at") + pl.duration(seconds=1)}, "of an AlignedView look ahead: make it"),
        ({"close": pl.lit(float("inf"))}, "column 'close' of a AlignedView is inf at row 0"),
    ],
)  # fmt: skip
def test_a_view_that_breaks_a_promise_is_refused(
    view: AlignedView, change: dict[str, pl.Expr], message: str
) -> None:
    with pytest.raises(BadTable, match=message):
        AlignedView("pairs", view.columns, 1, view.table.with_columns(**change))


def test_a_view_with_a_hole_in_its_grid_is_refused(view: AlignedView) -> None:
    with pytest.raises(BadTable, match=r"4 symbols has \d+ rows: give every symbol a row at every"):
        AlignedView("pairs", view.columns, 1, view.table[1:])


def test_a_tensor_whose_names_do_not_fit_is_refused() -> None:
    values = np.zeros((1, 2, 1))
    with pytest.raises(BadTable, match=r"an array of a Tensor is \(1, 2, 1\), and its names are"):
        Tensor(values, values == 0, (AT,), ("ACME",), ("close",))


def test_a_share_that_is_none_is_refused(view: AlignedView) -> None:
    with pytest.raises(
        Misuse, match=r"a least share of 1\.5 fresh symbols: give a number from 0 to"
    ):
        view.where_fresh(1.5)


def test_dropping_every_moment_leaves_an_empty_view() -> None:
    panel = Panel(MARKETS["equity"].table.head(1))
    view = align(panel, [AT], ["close"]).where_fresh(1.0)
    assert (len(view), view.times, view.tensor().shape) == (0, (), (0, 2, 1))
    assert view.long().is_empty()
    assert len(view.panel()) == 0
