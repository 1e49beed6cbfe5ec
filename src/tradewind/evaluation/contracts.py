"""A battery of checks for each stage of the spine, for our implementations and for yours.

Each returns findings, and an empty tuple is a pass; what a stage raises itself is not caught.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl

from tradewind.core import Dataset, Decision, Finding, Forecast, Ledger, Market, Rng
from tradewind.core.panel import Panel
from tradewind.core.roles import Allocator, Calibrator, Decider, FeatureReader, Forecaster, Guard

REMEDY = "compute from what is known at the moment, in an order that does not depend on the rest"


def check_decider(
    strategy: Decider, market: Market, ledger: Ledger, moments: Sequence[datetime]
) -> tuple[Finding, ...]:
    """`decide` at each moment equals what `replay` decided there, weights and reasons, to the bit."""
    found = []
    for at in moments:
        replayed = ledger.decisions.filter(pl.col("at") == at)
        decided = strategy.decide(market, at, ledger.book_at(at)).table
        if not decided.equals(replayed):
            detail = f"{_gap(decided, replayed)} between deciding online and replaying"
            found.append(_error("contract.decider", str(at), detail))
    return tuple(found)


def check_feature_reader(
    read: FeatureReader, market: Market, times: Sequence[datetime], rng: Rng, cuts: int = 20
) -> tuple[Finding, ...]:
    """Nothing before a cut changes when later rows are taken away or turned to noise, and one moment
    reads what the history read; the last row before the cut included."""
    history = read(market, times).table
    found = []
    for place in sorted(rng.choice(len(times), size=min(cuts, len(times)), replace=False)):
        at, upto = times[place], list(times[: place + 1])
        before = history.filter(pl.col("decided_at") <= at)
        now = history.filter(pl.col("decided_at") == at)
        for test, got, want in (
            ("truncated", read(market.as_of(at), upto).table, before),
            ("garbled", read(_garbled(market, at, rng), upto).table, before),
            ("alone", read(market, [at]).table, now),
        ):
            for column in want.columns:
                if not got.equals(want) and not got[column].equals(want[column]):
                    detail = f"{column!r} changes when the market is {test} at {at}"
                    found.append(_error("contract.feature_reader", column, detail))
    return tuple(found)


def check_forecaster(forecaster: Forecaster, rows: Dataset) -> tuple[Finding, ...]:
    """Each row's forecast is its own: alone, in any part, and asked twice, it is the same to the bit."""
    whole = forecaster(rows, None)
    found = []
    if len(whole) != len(rows):
        detail = f"{len(rows)} rows made {len(whole)} forecasts"
        found.append(_error("contract.forecaster", whole.model, detail))
    if forecaster(rows, None) != whole:
        found.append(_error("contract.forecaster", whole.model, "two calls differ"))
    for at in whole.moments[:: max(1, len(whole.moments) // 10)]:
        alone = forecaster(_rows_at(rows, at), None)
        if not alone.table.equals(whole.at(at).table):
            detail = f"the forecast of {at} depends on the rows beside it"
            found.append(_error("contract.forecaster", whole.model, detail))
    return tuple(found)


def check_calibrator(calibrator: Calibrator, forecast: Forecast) -> tuple[Finding, ...]:
    """Keys and classes stay, the order of probabilities stays, and each row is calibrated alone."""
    after = calibrator(forecast)
    found = []
    if not after.calibrated:
        found.append(_error("contract.calibrator", forecast.model, "it does not say it calibrated"))
    keys = ["at", "symbol", "horizon"]
    if not after.table.select(keys).equals(forecast.table.select(keys)):
        found.append(_error("contract.calibrator", forecast.model, "rows were lost or moved"))
        return tuple(found)
    order = np.argsort(forecast.probability(forecast.classes[-1]), kind="stable")
    if (np.diff(after.probability(forecast.classes[-1])[order]) < -1e-12).any():
        found.append(
            _error("contract.calibrator", forecast.model, "a likelier row became unlikelier")
        )
    for at in forecast.moments[:: max(1, len(forecast.moments) // 10)]:
        if not calibrator(forecast.at(at)).table.equals(after.at(at).table):
            detail = f"the calibration of {at} depends on the rows beside it"
            found.append(_error("contract.calibrator", forecast.model, detail))
    return tuple(found)


def check_allocator(allocator: Allocator, forecast: Forecast, book: Ledger) -> tuple[Finding, ...]:
    """One finite weight a forecast row, each change with its reason, and the same when asked twice."""
    decision = allocator(forecast, book)
    name = type(allocator).__name__
    found = []
    if not decision.table.select("at", "symbol").equals(forecast.table.select("at", "symbol")):
        found.append(_error("contract.allocator", name, "not one weight for each row forecast"))
    if allocator(forecast, book) != decision:
        found.append(_error("contract.allocator", name, "two calls differ"))
    found.extend(_unexplained(decision, name, "contract.allocator"))
    return tuple(found)


def check_guard(guard: Guard, decision: Decision, book: Ledger) -> tuple[Finding, ...]:
    """A guard never adds risk: no weight grows or changes sign, and each change has its reason."""
    after = guard(decision, book)
    name = type(guard).__name__
    riskier = np.abs(after.weights) > np.abs(decision.weights) + 1e-12
    flipped = after.weights * decision.weights < 0
    found = []
    if (riskier | flipped).any():
        symbol = after.table["symbol"][int((riskier | flipped).argmax())]
        found.append(_error("contract.guard", name, f"the weight of {symbol!r} became riskier"))
    found.extend(_unexplained(after, name, "contract.guard"))
    return tuple(found)


def _unexplained(decision: Decision, name: str, check: str) -> list[Finding]:
    last = pl.col("reasons").list.last().struct.field("after")
    told = decision.table.select(told=last.fill_null(0.0), weight="weight")
    silent = told.filter((pl.col("told") - pl.col("weight")).abs() > 1e-12)
    if not len(silent):
        return []
    return [_error(check, name, f"{len(silent)} weights are not what their last reason says")]


def _garbled(market: Market, after: datetime, rng: Rng) -> Market:
    """The market with every number that is known later turned to noise."""
    table = market.panel.table
    later = table["known_at"] > after
    noise = [
        pl.when(later)
        .then(pl.col(name) * pl.Series(rng.lognormal(0, 1, len(table))))
        .otherwise(name)
        for name, dtype in table.schema.items()
        if dtype.is_float()
    ]
    panels = {**market.panels, "bars": Panel(table.with_columns(noise))}
    return replace(market, panels=panels, truth=None)


def _rows_at(rows: Dataset, at: datetime) -> Dataset:
    return rows.take(np.flatnonzero((rows.table["decided_at"] == at).to_numpy()))


def _gap(one: pl.DataFrame, other: pl.DataFrame) -> str:
    if len(one) != len(other):
        return f"{len(one)} rows against {len(other)}"
    gap = np.abs(one["weight"].to_numpy() - other["weight"].to_numpy()).max()
    return f"a largest gap of {gap:.3g} in weight"


def _error(check: str, where: str, detail: str) -> Finding:
    return Finding(check, "error", where, detail, REMEDY)
