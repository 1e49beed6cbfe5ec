"""Regimes: learning a chain, one row online, and one moment of a market."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Case, Demand

if TYPE_CHECKING:
    from tradewind.context.regimes import FittedRegimes, Live
    from tradewind.context.regimes.chain import Chain
    from tradewind.context.regimes.learning import Rows
    from tradewind.core import Dataset
    from tradewind.features.kept.online import Online

ROWS, STATES, FEATURES, ROUNDS = 10_000, 4, 5, 20
PUSHED, SYMBOLS = 1_000, 80


@dataclass
class Begun:
    """Scaled rows, and the chain that learning begins with."""

    rows: "Rows"
    chain: "Chain"


def begun(rows: int) -> Begun:
    """Four Gaussian states that last 33 rows each."""
    import numpy as np

    from tradewind.context.regimes.learning import Rows, from_clusters
    from tradewind.core import stream

    rng = stream(21, "states")
    changes = rng.random(rows) > 0.97
    states = np.where(changes, rng.integers(0, STATES, rows), 0)
    states = states[np.maximum.accumulate(np.where(changes, np.arange(rows), 0))]
    means, spreads = rng.standard_normal((STATES, FEATURES)), np.array([0.5, 1, 1.5, 2])
    values = means[states] + rng.standard_normal((rows, FEATURES)) * spreads[states, None]
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    given = Rows(values, np.ones(rows, dtype=bool), np.array([0, rows]))
    return Begun(given, from_clusters(given, STATES, rng))


def learnt(given: Begun) -> object:
    """Twenty rounds, whatever they gain."""
    import numpy as np

    from tradewind.context.regimes.learning import maximise

    return maximise(given.rows, given.chain, rounds=ROUNDS, gain=-np.inf)


def by_numpy(given: Begun) -> object:
    """The forward and the backward pass alone, a row at a time: what one writes without a compiler."""
    import numpy as np

    moves = given.chain.moves
    ahead = np.full(STATES, 1 / STATES)
    for row in given.rows.scaled:
        dense = np.exp(-((row - given.chain.means) ** 2).sum(axis=1) / 2)
        ahead = (ahead @ moves) * dense
        ahead /= ahead.sum()
    return ahead


@dataclass
class Market:
    """A detector of three features, and rows of some symbols at 120 moments."""

    regimes: "FittedRegimes"
    rows: "Dataset"


def market(symbols: int) -> Market:
    from tradewind.context.regimes import GaussianHMM
    from tradewind.context.regimes.trial import two_regimes

    rows = two_regimes(symbols, 120)
    return Market(GaussianHMM(states=STATES, starts=1).fit(rows), rows)


def pushed(given: Market) -> None:
    """So many rows of one symbol, one by one."""
    from datetime import timedelta

    from tradewind.context.regimes import Live

    live = Live(given.regimes)
    at, row = given.rows.table["decided_at"].to_list()[0], given.rows.matrix[0].copy()
    for second in range(PUSHED):
        live.push("S0", at + timedelta(seconds=second), row)


def counted(_: Any) -> None:
    """A loop that does nothing else than to count the time."""
    from datetime import UTC, datetime, timedelta

    at = datetime(2024, 1, 1, tzinfo=UTC)
    for second in range(PUSHED):
        at + timedelta(seconds=second)


@dataclass
class Moment:
    """A state that was carried on, and the moment that follows."""

    regimes: "FittedRegimes"
    state: Any
    rows: "Dataset"


def moment(symbols: int) -> Moment:
    from dataclasses import replace

    there = market(symbols)
    last = there.rows.table["decided_at"][-1]
    later = there.rows.table["decided_at"] >= last
    before, after = (
        replace(there.rows, table=there.rows.table.filter(part)) for part in (~later, later)
    )
    _, state = there.regimes.step(there.regimes.begin(), before)
    return Moment(there.regimes, state, after)


def classified(given: Moment) -> object:
    """The MarketState of the moment, and the state after it."""
    return given.regimes.step(given.state, given.rows)


@dataclass
class Served:
    """What the service holds of a symbol, and how many bars it has been given."""

    online: "Online"
    live: "Live"
    bars: int = 0


def served(_: Any) -> Served:
    """A year of a symbol was told already."""
    from tradewind.context.regimes import GaussianHMM, Live
    from tradewind.core import Dataset
    from tradewind.data.synthetic import make_market
    from tradewind.features import compute
    from tradewind.features.kept.online import Online
    from tradewind.features.registry import OBSERVED

    panel = make_market("equity", 1, 250).panel
    table = compute(panel, "observed").rename({"timestamp": "decided_at"})
    rows = Dataset(table.sort("decided_at", "symbol"), tuple(table.columns[2:]))
    return Served(Online.after([OBSERVED], panel), Live(GaussianHMM(3, starts=1).fit(rows)))


def told_live(given: Served) -> None:
    """So many bars, each from its prices to the probabilities of its regimes."""
    from datetime import UTC, datetime, timedelta

    begin = datetime(2030, 1, 1, tzinfo=UTC)
    bar = {"high": 101.0, "low": 99.0, "close": 100.0, "volume": 1e6, "spread_bps": 5.0}
    for _ in range(PUSHED):
        given.bars += 1
        at = begin + timedelta(seconds=given.bars)
        given.live.push("EQ1", at, given.online.push("EQ1", at, bar))


def sorted_once(given: Moment) -> object:
    """One polars call on the same rows."""
    return given.rows.table.sort("symbol", "decided_at")


CASES = (
    Case(
        name="regime_fit",
        what=f"{ROUNDS} rounds of learning {STATES} states of {FEATURES} features",
        prepare=begun,
        run=learnt,
        reference=by_numpy,
        reference_is="one forward pass alone in numpy",
        dial="rows",
        sizes=(625, 2_500, ROWS),
        demand=Demand("cpu_s", 0.042),
    ),
    Case(
        name="regime_online",
        what=f"{PUSHED:,} rows of one symbol filtered one by one",
        prepare=lambda _: market(1),
        run=pushed,
        reference=counted,
        reference_is="a loop that counts the time",
        demand=Demand("cpu_s", 0.005),
    ),
    Case(
        name="regime_served",
        what=f"{PUSHED:,} bars of one symbol classified, each from its prices",
        prepare=served,
        run=told_live,
        reference=counted,
        reference_is="a loop that counts the time",
        demand=Demand("cpu_s", 2.0),
    ),
    Case(
        name="regime_moment",
        what="one moment of a market filtered from the state before it, as a MarketState",
        prepare=moment,
        run=classified,
        reference=sorted_once,
        reference_is="one polars sort of its rows",
        dial="symbols",
        sizes=(5, 20, SYMBOLS),
        demand=Demand("wall_s", 0.002),
    ),
)
