"""Names held against a reference whose names are right: whose values does each name really carry?

A table that was filled by position carries every series under the wrong name, and each looks fine.
"""

import polars as pl

from tradewind.core import Finding, Panel

ALIKE = 0.8  # share of a series' values that another must have, to be taken for it
LEAST = 24  # values


def compare_labels(panel: Panel, reference: Panel, column: str = "close") -> list[Finding]:
    """An error for each name whose values are those of another name of the reference, or its own values
    at other moments.

    >>> from datetime import date
    >>> days = pl.date_range(date(2022, 1, 1), date(2024, 1, 1), "1mo", eager=True)
    >>> wide = pl.DataFrame({"date": days, "Boston": range(100, 125), "Denver": range(200, 225)})
    >>> right = Panel.from_frame(wide, calendar="month")
    >>> wrong = Panel.from_frame(wide.rename({"Boston": "Tampa"}), calendar="month")
    >>> compare_labels(right, right)
    []
    >>> [finding.detail for finding in compare_labels(wrong, right)]
    ["100 % of the values of 'Tampa' are those of 'Boston' at the same moments"]
    """
    found = []
    for name, other, share, aligned in _matches(panel, reference, column).iter_rows():
        if name != other or aligned < ALIKE:
            when = "the same moments" if aligned >= ALIKE else "other moments"
            detail = f"{share:.0%} of the values of {name!r} are those of {other!r} at {when}"
            found.append(
                Finding(
                    "identity.mislabelled",
                    "error",
                    name,
                    detail.replace("%", " %"),
                    f"read {name!r} again by its name and its dates, not by position",
                    panel.table.filter(pl.col("symbol") == name)["known_at"].max(),  # type: ignore[arg-type]
                )
            )
    return found


def _matches(panel: Panel, reference: Panel, column: str) -> pl.DataFrame:
    """(name, other, share, aligned): the series of the reference that shares most values with each."""
    mine = _values(panel, column).rename({"symbol": "name"})
    theirs = _values(reference, column).rename({"symbol": "other", "timestamp": "then"})
    shared = mine.join(theirs, on="value").filter(pl.len().over("name", "timestamp") <= 3)
    size = mine.group_by("name").agg(pl.len().alias("size")).filter(pl.col("size") >= LEAST)
    same = (pl.col("timestamp") == pl.col("then")).mean()
    shares = shared.group_by("name", "other").agg(
        pl.col("timestamp").n_unique().alias("alike"), same.alias("aligned")
    )
    best = shares.join(size, on="name").with_columns(share=pl.col("alike") / pl.col("size"))
    best = best.filter(pl.col("share") >= ALIKE).sort("name", "share", "other")
    return best.unique("name", keep="last", maintain_order=True).select(
        "name", "other", "share", "aligned"
    )


def _values(panel: Panel, column: str) -> pl.DataFrame:
    """Each first value that differs from the one before it, to six digits."""
    rounded = pl.col(column).cast(pl.Float64).round_sig_figs(6).alias("value")
    rows = panel.table.filter(~pl.Series(panel.corrections)).select(
        pl.col("symbol").cast(pl.String), "timestamp", rounded
    )
    return rows.drop_nulls().filter(pl.len().over("symbol", "value") <= 2)
