"""First inspectors of bars: they look, say what they found, and mend nothing."""

from collections.abc import Sequence

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.roles import Inspector
from tradewind.core.tables import floats

JUMP = 0.4  # a log return this far from 0 is a split, a bad print, or news


def inspect_order(panel: Panel) -> Sequence[Finding]:
    """Bars whose open or close lies outside low..high, or whose prices are not above zero."""
    prices = [name for name in ("open", "high", "low", "close") if name in panel.columns]
    low, high = pl.min_horizontal(prices), pl.max_horizontal(prices)
    wrong = pl.lit(False)
    if "low" in prices:
        wrong |= pl.col("low") > low * (1 + 1e-9)
    if "high" in prices:
        wrong |= pl.col("high") < high * (1 - 1e-9)
    return [
        *_found(
            panel,
            wrong,
            "bars.order",
            "have a price outside low..high",
            "swap the columns back, or drop the bars",
        ),
        *_found(panel, low <= 0, "bars.not_positive", "have a price of zero or less", "drop them"),
    ]


def inspect_volume(panel: Panel) -> Sequence[Finding]:
    """Bars that moved although nobody traded."""
    if not {"high", "low", "volume"} <= set(panel.columns):
        return []
    moved = (pl.col("volume") == 0) & (pl.col("high") > pl.col("low"))
    return _found(
        panel, moved, "bars.no_volume", "moved on a volume of zero", "check the source's volume"
    )


def inspect_jumps(panel: Panel) -> Sequence[Finding]:
    """Closes that jump further than news usually does: splits, bad prints, units."""
    close = floats(panel.table["close"])
    ratio = pl.Series("ratio", close) / pl.Series("before", close).shift(1)
    jump = pl.lit(ratio.log().abs() > JUMP) & (
        pl.col("symbol").to_physical() == pl.col("symbol").to_physical().shift(1)
    )
    return _found(
        panel,
        jump,
        "bars.jump",
        f"jump by more than {JUMP} in log from the close before",
        "check for unadjusted splits and bad prints; real news stays",
    )


INSPECTORS: tuple[Inspector, ...] = (inspect_order, inspect_volume, inspect_jumps)


def inspect(panel: Panel) -> tuple[Finding, ...]:
    """What the inspectors find in the first versions of bars with a close.

    >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02", "2024-01-03"],
    ...     "symbol": "ACME", "high": [9.0, 9.0], "low": [10.0, 8.0], "close": [9.5, 8.5]}))
    >>> [finding.check for finding in inspect(bars)]
    ['bars.order']
    """
    rows = ~pl.Series(panel.corrections) & panel.table["close"].is_not_null()
    first = Panel(panel.table.filter(rows))
    return tuple(finding for look in INSPECTORS for finding in look(first))


def _found(panel: Panel, wrong: pl.Expr, check: str, what: str, remedy: str) -> list[Finding]:
    rows = panel.table.filter(wrong.fill_null(False))
    if not len(rows):
        return []
    names = rows["symbol"].unique(maintain_order=True).cast(pl.String).to_list()
    where = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    detail = f"{len(rows):,} of {len(panel):,} bars {what}, first on {rows['session'][0]} in {rows['symbol'][0]}"
    return [Finding(check, "warning", where, detail, remedy, rows["known_at"][0])]
