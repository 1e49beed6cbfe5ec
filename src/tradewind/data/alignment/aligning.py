"""`align`: panels that keep different hours at the moments of one grid, each as it was known."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core import Panel
from tradewind.core.arrays import Ints
from tradewind.core.errors import BadTable, Misuse, nearest
from tradewind.core.tables import UTC_TIME, floats, micros
from tradewind.data.alignment.newest import newest
from tradewind.data.alignment.pace import grid_of, pace_of
from tradewind.data.alignment.view import TOLD, AlignedView

Panels = Mapping[str, Panel]
Places = Mapping[tuple[str, str | None], list[int]]  # of symbols, by panel and calendar


def align(
    panels: Panels | Panel,
    times: Sequence[datetime],
    columns: Sequence[str],
    *,
    name: str = "view",
    symbols: Sequence[str] | None = None,
    fill_limit: int = 5,
    calendars: Mapping[str, str] | None = None,
) -> AlignedView:
    """What each symbol was known by at each of these moments (ascending), side by side.

    A symbol's value at a moment is that of its newest bar with a version known by then, in the last
    such version: the symbol's last row in `panel.as_of(at)`. Where that is null the value is missing;
    the bar before it is not asked. Each symbol is in one panel; by default all that were ever declared
    are given, in the order of the panels.

    `fill` counts the moments of the grid since the first at which the bar was known; a correction does
    not make it fresh. A bar is carried on until more than `fill_limit` moments have passed at which a
    fresh one could have come. Those are all moments; or, where `calendars` names the calendar of a
    panel or of a symbol, those at which a session of it is newly published: a Sunday is told in the
    `fill` of a share's Friday close, and does not age it. Before the first moment there is no grid to
    count by: there a calendar's publications count, and without a calendar all that is known counts as
    fresh. Bars shorter than a session want no calendar.

    London closes before New York, so a join by date gives London's close a New York that is yet to
    come. At that moment New York is known by the day before:

    >>> days = ["2024-07-08", "2024-07-09"]
    >>> london = Panel.from_frame(pl.DataFrame({"date": days, "symbol": "BARC", "close": [2.1, 2.2]}),
    ...     calendar="XLON")
    >>> new_york = Panel.from_frame(pl.DataFrame({"date": days, "symbol": "BAC", "close": [41.0, 40.0]}))
    >>> joined = london.table.join(new_york.table, on="session")
    >>> [f"{ahead}" for ahead in joined["known_at_right"] - joined["known_at"]]
    ['4:30:00', '4:30:00']
    >>> view = align({"XLON": london, "XNYS": new_york}, london.moments, ["close"])
    >>> view.table.select("symbol", "close", "fill").rows()
    [('BARC', 2.1, 0), ('BAC', None, None), ('BARC', 2.2, 0), ('BAC', 41.0, 0)]
    """
    named = {"bars": panels} if isinstance(panels, Panel) else dict(panels)
    owners = _owners(named)
    order = tuple(owners) if symbols is None else tuple(symbols)
    _require_columns(columns, named)
    _require_symbols(order, owners)
    _require_limit(fill_limit)
    kept = _calendars(calendars or {}, named, owners)
    places: dict[tuple[str, str | None], list[int]] = {}
    for place, symbol in enumerate(order):
        places.setdefault((owners[symbol], kept.get(symbol)), []).append(place)
    grid = grid_of(times)
    rows, fill = _rows(named, order, places, grid, fill_limit)
    table = _table(named, columns, rows, fill, grid, order)
    return AlignedView(name, tuple(columns), fill_limit, table)


def _rows(
    named: Panels, order: Sequence[str], places: Places, grid: Ints, fill_limit: int
) -> tuple[Ints, npt.NDArray[np.int32]]:
    """The row that each symbol is known by, among the rows of all panels one after the other, and its
    fill; -1 where there is none or it is too old. Both are (moments, symbols)."""
    rows = np.full((len(grid), len(order)), -1, dtype=np.int64)
    fill = np.full(rows.shape, -1, dtype=np.int32)
    starts = np.cumsum([0, *map(len, named.values())])
    begins = dict(zip(named, starts.tolist(), strict=False))
    for (owner, calendar), mine in places.items():
        panel = named[owner]
        if not len(panel):
            continue
        codes = {symbol: code for code, symbol in enumerate(panel.names.categories)}
        wanted = np.array([codes[order[place]] for place in mine])
        pace = pace_of(grid, calendar, int(micros(panel.table["known_at"]).min()))
        for part, found in newest(panel, wanted, pace):
            usable = (found.rows >= 0) & (found.age <= fill_limit)
            rows[:, mine[part]] = np.where(usable, found.rows + begins[owner], -1)
            fill[:, mine[part]] = found.fill
    return rows, fill


def _table(
    named: Panels,
    columns: Sequence[str],
    rows: Ints,
    fill: npt.NDArray[np.int32],
    grid: Ints,
    order: Sequence[str],
) -> pl.DataFrame:
    """The rows gathered, one column at a time so that no more than one is held twice."""
    places = np.tile(np.arange(len(order), dtype=np.uint32), len(grid))
    told = [
        pl.Series("at", np.repeat(grid, len(order))).cast(UTC_TIME),
        pl.Series("symbol", order, pl.Enum(order)).gather(places),
    ]
    used = np.zeros(rows.size, dtype=bool)
    for column in columns:
        parts = [
            floats(panel.table[column]) if column in panel.columns else np.full(len(panel), np.nan)
            for panel in named.values()
        ]
        values = np.concatenate([*parts, [np.nan]])[rows.ravel()]  # -1 is the last
        used |= ~np.isnan(values)
        told.append(pl.Series(column, values, nan_to_null=True))
    stamps = np.concatenate([*(micros(p.table["timestamp"]) for p in named.values()), [0]])
    told += [
        pl.Series("stamp", stamps[rows.ravel()]).cast(UTC_TIME),
        pl.Series("fill", fill.ravel()),
    ]
    known = pl.when(pl.Series(used)).then(pl.col("stamp", "fill"))
    return pl.DataFrame(told).with_columns(known)


def _owners(named: Panels) -> dict[str, str]:
    """The panel of each symbol that was ever declared."""
    owners: dict[str, str] = {}
    for owner, panel in named.items():
        for symbol in panel.names.categories:
            if symbol in owners:
                raise BadTable(
                    f"{symbol!r} is in the panels {owners[symbol]!r} and {owner!r}",
                    "rename it in one of them, or join the two first",
                )
            owners[symbol] = owner
    return owners


def _calendars(
    calendars: Mapping[str, str], named: Panels, owners: Mapping[str, str]
) -> dict[str, str]:
    """The calendar of each symbol that has one: its own, or that of its panel."""
    for name in calendars:
        if name not in named and name not in owners:
            raise Misuse(
                f"a calendar for {name!r}, and no such panel or symbol",
                nearest(name, {*named, *owners}),
            )
    found = {symbol: calendars.get(symbol, calendars.get(owners[symbol])) for symbol in owners}
    return {symbol: calendar for symbol, calendar in found.items() if calendar}


def _require_columns(columns: Sequence[str], named: Panels) -> None:
    known = {name: panel.table.schema[name] for panel in named.values() for name in panel.columns}
    if not columns or len(set(columns)) < len(columns) or set(columns) & set(TOLD):
        raise Misuse(
            f"the columns of a view are {', '.join(columns) or 'none'}",
            f"name each once, and none of {', '.join(TOLD)}",
        )
    for name in columns:
        if name not in known:
            raise BadTable(f"no panel has a column {name!r}", nearest(name, known))
        if not (known[name].is_numeric() or known[name] == pl.Boolean):
            raise BadTable(
                f"column {name!r} is {known[name]}, and a view holds numbers",
                "leave it out, or make it a number",
            )


def _require_symbols(order: Sequence[str], owners: Mapping[str, str]) -> None:
    for symbol in order:
        if symbol not in owners:
            raise BadTable(f"no panel has a symbol {symbol!r}", nearest(symbol, owners))
    if len(set(order)) < len(order):
        twice = next(symbol for symbol in order if order.count(symbol) > 1)
        raise BadTable(f"{twice!r} is asked for twice", "name each symbol once")


def _require_limit(fill_limit: int) -> None:
    if fill_limit < 0:
        raise Misuse(
            f"a fill limit of {fill_limit} moments", "give 0, which carries nothing on, or more"
        )
