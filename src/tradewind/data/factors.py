"""`Factors`: what one share has become through splits and dividends, as it was believed at each moment.

A holder has one share, worth P at the last close before an ex-date. The next morning it is `split`
shares, each worth P / split less the `dividend` that it pays: x = P / split - dividend. The cash buys
dividend / x more of each, so that one share has become

    split * (1 + dividend / x)        shares, and no cash is left over.

A price times this is what the holding is worth: it moves only as the market does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from tradewind.core import Panel
from tradewind.core.arrays import Floats, Ints
from tradewind.core.errors import BadTable, nearest
from tradewind.core.panel import NEVER
from tradewind.core.tables import floats, micros, physical


def growth(split: float, dividend: float, before: float) -> float:
    """What one share becomes on an ex-date; a dividend that eats the whole price counts for nothing.

    >>> growth(2.0, 0.0, before=100.0), growth(1.0, 20.0, before=100.0), growth(1.0, 100.0, before=90.0)
    (2.0, 1.25, 1.0)
    """
    worth = before / split
    return split * (worth / (worth - dividend)) if dividend < worth else split


@dataclass(frozen=True, eq=False)
class History:
    """The rows of one symbol's bars: `rows` of the table, and of each (rows,) day, life and close."""

    rows: slice
    day: Ints
    known: Ints
    superseded: Ints
    close: Floats

    def first_known(self, day: int) -> int:
        """When a bar from before that day was first known; NEVER where there is none."""
        known = self.known[: self._until(day)]
        return int(known.min()) if len(known) else NEVER

    def close_before(self, day: int, moment: int) -> float:
        """The last close from before that day, as it was believed at a moment; NaN where none was."""
        end = self._until(day)
        believed = (self.known[:end] <= moment) & (moment < self.superseded[:end])
        priced = np.flatnonzero(believed & (self.close[:end] > 0))
        return float(self.close[priced[-1]]) if len(priced) else float("nan")

    def _until(self, day: int) -> int:
        return int(np.searchsorted(self.day, day, side="left"))


@dataclass(frozen=True, eq=False)
class Factors:
    """One symbol's factors. Belief changed at `changes`; after j of them, and from the k-th ex-date on,
    one share of the beginning has become `worth[j, k]`, of which `shares[j, k]` by splits alone.

    A fact counts from when it and a bar from before it are known, with the close before as it was
    believed then, and that stays: a later correction of a price is no news of a dividend.
    """

    days: Ints  # (facts,) ascending
    changes: Ints  # (changes,) ascending, microseconds
    since: Ints  # (changes,) the first day of which belief changed
    worth: Floats  # (changes + 1, facts + 1)
    shares: Floats  # (changes + 1, facts + 1)

    def at(self, day: Ints, moment: Ints) -> tuple[Floats, Floats]:
        """(rows,) worth and shares on these days, as believed at these moments."""
        believed = np.searchsorted(self.changes, moment, side="right")
        passed = np.searchsorted(self.days, day, side="right")
        return self.worth[believed, passed], self.shares[believed, passed]

    def news(self, history: History) -> tuple[Ints, Ints]:
        """Rows (of the table) of which belief changes while they are believed, and when."""
        rows, moments = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for change, since in zip(self.changes.tolist(), self.since.tolist(), strict=True):
            begin = np.searchsorted(history.day, since, side="left")
            alive = (history.known[begin:] < change) & (change < history.superseded[begin:])
            rows.append(np.flatnonzero(alive) + begin + history.rows.start)
            moments.append(np.full(len(rows[-1]), change))
        return np.concatenate(rows), np.concatenate(moments)


def factors_of(bars: Panel, actions: Panel) -> Iterator[tuple[History, Factors]]:
    """Each symbol that has both bars and facts, with its history and its factors."""
    facts = dict(_by_name(require_actions(actions).table))
    for name, history in histories(bars):
        if name in facts:
            yield history, _factors(facts[name], history)


def histories(bars: Panel) -> Iterator[tuple[str, History]]:
    """The symbols of the bars, and the rows of each."""
    known, superseded = bars.life
    day, close = physical(bars.table["session"]).astype(np.int64), floats(bars.table["close"])
    code = physical(bars.table["symbol"])
    edges = [0, *(np.flatnonzero(np.diff(code)) + 1).tolist(), len(code)] if len(code) else []
    for begin, end in pairwise(edges):
        rows = slice(begin, end)
        name = str(bars.table["symbol"][begin])
        yield name, History(rows, day[rows], known[rows], superseded[rows], close[rows])


def require_actions(actions: Panel) -> Panel:
    """Refuse a panel that cannot be facts: no `split` and `dividend`, or a share that became none.

    >>> require_actions(Panel.from_frame(pl.DataFrame(
    ...     {"date": ["2024-01-02"], "symbol": "ACME", "split": [0.0], "dividend": [0.0]})))
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: a split of 0 for one share of 'ACME' on 2024-01-02: ...
    """
    for name in ("split", "dividend"):
        if name not in actions.columns:
            raise BadTable(f"the actions have no column {name!r}", nearest(name, actions.columns))
    wrong = actions.table.filter((pl.col("split") <= 0) | (pl.col("dividend") < 0))
    if len(wrong):
        row = wrong.row(0, named=True)
        what, unit = ("split", " for one share") if row["split"] <= 0 else ("dividend", " a share")
        raise BadTable(
            f"a {what} of {row[what]:g}{unit} of {row['symbol']!r} on {row['session']}",
            "give the shares that one became (2, or 0.1; 1 for none), and cash from 0 up",
        )
    return actions


def _by_name(table: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    parts = table.partition_by("symbol", maintain_order=True)
    return {str(part["symbol"][0]): part for part in parts}


def _factors(facts: pl.DataFrame, history: History) -> Factors:
    """The versions of one symbol's facts, each where its belief begins, multiplied along the days."""
    stamp, day = micros(facts["timestamp"]), physical(facts["session"]).astype(np.int64)
    split = floats(facts["split"].fill_null(1.0))
    dividend = floats(facts["dividend"].fill_null(0.0))
    _, first, fact = np.unique(stamp, return_index=True, return_inverse=True)
    known = np.maximum(micros(facts["known_at"]), [history.first_known(d) for d in day.tolist()])
    changes = np.unique(known[known != NEVER])
    worth, shares = (np.ones((len(changes) + 1, len(first) + 1)) for _ in range(2))
    since = np.full(len(changes), NEVER)
    for version in np.flatnonzero(known != NEVER).tolist():  # in the order in which they were known
        change, moment = int(np.searchsorted(changes, known[version])), int(known[version])
        before = history.close_before(int(day[version]), moment)
        shares[change + 1 :, fact[version] + 1] = split[version]
        grown = growth(float(split[version]), float(dividend[version]), before)
        worth[change + 1 :, fact[version] + 1] = grown
        since[change] = min(since[change], day[version])
    worth, shares = (np.multiply.accumulate(one, axis=1) for one in (worth, shares))
    return Factors(day[first], changes, since, worth, shares)
