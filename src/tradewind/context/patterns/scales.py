"""`Scale`: how long the bars are in which an episode is seen, and which of them suit a panel."""

from datetime import timedelta

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.coarser import BY_SESSION, Every
from tradewind.core.errors import Misuse, nearest
from tradewind.core.tables import micros, physical

Scale = Every
LENGTH: dict[Scale, timedelta] = {
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "1w": timedelta(days=7),
    "1mo": timedelta(days=30),  # as a length; the bars end with their month
}
NAMES: dict[timedelta, Scale] = {length: scale for scale, length in LENGTH.items()}
FAMILIES: tuple[tuple[Scale, ...], ...] = (("5m", "15m", "30m", "1h"), ("1d", "1w"), ("1mo",))
NEARLY = 0.8  # a half day is a day, and February is a month


def length_of(scale: Scale) -> timedelta:
    """How long a bar of that scale is.

    >>> length_of("1w").days
    7
    >>> length_of("2h")
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: patterns at a scale of '2h': choose from 15m, 1d, 1h, 1mo, 1w, 30m, 5m
    """
    if scale not in LENGTH:
        raise Misuse(f"patterns at a scale of {scale!r}", nearest(scale, LENGTH))
    return LENGTH[scale]


def names_of(lengths: pl.Expr) -> pl.Expr:
    """The scales that have these lengths; a library may hold episodes of others.

    >>> kept = pl.DataFrame({"scale": [timedelta(days=7), timedelta(hours=2)]})
    >>> kept.select(names_of(pl.col("scale"))).to_series().to_list()
    ['1w', 'other']
    """
    return lengths.replace_strict(NAMES, default="other", return_dtype=pl.String)


def usual_step(panel: Panel) -> timedelta | None:
    """The median time from one bar of a symbol to its next; None where no symbol has two."""
    table = panel.table.filter(~panel.corrections)
    stamps, symbols = micros(table["timestamp"]), physical(table["symbol"])
    steps = np.diff(stamps)[symbols[1:] == symbols[:-1]]
    return timedelta(microseconds=int(np.median(steps))) if len(steps) else None


def fitting(panel: Panel) -> tuple[Scale, ...]:
    """The scales that suit a panel: none shorter than its bars, all of minutes, of days, or of months.

    >>> days = {"date": ["2024-01-02", "2024-01-03", "2024-01-04"], "symbol": "ACME", "close": 1.0}
    >>> fitting(Panel.from_frame(pl.DataFrame(days)))
    ('1d', '1w')
    """
    step = usual_step(panel)
    if step is None:
        return ()
    for family in FAMILIES:
        if suited := tuple(one for one in family if LENGTH[one] >= NEARLY * step):
            return suited
    raise Misuse(
        f"patterns in bars that are {step.days} days apart", "give bars of a month, or shorter"
    )


def suited(panel: Panel, scale: Scale) -> Panel:
    """The symbols whose bars are no longer than the scale; a panel that has bars and none of those is refused.

    >>> days = {"date": ["2024-01-02", "2024-01-03", "2024-01-04"], "symbol": "ACME", "close": 1.0}
    >>> suited(Panel.from_frame(pl.DataFrame(days)), "5m")
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: patterns at a scale of '5m' in bars that are 1 day, 0:00:00 apart: choose from 1d, 1w
    """
    length, apart = length_of(scale), pl.col("timestamp").diff().median()
    bars = panel.table.filter(~panel.corrections)
    steps = bars.group_by("symbol").agg(step=apart).drop_nulls().sort("step")
    longer = steps.filter(pl.col("step") * NEARLY > length)["symbol"]
    if not len(longer):
        return panel
    if len(longer) == len(steps):
        raise Misuse(
            f"patterns at a scale of {scale!r} in bars that are {steps['step'][0]} apart",
            nearest(scale, fitting(panel)),
        )
    return Panel(panel.table.filter(~pl.col("symbol").is_in(longer.implode())), panel.findings)


def gathered_already(panel: Panel, scale: Scale) -> bool:
    """Are the panel's own bars of days, weeks or months those of the scale?"""
    step = usual_step(panel) if scale in BY_SESSION else None
    return step is not None and step >= NEARLY * LENGTH[scale]
