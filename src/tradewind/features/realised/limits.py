"""Short sale restriction and price limits (SSR, LULD) of US shares, as far as bars can tell of them."""

import math

from tradewind.core.arrays import Floats
from tradewind.features.compiled import part

STATES = ("ssr", "limit_up", "limit_down", "halted")
CARRIED = 6
LAST_CLOSE, _PRIOR_CLOSE, _TRIGGERED, _BEFORE, _REFERENCE, _HIT = range(CARRIED)
BEGINS = (math.nan, math.nan, 0.0, math.nan, math.nan, 0.0)
"""What is carried before the first session."""
FIVE_MINUTES = 3e8  # microseconds


@part
def next_session(carried: Floats) -> None:
    """What a session's end leaves to the next: its close, and the restriction if it fell."""
    carried[_PRIOR_CLOSE] = carried[LAST_CLOSE]
    carried[_BEFORE], carried[_TRIGGERED] = carried[_TRIGGERED], 0.0
    carried[_REFERENCE], carried[_HIT] = math.nan, 0.0


@part
def limits(
    high: float, low: float, volume: float, gap: float, mean: float, carried: Floats, told: Floats
) -> None:
    """(4,) `ssr`, `limit_up`, `limit_down`, `halted`, each from 0 (no) to 1 (yes).

    **SSR** (Rule 201): from the bar that falls to 10 % below the close of the session before, to the end of
    the next session. The exchange looks at sales in regular hours on the listing market; here any bar
    counts, and the close is the session's last bar, after hours too where there are such bars.

    **LULD**: the reference is the mean close of the bars that ended in the five minutes before this one
    (`mean`), taken over once it is 1 % away from the one before. The band is 5 %, or 20 % of a share that
    closed at 3 dollars or less, and 15 cents (75 % at most) below 75 cents. `limit_up` and `limit_down`
    are 0 up to half of the way to the band and 1 at it. The exchange has 10 % for its second tier, of
    which bars say nothing, wider bands near the close, and limit states by the quotes. Bars that are five
    minutes apart or longer have no reference, so no limits.

    **Halted**: a flat bar without a trade, or the first bar after five minutes without one that followed a
    limit. A halt is so known when a bar says so, which where halted bars are missing is at its end.
    """
    for state in range(4):
        told[state] = math.nan
    if not (high > 0.0 and low > 0.0):
        return
    prior = carried[_PRIOR_CLOSE]
    if prior == prior:
        if low <= 0.9 * prior:
            carried[_TRIGGERED] = 1.0
        told[0] = max(carried[_TRIGGERED], carried[_BEFORE])
    reference = carried[_REFERENCE]
    if mean == mean and not abs(mean / reference - 1.0) < 0.01:
        carried[_REFERENCE] = reference = mean
    resumed = 1.0 if gap >= FIVE_MINUTES and carried[_HIT] > 0.0 else 0.0
    if reference == reference:
        band = _band(prior if prior == prior else reference)
        told[1] = _near((high / reference - 1.0) / band)
        told[2] = _near((1.0 - low / reference) / band)
        told[3] = resumed
        carried[_HIT] = 1.0 if max(told[1], told[2]) >= 1.0 else 0.0
    if volume >= 0.0:
        told[3] = 1.0 if volume == 0.0 and high == low else resumed


@part
def _band(close: float) -> float:
    if close > 3.0:
        return 0.05
    return 0.2 if close >= 0.75 else min(0.15 / close, 0.75)


@part
def _near(share: float) -> float:
    return min(max(2.0 * share - 1.0, 0.0), 1.0)
