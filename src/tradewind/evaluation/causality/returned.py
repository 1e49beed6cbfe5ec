"""What a function returned: as a table, and in which order its rows are where nothing in it says so."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from tradewind.core.arrays import Ints
from tradewind.core.errors import BadTable
from tradewind.core.reading import as_polars
from tradewind.evaluation.causality.comparing import unequal
from tradewind.evaluation.causality.subject import Rows

Order = Callable[[Rows, Ints], Ints]


def as_table(result: Any, name: str, *, indexed: bool) -> pl.DataFrame:
    """A frame, or a Series, as polars; labels without a name are read where the data had such (`indexed`),
    and where they are moments.

    >>> as_table([1.0, 2.0], "make", indexed=False)
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: make returned a list: let it return a pandas or polars frame
    """
    if type(result).__name__ == "Series":
        result = result.to_frame()
    if is_pandas(result):
        result = _one_name_each(result)
        if not indexed and _has_bare_labels(result.index):
            result = result.reset_index(drop=True)
    try:
        flat = as_polars(result)
    except BadTable as error:
        rule = f"{name} returned a {type(result).__name__}"
        raise BadTable(rule, "let it return a pandas or polars frame") from error
    except Exception as error:  # whatever pandas, arrow and polars say of what they cannot hold
        rule = f"{name} returned a frame that cannot be read: {error}"
        raise BadTable(
            rule, "give each column a name of its own, and values of one type"
        ) from error
    for column, dtype in flat.schema.items():
        if dtype == pl.Object:
            rule = f"{name} returned a column {column!r} of objects that cannot be compared"
            raise BadTable(rule, "let it hold numbers, flags, text or moments")
    return flat


def is_pandas(frame: Any) -> bool:
    """Known by its name: pandas is not imported for it."""
    return type(frame).__module__.partition(".")[0] == "pandas"


def counted(result: Any) -> dict[str, Ints]:
    """What may be numbers of rows in a pandas answer: levels and columns of integers, each only once.

    >>> import pandas as pd
    >>> closes = pd.DataFrame({"symbol": ["A", "B", "A"], "close": [1.0, 2.0, 3.0]})
    >>> {where: rows.tolist() for where, rows in counted(closes.groupby("symbol").rolling(1).sum()).items()}
    {'level_1': [0, 2, 1]}
    """
    index = result.index
    levels = {
        f"level_{level}" if name is None else str(name): index.get_level_values(level)
        for level, name in enumerate(index.names)
    }
    columns = () if type(result).__name__ == "Series" else result.items()
    return {
        where: values.to_numpy()
        for where, values in {**levels, **{str(name): values for name, values in columns}}.items()
        if values.dtype.kind in "iu" and values.is_unique
    }


def as_given(rows: Rows, shown: Ints) -> Ints:  # noqa: ARG001 (one order of several)
    """One row for each, in the order in which they were shown."""
    return np.arange(len(shown))


def by_symbol_first(rows: Rows, shown: Ints) -> Ints:
    """Symbol by symbol."""
    return np.lexsort((rows.stamp[shown], rows.codes[shown]))


def by_moment_first(rows: Rows, shown: Ints) -> Ints:
    """Moment by moment."""
    return np.lexsort((rows.codes[shown], rows.stamp[shown]))


def order_of(ask: Callable[[Ints], pl.DataFrame], rows: Rows, tolerance: float) -> Order:
    """In which order one row for each comes back: as they were shown, unless what is asked sorts them.

    What sorts answers the same of rows that are shown backwards. Its order is then the one in which the
    least of its past changes when a half of the data is taken away.

    >>> from tradewind.evaluation.causality.subject import Rows
    >>> stamps = np.array([1, 2, 3, 1, 2, 3])
    >>> rows = Rows(pl.Series(["A"] * 3 + ["B"] * 3), stamps, stamps, 0 * stamps)
    >>> data = pl.DataFrame({"at": stamps, "x": [1.0, 5.0, 2.0, 9.0, 7.0, 8.0]})
    >>> order_of(lambda shown: data[shown].sort("at", "x").select("x"), rows, 0.0).__name__
    'by_moment_first'
    """
    every = np.arange(len(rows))
    early = every[rows.known <= rows.moments[(len(rows.moments) - 1) // 2]]
    try:
        whole, turned, half = ask(every), ask(every[::-1]), ask(early)
    except Exception:  # what cannot be asked for odd pieces of the data is taken as it comes
        return as_given
    sorts = whole.equals(turned) and not whole.equals(whole.reverse())
    if not sorts or len(half) != len(early):
        return as_given

    def changed(order: Order) -> int:
        places = np.argsort(order(rows, every))[early[order(rows, early)]]
        return sum(
            int(unequal(half[name], whole[name].gather(places), tolerance).sum())
            for name in half.columns
        )

    return min((as_given, by_symbol_first, by_moment_first), key=changed)


def _one_name_each(frame: Any) -> Any:
    """Several rows of names, as aggregations and pivots give them, as one: close_mean."""
    if frame.columns.nlevels == 1:
        return frame
    names = ["_".join(str(part) for part in parts if str(part)) for parts in frame.columns]
    return frame.set_axis(names, axis=1)


def _has_bare_labels(index: Any) -> bool:
    return index.nlevels == 1 and index.name is None and index.dtype.kind not in "iuM"
