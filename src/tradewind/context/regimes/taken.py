"""`taken`: the rows that a detector is given, as a Dataset, whether they come as one or as features do."""

import polars as pl

from tradewind.core import Dataset
from tradewind.core.errors import BadTable, Misuse, nearest
from tradewind.core.tables import UTC_TIME

Given = Dataset | pl.DataFrame
KEYS = ("symbol", "timestamp")
BESIDE = (*KEYS, "known_at", "session", "decided_at")  # of a row, and no feature of it


def taken(features: object) -> Dataset:
    """A Dataset as it is; a table of features, such as `compute` returns, by the moments of its bars.

    >>> from datetime import UTC, datetime
    >>> table = pl.DataFrame({"symbol": ["B", "A"], "timestamp": [datetime(2024, 1, 2, tzinfo=UTC)] * 2,
    ...     "x": [2.0, None]})
    >>> taken(table).table.rows(), taken(table).features
    ([(datetime.datetime(2024, 1, 2, 0, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), 'A', None), ...], ('x',))
    >>> taken(table.to_dict())
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: regimes are read off a Dataset or a polars table, not off a dict: ...
    """
    if isinstance(features, Dataset):
        return features
    if not isinstance(features, pl.DataFrame):
        raise Misuse(
            f"regimes are read off a Dataset or a polars table, not off a {type(features).__name__}",
            "give what `compute(panel, ...)` returns",
        )
    for name in KEYS:
        if name not in features.columns:
            rule = f"a table of features has no column {name!r}"
            raise BadTable(rule, nearest(name, features.columns))
    kind, names = features.schema["timestamp"], features["symbol"]
    if not isinstance(kind, pl.Datetime) or kind.time_zone is None:
        raise BadTable(f"the timestamps are {kind}", "give the moment of each bar, with its zone")
    if not isinstance(names.dtype, pl.Enum):
        names = names.cast(pl.Enum(names.cast(pl.String).unique().drop_nulls().sort()))
    others = [name for name in features.columns if name not in BESIDE]
    numbers = tuple(name for name in others if features.schema[name].is_numeric())
    rows = features.select(
        pl.col("timestamp").cast(UTC_TIME).alias("decided_at"),
        names,
        pl.col(others),
    ).with_columns(pl.col(numbers).cast(pl.Float64).fill_nan(None))
    return Dataset(rows.sort("decided_at", "symbol"), numbers)
