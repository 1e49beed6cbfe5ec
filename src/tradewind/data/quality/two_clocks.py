"""Rows that are said to be known before they were complete, told before they become a panel, which
refuses them."""

from datetime import timedelta

import polars as pl

from tradewind.core import Finding

MOSTLY = 0.9  # share of rows from which it is the clocks, and not the rows


def split_by_clocks(
    table: pl.DataFrame, complete: str, known: str
) -> tuple[pl.DataFrame, pl.DataFrame, list[Finding]]:
    """The rows known when they were complete or later, the others, and what is to be said of those.

    Where nearly all rows are early, two clocks disagree; where some are, those rows are wrong.

    >>> ticks = pl.DataFrame({"sent": [10.0, 11.0], "received": [8.8, 9.9]}).select(
    ...     (pl.all() * 1e6).cast(pl.Int64).cast(pl.Datetime("us", "UTC")))
    >>> right, wrong, (finding,) = split_by_clocks(ticks, "sent", "received")
    >>> len(right), len(wrong), finding.detail
    (0, 2, '2 of 2 rows are known before they are complete, by 1.15 s in the median')
    """
    early = table.select((pl.col(complete) - pl.col(known)).alias("early")).to_series()
    wrong = (early > timedelta()).fill_null(False)
    if not wrong.any():
        return table, table.clear(), []
    lead = early.filter(wrong).median()
    assert isinstance(lead, timedelta)
    seconds = lead.total_seconds()
    by = f"{seconds:.3g} s" if seconds < 86_400 else f"{seconds / 86_400:.3g} days"
    detail = (
        f"{wrong.sum():,} of {len(table):,} rows are known before they are complete, by {by} in the "
        "median"
    )
    if wrong.mean() > MOSTLY:  # type: ignore[operator]
        check, remedy = (
            "clock.disagree",
            f"the clocks of {complete} and {known} differ: correct one",
        )
    else:
        check, remedy = "clock.known_too_early", f"correct {complete} or {known} of these rows"
    finding = Finding(check, "error", f"{complete}, {known}", detail, remedy, table[known].max())  # type: ignore[arg-type]
    return table.filter(~wrong), table.filter(wrong), [finding]
