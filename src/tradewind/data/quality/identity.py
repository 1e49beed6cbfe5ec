"""Whose rows these are: one company's under several names, or two companies' under one; and in which
unit a currency is quoted."""

import numpy as np
import polars as pl

from tradewind.core.arrays import Flags, Floats
from tradewind.data.quality.bars import Bars, Moments
from tradewind.data.quality.stillness import run_length
from tradewind.data.quality.verdicts import Check, Marks, as_time, marked

ALIKE = 20  # bars in a row that two names share before it is no coincidence
DAY = 86_400_000_000  # microseconds
PAUSE, LONG_PAUSE = 180 * DAY, 730 * DAY  # without a row
OTHER_LEVEL = 0.25  # log of the price after over the price before
PRINTED = ("open", "high", "low", "close", "volume")
MONEYS = frozenset({"USD", "EUR", "GBP", "CHF", "AUD", "NZD", "CAD", "JPY", "XAU", "XAG"})
SEEN = 20  # closes that tell the unit
UNITS = {"JPY": (1e3, 1e3), "XAU": (5e4, 1e2), "XAG": (2e3, 1e2)}  # above this, divide by that
POINTS = (1e2, 1e5)  # of all others


def twins(bars: Bars) -> Marks:
    """The twentieth and later bars in a row that another name has too, to the last digit."""
    return _alike(bars, bars.have_range)


def same_values(bars: Bars) -> Marks:
    """The same of values that are no bars. Two countries may share a currency, so it is told and kept."""
    return _alike(bars, not bars.have_range)


def _alike(bars: Bars, asked: bool) -> Marks:
    none = np.zeros(len(bars), dtype=bool)
    if not asked:
        return marked(bars, none, str)
    twinned, known = _twinned(bars)
    wrong = run_length(bars, twinned) >= ALIKE
    if not wrong.any():
        return marked(bars, none, str)
    wrong &= bars.rolled((bars.change == 0).astype(float), ALIKE, ALIKE // 2) == 0
    last = pl.DataFrame({"symbol": bars.symbol, "known": known})[bars.spine]
    latest = last.select(pl.col("known").rolling_max(ALIKE, min_samples=1).over("symbol"))
    known[bars.spine] = latest["known"].to_numpy()
    return marked(
        bars,
        wrong,
        lambda row: f"close {bars.close[row]:g} and all else is another name's too, as before",
        known,
    )


def _twinned(bars: Bars) -> tuple[Flags, Moments]:
    """(rows,) whether another name has the same bar at the same moment, and when that was known."""
    mine = prints(bars)
    shared = shared_of(mine) if bars.shared is None else bars.shared
    rows = mine.with_columns(pl.Series("row", bars.spine)).join(shared, on="print")
    flags, known = np.zeros(len(bars), dtype=bool), bars.known.copy()
    flags[rows["row"].to_numpy()] = True
    known[rows["row"].to_numpy()] = rows.select(pl.max_horizontal("known", "second")).to_series()
    return flags, known


def prints(bars: Bars) -> pl.DataFrame:
    """(print, known) of each bar of the spine: 64 bits of its moment and all its values, so that bars of
    names that are never in memory together can be told to be the same."""
    values = [pl.Series(name, bars.column(name)[bars.spine]) for name in PRINTED]
    rows = pl.DataFrame([pl.Series("stamp", bars.stamp[bars.spine]), *values])
    return pl.DataFrame({"print": rows.hash_rows(), "known": bars.known[bars.spine]})


def shared_of(prints: pl.DataFrame) -> pl.DataFrame:
    """(print, second): the bars that more than one name has, and when the second was known.

    >>> shared_of(pl.DataFrame({"print": [7, 8, 7], "known": [1, 2, 3]})).rows()
    [(7, 3)]
    """
    again = prints.filter(pl.col("print").is_duplicated())
    return again.group_by("print").agg(pl.col("known").bottom_k(2).max().alias("second"))


def reuse(bars: Bars) -> Marks:
    """The first bar after half a year without one at another level of price, or after two years."""
    before = bars.before(1)
    pause = np.where(before >= 0, bars.stamp - bars.stamp[before], 0)
    elsewhere = (pause > PAUSE) & (np.abs(bars.change) > OTHER_LEVEL)
    wrong = elsewhere | ((pause > LONG_PAUSE) & bars.have_range)

    def reason(row: int) -> str:
        last = as_time(bars.stamp[[before[row]]])[0]
        old, new = bars.close[before[row]], bars.close[row]
        return f"nothing since {last:%Y-%m-%d}, close {old:g} then and {new:g} now"

    return marked(bars, wrong, reason)


def points(bars: Bars) -> Marks:
    """The twentieth bar of a pair of currencies whose prices are points."""
    limit, by = _units(bars)
    if np.isinf(limit).all():
        return marked(bars, np.zeros(len(bars), dtype=bool), str)
    usual = bars.rolled(bars.close, SEEN, SEEN)
    wrong = (bars.nth == SEEN) & ~bars.panel.corrections & (usual > limit)
    return marked(
        bars, wrong, lambda row: f"close {bars.close[row]:g} is points: divide by {by[row]:g}"
    )


def _units(bars: Bars) -> tuple[Floats, Floats]:
    """(rows,) above which level a pair's prices are points, and by what to divide them."""
    units = np.full((len(bars.panel.names.categories), 2), np.inf)
    for code, name in enumerate(bars.panel.names.categories.to_list()):
        plain = name.upper().replace("/", "").replace("_", "")
        base, quote = plain[:3], plain[3:]
        if {base, quote} <= MONEYS:
            units[code] = UNITS.get(quote, UNITS.get(base, POINTS))
    return units[bars.symbol, 0], units[bars.symbol, 1]


CHECKS = (
    Check(
        "identity.twins",
        "error",
        "are another name's rows",
        "find out whose they are, and read the other names again",
        twins,
    ),
    Check(
        "identity.same_values",
        "warning",
        "are another name's values",
        "find out whether they are one series under two names",
        same_values,
    ),
    Check(
        "identity.reuse",
        "warning",
        "come after so long a pause that the ticker may be another company's now",
        "give the two companies a name each in the instrument map",
        reuse,
    ),
    Check(
        "units.points",
        "warning",
        "show prices in points",
        "divide by the unit that is named",
        points,
    ),
)
