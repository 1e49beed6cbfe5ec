"""Ranks, scores and residuals say what they say of the symbols of one moment, and of nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Dataset, stream
from tradewind.core.errors import BadTable, Misuse
from tradewind.data.synthetic import Revisions, make_market
from tradewind.evaluation.contracts import check_feature_reader
from tradewind.features.across.among import residuals_among
from tradewind.features.across.cross_section import (
    CrossSection,
    Neutral,
    Ranks,
    Residuals,
    Stage,
    ZScores,
)
from tradewind.features.bars import BarFeatures

AT = datetime(2024, 1, 2, 21, tzinfo=UTC)
SECTORS = ("metals", "metals", "metals", "food", "food", "food", "rail", None)
STAGES: tuple[Stage, ...] = (
    Ranks(("x",)),
    ZScores(("x",)),
    ZScores(("y",), robust=True),
    Neutral(("x", "y")),
    Residuals(("x",), on=("y", "w"), least=6),
)


def made(
    symbols: int = 40, moments: int = 12, order: Callable[[list[str]], object] = list.sort
) -> Dataset:
    """Rows whose numbers go with the name of the symbol, whatever the order in which names are declared."""
    rng = stream(4, "rows")
    names = [f"S{i:02d}" for i in range(symbols)]
    values = {name: rng.lognormal(0, 2, (symbols, moments)) for name in ("x", "y", "w")}
    table = pl.DataFrame(
        {
            "name": np.repeat(names, moments),
            "sector": np.repeat(np.array([SECTORS[i % 8] for i in range(symbols)]), moments),
            "decided_at": [AT + timedelta(days=day) for _ in names for day in range(moments)],
            **{name: drawn.ravel() for name, drawn in values.items()},
        }
    ).with_columns(x=pl.when(pl.col("y") > 0.1).then("x"), sector=pl.col("sector").cast(pl.String))
    order(names)
    table = table.with_columns(
        pl.col("name").cast(pl.Enum(names)).alias("symbol"),
        pl.col("decided_at").cast(pl.Datetime("us", "UTC")),
    )
    return Dataset(table.drop("name").sort("decided_at", "symbol"), ("x", "y", "w"))


def staged(rows: Dataset, stages: tuple[Stage, ...] = STAGES) -> pl.DataFrame:
    for stage in stages:
        rows = stage(rows)
    return rows.table


def of_one(values: list[float | None], **others: list[object]) -> Dataset:
    """Rows of one moment."""
    names = [f"S{i}" for i in range(len(values))]
    table = pl.DataFrame({"x": pl.Series(values, dtype=pl.Float64), **others}).with_columns(
        symbol=pl.Series(names, dtype=pl.Enum(names)),
        decided_at=pl.lit(AT).cast(pl.Datetime("us", "UTC")),
    )
    return Dataset(table, ("x",))


def test_the_order_in_which_symbols_are_declared_changes_no_bit() -> None:
    plain, turned = staged(made()), staged(made(order=list.reverse))
    assert turned["symbol"].to_list() != plain["symbol"].to_list()
    plain, turned = (
        table.with_columns(pl.col("symbol").cast(pl.String)).sort("decided_at", "symbol")
        for table in (plain, turned)
    )
    assert plain.equals(turned)


def test_a_moment_alone_reads_what_it_reads_in_a_history() -> None:
    rows = made()
    history = staged(rows)
    for at in rows.table["decided_at"].unique():
        alone = rows.take(np.flatnonzero(rows.table["decided_at"] == at))
        assert staged(alone).equals(history.filter(pl.col("decided_at") == at))


def test_each_stage_is_what_its_definition_says() -> None:
    table = staged(made())
    compared = 0
    for (_,), moment in table.group_by("decided_at"):
        x, y = moment["x"].drop_nulls().to_numpy(), moment["y"].to_numpy()
        known = moment.filter(pl.col("x").is_not_null())
        assert np.allclose(known["z_x"], (x - x.mean()) / x.std(ddof=1), rtol=1e-12)
        distance = np.median(np.abs(y - np.median(y))) / 0.6744897501960817
        assert np.allclose(moment["z_y"], (y - np.median(y)) / distance, rtol=1e-12)
        on = np.column_stack([np.ones(len(x)), known["y"], known["w"]])
        fitted = on @ np.linalg.lstsq(on, x, rcond=None)[0]
        assert np.allclose(known["x_residual"], x - fitted, rtol=1e-8, atol=1e-10)
        metals = moment.filter(sector="metals")
        assert np.allclose(metals["y_less_sector"], metals["y"] - metals["y"].mean(), rtol=1e-12)
        compared += len(known)
    assert compared > 400


def test_ranks_lie_between_0_and_1_and_equal_values_share_theirs() -> None:
    ranks = Ranks(("x",))(of_one([3.0, 1.0, None, 3.0])).table["rank_x"]
    assert ranks.to_list() == [0.625, 0.25, None, 0.625]


def test_a_small_sector_and_no_sector_are_held_against_all() -> None:
    sectors = ["metals", "metals", "metals", "food", None]
    rows = of_one([1.0, 2.0, 6.0, 10.0, 11.0], sector=sectors)
    less = Neutral(("x",))(rows).table["x_less_sector"].to_list()
    assert less == [-2.0, -1.0, 3.0, 4.0, 5.0]  # the mean of metals is 3, of all 6


def test_fewer_than_the_least_have_no_mean_to_be_held_against() -> None:
    rows = of_one([1.0, 2.0, None], sector=["metals"] * 3)
    assert Neutral(("x",))(rows).table["x_less_sector"].to_list() == [None] * 3


def test_one_outlier_moves_no_robust_score_of_the_others() -> None:
    calm, wild = ([1.0, 2.0, 3.0, 4.0, last] for last in (5.0, 5e9))
    scores = [
        ZScores(("x",), robust=True)(of_one(list(x))).table["z_x"].to_list()[:4]
        for x in (calm, wild)
    ]
    assert scores[0] == scores[1]


@pytest.mark.parametrize("stage", [ZScores(("x",)), ZScores(("x",), robust=True)])
def test_where_nobody_differs_there_is_no_score(stage: ZScores) -> None:
    assert stage(of_one([2.0, 2.0, 2.0])).table["z_x"].to_list() == [None] * 3
    assert stage(of_one([2.0])).table["z_x"].to_list() == [None]


def test_huge_values_are_missing_rather_than_infinite() -> None:
    rows = of_one([1e308, 1.5e308, -1e308, 2.0], sector=["metals"] * 4, y=[1e200, 1.0, 2.0, 5e300])
    table = staged(rows, (Neutral(("x",)), Residuals(("x",), on=("y",), least=3)))
    for robust in (False, True):
        assert ZScores(("x",), robust)(rows).table["z_x"].drop_nulls().is_finite().all()
    assert all(
        table[name].is_finite().all() for name in table.columns if table[name].dtype.is_float()
    )


def test_a_covariate_that_is_another_again_or_never_varies_is_left_out() -> None:
    rng = stream(1, "covariates")
    one = rng.normal(size=30)
    values, nothing = one + rng.normal(size=30), np.zeros(30, dtype=np.int64)
    alone = residuals_among(values, one[None], nothing, 10)
    again = residuals_among(values, np.vstack([np.full(30, 0.1), one, 3 * one + 7]), nothing, 10)
    assert np.allclose(alone, again, atol=1e-9)


def test_too_few_symbols_or_a_missing_covariate_leave_no_residual() -> None:
    rows = of_one([1.0, 2.0, 4.0, 3.0], y=[1.0, 2.0, None, 3.0])
    left = [
        Residuals(("x",), ("y",), least)(rows).table["x_residual"].is_null().to_list()
        for least in (3, 4)
    ]
    assert left == [[False, False, True, False], [True] * 4]


def test_the_reader_passes_the_battery_on_a_market_that_is_corrected() -> None:
    market = make_market("equity", 30, 130, seed=5, plants=[Revisions(0.05)])
    stages = (
        Neutral(("return_20",)),
        ZScores(("gap_1",)),
        Residuals(("return_5",), ("volatility_20",)),
    )
    reader = CrossSection(BarFeatures(), stages)
    rows = reader(market, market.panel.moments[80:90])
    assert rows.table["return_20_less_sector"].null_count() == 0
    assert abs(rows.table["return_5_residual"].sum()) < 1e-9
    assert (
        check_feature_reader(reader, market, market.panel.moments[70:110], stream(1, "cuts"), 8)
        == ()
    )


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (Ranks(("z",)), "the rows have no number 'z': choose from x"),
        (Ranks(("symbol",)), "the rows have no number 'symbol'"),
        (Neutral(("x",)), "the rows have no column 'sector' to be neutral to"),
        (
            lambda rows: Ranks(("x",))(Ranks(("x",))(rows)),
            "the rows have a column 'rank_x' already",
        ),
    ],
)
def test_a_column_that_is_not_there_or_there_already_is_refused(stage: Stage, message: str) -> None:
    with pytest.raises(BadTable, match=message):
        stage(of_one([1.0]))


def test_a_regression_on_nothing_is_refused() -> None:
    with pytest.raises(Misuse, match="a regression on no column: name one"):
        Residuals(("x",), on=())
