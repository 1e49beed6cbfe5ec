"""Functions that leak, each in the way that people's do, and functions that look alike and do not.

All take bars (symbol, timestamp, prices, volume) as a polars frame, or a pandas one, and most add a column
`x`. Those that read
`reports` find rows of them among the bars, with a `figure` and a `known_at` after their `timestamp`;
those that read what is `revised` find corrected bars as further rows, by `known_at`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from tradewind.evaluation.causality.anew import Anew

Make = Callable[[Any], Any]
CLOSE, VOLUME = pl.col("close"), pl.col("volume")
RETURN = CLOSE / CLOSE.shift(1) - 1
AHEAD = CLOSE.shift(-1) / CLOSE - 1
USUAL = RETURN.rolling_std(20)


@dataclass(frozen=True)
class Entry:
    """One function of the catalogue, what it does, and the bars that it is tried on."""

    make: Make
    detail: str
    reads: Literal["bars", "reports", "revised"] = "bars"
    package: Literal["polars", "pandas"] = "polars"


def _each(value: pl.Expr) -> Make:
    """A function that adds a value computed symbol by symbol."""
    return lambda bars: bars.with_columns(x=value.over("symbol"))


def _newest(bars: pl.DataFrame) -> pl.DataFrame:
    """The newest row of each symbol from its open, as of a bar that is not complete yet."""
    newest = pl.int_range(pl.len()) == pl.len() - 1
    return bars.with_columns(x=pl.when(newest).then("open").otherwise("close").over("symbol"))


def _week(value: pl.Expr) -> Make:
    week = pl.col("timestamp").dt.truncate("1w")
    return lambda bars: bars.with_columns(x=value.over("symbol", week))


def _labelled(label: Literal["left", "right"]) -> Make:
    """Weekly bars under the label of their first or of their last moment."""

    def make(bars: pl.DataFrame) -> pl.DataFrame:
        weekly = bars.sort("symbol", "timestamp").group_by_dynamic(
            "timestamp", every="1w", group_by="symbol", label=label, closed="left"
        )
        return weekly.agg(x=CLOSE.last())

    return make


def _reported(when: str) -> Make:
    """The last figure reported, joined to each bar by this column of the report."""

    def make(rows: pl.DataFrame) -> pl.DataFrame:
        reports = rows.filter(pl.col("figure").is_not_null())
        reports = reports.select("symbol", joined=pl.col(when), x=pl.col("figure")).sort("joined")
        bars = rows.filter(CLOSE.is_not_null()).sort("timestamp").drop("figure", "known_at")
        joined = bars.join_asof(
            reports,
            left_on="timestamp",
            right_on="joined",
            by="symbol",
            check_sortedness=False,
        )
        return joined.drop("joined")

    return make


def _version(keep: Literal["first", "last"]) -> Make:
    """The mean of five closes, each as it was first told, or as it was corrected in the end."""

    def make(rows: pl.DataFrame) -> pl.DataFrame:
        one = rows.sort("known_at").unique(["symbol", "timestamp"], keep=keep)
        one = one.sort("symbol", "timestamp").drop("known_at")
        return one.with_columns(x=CLOSE.rolling_mean(5).over("symbol"))

    return make


def _joined_ahead(bars: pl.DataFrame) -> pl.DataFrame:
    """Every seventh close, joined to the bars before it."""
    seventh = bars.filter(pl.int_range(pl.len()).over("symbol") % 7 == 6)
    anchors = seventh.select("symbol", "timestamp", x=CLOSE).sort("timestamp")
    return bars.sort("timestamp").join_asof(
        anchors, on="timestamp", by="symbol", strategy="forward", check_sortedness=False
    )


def _by_weekday(value: pl.Expr) -> Make:
    """The mean return of each day of the week, as this value counts them."""
    day = pl.col("timestamp").dt.weekday()
    return lambda bars: bars.with_columns(return_1=RETURN.over("symbol")).with_columns(
        x=value.over("symbol", day)
    )


def _one_symbol(bars: pl.DataFrame) -> pl.DataFrame:
    """The last bar's return, and the next one's of one symbol."""
    one = pl.col("symbol") == pl.col("symbol").max()
    return bars.with_columns(
        x=pl.when(one).then(AHEAD.over("symbol")).otherwise(RETURN.over("symbol"))
    )


def _fitted_once() -> Make:
    """A scaler, fitted to what is shown first and kept."""
    kept: dict[str, pl.DataFrame] = {}

    def make(bars: pl.DataFrame) -> pl.DataFrame:
        fitted = kept.setdefault("scale", bars.select(mean=CLOSE.mean(), sd=CLOSE.std()))
        return bars.with_columns(x=(CLOSE - fitted["mean"][0]) / fitted["sd"][0])

    return make


def _remembered() -> Make:
    """A memo of the highest price of five bars around each: a row that was seen is not computed again."""
    kept: dict[str, pl.DataFrame] = {}
    row = ["symbol", "timestamp"]

    def make(bars: pl.DataFrame) -> pl.DataFrame:
        around = CLOSE.rolling_max(5, center=True).over("symbol")
        values = bars.select(*row, x=around)
        seen = kept.get("rows", values.clear())
        kept["rows"] = pl.concat([seen, values.join(seen, on=row, how="anti")])
        return bars.join(kept["rows"], on=row, how="left", maintain_order="left")

    return make


def _complete(bars: pl.DataFrame) -> pl.DataFrame:
    """Rows from the first on that has a mean of twenty closes."""
    return bars.with_columns(x=CLOSE.rolling_mean(20).over("symbol")).drop_nulls("x")


def _keyed(bars: Any) -> Any:
    """A rolling mean of bars by symbol and moment, which come back by symbol, symbol and moment."""
    closes = bars.set_index(["symbol", "timestamp"]).groupby("symbol")["close"]
    return closes.rolling(5).mean()


def _numbered(bars: Any) -> Any:
    """The last bar's return of sorted rows, with the numbers that they had as a column."""
    rows = bars.sort_values(["timestamp", "symbol"]).reset_index()
    return rows.assign(x=rows.groupby("symbol")["close"].pct_change())


def _without_gaps(bars: Any) -> Any:
    """Rows from the first on that has a return, with the numbers that they had as a column."""
    return bars.assign(x=bars.groupby("symbol")["close"].pct_change()).dropna().reset_index()


_DONE = pl.col("return_1").cum_sum() / pl.col("return_1").cum_count()
_CRASHES = (date(2015, 8, 24), date(2018, 2, 5), date(2020, 3, 16))

LEAKY = {
    "shifted": Entry(_each(AHEAD), "the next bar's return: a shift the wrong way"),
    "centred": Entry(_each(CLOSE.rolling_mean(11, center=True)), "a window around the bar"),
    "standardised": Entry(
        _each((CLOSE - CLOSE.mean()) / CLOSE.std()), "mean and sd of the whole sample"
    ),
    "min_max": Entry(
        _each((CLOSE - CLOSE.min()) / (CLOSE.max() - CLOSE.min())), "the extremes of the sample"
    ),
    "ranked": Entry(_each(CLOSE.rank()), "the rank among all moments, later ones too"),
    "grouped": Entry(_each(CLOSE / CLOSE.mean()), "a mean over all time by group"),
    "label_window": Entry(
        _each(pl.col("high").reverse().rolling_max(5).reverse() / CLOSE),
        "the highest price of the five bars of the label",
    ),
    "scaled_together": Entry(
        lambda bars: bars.with_columns(x=(CLOSE - CLOSE.mean()) / CLOSE.std()),
        "one scaler for the whole table",
    ),
    "encoded": Entry(
        _by_weekday(pl.col("return_1").mean()), "the target's mean by day of the week"
    ),
    "filled_back": Entry(
        _each(CLOSE.rolling_mean(20).backward_fill()), "a warm-up filled from after it"
    ),
    "interpolated": Entry(
        _each(pl.when(pl.int_range(pl.len()) % 5 == 0).then(CLOSE).interpolate()),
        "between two points, of which one is to come",
    ),
    "whole_week": Entry(_week(CLOSE.last()), "a week's last close on each of its days"),
    "labelled_left": Entry(_labelled("left"), "weekly bars under the week's first moment"),
    "joined_by_period": Entry(
        _reported("timestamp"), "a report joined by its period, not its publication", "reports"
    ),
    "joined_ahead": Entry(_joined_ahead, "joined as of, forwards: to the next that there will be"),
    "corrected": Entry(_version("last"), "corrections read before they were made", "revised"),
    "newest_differs": Entry(_newest, "only the newest row is another than it will be"),
    "sample_ends": Entry(_each(pl.len() - pl.int_range(pl.len())), "bars left until the data ends"),
    "one_symbol": Entry(_one_symbol, "the next bar's return, of one symbol alone"),
    "month_end": Entry(
        _each(pl.when(pl.col("timestamp").dt.day() >= 30).then(AHEAD).otherwise(RETURN)),
        "the next bar's return, in the last days of a month",
    ),
    "hundredth": Entry(
        _each(pl.when(pl.int_range(pl.len()) % 100 == 37).then(AHEAD).otherwise(RETURN)),
        "the next bar's return, of one bar in a hundred",
    ),
    "rare_move": Entry(
        _each((AHEAD.abs() > 3 * USUAL).fill_null(False)),
        "flags a move above 3 sd on the bar before",
    ),
    "rarer_move": Entry(
        _each(((AHEAD < -4 * USUAL) & (VOLUME.shift(-1) > 2 * VOLUME)).fill_null(False)),
        "flags a fall below 4 sd on twice the volume",
    ),
    "fitted_once": Entry(Anew(_fitted_once), "a scaler fitted at the first call, and kept"),
    "remembered": Entry(Anew(_remembered), "a window around the bar, kept for rows once seen"),
    "hindsight": Entry(
        lambda bars: bars.with_columns(x=pl.col("timestamp").dt.date().is_in(_CRASHES)),
        "dates of crashes written into the code",
    ),
}
HONEST = {
    "returns": Entry(_each(RETURN), "the last bar's return"),
    "rolling": Entry(_each(CLOSE.rolling_mean(20) / CLOSE), "a rolling mean"),
    "rolling_sd": Entry(_each(USUAL), "a rolling sd, by running sums"),
    "exponential": Entry(_each(CLOSE.ewm_mean(half_life=10)), "an exponential mean"),
    "expanding": Entry(
        _each((CLOSE - CLOSE.cum_sum() / CLOSE.cum_count()) / CLOSE.cum_max()),
        "against the mean and the highest so far",
    ),
    "encoded_so_far": Entry(_by_weekday(_DONE), "the mean so far by day of the week"),
    "complete": Entry(_complete, "without the rows of the warm-up"),
    "filled_forward": Entry(
        _each(pl.when(pl.int_range(pl.len()) % 5 == 0).then(CLOSE).forward_fill()),
        "the last that was known",
    ),
    "ranked_across": Entry(
        lambda bars: bars.with_columns(r=RETURN.over("symbol")).with_columns(
            x=pl.col("r").rank().over("timestamp")
        ),
        "the rank among symbols of one moment",
    ),
    "week_so_far": Entry(_week(CLOSE.cum_max()), "the highest close of the week so far"),
    "labelled_right": Entry(_labelled("right"), "weekly bars under the moment that ends them"),
    "joined_as_of": Entry(_reported("known_at"), "a report from when it was published", "reports"),
    "first_told": Entry(_version("first"), "each bar as it was first told", "revised"),
    "rare_move_past": Entry(
        _each((RETURN.abs() > 3 * USUAL.shift(1)).fill_null(False)),
        "flags a move above 3 sd, after it",
    ),
    "pandas_rolling": Entry(
        lambda bars: bars.groupby("symbol")[["close"]].rolling(5).mean(),
        "pandas: a rolling mean by symbol and number of row",
        package="pandas",
    ),
    "pandas_exponential": Entry(
        lambda bars: bars.groupby("symbol")[["close"]].ewm(span=5).mean(),
        "pandas: an exponential mean by symbol and number of row",
        package="pandas",
    ),
    "pandas_applied": Entry(
        lambda bars: bars.groupby("symbol")[["close"]].apply(lambda own: own.rolling(3).mean()),
        "pandas: a rolling mean, applied to each symbol",
        package="pandas",
    ),
    "pandas_flattened": Entry(
        lambda bars: bars.groupby("symbol")["close"].rolling(5).mean().reset_index(),
        "pandas: a rolling mean, with the numbers of the rows as a column",
        package="pandas",
    ),
    "pandas_keyed": Entry(
        _keyed, "pandas: a rolling mean that names its symbol twice", package="pandas"
    ),
    "pandas_complete": Entry(
        _without_gaps, "pandas: without the rows of the warm-up, numbered anew", package="pandas"
    ),
    "pandas_sorted": Entry(
        _numbered, "pandas: sorted by moment, and numbered anew", package="pandas"
    ),
}
