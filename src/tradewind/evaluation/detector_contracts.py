"""A battery for detectors of patterns: it returns findings, and an empty tuple is a pass."""

from collections.abc import Callable, Iterator

import polars as pl

from tradewind.core import Finding, Panel, Patterns, Rng

REMEDY = "walk the bars of each symbol, each as it stood when it was first known"
PRICES = ("open", "high", "low", "close")


def check_pattern_detector(
    detect: Callable[[Panel], Patterns], panel: Panel, rng: Rng, cuts: int = 6
) -> tuple[Finding, ...]:
    """A panel that ends at a moment has the episodes of the whole that were known by then, to the bit.

    So it has when each symbol is alone, and when prices are four times as high. A price that never moves
    has no episode, and a confidence and a direction are what they are said to be. The panel must have
    corrections, and something to find, or the battery has shown nothing.

    >>> from datetime import timedelta
    >>> import numpy as np
    >>> from tradewind.core import Pattern, stream
    >>> from tradewind.core.pattern import WIDTH
    >>> day, unit = timedelta(days=1), np.eye(WIDTH)[0]
    >>> def highest(panel):  # of all there is, as if somebody had known it there
    ...     at = panel.table.sort("close")["timestamp"][-1]
    ...     return Patterns.of([Pattern("A", "highest", day, at - day, at, at, unit, 0.5)])
    >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 3, 31), eager=True).cast(pl.String)
    >>> panel = Panel.from_frame(pl.DataFrame({"date": days, "A": 100 - np.arange(91.0)}), calendar="24/7")
    >>> sorted({one.where for one in check_pattern_detector(highest, panel, stream(1, "battery"))})
    ['a still price', 'the panel']
    >>> panel = Panel.from_frame(pl.DataFrame({"date": days, "A": 10 + np.arange(91.0)}), calendar="24/7")
    >>> sorted({one.where for one in check_pattern_detector(highest, panel, stream(1, "battery"))})
    ['a cut panel', 'a still price', 'the panel']
    """
    whole = detect(panel).table
    found = [*_vacuous(panel, whole), *_ranges(whole)]
    for place in sorted(rng.choice(len(panel.moments), cuts, replace=False).tolist()):
        at = panel.moments[place]
        if not detect(panel.until(at)).table.equals(whole.filter(pl.col("known_at") <= at)):
            found.append(
                _error("a cut panel", f"what was known at {at} changes when it ends there")
            )
    for what, changed, expected in _changed(panel, whole):
        if not detect(changed).table.equals(expected):
            found.append(_error(what, "other episodes are told of it"))
    return tuple(found)


def _vacuous(panel: Panel, whole: pl.DataFrame) -> list[Finding]:
    lacking = {"no corrections": not panel.revised, "nothing to find": whole.is_empty()}
    return [_error("the panel", f"it has {what}") for what, true in lacking.items() if true]


def _ranges(whole: pl.DataFrame) -> list[Finding]:
    wrong = {
        "a confidence": ~pl.col("confidence").is_between(0, 1),
        "a direction": ~pl.col("direction").is_in([-1, 0, 1]),
    }
    return [
        _error(what, "it is not within its range")
        for what, broken in wrong.items()
        if whole.select(broken.any()).item()
    ]


def _changed(panel: Panel, whole: pl.DataFrame) -> Iterator[tuple[str, Panel, pl.DataFrame]]:
    """(what is changed, the panel, the episodes it has)."""
    prices = [name for name in PRICES if name in panel.columns]
    higher = Panel(panel.table.with_columns(pl.col(prices) * 4))
    yield "a higher price", higher, whole
    still = Panel(panel.table.with_columns(pl.lit(7.0).alias(name) for name in prices))
    yield "a still price", still, whole.clear()
    symbol = panel.table["symbol"][0]
    alone = Panel(panel.table.filter(pl.col("symbol") == symbol))
    yield "a symbol alone", alone, whole.filter(pl.col("symbol") == symbol)


def _error(where: str, detail: str) -> Finding:
    return Finding("contract.pattern_detector", "error", where, detail, REMEDY)
