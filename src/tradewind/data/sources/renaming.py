"""Columns by the names that a person says they stand for."""

from collections.abc import Mapping

import polars as pl

from tradewind.core.errors import BadTable, nearest


def renamed(frame: pl.DataFrame, columns: Mapping[str, str], name: str) -> pl.DataFrame:
    """The frame by the names that were said; one that it does not have is refused.

    >>> renamed(pl.DataFrame({"px_last": [1.0]}), {"px_lst": "close"}, "bars.csv")
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: bars.csv has no column 'px_lst': did you mean 'px_last'?
    """
    for column in columns:
        if column not in frame.columns:
            raise BadTable(f"{name} has no column {column!r}", nearest(column, frame.columns))
    rest = [column for column in frame.columns if column not in columns]
    for column, target in columns.items():
        if target in rest or [*columns.values()].count(target) > 1:
            raise BadTable(
                f"{name} has two columns {target!r} once {column!r} is called so",
                f"map the other {target!r} to another name",
            )
    return frame.rename(dict(columns))
