"""Columns of the data that know too much: what an audit of a function cannot see.

Whoever made the column is not here to be asked again, so there are only signs: news in it that foretells
the prices beyond what prices foretell themselves, flags on just the right days, a scale that only the
whole sample gives. A column without a sign may still leak.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.arrays import Floats
from tradewind.core.tables import floats
from tradewind.evaluation.suspicion import ranking_area

HORIZONS = (1, 5, 21)  # bars
PLAUSIBLE = 0.15  # correlation of news with returns to come, beyond the prices' own
SURE = 3.0  # sd: many columns are asked at several horizons
FLAG = 0.05  # share of rows that a flag is raised on at most
UNCANNY = 0.95  # how well a flag tells large moves from others
FEWEST = 100
REMEDY = "ask when each value was first told, and stamp it with that; without an answer, drop it"


def foreknowing(panel: Panel, columns: Sequence[str]) -> tuple[Finding, ...]:
    """An error for each column with a sign that it knows what came after it. A row that was told when the
    next bar had come may know that bar, and says nothing here.

    >>> from tradewind.data.synthetic import make_market
    >>> panel = make_market("crypto", 10, 400, leaks=["future_return"], plants=["signal"]).panel
    >>> [found] = foreknowing(panel, ["signal", "leak_future_return"])
    >>> found.where, found.check
    ('leak_future_return', 'columns.foretells')
    """
    table = panel.table.filter(~pl.Series(panel.corrections)).sort("symbol", "timestamp")
    in_time = pl.col("known_at") <= pl.col("timestamp").shift(-1).over("symbol")
    table = table.with_columns(
        pl.when(in_time | in_time.is_null()).then(pl.col(name)).alias(name) for name in columns
    )
    found = []
    for name in columns:
        if table.schema[name].is_numeric():
            values = table.select("symbol", "timestamp", "close", x=pl.col(name).cast(pl.Float64))
            found += [one for one in (_foretells(values, name), _flags(values, name)) if one][:1]
            found += [one for one in (_whole_sample(values, name),) if one]
    return tuple(found)


def _foretells(table: pl.DataFrame, name: str) -> Finding | None:
    """News in the column, where it changes, against the returns that follow: of all rows, and of what is
    a symbol's own; there every row counts for itself, else every moment."""
    price = pl.col("close").log()
    rows = table.with_columns(past=(price - price.shift(1)).over("symbol"))
    rows = rows.with_columns(
        (price.shift(-bars) - price).over("symbol").alias(f"ahead_{bars}") for bars in HORIZONS
    )
    changed = (pl.col("x") != pl.col("x").shift(1)).over("symbol")
    fresh = _with_news(rows.filter(changed))
    spacing = len(rows) / max(len(fresh), 1)
    moments = fresh["timestamp"].n_unique() / max(len(fresh), 1)
    for bars in HORIZONS:
        for read, share in ((_all, moments), (_own, 1.0)):
            past, news, ahead = (read(fresh, one) for one in ("past", "news", f"ahead_{bars}"))
            known, count = _correlation(news, ahead)
            usual, _ = _correlation(past, ahead)
            effective = share * count / max(1.0, bars / spacing)
            if effective < FEWEST:
                continue
            low = np.tanh(np.arctanh(abs(known)) - SURE / np.sqrt(effective - 3))
            if low > PLAUSIBLE + abs(usual):
                detail = (
                    f"what is new in it has a correlation of {known:.2f} (surely above {low:.2f}) with "
                    f"the return of the next {bars} bars, and honest news has {PLAUSIBLE} at most"
                )
                return Finding("columns.foretells", "error", name, detail, REMEDY)
    return None


def _with_news(fresh: pl.DataFrame) -> pl.DataFrame:
    """What a value adds to the one before: a level that drifts with the price foretells nothing, and
    within one sample seems to."""
    rows = fresh.with_columns(before=pl.col("x").shift(1).over("symbol"))
    drift, _ = _correlation(floats(rows["x"]), floats(rows["before"]))
    return rows.with_columns(news=pl.col("x") - max(drift, 0.0) * pl.col("before"))


def _flags(table: pl.DataFrame, name: str) -> Finding | None:
    """A flag that is seldom raised, and then before large moves alone."""
    usual = table["x"].drop_nulls().mode()
    if not len(usual) or table["x"].n_unique() > 3:
        return None
    move = pl.col("close").log().diff()
    size = (move.shift(-1).abs() / move.rolling_std(20)).over("symbol")
    rows = table.select(raised=pl.col("x") != usual[0], size=size).drop_nulls()
    raised, sizes = rows["raised"].to_numpy(), floats(rows["size"])
    if not 10 <= raised.sum() <= FLAG * len(raised):
        return None
    area = ranking_area(sizes[np.isfinite(sizes)], raised[np.isfinite(sizes)])
    if area < UNCANNY:
        return None
    detail = f"raised {raised.sum()} times, before the larger move in {area:.0%} of all comparisons"
    return Finding("columns.flags", "error", name, detail, REMEDY)


def _whole_sample(table: pl.DataFrame, name: str) -> Finding | None:
    """Each symbol has mean 0 and sd 1 to the last digit: the whole sample was there to scale by."""
    own = table.group_by("symbol").agg(
        mean=pl.col("x").mean().abs(),
        off=pl.min_horizontal((pl.col("x").std(ddof=d) - 1).abs() for d in (0, 1)),
        rows=pl.col("x").count(),
    )
    exact = (own["mean"] < 1e-9) & (own["off"] < 1e-9) & (own["rows"] >= FEWEST)
    if not len(own) or not exact.all():
        return None
    detail = "each symbol has a mean of 0 and an sd of 1 over the whole sample, to nine digits"
    return Finding("columns.whole_sample", "error", name, detail, REMEDY)


def _all(rows: pl.DataFrame, name: str) -> Floats:
    """A column as it is."""
    return floats(rows[name])


def _own(rows: pl.DataFrame, name: str) -> Floats:
    """A column less its mean at each moment: what is a symbol's own."""
    return floats(rows.select(pl.col(name) - pl.col(name).mean().over("timestamp")).to_series())


def _correlation(one: Floats, other: Floats) -> tuple[float, int]:
    """Of the ranks, which a few wrong prints cannot bend, and of how many rows; 0 where one is constant."""
    both = np.isfinite(one) & np.isfinite(other)
    a, b = (pl.Series(values[both]).rank().to_numpy() for values in (one, other))
    if len(a) < FEWEST or not a.std() or not b.std():
        return 0.0, len(a)
    return float(np.clip(np.corrcoef(a, b)[0, 1], -0.9999, 0.9999)), len(a)
