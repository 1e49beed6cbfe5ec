"""How well regimes found online agree with the planted ones: `python -m tests.context.regimes.agreement`.

Beside ours stands a filter that was told the truth: the generator's own moves from regime to regime, and
in each regime the mean and covariance of the very rows that it is judged on. Nothing that has to learn
them can be expected to do better.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.context.regimes import GaussianHMM, MarketWide
from tradewind.context.regimes.chain import Chain
from tradewind.context.regimes.fitted import FittedRegimes
from tradewind.context.regimes.forward import NOT_BEGUN, advance_all
from tradewind.context.regimes.market_wide import median_symbol
from tradewind.context.regimes.sequences import Sequences
from tradewind.core import Dataset, Market
from tradewind.core.arrays import Floats
from tradewind.data.synthetic import make_market
from tradewind.data.synthetic.regimes import REGIMES, occupancy, transition_matrix
from tradewind.features import compute
from tradewind.features.registry import OBSERVED

PLANTED = tuple(regime.name for regime in REGIMES)
CALLED = dict(
    zip(PLANTED, ("low_vol", "high_vol", "trending", "mean_reverting", "illiquid"), strict=True)
)
FEATURES = tuple(spec.name for spec in OBSERVED.specs)
TRIED = [
    ("equity", 10, 1),
    ("equity", 10, 2),
    ("equity", 50, 3),
    ("etf", 10, 4),
    ("crypto", 10, 5),
    ("fx", 10, 6),
]
PERIODS = 4000


@dataclass(frozen=True)
class Agreement:
    """The share of each regime's rows that was found: by ours, and by who was told the truth."""

    ours: Floats  # (regimes,)
    told: Floats

    @property
    def share(self) -> float:
        """Of the balanced accuracy that there is to be had."""
        return float(np.nanmean(self.ours) / np.nanmean(self.told))


def observed(market: Market) -> Dataset:
    """The market at each close: the median symbol's height, volume and spread of the bar, and whether its
    moves go on."""
    table = compute(market.panel, FEATURES).rename({"timestamp": "decided_at"})
    return median_symbol(Dataset(table.sort("decided_at", "symbol"), FEATURES))


def agreement(market: Market, freq: str = "1d") -> Agreement:
    """Of our detector, in one sequence, with what governed each bar."""
    rows = observed(market)
    truth = rows.table.select("decided_at").join(
        market.truth.regimes, left_on="decided_at", right_on="timestamp", how="left"
    )["regime"].cast(pl.String).to_list()  # fmt: skip
    planted = np.array([PLANTED.index(name) for name in truth])
    detector = MarketWide(GaussianHMM(states=len(PLANTED))).fit(rows)
    told = detector.filter(rows).table
    missing = pl.lit(0.0)
    ours = told.select(
        pl.col(name) if name in detector.names else missing.alias(name) for name in CALLED.values()
    ).to_numpy()
    best = true_filter(detector.detector, rows, planted, freq)
    return Agreement(_found(ours, planted), _found(best, planted))


def true_filter(
    fitted: FittedRegimes, rows: Dataset, planted: npt.NDArray[np.intp], freq: str
) -> Floats:
    """(rows, regimes) by the truth, from rows scaled as ours are."""
    sequences = Sequences.of(rows)
    scaled, known = fitted.scaling.scaled(sequences), sequences.known
    mine = [scaled[known & (planted == code)] for code in range(len(PLANTED))]
    chain = Chain(
        occupancy(),
        transition_matrix(freq),
        np.array([part.mean(axis=0) for part in mine]),
        np.array([np.cov(part.T) for part in mine]),
    )
    out = np.empty((len(rows), len(PLANTED)))
    weights = np.full((1, len(PLANTED)), NOT_BEGUN)
    usual = fitted.scaling.of(sequences.names)
    advance_all(sequences.values, sequences.offsets, usual, *chain.arrays, False, weights, out)
    return out


def _found(probabilities: Floats, planted: npt.NDArray[np.intp]) -> Floats:
    said = probabilities.argmax(axis=1)
    return np.array([(said[planted == code] == code).mean() for code in range(len(PLANTED))])


def main() -> None:
    print(f"| market | {' | '.join(CALLED.values())} | balanced | of what there is |")
    print("|---|" + "---|" * (len(CALLED) + 2))
    for kind, symbols, seed in TRIED:
        found = agreement(make_market(kind, symbols, PERIODS, seed=seed))
        cells = [f"{a:.3f} / {b:.3f}" for a, b in zip(found.ours, found.told, strict=True)]
        balanced = f"{found.ours.mean():.3f} / {found.told.mean():.3f}"
        print(
            f"| {kind} {symbols}, seed {seed} | {' | '.join(cells)} | {balanced} | {found.share:.1%} |"
        )


if __name__ == "__main__":
    main()
