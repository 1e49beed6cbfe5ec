"""Where a price suddenly is: a bad print that is gone again, a split, a crash, or another unit.

News moves prices too, so a row is only condemned by what news does not do: come back in the next open,
or move a price by a power of ten. The rest is told and kept.
"""

import numpy as np

from tradewind.core.arrays import Flags, Floats
from tradewind.data.quality.bars import Bars, log_ratio, picked
from tradewind.data.quality.verdicts import Check, Marks, marked

JUMP = 0.4  # a log return this far from 0 is a split, a bad print, or news
LEAST, MOST = 0.03, 0.2  # how far off a close must be, in log, before it can be condemned at all
FAR = 40  # sds: far enough where a bar moves little
ENOUGH = 60  # bars, to know how much a name moves
RATIOS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20)  # new shares for one old
POWERS = (2, 3, 5)  # of ten, by which feeds mistake a unit
UNIT_SLACK = 0.35  # in log; a price may have moved meanwhile


def spikes(bars: Bars) -> Marks:
    """A close far off both the close before it and what comes after, further than news goes."""
    return _gone_again(
        bars, bars.once(_reverting) & (np.abs(bars.change) > _further_than_news(bars))
    )


def reversals(bars: Bars) -> Marks:
    """The same, less far: days of panic look like this too, so it is told and kept."""
    return _gone_again(
        bars, bars.once(_reverting) & (np.abs(bars.change) <= _further_than_news(bars))
    )


def _further_than_news(bars: Bars) -> Floats:
    """(rows,) how far news does not move a close, in log; the most while little is known of a name, and
    without end for values that are no bars: gas really was at three times its price for a day."""
    if not bars.have_range:
        return np.full(len(bars), np.inf)
    known = bars.nth >= ENOUGH
    return np.where(known, np.clip(FAR * bars.usual_change, LEAST, MOST), MOST)


def _gone_again(bars: Bars, wrong: Flags) -> Marks:
    return marked(
        bars,
        wrong,
        lambda row: f"close {bars.close[row]:g}, {bars.change[row]:+.2f} in log and back",
        bars.known_with(bars.after(1)),
    )


def _reverting(bars: Bars) -> Flags:
    """(rows,) whether a close is out of the usual and gone with the bar after.

    With opens, the way back must lie between this close and the next open: where people traded at the
    price, the next bar opens there, and a flash crash is not undone.
    """
    out, back = bars.change, _way_back(bars)
    remaining = np.abs(out + back)
    wrong = (out * back < 0) & (remaining < 0.5 * np.minimum(np.abs(out), np.abs(back)))
    wrong &= np.abs(out) > np.fmax(4 * bars.usual_change, LEAST)
    return wrong & (np.abs(back) > np.fmax(_usual_way_back(bars), LEAST)) & bars.like_prices


def _way_back(bars: Bars) -> Floats:
    """(rows,) log of the next open over this close; of the next close where there are no opens."""
    after = bars.after(1)
    opened = picked(bars.open, after)
    return log_ratio(np.where(np.isfinite(opened), opened, picked(bars.close, after)), bars.close)


def _usual_way_back(bars: Bars) -> Floats:
    """(rows,) how far a way back must go to be out of the usual."""
    with_opens = np.fmax(8 * bars.usual_opening, 2.5 * bars.usual_change)
    return np.where(
        np.isfinite(picked(bars.open, bars.after(1))), with_opens, 6 * bars.usual_change
    )


def jumps(bars: Bars) -> Marks:
    """Closes that jump further than news usually does."""
    wrong = (np.abs(bars.change) > JUMP) & bars.like_prices
    return marked(
        bars,
        wrong,
        lambda row: f"close {bars.close[row]:g}, {bars.change[row]:+.2f} in log",
    )


def splits(bars: Bars) -> Marks:
    """A bar that opens near a simple fraction of the close before, on volume scaled the other way."""
    moved = np.where(np.isfinite(bars.opening), bars.opening, bars.change)
    usual = np.where(np.isfinite(bars.opening), bars.usual_opening, bars.usual_change)
    sudden = np.abs(moved) > 8 * usual
    shares, off = _nearest_ratio(np.where(sudden, moved, np.nan))
    by_volume = (off < np.clip(4 * usual, 0.04, 0.15)) & _volume_follows(bars, shares)
    by_price = (off < 0.02) & (np.abs(moved) > 20 * usual) & bars.have_range
    return marked(
        bars, sudden & (by_volume | by_price), lambda row: f"looks like {_told(shares[row])}"
    )


def _nearest_ratio(moved: Floats) -> tuple[Floats, Floats]:
    """(rows,) the shares for one that would explain a move (below 1: a reverse split), and the rest."""
    steps = np.log(np.array([*RATIOS, *(1 / ratio for ratio in RATIOS)]))
    shares, rest = np.ones(len(moved)), np.full(len(moved), np.inf)
    rows = np.flatnonzero(np.isfinite(moved))
    off = np.abs(moved[rows, None] + steps)
    shares[rows], rest[rows] = np.exp(steps[off.argmin(axis=1)]), off.min(axis=1)
    return shares, rest


def _volume_follows(bars: Bars, shares: Floats) -> Flags:
    """(rows,) whether the count of shares traded is scaled by a good part of the ratio."""
    scaled = log_ratio(bars.volume, bars.rolled(bars.volume, 20, 5))
    expected = np.log(shares)
    return scaled * np.sign(expected) > 0.35 * np.abs(expected)


def _told(shares: float) -> str:
    """
    >>> _told(7.0), _told(0.1)
    ('7 for 1', '1 for 10')
    """
    return f"{shares:.3g} for 1" if shares > 1 else f"1 for {1 / shares:.3g}"


def unit_changes(bars: Bars) -> Marks:
    """A price a hundred, a thousand or a hundred thousand times what it has been, or that part of it."""
    moved = log_ratio(bars.close, bars.rolled(bars.close, 20, 5))
    steps = np.log(10.0) * np.array([*POWERS, *(-power for power in POWERS)])
    near = bars.like_prices & (np.abs(moved) > steps.max() / max(POWERS))
    near[near] = np.abs(moved[near, None] - steps).min(axis=1, initial=np.inf) < UNIT_SLACK
    return marked(
        bars,
        near,
        lambda row: f"close {bars.close[row]:g} is {np.exp(moved[row]):.3g} times its usual level",
    )


CHECKS = (
    Check(
        "bars.spike",
        "error",
        "have a close that is gone at the next bar",
        "take the bar from another source, or release it if it was traded",
        spikes,
    ),
    Check(
        "bars.reversal",
        "warning",
        "have a close out of the usual that is gone at the next bar",
        "compare them with another source; many of one day are that day's bars of another",
        reversals,
    ),
    Check(
        "bars.split",
        "warning",
        "look like a split that nothing was adjusted for",
        "add the split as a dated fact; a crash that looks like one stays",
        splits,
    ),
    Check(
        "bars.jump",
        "warning",
        f"jump by more than {JUMP} in log from the close before",
        "check for unadjusted splits and bad prints; real news stays",
        jumps,
    ),
    Check(
        "units.change",
        "error",
        "are a power of ten away from the level before",
        "bring the series to one unit, such as prices and not points",
        unit_changes,
    ),
)
