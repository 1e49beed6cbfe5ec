"""128 numbers of an episode: the shape of its path, its volume, its volatility, and what surrounds it.

Two episodes are as alike as the inner product of their vectors. Each block is a vector of unit length that
knows neither the scale of the price nor that of the volume; the blocks are weighted, so a likeness is 0.7
times the correlation of the two paths, and so on, and what a block cannot say is zero.

    0  .. 63   shape       0.7   the closes at 64 points of the span, less their mean
    64 .. 87   volume      0.1   log(0.1 + v / its mean) in 24 stretches, less its mean; zero if a bar lacks it
    88 .. 111  volatility  0.1   the same of the sizes of the steps from close to close
    112 .. 127 context     0.1   16 numbers within [-1, 1], see `_context`

All is computed from the window and the two windows of that length before it, so that an episode found in a
history and the same bars as a query of now have the same bits.
"""

from collections.abc import Sequence
from datetime import datetime

import numba
import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.context.patterns.scales import Scale
from tradewind.context.patterns.walk import CLOSE, VOLUME, walked
from tradewind.core import Panel
from tradewind.core.arrays import Floats, Ints
from tradewind.core.clock import utc
from tradewind.core.errors import Misuse
from tradewind.core.pattern import WIDTH
from tradewind.core.tables import UTC_TIME

SHAPE, STRETCHES, CONTEXT = 64, 24, 16
WEIGHTS = (0.7, 0.1, 0.1, 0.1)
SHORTEST, LONGEST = 32, 256  # bars that a window has: a gap is seen with what led to it
LEAST = 21  # bars, below which there is nothing to be seen


def embed(
    panel: Panel,
    scale: Scale,
    times: Sequence[datetime],
    bars: int = 64,
    calendar: str = "XNYS",
) -> pl.DataFrame:
    """(at, symbol, embedding) of the last bars of each symbol that were known at each moment: a query.

    A symbol that has too few bars, or whose price never moved in them, has no row.

    >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 3, 31), eager=True).cast(pl.String)
    >>> wave = np.sin(np.arange(91) / 5)
    >>> panel = Panel.from_frame(pl.DataFrame({"date": days, "A": 10 + wave, "B": 8 * (10 + wave), "C": 1.0}),
    ...     calendar="24/7")
    >>> rows = embed(panel, "1d", panel.moments[-1:], bars=40, calendar="24/7")
    >>> first, second = rows["embedding"].to_numpy()
    >>> rows["symbol"].to_list(), bool(np.array_equal(first, second)), round(float(first @ first), 6)
    (['A', 'B'], True, 1.0)
    """
    if not SHORTEST <= bars <= LONGEST:
        raise Misuse(f"a query of {bars} bars", f"give {SHORTEST} to {LONGEST}")
    walk = walked(panel, scale, calendar)
    asked = [(utc(at), symbol, walk.newest(symbol, at)) for at in times for symbol in walk.symbols]
    asked = [one for one in asked if one[2] >= 0]
    last = np.array([row for _, _, row in asked], dtype=np.int64)
    begins = walk.offsets[np.searchsorted(walk.offsets, last, side="right") - 1]
    vectors = embeddings(walk.bars, begins, last - bars + 1, last)
    told = np.flatnonzero(vectors.any(axis=1))
    return pl.DataFrame(
        {
            "at": pl.Series([asked[i][0] for i in told], dtype=UTC_TIME),
            "symbol": pl.Series([asked[i][1] for i in told], dtype=pl.String),
            "embedding": pl.Series(vectors[told], dtype=pl.Array(pl.Float32, WIDTH)),
        }
    )


def embeddings(bars: Floats, begins: Ints, firsts: Ints, lasts: Ints) -> npt.NDArray[np.float32]:
    """(episodes, 128) of unit length; zero where there is nothing to be seen.

    `bars` are a walk's, `begins` where each episode's symbol begins in them. A window shorter than 32 bars
    reaches further back, and one longer than 256 begins later.
    """
    out = np.zeros((len(lasts), WIDTH))
    _embed(
        np.ascontiguousarray(bars[CLOSE]),
        np.ascontiguousarray(bars[VOLUME]),
        begins,
        firsts,
        lasts,
        out,
    )
    return out.astype(np.float32)


@numba.njit(cache=True, nogil=True)
def _embed(
    close: Floats, volume: Floats, begins: Ints, firsts: Ints, lasts: Ints, out: Floats
) -> None:
    ends = np.cumsum(np.array([SHAPE, STRETCHES, STRETCHES]))
    for one in range(len(lasts)):
        begin, last = begins[one], lasts[one]
        first = max(begin, min(max(firsts[one], last - LONGEST + 1), last - SHORTEST + 1))
        if last - first + 1 < LEAST:
            continue
        path = close[first : last + 1]
        if not _shape(path, out[one, : ends[0]]):
            continue
        _stretches(volume[first : last + 1], out[one, ends[0] : ends[1]])
        _stretches(np.abs(np.diff(path)), out[one, ends[1] : ends[2]])
        _context(close, volume, begin, first, last, out[one, ends[2] :])
        out[one, : ends[0]] *= np.sqrt(WEIGHTS[0])
        out[one, ends[0] : ends[1]] *= np.sqrt(WEIGHTS[1])
        out[one, ends[1] : ends[2]] *= np.sqrt(WEIGHTS[2])
        out[one, ends[2] :] *= np.sqrt(WEIGHTS[3])
        out[one] /= np.sqrt((out[one] ** 2).sum())


@numba.njit(cache=True, nogil=True)
def _standard(block: Floats, least: float) -> bool:
    """Less its mean and of unit length; zero, and False, where it hardly differs from its mean."""
    block -= block.mean()
    length = np.sqrt((block**2).sum())
    if not length > least:
        block[:] = 0.0
        return False
    block /= length
    return True


@numba.njit(cache=True, nogil=True)
def _shape(path: Floats, block: Floats) -> bool:
    for point in range(SHAPE):
        place = point * (len(path) - 1) / (SHAPE - 1)
        before = min(int(place), len(path) - 2)
        block[point] = path[before] + (place - before) * (path[before + 1] - path[before])
    return _standard(block, 1e-12 * np.abs(path).max())


@numba.njit(cache=True, nogil=True)
def _stretches(values: Floats, block: Floats) -> None:
    """Means over 24 stretches of equal length, which may begin and end within a bar."""
    mean = values.mean()
    if not mean > 0 or values.min() < 0:
        block[:] = 0.0
        return
    each = len(values) / STRETCHES
    for stretch in range(STRETCHES):
        low, high, total = stretch * each, (stretch + 1) * each, 0.0
        for bar in range(int(low), min(int(np.ceil(high)), len(values))):
            total += values[bar] * (min(high, bar + 1.0) - max(low, float(bar)))
        block[stretch] = np.log(0.1 + total / each / mean)
    _standard(block, 1e-9)


@numba.njit(cache=True, nogil=True)
def _context(
    close: Floats, volume: Floats, begin: int, first: int, last: int, block: Floats
) -> None:
    """What a z-normalised path has forgotten, and what was before it.

    0 net move and 1 efficiency of the window; 2 and 3 where it ended and began in its range; 4 and 5 net move
    of its first and second half; 6 and 7 its deepest fall and highest climb as shares of its range; 8 the
    share of rising steps; 9 whether steps follow or undo each other; 10 how long it is; 11 and 12 net move
    of the one and the two windows before; 13 the steps then against now; 14 where it ended in the range
    of all three; 15 the volume against the window before.
    """
    size = last - first
    middle = first + size // 2
    low, high = close[first : last + 1].min(), close[first : last + 1].max()
    path, ups, turns, squares, fall, climb = _walked_through(close, first, last)
    block[0] = np.tanh((close[last] - close[first]) / path * np.sqrt(size) / 2)
    block[1] = abs(close[last] - close[first]) / path
    block[2] = 2 * (close[last] - low) / (high - low) - 1
    block[3] = 2 * (close[first] - low) / (high - low) - 1
    block[4] = (close[middle] - close[first]) / (high - low)
    block[5] = (close[last] - close[middle]) / (high - low)
    block[6], block[7] = -fall / (high - low), climb / (high - low)
    block[8] = 2 * ups / size - 1
    block[9] = max(-1.0, min(1.0, turns / squares))
    block[10] = np.tanh(np.log2(size / SHAPE) / 2)
    for back in range(1, 3):
        earlier = max(begin, first - back * size)
        if earlier < first:
            scale = path / size * np.sqrt(first - earlier)
            block[10 + back] = np.tanh((close[first] - close[earlier]) / scale / 2)
    earlier = max(begin, first - size)
    if first - earlier >= LEAST:
        before = np.abs(np.diff(close[earlier : first + 1])).mean()
        block[13] = (path / size - before) / (path / size + before)
        then, now = volume[earlier:first].mean(), volume[first + 1 : last + 1].mean()
        if then > 0 and now > 0:
            block[15] = (now - then) / (now + then)
    whole = close[max(begin, first - 2 * size) : last + 1]
    block[14] = 2 * (close[last] - whole.min()) / (whole.max() - whole.min()) - 1
    block /= np.sqrt(CONTEXT)


@numba.njit(cache=True, nogil=True)
def _walked_through(
    close: Floats, first: int, last: int
) -> tuple[float, float, float, float, float, float]:
    """(length of the path, steps up, sum of products of neighbours, of squares, deepest fall, climb)."""
    path = ups = turns = squares = fall = climb = 0.0
    top = bottom = close[first]
    for row in range(first + 1, last + 1):
        step = close[row] - close[row - 1]
        path += abs(step)
        ups += step > 0
        squares += step * step
        if row > first + 1:
            turns += step * (close[row - 1] - close[row - 2])
        top, bottom = max(top, close[row]), min(bottom, close[row])
        fall, climb = max(fall, top - close[row]), max(climb, close[row] - bottom)
    return path, ups, turns, squares, fall, climb
