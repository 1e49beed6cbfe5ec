"""`render(picture)`: a symbol's price in the colours of its regimes, how sure they were, and what they are like."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from tradewind.core.arrays import Flags, Floats
from tradewind.core.tables import micros
from tradewind.reporting.axes import (
    Scale,
    labelled,
    log_bounds,
    log_ticks,
    number_ticks,
    time_ticks,
)
from tradewind.reporting.curves import extremes, finite
from tradewind.reporting.figures import count, day, number, percent
from tradewind.reporting.filling import filled
from tradewind.reporting.regimes import RegimePicture, spoken
from tradewind.reporting.svg import Drawing

WIDE, NARROW = 900.0, 358.0
LEFT, PRICE, SURE = 60.0, (22.0, 250.0), (292.0, 382.0)
APART = 56.0  # between two labels
STEEP = 3.0  # highest over lowest, from which prices are drawn on a log scale
COLOURED = (
    "low_vol",
    "high_vol",
    "trending",
    "mean_reverting",
    "illiquid",
    "normal",
    "ssr_active",
    "luld_active",
)


def render(picture: RegimePicture) -> str:
    """The page as one string, which asks for nothing from outside."""
    return filled("regimes.html", seen(picture))


def seen(picture: RegimePicture) -> dict[str, Any]:
    """Everything the template shows, as text and drawings."""
    others = picture.now["regime"].drop_nulls().to_list()
    colours = colours_of([*dict.fromkeys([*picture.names, *others])])
    return {
        "subject": f"Regimes of {picture.subject}",
        "told": picture.told,
        "facts": picture.facts,
        "words": words(picture),
        "hindsight": hindsight(picture),
        "legend": [(name, spoken(name), colours[name]) for name in picture.names],
        "wide": regime_chart(picture, WIDE),
        "narrow": regime_chart(picture, NARROW),
        "veiled": veiled(picture),
        "states": {
            which: [_state(row, colours) for row in table.iter_rows(named=True)]
            for which, table in picture.states.items()
        },
        "names": [spoken(name) for name in picture.names],
        "follows": {
            which: [_followed(row, picture.names) for row in table.iter_rows(named=True)]
            for which, table in picture.follows.items()
        },
        "now": [_stands(row, colours) for row in picture.now.iter_rows(named=True)],
    }


def colours_of(names: Sequence[str]) -> dict[str, int]:
    """The number of the colour of each regime: its own for those we know, another for the rest.

    >>> colours_of(["high_vol", "normal", "odd"])
    {'high_vol': 1, 'normal': 5, 'odd': 0}
    """
    own = {name: COLOURED.index(name) for name in names if name in COLOURED}
    left = [place for place in range(len(COLOURED)) if place not in own.values()]
    others = [name for name in names if name not in own]
    rest = {name: left[i % len(left)] if left else i % 8 for i, name in enumerate(others)}
    return {name: {**own, **rest}[name] for name in names}


def shade(share: float | None) -> int:
    """How dark a share of a row is drawn, from 0 to 5."""
    return 0 if share is None else min(int(share * 5 + 0.999), 5)


def words(picture: RegimePicture) -> str:
    """What is to be seen."""
    rows = picture.rows
    if not len(rows):
        return "There are no bars."
    said = rows.drop_nulls("regime")
    span = f"{day(rows['timestamp'][0])} to {day(rows['timestamp'][-1])}"
    if not len(said):
        return f"No regime was known in {len(rows):,} bars, {span}."
    changes = int((said["regime"] != said["regime"].shift(1)).sum())
    known = "all" if len(said) == len(rows) else percent(len(said) / len(rows))
    return (
        f"{len(rows):,} bars, {span}. The regime was known at {known} of them, and changed "
        f"{count(changes, 'time', 'times')}: at {percent(changes / len(said))}."
    )


def hindsight(picture: RegimePicture) -> str:
    """Which bars are told of as they were seen, and which by who had learnt from them."""
    then = "Each regime is the one that was said at that bar, from bars up to it"
    if not picture.taught:
        return f"{then}; nothing is drawn with hindsight."
    taught, after = picture.taught, len(picture.rows) - picture.taught
    late = "what it says of them it said afterwards, and nobody could have known it then"
    if not after:
        return f"The model learnt from all of these bars: {late}."
    return (
        f"The model learnt from the first {count(taught, 'bar', 'bars')}, which are paler: {late}. Of the "
        f"{count(after, 'bar', 'bars')} after them, each regime is the one that was said at that bar, "
        "from bars up to it."
    )


def _followed(row: dict[str, Any], names: Sequence[str]) -> tuple[str, list[tuple[str, int]]]:
    return spoken(row["regime"]), [(percent(row[name]), shade(row[name])) for name in names]


def _state(row: dict[str, Any], colours: dict[str, int]) -> dict[str, Any]:
    return {
        "name": spoken(row["regime"]),
        "colour": colours[row["regime"]],
        "share": percent(row["share"]),
        "visits": f"{row['visits']:,}",
        "bars": number(row["bars"], 1),
        "volatility": percent(row["volatility"], 2),
        "mean": percent(row["mean"], 3),
    }


def _stands(row: dict[str, Any], colours: dict[str, int]) -> dict[str, Any]:
    known = row["regime"] is not None
    return {
        "symbol": row["symbol"],
        "name": spoken(row["regime"]) if known else "not known",
        "colour": colours[row["regime"]] if known else None,
        "sure": percent(row["probability"]),
        "since": day(row["since"]) if row["since"] else "n/a",
        "bars": f"{row['bars']:,}" if row["bars"] is not None else "n/a",
    }


def regime_chart(picture: RegimePicture, width: float) -> str:
    """The price over the regime that was said above, and the probabilities of all of them below; bars
    stand side by side, however long the market was shut between them."""
    rows = picture.rows
    close = finite(rows["close"]) if len(rows) else np.empty(0)
    if len(rows) < 2 or np.isnan(close).all():
        return ""
    drawing = Drawing(width, SURE[1] + 30, picture.subject, words(picture), name="chart")
    x = Scale(0, len(rows) - 1, LEFT, width - 8)
    colours = colours_of(picture.names)
    _shades(drawing, x, rows, colours)
    for across, label in _ticks(rows["timestamp"], x, width):
        drawing.line(across, PRICE[0], across, SURE[1], "grid")
        drawing.text(min(across, width - 30), SURE[1] + 18, label, "tick", "middle")
    drawing.text(0, 11, picture.drawn, "caption")
    _veil(drawing, x, veiled(picture), PRICE)
    _price(drawing, x.along(np.arange(len(rows), dtype=np.float64)), close)
    drawing.text(0, SURE[0] - 11, "probability of each regime, from bars up to it", "caption")
    _probabilities(drawing, x, picture, colours)
    _veil(drawing, x, veiled(picture), SURE)
    return str(drawing)


def veiled(picture: RegimePicture) -> int:
    """How many bars are drawn paler: those that were learnt from, where others follow."""
    return picture.taught if picture.taught < len(picture.rows) else 0


def _veil(drawing: Drawing, x: Scale, bars: int, ends: tuple[float, float]) -> None:
    """Over so many of the first bars, and a line where they end."""
    if bars:
        left, right, (top, bottom) = x.at(0), x.at(bars - 1), ends
        drawing.rect(left, top, right - left, bottom - top, "taught", "the model learnt from these")
        drawing.line(right, top, right, bottom, "learnt")


def _ticks(moments: pl.Series, x: Scale, width: float) -> list[tuple[float, str]]:
    """Where a day or a year begins, and which; a label that would touch the one before is left out."""
    stamps, found = micros(moments), list[tuple[float, str]]()
    for when, label in time_ticks(moments[0], moments[-1], int(width // 90)):
        across = x.at(float(np.searchsorted(stamps, int(when.timestamp() * 1e6))))
        if not found or across - found[-1][0] > APART:
            found.append((across, label))
    return found


def _shades(drawing: Drawing, x: Scale, rows: pl.DataFrame, colours: dict[str, int]) -> None:
    """A band behind the price for each stretch of one regime."""
    said, days = rows["regime"].to_list(), rows["timestamp"]
    begins = [0, *(i for i in range(1, len(said)) if said[i] != said[i - 1])]
    for begin, end in pairwise([*begins, len(said)]):
        if said[begin] is not None:
            left, right = x.at(begin), x.at(min(end, len(said) - 1))
            told = f"{spoken(said[begin])}, {day(days[begin])} to {day(days[end - 1])}"
            kind = f"state band of-{colours[said[begin]]}"
            drawing.rect(left, PRICE[0], right - left, PRICE[1] - PRICE[0], kind, told)


def _price(drawing: Drawing, across: Floats, close: Floats) -> None:
    low, high = float(np.nanmin(close)), float(np.nanmax(close))
    steep = low > 0 and high / low > STEEP
    ticks = log_ticks(low, high, 5) if steep else number_ticks(low, high, 5)
    ends = log_bounds(low, high) if steep else (ticks[0], ticks[-1])
    y = Scale(*ends, PRICE[1], PRICE[0], steep)
    for tick, label in labelled(ticks):
        drawing.line(LEFT, y.at(tick), float(across[-1]), y.at(tick), "grid")
        drawing.text(LEFT - 6, y.at(tick) + 4, label, "tick", "end")
    kept = extremes(close, int(drawing.width / 2))
    drawing.curve(across[kept], y.along(close[kept]), "price curve thin")


def _probabilities(
    drawing: Drawing, x: Scale, picture: RegimePicture, colours: dict[str, int]
) -> None:
    """One area on the other, each as high as its regime was probable on the mean of some bars."""
    top, bottom = SURE
    for share in (0.0, 0.5, 1.0):
        place = bottom - share * (bottom - top)
        drawing.text(LEFT - 6, place + 4, f"{share:.0%}".replace("%", " %"), "tick", "end")
    begins = np.unique(np.linspace(0, len(picture.rows), int(drawing.width / 2)).astype(np.intp))[
        :-1
    ]
    sizes = np.diff([*begins, len(picture.rows)])
    sure = np.array([finite(picture.rows[name]) for name in picture.names])
    sure[:, picture.rows["regime"].is_null().to_numpy()] = np.nan
    heights = np.cumsum(np.add.reduceat(sure, begins, axis=1) / sizes, axis=0)
    known = np.asarray(~np.isnan(heights).any(axis=0))
    across = x.along(begins + (sizes - 1) * begins / max(begins[-1], 1))
    below = np.zeros(len(begins))
    for name, above in zip(picture.names, heights, strict=True):
        for begin, end in _stretches(known):
            up = bottom - above[begin:end] * (bottom - top)
            down = bottom - below[begin:end] * (bottom - top)
            there = list(zip(across[begin:end].tolist(), up.tolist(), strict=True))
            back = list(zip(across[begin:end].tolist(), down.tolist(), strict=True))
            drawing.path(
                [*there, *reversed(back)],
                f"state area of-{colours[name]}",
                closed=True,
                tip=spoken(name),
            )
        below = above


def _stretches(known: Flags) -> list[tuple[int, int]]:
    """Where it is known for two or more in a row.

    >>> _stretches(np.array([False, True, True, False, True]))
    [(1, 3)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], known.astype(np.int8), [0]])))
    return [(int(b), int(e)) for b, e in zip(edges[::2], edges[1::2], strict=True) if e - b > 1]
