"""What came of it: the outcome of each row, with the moment at which it was known."""

from typing import Literal

import polars as pl

from tradewind.core import Dataset, Market, Membership
from tradewind.core.panel import KEYS
from tradewind.core.tables import UTC_TIME

Against = Literal["peers", "itself"]
OUTCOMES = {"itself": "rises", "peers": "beats_its_peers"}


def with_outcome(rows: Dataset, market: Market, horizon: int, against: Against) -> Dataset:
    """Add `rises` or `beats_its_peers`: 1 if the price did better up to `horizon` bars on, else 0.

    The price starts at the next bar's open, the first at which anybody could act (its close, where there
    are no opens), and ends at the last bar's close: a first print that is wrong, and reverts, earns
    nothing. (Where bars are published later than the next one opens, that price has passed: the label is
    then of a move that is not known yet, and of which part is over.) Better than `itself` is a rise; better than its `peers` is a larger one than the median of the
    others that were forecast at the moment, which leaves the market's own luck out and makes one half of
    them better.

    Measured on the versions first known, so no later correction can change a label; `resolved_at` is
    when every bar of its span was first known, the late ones too. A row is not resolved, and carries null, near the
    end, where a price is not above zero, where there is no peer, and where a symbol stood still for so
    long that its bars took more than twice as long as the market's; unless it had left the universe by
    then, in a market that has one: then its last price is the end.

    >>> from tradewind.core import Panel
    >>> from tradewind.features.bars import BarFeatures
    >>> panel = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03", "2024-01-04"],
    ...     "symbol": "ACME", "open": [3.0, 2.5, 3.0], "close": [3.0, 2.0, 4.0]}))
    >>> market = Market({"bars": panel})
    >>> with_outcome(BarFeatures()(market, panel.moments), market, 1, "itself").table["rises"].to_list()
    [0.0, 1.0, None]
    """
    table = rows.table.join_asof(
        _prices(market, horizon),
        left_on="decided_at",
        right_on="known_at",
        by="symbol",
        check_sortedness=False,
    )
    table = table.with_columns(change=pl.col("ahead") / pl.col("start"))
    better, known = pl.col("change") > 1, pl.col("resolved_at")
    if against == "peers":
        table = table.with_columns(_half_way(pl.col("change")))
        better = pl.col("change") > pl.col("half_way")
        known = pl.col("resolved_at").max().over("decided_at")
    resolved, name = better.is_not_null(), OUTCOMES[against]
    table = table.with_columns(
        pl.when(resolved).then(better.cast(pl.Float64)).alias(name),
        pl.when(resolved).then(known).alias("resolved_at"),
    )
    return Dataset(table.select(*rows.table.columns, name, "resolved_at"), rows.features, name)


def _half_way(change: pl.Expr) -> pl.Expr:
    """The median of the other rows of the moment, for each row.

    Whoever is above or below the median of all is so without itself too; the one that is the median
    is compared with the middle of its two neighbours.
    """
    below = change.filter(change < change.median()).max()
    above = change.filter(change > change.median()).min()
    alone = change == change.median()
    return (
        (pl.when(alone & (alone.sum() == 1)).then((below + above) / 2).otherwise(change.median()))
        .over("decided_at")
        .alias("half_way")
    )


def _prices(market: Market, horizon: int) -> pl.DataFrame:
    """For each symbol's last bar, by when it became so: the price next to be had, and the one ahead."""
    first = market.panel.table.filter(~pl.Series(market.panel.corrections))
    begin, last = ("open", horizon) if "open" in first.columns else ("close", horizon + 1)
    step = pl.col("timestamp").rank("dense").cast(pl.Int64)  # by the market's own moments
    first = first.with_columns(step=step)
    pairs = first.select(
        *KEYS,
        "step",
        pl.col(begin).shift(-1).over("symbol").alias("start"),
        pl.col("close").shift(-last).over("symbol").alias("ahead"),
        _latest(last).shift(-last).over("symbol").alias("resolved_at"),
        _latest(1).shift(-1).over("symbol").alias("start_known_at"),
        next=pl.col("step").shift(-1).over("symbol") - pl.col("step"),
        took=pl.col("step").shift(-last).over("symbol") - pl.col("step"),
    )
    if members := market.membership:
        pairs = _with_last_prices(pairs, first, members, 2 * last)
    usable = (pl.col("took") <= 2 * last) & (pl.col("start") > 0) & (pl.col("ahead") > 0)
    pairs = pairs.with_columns(pl.when(usable).then("ahead"), pl.when(usable).then("resolved_at"))
    by_arrival = pairs.sort("known_at", maintain_order=True)
    newest = pl.col("timestamp") == pl.col("timestamp").cum_max().over("symbol")
    return by_arrival.filter(newest).drop("timestamp", "start_known_at")


def _latest(bars: int) -> pl.Expr:
    """When the last of so many bars, up to each, was known: one of them may be late."""
    known = pl.col("known_at").to_physical().rolling_max(bars, min_samples=1)
    return known.cast(UTC_TIME)


def _with_last_prices(
    pairs: pl.DataFrame, first: pl.DataFrame, members: Membership, patience: int
) -> pl.DataFrame:
    """Whoever did not trade on, and had left the universe once that was plain, ends at its last price.

    Without those, only survivors would be learned from.
    """
    passed = first.group_by("step").agg(pl.col("known_at").min().alias("plain_at")).sort("step")
    closes = first.select("symbol", at="step", last="close", last_known_at="known_at")
    told = (
        pairs.with_columns(until=pl.col("step") + patience)
        .join(passed, left_on="until", right_on="step", how="left", maintain_order="left")
        .join_asof(closes, left_on="until", right_on="at", by="symbol", check_sortedness=False)
    )
    gone = ~members.holds(told["symbol"], told["plain_at"]) & told["plain_at"].is_not_null()
    lost = gone & ((pl.col("took") > patience).fill_null(True)) & (pl.col("next") <= patience)
    return told.with_columns(
        ahead=pl.when(lost).then("last").otherwise("ahead"),
        resolved_at=pl.when(lost)
        .then(pl.max_horizontal("plain_at", "start_known_at", "last_known_at"))
        .otherwise("resolved_at"),
        took=pl.when(lost).then(patience).otherwise("took"),
    )
