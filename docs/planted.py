"""Charts in which one episode is planted, to try who claims to find it: what, when, and how loud the noise."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from tradewind.context.patterns.scales import LENGTH, Scale
from tradewind.core import Panel, stream
from tradewind.core.arrays import Floats

# Corners as (legs since the start, height), the last beyond the line that is broken.
TOP = ((0, -0.3), (1, 1), (2, 0), (3, 1), (4, -0.4))
HEAD = ((0, -0.5), (1, 0.5), (2, 0), (3, 1), (4, 0), (5, 0.5), (6, -0.5))
ASCENDING = ((0, 0), (1, 1), (2, 0.35), (3, 1), (4, 0.7), (5, 1.5))
SYMMETRICAL = ((0, 1), (1, 0.1), (2, 0.75), (3, 0.35), (4, 0.5 + 0.12), (5, -0.2))
RISING = ((0, 0), (1, 1), (2, 0.2), (3, 1.2), (4, 0.4), (5, 1.8))
SIDEWAYS = ((0, 0), (1, 1), (2, 0), (3, 1), (4, 0), (5, 1.5))
FLAG = ((0, 0), (1, 1), (2, 0.85), (3, 0.7), (4, 1.7))
RANGE = (*((leg, 0) for leg in range(9)), (9, 1))
Corners = tuple[tuple[float, float], ...]


def mirrored(corners: Corners) -> Corners:
    """The same upside down."""
    return tuple((when, -height) for when, height in corners)


FIGURES: dict[str, tuple[Corners, int]] = {
    "double_top": (TOP, -1),
    "double_bottom": (mirrored(TOP), 1),
    "head_and_shoulders": (HEAD, -1),
    "inverse_head_and_shoulders": (mirrored(HEAD), 1),
    "ascending_triangle": (ASCENDING, 1),
    "descending_triangle": (mirrored(ASCENDING), -1),
    "symmetrical_triangle": (SYMMETRICAL, -1),
    "rising_channel": (RISING, 1),
    "falling_channel": (mirrored(RISING), -1),
    "sideways_channel": (SIDEWAYS, 1),
    "bull_flag": (FLAG, 1),
    "bear_flag": (mirrored(FLAG), -1),
    "breakout": (RANGE, 1),
}
# Spreads of a bar: the height of a figure and of a gap; the drift after a change; the size of a burst.
LOUDNESS = {"loud": 12.0, "usual": 18.0, "quiet": 30.0}
DRIFT = {"loud": 0.6, "usual": 0.9, "quiet": 1.4}
BURST = {"loud": 2.5, "usual": 3.5, "quiet": 5.0}
GAP = {"loud": 4.0, "usual": 6.0, "quiet": 10.0}
EVENTS = ("change_point", "volatility_burst", "gap", "swing")
BEFORE, AFTER, LEGS, EVENT = (
    100,
    40,
    (10, 21),
    40,
)  # bars; the legs of a figure are drawn between two
MINUTES = {"5m": 5, "15m": 15, "30m": 30, "1h": 60}
LEVEL = 1000.0
FIRST = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Planted:
    """One planted episode: in which chart, what, from which bar of its scale to which, and when it is due.

    A figure is due with its last corner, from which it breaks, and an event with its first bar.
    """

    symbol: str
    kind: str
    direction: int
    first: int
    last: int
    due: int


def charts(scale: Scale, noise: str, each: int, seed: int) -> tuple[Panel, tuple[Planted, ...]]:
    """So many charts of each kind as one panel, and what was planted in them."""
    rng = stream(seed, "charts", scale, noise)
    per_bar = MINUTES.get(scale, 1)
    tables, planted = [], []
    for kind in (*FIGURES, *EVENTS):
        for number in range(each):
            symbol = f"{kind} {number}"
            path, opens, one = _chart(symbol, kind, noise, per_bar, rng)
            planted.append(one)
            tables.append(_table(symbol, path, opens, scale, rng))
    return panel_of(tables), tuple(planted)


def walks(count: int, bars: int, seed: int, freedom: float | None = None) -> Panel:
    """Daily random walks, in which there is nothing: of normal steps, or of Student's."""
    rng = stream(seed, "walks")
    draw = rng.standard_normal if freedom is None else lambda size: rng.standard_t(freedom, size)
    tables = []
    for number in range(count):
        path = 1e6 + np.cumsum(draw(bars))
        tables.append(_table(f"walk {number}", path, np.append(path[0], path[:-1]), "1d", rng))
    return panel_of(tables)


def panel_of(tables: list[pl.DataFrame]) -> Panel:
    """Charts beside each other, in the order of a Panel."""
    table = pl.concat(tables)
    names = pl.Enum(table["symbol"].unique(maintain_order=True).sort())
    return Panel(table.with_columns(pl.col("symbol").cast(names)).sort("symbol", "timestamp"))


def _chart(
    symbol: str, kind: str, noise: str, per_bar: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Planted]:
    """(closes, opens, what was planted): a walk, the episode, and a walk."""
    quiet = rng.standard_normal(BEFORE * per_bar) / np.sqrt(per_bar)
    after = rng.standard_normal(AFTER * per_bar) / np.sqrt(per_bar)
    jump, direction, due = 0.0, 0, BEFORE
    if kind in FIGURES:
        corners, direction = FIGURES[kind]
        middle, leg = _figure(corners, LOUDNESS[noise], per_bar, rng)
        due = BEFORE + (len(middle) - leg) // per_bar - 1
    else:
        middle = rng.standard_normal(EVENT * per_bar) / np.sqrt(per_bar)
        direction = 0 if kind == "volatility_burst" else int(rng.choice([-1, 1]))
    if kind == "change_point":
        middle += direction * DRIFT[noise] / per_bar
    elif kind == "swing":
        middle, leg = _figure(((0, 0), (1, direction), (2, 0)), LOUDNESS[noise], per_bar, rng)
        direction, due = -direction, BEFORE + (len(middle) - leg) // per_bar - 1
    elif kind == "volatility_burst":
        middle *= BURST[noise]
    elif kind == "gap":
        jump = direction * GAP[noise]
    steps = np.concatenate([quiet, middle, after])
    steps[len(quiet)] += jump
    path = LEVEL + np.cumsum(steps)
    opens = np.append(path[0], path[:-1])
    opens += 0.2 * rng.standard_normal(len(path)) / np.sqrt(per_bar)
    opens[len(quiet)] += jump
    first = BEFORE - (kind in FIGURES)
    last = BEFORE + len(middle) // per_bar - 1 if kind != "gap" else BEFORE
    return path, opens, Planted(symbol, kind, direction, first, last, due)


def _figure(
    corners: Corners, height: float, per_bar: int, rng: np.random.Generator
) -> tuple[Floats, int]:
    """The steps of a path that wanders from corner to corner, and how many of them are its last leg.

    Each corner is a little moved, but for those of a level.
    """
    steps = []
    heights = np.array([float(corner[1]) for corner in corners])
    moved = rng.uniform(-0.04, 0.04, len(heights) - 2)
    heights[1:-1] += np.where(np.diff(heights)[1:] != 0, moved, 0.0)
    for begin, end in pairwise(heights):
        count = int(rng.integers(*LEGS)) * per_bar
        wander = rng.standard_normal(count) / np.sqrt(per_bar)
        steps.append(wander - wander.mean() + (end - begin) * height / count)
    return np.concatenate(steps), len(steps[-1])


def _table(
    symbol: str, path: Floats, opens: Floats, scale: Scale, rng: np.random.Generator
) -> pl.DataFrame:
    """Bars of a minute, or of the scale itself where it counts in days."""
    step = timedelta(minutes=1) if scale in MINUTES else LENGTH[scale]
    stamps = pl.datetime_range(
        FIRST + step, FIRST + len(path) * step, step, time_unit="us", eager=True
    )
    return pl.DataFrame(
        {
            "symbol": pl.Series([symbol]).new_from_index(0, len(path)),
            "timestamp": stamps,
            "known_at": stamps,
            "session": stamps.dt.date(),
            "open": opens,
            "high": np.maximum(path, opens),
            "low": np.minimum(path, opens),
            "close": path,
            "volume": rng.lognormal(8, 0.5, len(path)),
        }
    )
