"""What a function returned: as a table, and in which order its rows are where nothing in it says so."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from tradewind.core.errors import BadTable
from tradewind.core.reading import as_polars
from tradewind.evaluation.causality.comparing import unequal
from tradewind.evaluation.causality.subject import Ints, Rows

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
    if is_pandas(result) and not indexed and _has_bare_labels(result.index):
        result = result.reset_index(drop=True)
    try:
        table = as_polars(result)
    except BadTable as error:
        rule = f"{name} returned a {type(result).__name__}"
        raise BadTable(rule, "let it return a pandas or polars frame") from error
    except ValueError as error:
        rule = f"{name} returned a frame that cannot be read: {error}"
        raise BadTable(
            rule, "give each column a name of its own, and values of one type"
        ) from error
    if objects := [column for column in table.columns if table.schema[column] == pl.Object]:
        raise BadTable(
            f"{name} returned objects in {objects[0]!r}", "return numbers, text or moments"
        )
    return table


def is_pandas(frame: Any) -> bool:
    """Known by its name: pandas is not imported for it."""
    return type(frame).__module__.partition(".")[0] == "pandas"


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


def _has_bare_labels(index: Any) -> bool:
    return index.nlevels == 1 and index.name is None and index.dtype.kind not in "iuM"
