"""How often a symbol is observed: whose sessions its dates keep, as the dates themselves say."""

import polars as pl

from tradewind.core import find_calendar

FEW = 8  # dates of a symbol that tell nothing
REGULAR = 0.8  # share of steps that are like the usual one
WEEKENDS = 0.1  # share of dates on weekends from which no day is free: two in seven is all of them
STRANGERS = 0.01  # share of dates that are no sessions; ten holidays a year are four times as many
EVENTS = frozenset(
    {"actions", "instruments", "membership", "trades"}
)  # they happen when they happen


def calendars_of(days: pl.DataFrame, asked: str | None = None) -> pl.DataFrame:
    """(symbol, calendar) of dates as (symbol, session): 24/7, 24/5, an exchange's, month or quarter;
    null where the dates keep no rhythm. What is asked for is that of every symbol with daily dates.

    A symbol of few dates keeps the calendar that most of the others keep:

    >>> from datetime import date
    >>> daily = pl.date_range(date(2024, 1, 1), date(2024, 3, 1), eager=True)
    >>> monthly = pl.date_range(date(2020, 1, 1), date(2024, 1, 1), "1mo", eager=True)
    >>> days = pl.concat([pl.DataFrame({"symbol": name, "session": dates}) for name, dates in
    ...     {"BTC": daily, "FX": daily.filter(daily.dt.weekday() < 6), "CPI": monthly}.items()])
    >>> dict(calendars_of(days).rows())
    {'BTC': '24/7', 'FX': '24/5', 'CPI': 'month'}
    """
    habits = _habits(days, asked or "XNYS")
    weekdays = pl.lit(asked) if asked else (
        pl.when(pl.col("weekend") > WEEKENDS).then(pl.lit("24/7"))
        .when(pl.col("stranger") > STRANGERS).then(pl.lit("24/5"))
        .otherwise(pl.lit("XNYS"))
    )  # fmt: skip
    regular = pl.col("regular") >= REGULAR
    calendar = (
        pl.when(pl.col("dates") < FEW).then(None)
        .when(pl.col("usual") == 1).then(weekdays)
        .when(pl.col("usual").is_between(28, 31) & regular).then(pl.lit("month"))
        .when(pl.col("usual").is_between(88, 93) & regular).then(pl.lit("quarter"))
    )  # fmt: skip
    told = habits.select("symbol", "dates", calendar=calendar)
    kept = told["calendar"].drop_nulls().value_counts(sort=True)["calendar"]
    most = pl.lit(kept[0] if len(kept) else None, dtype=pl.String)
    few = pl.col("dates") < FEW
    return told.select("symbol", pl.when(few).then(most).otherwise("calendar").alias("calendar"))


def _habits(days: pl.DataFrame, exchange: str) -> pl.DataFrame:
    """For each symbol how many dates, the usual step in days and how usual it is, and the shares of
    dates on weekends and on weekdays without a session."""
    steps = days.with_columns(step=pl.col("session").diff().dt.total_days().over("symbol"))
    median = pl.col("step").median()
    alike = pl.col("step").is_between(0.5 * median, 1.5 * median)
    weekend = pl.col("session").dt.weekday() > 5
    stranger = ~weekend & ~pl.col("session").is_in(_sessions(days, exchange).implode())
    return steps.group_by("symbol", maintain_order=True).agg(
        dates=pl.len(),
        usual=median,
        regular=alike.mean(),
        weekend=weekend.mean(),
        stranger=stranger.mean(),
    )


def _sessions(days: pl.DataFrame, exchange: str) -> pl.Series:
    first, last = days.select(pl.col("session").min(), last=pl.col("session").max()).row(0)
    return find_calendar(exchange).sessions(first, last)
