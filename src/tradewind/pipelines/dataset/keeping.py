"""`keep`: the tables of a dataset in the store, all of them or none."""

from collections.abc import Mapping

import polars as pl

from tradewind.core import Panel
from tradewind.core.errors import Misuse
from tradewind.core.panel import KEYS
from tradewind.core.tables import differences
from tradewind.data.store import MarketStore

ANOTHER = "build it under another --name"


def keep(store: MarketStore, tables: Mapping[str, Panel]) -> dict[str, int]:
    """Append each table, once all are known to fit, and say which version holds it.

    What differs from what is kept is refused before anything is added:

    >>> from tempfile import TemporaryDirectory
    >>> bars = {"date": ["2024-01-02"], "symbol": ["ACME"], "close": [1.0]}
    >>> one, other = (Panel.from_frame(pl.DataFrame({**bars, "close": [c]})) for c in (1.0, 2.0))
    >>> with TemporaryDirectory() as folder:
    ...     store = MarketStore(folder)
    ...     kept = keep(store, {"b": one})
    ...     try: _ = keep(store, {"a": one, "b": other})
    ...     except Misuse as error: kept, store.tables, "with another close (1.0 and 2.0)" in str(error)
    ({'b': 1}, ('b',), True)
    """
    for name, panel in tables.items():
        if name in store.tables:
            _require_fits(name, store.read(name).table, panel.table)
    return {name: store.append(panel, name) for name, panel in tables.items()}


def _require_fits(name: str, held: pl.DataFrame, rows: pl.DataFrame) -> None:
    """Refuse rows of other types than a table has, and rows that it has with other content."""
    shared = [column for column in held.columns if column in rows.columns]
    held = held.select(shared).cast({"symbol": pl.String})
    try:
        rows = rows.select(shared).cast(dict(held.schema))  # type: ignore[arg-type]
    except pl.exceptions.PolarsError as error:
        said = str(error).splitlines()[0]
        raise Misuse(f"table {name!r} of the store keeps other types: {said}", ANOTHER) from error
    both = rows.join(held, on=KEYS, how="semi"), held.join(rows, on=KEYS, how="semi")
    now, then = (table.sort(KEYS) for table in both)
    if not now.equals(then):
        row = next(row for row in range(len(now)) if not now[row].equals(then[row]))
        raise Misuse(
            f"these bars have another past than those that table {name!r} was made of, first "
            f"{now['symbol'][row]} at {now['timestamp'][row]}, {differences(then[row], now[row])}",
            ANOTHER,
        )
