"""The Alpha158 family: the shape of a bar, and 29 measures of the last 5, 10, 20, 30 and 60 bars.

All of it in one pass. Sums are taken anew for each row, backwards from it: the shorter windows are met on
the way to the longest, and neighbouring rows are summed side by side, which is as fast as running sums
are and, unlike them, makes each value a function of its window alone. What is kept from row to row is
exact: the order of closes, and how many bars in a row are whole.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

WINDOWS = (5, 10, 20, 30, 60)
LOOKBACK = 61
INPUTS = ("open", "high", "low", "close", "volume", "vwap")
BAR = ("KMID", "KLEN", "KMID2", "KUP", "KUP2", "KLOW", "KLOW2", "KSFT", "KSFT2")
PRICE = ("OPEN0", "HIGH0", "LOW0", "VWAP0")
ROLLING = (
    *("ROC", "MA", "STD", "BETA", "RSQR", "RESI", "MAX", "MIN", "QTLU", "QTLD", "RANK", "RSV"),
    *("IMAX", "IMIN", "IMXD", "CORR", "CORD", "CNTP", "CNTN", "CNTD", "SUMP", "SUMN", "SUMD"),
    *("VMA", "VSTD", "WVMA", "VSUMP", "VSUMN", "VSUMD"),
)
NAMES = (*BAR, *PRICE, *(f"{name}{bars}" for name in ROLLING for bars in WINDOWS))

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_WINDOWS = np.array(WINDOWS)
_BLOCK = 256  # rows summed side by side: their sums stay in the nearest cache
_FIRST = len(BAR) + len(PRICE)
_SUMS = (
    26  # of each row, over the lags so far; all but the last six of differences from the row itself
)
_C, _CC, _CT = 0, 1, 2  # close, its square, its product with the lag
_L, _LL, _CL = 3, 4, 5  # log volume, its square, its product with close
_R, _RR = 6, 7  # close over the one before
_Q, _QQ, _RQ = 8, 9, 10  # log of volume over the one before
_W, _WW = 11, 12  # volume times relative move
_V, _VV = 13, 14  # volume
_RANK, _UPS, _DOWNS = 15, 16, 17
_TOP, _TOP_AT, _LOW, _LOW_AT = 18, 19, 20, 21
_UP, _DOWN, _MORE, _LESS = 22, 23, 24, 25


def alpha158(bars: Floats, offsets: Ints, first: Ints) -> Floats:
    """(features, rows) of bars (6, rows): open, high, low, close, volume and vwap, in segments that begin
    at `offsets`; of segment s the rows from `first[s]` on, NaN elsewhere and where there is no value.

    >>> prices = np.tile(np.exp(np.arange(70.0) / 100), (6, 1))
    >>> values = alpha158(prices, np.array([0, 70]), np.array([0]))
    >>> row = dict(zip(NAMES, values[:, -1], strict=True))
    >>> [round(float(row[name]), 9) for name in ("ROC5", "RANK20", "CNTP60")]  # exp(-5 / 100), ...
    [0.951229425, 1.0, 1.0]
    """
    out = np.full((len(NAMES), bars.shape[1]), np.nan)
    _all_segments(bars, offsets, first, _WINDOWS, out)
    return out


@numba.njit(cache=True, nogil=True)
def _all_segments(bars: Floats, offsets: Ints, first: Ints, windows: Ints, out: Floats) -> None:
    longest = 0
    for segment in range(len(offsets) - 1):
        longest = max(longest, offsets[segment + 1] - offsets[segment])
    rows, steps = np.empty((bars.shape[0], longest)), np.empty((8, longest))
    whole = np.empty((3, longest), dtype=np.int64)
    sums, ordered = np.empty((_SUMS, _BLOCK)), np.empty((len(windows), windows[-1]))
    for segment in range(len(offsets) - 1):
        begin, end = offsets[segment], offsets[segment + 1]
        if end == begin:
            continue
        rows[:, : end - begin] = bars[:, begin:end]
        _steps(rows, end - begin, steps, whole)
        start = first[segment] - begin
        _of_bars(rows, whole, start, end - begin, out[:, begin:end])
        _quantiles(rows[3, : end - begin], whole[0], start, windows, ordered, out[:, begin:end])
        for low in range(start, end - begin, _BLOCK):
            high = min(low + _BLOCK, end - begin)
            _block(rows, steps, whole, low, high, windows, sums, out[:, begin:end])


@numba.njit(cache=True, nogil=True)
def _steps(bars: Floats, count: int, steps: Floats, whole: Ints) -> None:
    """What one bar and the one before it say; and for how many bars in a row prices, volumes and both
    volumes and the one before are whole: a price above zero, a volume not below."""
    log_volume, ratio, log_ratio, moved = steps[0], steps[1], steps[2], steps[3]
    up, down, more, less = steps[4], steps[5], steps[6], steps[7]
    close, volume = bars[3], bars[4]
    priced = traded = both = 0
    for i in range(count):
        log_volume[i] = math.log(volume[i] + 1.0) if volume[i] >= 0.0 else math.nan
        ratio[i] = log_ratio[i] = moved[i] = up[i] = down[i] = more[i] = less[i] = math.nan
        if i > 0:
            ratio[i] = close[i] / close[i - 1] if close[i - 1] > 0.0 else math.nan
            ok = volume[i - 1] > 0.0 and volume[i] >= 0.0
            log_ratio[i] = math.log(volume[i] / volume[i - 1] + 1.0) if ok else math.nan
            both = both + 1 if ok else 0
            moved[i] = abs(ratio[i] - 1.0) * volume[i]
            change, rise = close[i] - close[i - 1], volume[i] - volume[i - 1]
            up[i], down[i] = max(change, 0.0), max(-change, 0.0)
            more[i], less[i] = max(rise, 0.0), max(-rise, 0.0)
        fine = bars[0, i] > 0.0 and bars[1, i] > 0.0 and bars[2, i] > 0.0 and close[i] > 0.0
        priced = priced + 1 if fine else 0
        traded = traded + 1 if volume[i] >= 0.0 else 0
        whole[0, i], whole[1, i], whole[2, i] = priced, traded, both


@numba.njit(cache=True, nogil=True)
def _over(one: float, other: float) -> float:
    """The quotient; missing where it is none."""
    value = one / other if other != 0.0 else math.nan
    return value if abs(value) < math.inf else math.nan


@numba.njit(cache=True, nogil=True)
def _of_bars(bars: Floats, whole: Ints, start: int, count: int, out: Floats) -> None:
    opened, high, low, close, vwap = bars[0], bars[1], bars[2], bars[3], bars[5]
    for i in range(start, count):
        if whole[0, i] < 1:
            continue
        o, h, w, c = opened[i], high[i], low[i], close[i]
        body, top, bottom, shift = c - o, h - max(o, c), min(o, c) - w, 2.0 * c - h - w
        out[0, i], out[1, i], out[2, i] = _over(body, o), _over(h - w, o), _over(body, h - w)
        out[3, i], out[4, i] = _over(top, o), _over(top, h - w)
        out[5, i], out[6, i] = _over(bottom, o), _over(bottom, h - w)
        out[7, i], out[8, i] = _over(shift, o), _over(shift, h - w)
        out[9, i], out[10, i], out[11, i] = _over(o, c), _over(h, c), _over(w, c)
        out[12, i] = _over(vwap[i], c) if vwap[i] > 0.0 else math.nan


@numba.njit(cache=True, nogil=True)
def _quantiles(
    close: Floats, priced: Ints, start: int, windows: Ints, ordered: Floats, out: Floats
) -> None:
    """The upper and lower fifth of the closes in each window, kept in order from row to row."""
    for w in range(len(windows)):
        bars, held, window = windows[w], 0, ordered[w]
        upper, lower = out[_FIRST + 8 * len(windows) + w], out[_FIRST + 9 * len(windows) + w]
        for i in range(max(start - bars + 1, 0), len(close)):
            if held < bars:
                held = _with(window, held, _sortable(close[i]))
            else:
                _instead(window, held, _sortable(close[i - bars]), _sortable(close[i]))
            if i >= start and priced[i] >= bars:
                upper[i] = _over(_at(window, 0.8 * (bars - 1)), close[i])
                lower[i] = _over(_at(window, 0.2 * (bars - 1)), close[i])


@numba.njit(cache=True, nogil=True)
def _sortable(value: float) -> float:
    return value if value == value else math.inf


@numba.njit(cache=True, nogil=True)
def _with(window: Floats, held: int, value: float) -> int:
    place = held
    while place > 0 and window[place - 1] > value:
        window[place] = window[place - 1]
        place -= 1
    window[place] = value
    return held + 1


@numba.njit(cache=True, nogil=True)
def _instead(window: Floats, held: int, old: float, value: float) -> None:
    """One value in the place of another; only those between the two move."""
    place, end = 0, held
    while place < end:
        middle = (place + end) // 2
        if window[middle] < old:
            place = middle + 1
        else:
            end = middle
    while place + 1 < held and window[place + 1] < value:
        window[place] = window[place + 1]
        place += 1
    while place > 0 and window[place - 1] > value:
        window[place] = window[place - 1]
        place -= 1
    window[place] = value


@numba.njit(cache=True, nogil=True)
def _at(window: Floats, place: float) -> float:
    low = int(place)
    return float(window[low] + (window[low + 1] - window[low]) * (place - low))


@numba.njit(cache=True, nogil=True)
def _block(
    bars: Floats,
    steps: Floats,
    whole: Ints,
    low: int,
    high: int,
    windows: Ints,
    sums: Floats,
    out: Floats,
) -> None:
    """The rows from low to high: summed lag by lag, and told at the end of each window."""
    if high - low == 1:
        _alone(bars, steps, whole, low, windows, sums, out)
        return
    sums[:] = 0.0
    sums[_TOP], sums[_LOW] = -math.inf, math.inf
    close, log_volume, volume = bars[3], steps[0], bars[4]
    ratio, log_ratio, moved = steps[1], steps[2], steps[3]
    w = 0
    for lag in range(windows[-1]):
        a = max(low, lag)
        if a >= high:
            break
        now, then, s = slice(a, high), slice(a - lag, high - lag), slice(a - low, high - low)
        _add_trend(close[now], close[then], lag, sums[_C, s], sums[_CC, s], sums[_CT, s])
        _add_pair(
            close[now],
            close[then],
            log_volume[now],
            log_volume[then],
            sums[_L, s],
            sums[_LL, s],
            sums[_CL, s],
        )
        _add_square(ratio[now], ratio[then], sums[_R, s], sums[_RR, s])
        _add_pair(
            ratio[now],
            ratio[then],
            log_ratio[now],
            log_ratio[then],
            sums[_Q, s],
            sums[_QQ, s],
            sums[_RQ, s],
        )
        _add_square(moved[now], moved[then], sums[_W, s], sums[_WW, s])
        _add_square(volume[now], volume[then], sums[_V, s], sums[_VV, s])
        _add_rank(close[now], close[then], sums[_RANK, s])
        _add_moves(steps[4, then], sums[_UP, s], sums[_UPS, s])
        _add_moves(steps[5, then], sums[_DOWN, s], sums[_DOWNS, s])
        _add(steps[6, then], sums[_MORE, s])
        _add(steps[7, then], sums[_LESS, s])
        _highest(bars[1, then], lag, sums[_TOP, s], sums[_TOP_AT, s])
        _lowest(bars[2, then], lag, sums[_LOW, s], sums[_LOW_AT, s])
        if lag + 1 == windows[w]:
            _tell(bars, whole, low, high, lag + 1, w, len(windows), sums, out)
            w += 1


@numba.njit(cache=True, nogil=True)
def _alone(
    bars: Floats, steps: Floats, whole: Ints, row: int, windows: Ints, sums: Floats, out: Floats
) -> None:
    """One row: the same sums in the same order, without the price of setting many side by side."""
    s = sums[:, 0]
    s[:] = 0.0
    s[_TOP], s[_LOW] = -math.inf, math.inf
    close, volume = bars[3], bars[4]
    w = 0
    for lag in range(min(windows[-1], row + 1)):
        then = row - lag
        c, log_volume = close[then] - close[row], steps[0, then] - steps[0, row]
        ratio, log_ratio = steps[1, then] - steps[1, row], steps[2, then] - steps[2, row]
        moved, v = steps[3, then] - steps[3, row], volume[then] - volume[row]
        s[_C], s[_CC], s[_CT] = s[_C] + c, s[_CC] + c * c, s[_CT] + lag * c
        s[_L], s[_LL] = s[_L] + log_volume, s[_LL] + log_volume * log_volume
        s[_CL] += log_volume * c
        s[_R], s[_RR] = s[_R] + ratio, s[_RR] + ratio * ratio
        s[_Q], s[_QQ] = s[_Q] + log_ratio, s[_QQ] + log_ratio * log_ratio
        s[_RQ] += log_ratio * ratio
        s[_W], s[_WW] = s[_W] + moved, s[_WW] + moved * moved
        s[_V], s[_VV] = s[_V] + v, s[_VV] + v * v
        s[_RANK] += 1.0 if close[then] < close[row] else 0.0
        s[_RANK] += 0.5 if close[then] == close[row] else 0.0
        s[_UP], s[_UPS] = s[_UP] + steps[4, then], s[_UPS] + (1.0 if steps[4, then] > 0.0 else 0.0)
        s[_DOWN] += steps[5, then]
        s[_DOWNS] += 1.0 if steps[5, then] > 0.0 else 0.0
        s[_MORE], s[_LESS] = s[_MORE] + steps[6, then], s[_LESS] + steps[7, then]
        if bars[1, then] >= s[_TOP]:
            s[_TOP], s[_TOP_AT] = bars[1, then], lag
        if bars[2, then] <= s[_LOW]:
            s[_LOW], s[_LOW_AT] = bars[2, then], lag
        if lag + 1 == windows[w]:
            _tell(bars, whole, row, row + 1, lag + 1, w, len(windows), sums, out)
            w += 1


@numba.njit(cache=True, nogil=True)
def _add(then: Floats, total: Floats) -> None:
    for i in range(len(then)):
        total[i] += then[i]


@numba.njit(cache=True, nogil=True)
def _add_moves(then: Floats, total: Floats, count: Floats) -> None:
    for i in range(len(then)):
        total[i] += then[i]
        count[i] += 1.0 if then[i] > 0.0 else 0.0


@numba.njit(cache=True, nogil=True)
def _add_square(now: Floats, then: Floats, total: Floats, squares: Floats) -> None:
    for i in range(len(now)):
        d = then[i] - now[i]
        total[i] += d
        squares[i] += d * d


@numba.njit(cache=True, nogil=True)
def _add_trend(
    now: Floats, then: Floats, lag: int, total: Floats, squares: Floats, lagged: Floats
) -> None:
    for i in range(len(now)):
        d = then[i] - now[i]
        total[i] += d
        squares[i] += d * d
        lagged[i] += lag * d


@numba.njit(cache=True, nogil=True)
def _add_pair(
    now: Floats,
    then: Floats,
    other_now: Floats,
    other_then: Floats,
    total: Floats,
    squares: Floats,
    products: Floats,
) -> None:
    for i in range(len(now)):
        d = other_then[i] - other_now[i]
        total[i] += d
        squares[i] += d * d
        products[i] += d * (then[i] - now[i])


@numba.njit(cache=True, nogil=True)
def _add_rank(now: Floats, then: Floats, rank: Floats) -> None:
    """How many closes lie below this one; those at its level count half."""
    for i in range(len(now)):
        rank[i] += (1.0 if then[i] < now[i] else 0.0) + (0.5 if then[i] == now[i] else 0.0)


@numba.njit(cache=True, nogil=True)
def _highest(then: Floats, lag: int, top: Floats, place: Floats) -> None:
    """The highest of all, and the lag of the first time that it was reached."""
    for i in range(len(then)):
        reached = then[i] >= top[i]
        top[i] = then[i] if reached else top[i]
        place[i] = float(lag) if reached else place[i]


@numba.njit(cache=True, nogil=True)
def _lowest(then: Floats, lag: int, bottom: Floats, place: Floats) -> None:
    for i in range(len(then)):
        reached = then[i] <= bottom[i]
        bottom[i] = then[i] if reached else bottom[i]
        place[i] = float(lag) if reached else place[i]


@numba.njit(cache=True, nogil=True)
def _correlation(n: float, a: float, aa: float, b: float, bb: float, ab: float) -> float:
    """Of two things by their sums; missing where one of them does not move."""
    spread = (n * aa - a * a) * (n * bb - b * b)
    return _over(n * ab - a * b, math.sqrt(spread)) if spread > 0.0 else math.nan


@numba.njit(cache=True, nogil=True)
def _deviation(n: float, a: float, aa: float) -> float:
    return math.sqrt(max(aa - a * a / n, 0.0) / (n - 1.0))


@numba.njit(cache=True, nogil=True)
def _tell(
    bars: Floats,
    whole: Ints,
    low: int,
    high: int,
    window: int,
    w: int,
    windows: int,
    sums: Floats,
    out: Floats,
) -> None:
    """The 29 features of one window, for the rows whose window is whole."""
    n = float(window)
    mean_lag, lags = (n - 1.0) / 2.0, n * (n * n - 1.0) / 12.0
    for i in range(max(low, window - 1), high):
        s, at = sums[:, i - low], _FIRST + w
        priced, traded = whole[0, i], whole[1, i]
        if priced >= window:
            c, top, bottom = bars[3, i], s[_TOP], s[_LOW]
            part, mean = 1.0 / c, s[_C] / n
            slope = (mean_lag * s[_C] - s[_CT]) / lags
            out[at + windows, i] = _finite((c + mean) * part)
            out[at + 2 * windows, i] = _finite(_deviation(n, s[_C], s[_CC]) * part)
            out[at + 3 * windows, i] = _finite(slope * part)
            out[at + 4 * windows, i] = _over(slope * slope * lags, s[_CC] - s[_C] * mean)
            out[at + 5 * windows, i] = _finite((-mean - slope * mean_lag) * part)
            out[at + 6 * windows, i] = _finite(top * part)
            out[at + 7 * windows, i] = _finite(bottom * part)
            out[at + 10 * windows, i] = (s[_RANK] + 0.5) / n
            out[at + 11 * windows, i] = _over(c - bottom, top - bottom)
            out[at + 12 * windows, i] = (n - s[_TOP_AT]) / n
            out[at + 13 * windows, i] = (n - s[_LOW_AT]) / n
            out[at + 14 * windows, i] = (s[_LOW_AT] - s[_TOP_AT]) / n
            if traded >= window:
                out[at + 15 * windows, i] = _correlation(n, s[_C], s[_CC], s[_L], s[_LL], s[_CL])
        if priced > window:
            ups, downs = s[_UPS] / n, s[_DOWNS] / n
            out[at, i] = _over(bars[3, i - window], bars[3, i])
            out[at + 17 * windows, i], out[at + 18 * windows, i] = ups, downs
            out[at + 19 * windows, i] = ups - downs
            _shares(s[_UP], s[_DOWN], at + 20 * windows, windows, i, out)
            if traded > window:
                moved = abs(bars[3, i] / bars[3, i - 1] - 1.0) * bars[4, i]
                mean = moved + s[_W] / n
                out[at + 25 * windows, i] = _over(_deviation(n, s[_W], s[_WW]), mean)
            if whole[2, i] >= window:
                out[at + 16 * windows, i] = _correlation(n, s[_R], s[_RR], s[_Q], s[_QQ], s[_RQ])
        if traded >= window and bars[4, i] > 0.0:
            part = 1.0 / bars[4, i]
            out[at + 23 * windows, i] = _finite((bars[4, i] + s[_V] / n) * part)
            out[at + 24 * windows, i] = _finite(_deviation(n, s[_V], s[_VV]) * part)
        if traded > window:
            _shares(s[_MORE], s[_LESS], at + 26 * windows, windows, i, out)


@numba.njit(cache=True, nogil=True)
def _shares(up: float, down: float, at: int, windows: int, i: int, out: Floats) -> None:
    """What rose and what fell of all that moved, and the difference."""
    if up + down > 0.0:
        part = 1.0 / (up + down)
        out[at, i], out[at + windows, i] = _finite(up * part), _finite(down * part)
        out[at + 2 * windows, i] = _finite((up - down) * part)


@numba.njit(cache=True, nogil=True)
def _finite(value: float) -> float:
    return value if abs(value) < math.inf else math.nan
