"""The regime input: twenty features of the last 60 bars, standardised by each symbol's own past.

Whatever the bar is, a minute or a month, the definitions are the same; docs/realised.md says what stands
for what where there are no quotes, no volumes or no ranges. The mean and the spread that a value is
measured by are of the bars before it, one step a bar: each of the first 10,000 has the same weight, from
then on older ones fade. A value counts in them as no more than three sd out, so one bad bar does not
blunt the ones after it.
"""

import math

import numpy as np

from tradewind.core.arrays import Floats, Ints
from tradewind.features.compiled import kernel, part
from tradewind.features.realised import kernel as realised
from tradewind.features.realised import volume_profile
from tradewind.features.realised.catalogue import DAY
from tradewind.features.realised.limits import STATES
from tradewind.features.runs import Runs
from tradewind.features.spec import FeatureSpec

INPUTS = realised.INPUTS
NAMES = (
    *("regime_tsrv", "regime_bpv", "regime_amihud"),
    *(f"regime_{state}" for state in STATES),
    *(f"regime_{tenth}" for tenth in volume_profile.NAMES),
    *("regime_spread", "regime_spread_rise", "regime_spread_sd"),
)
_TWENTY = len(NAMES)
STATE = realised.STATE + 3 * _TWENTY
LEAST = 60
MEMORY = 10_000.0
CLIP = 5.0
JOINS = 3.0
FORGOTTEN = math.ceil(9 * math.log(10) * MEMORY)
"""The bars after which what was seen weighs less than a part in 1e9."""

_ROOTS = ("tsrv_60", "bpv_60", "amihud_60")
_READ = (*_ROOTS, *STATES, *volume_profile.NAMES, "spread_60", "spread_20", "spread_sd_60")
_SPREAD = _READ.index("spread_60")  # what the two behind it are told against
_ROOTED = len(_ROOTS)
_PLACES = np.array([realised.NAMES.index(name) for name in _READ])
_SCALED = np.array([name not in STATES for name in _READ])
"""States lie between 0 and 1 for every symbol, and a flag that was never up has no spread: they stay."""


def standardised(measured: Floats, runs: Runs, states: Floats) -> Floats:
    """(20, rows) of the values of the realised family (features, rows), a step a row; NaN where there is no
    value. States (kept, STATE) are gone on from, and each is replaced by the one kept now."""
    out = np.empty((_TWENTY, measured.shape[1]))
    _standardise(measured, runs.offsets, runs.resume, runs.keep, states, out)
    return out


@kernel
def _standardise(
    measured: Floats, offsets: Ints, resume: Ints, keep: Ints, states: Floats, out: Floats
) -> None:
    """Variances and illiquidity as roots, which tames their tails; then each by its own past. What is
    carried are how many values of each there were, their means and their variances."""
    past = np.empty(3 * len(out))
    for run in range(len(resume)):
        for k in range(len(past)):
            past[k] = states[resume[run], realised.STATE + k] if resume[run] >= 0 else 0.0
        for row in range(offsets[run], offsets[run + 1]):
            spread = measured[_PLACES[_SPREAD], row]
            usual = spread if spread > 0.0 else math.nan
            for f in range(len(out)):
                value = measured[_PLACES[f], row]
                if f < _ROOTED:
                    value = math.sqrt(value)
                elif f > _SPREAD:
                    value = value / usual - (1.0 if f == _SPREAD + 1 else 0.0)
                out[f, row] = _placed(value, past, f) if _SCALED[f] else value
            if keep[row] >= 0:
                for k in range(len(past)):
                    states[keep[row], realised.STATE + k] = past[k]


@part
def _placed(value: float, past: Floats, f: int) -> float:
    """How many sd a value lies from the mean of those before it, which it then joins (Welford 1962)."""
    if value != value:
        return math.nan
    count, mean, variance = past[f], past[f + _TWENTY], past[f + 2 * _TWENTY]
    sd, place, away = math.sqrt(variance), math.nan, value - mean
    if count >= LEAST and sd > 1e-12 * abs(mean):
        place = min(max(away / sd, -CLIP), CLIP)
        away = min(max(away, -JOINS * sd), JOINS * sd)
    weight = 1.0 / min(count + 1.0, MEMORY)
    past[f], past[f + _TWENTY] = count + 1.0, mean + weight * away
    past[f + 2 * _TWENTY] = (1.0 - weight) * (variance + weight * away * away)
    return place


_WORDS = {
    "regime_tsrv": ("variance on two scales", "sqrt(tsrv_60)"),
    "regime_bpv": ("bipower variation", "sqrt(bpv_60)"),
    "regime_amihud": ("illiquidity", "sqrt(amihud_60)"),
    **{f"regime_{name}": (f"{name} of the realised family", name) for name in STATES},
    **{f"regime_{name}": (f"{name} of the realised family", name) for name in volume_profile.NAMES},
    "regime_spread": ("spread", "spread_60"),
    "regime_spread_rise": (
        "spread of the last 20 bars against the last 60",
        "spread_20 / spread_60 - 1",
    ),
    "regime_spread_sd": ("how much the spread moves", "spread_sd_60 / spread_60"),
}
SPECS = tuple(
    FeatureSpec(
        name,
        "regime20",
        INPUTS,
        3 * DAY + (FORGOTTEN if scaled else 0),
        "sd" if scaled else "share",
        f"{_WORDS[name][0]}, {'against its own past' if scaled else 'as it is'}",
        f"clip((x - mean(x)) / sd(x), {CLIP:g}), x = {_WORDS[name][1]}"
        if scaled
        else _WORDS[name][1],
    )
    for name, scaled in zip(NAMES, _SCALED.tolist(), strict=True)
)
