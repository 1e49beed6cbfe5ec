"""A battery for detectors of regimes: it returns findings, and an empty tuple is a pass."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import polars as pl

from tradewind.core import Dataset, Finding, MarketState, Rng
from tradewind.core.errors import TradewindError
from tradewind.core.roles import RegimeDetector, RegimeLearner

REMEDY = "filter each row from the rows of its symbol up to it, with what was learnt before"
SAME_NAMES = 0.8  # of the rows learnt from at first, that more data may leave as they were called
OUTLIER = 50.0  # standard deviations
TOUCHED = 0.05  # of the rows, that one outlier may change
ALIKE = 1e-9  # between two probabilities that are to be the same
SILENT = 5  # moments at which nothing is observed, before the first at which something is


def check_regime_detector(
    learner: RegimeLearner, rows: Dataset, rng: Rng, cuts: int = 5
) -> tuple[Finding, ...]:
    """A row's probabilities are of the rows up to it, the same to the bit however it is asked; of who has
    shown nothing yet they are what they are of anybody; names outlast a refit; bad rows get a defined
    answer or a typed error."""
    detector = learner.fit(rows)
    history = detector.filter(rows)
    found = [
        *_deterministic(learner, detector, rows, history),
        *_one_by_one(detector, rows, history),
        *_causal(detector, rows, history, rng, cuts),
        *_not_yet(detector, rows),
        *_refitted(learner, rows),
        *_one_outlier(learner, rows, detector.filter(rows)),
        *_bad_rows(learner, detector, rows),
    ]
    if isinstance(detector.smooth(rows), MarketState):
        found.append(_error("smooth", "what looks ahead is a MarketState"))
    return tuple(found)


def _deterministic(
    learner: RegimeLearner, detector: RegimeDetector, rows: Dataset, history: MarketState
) -> list[Finding]:
    again = learner.fit(rows)
    found = []
    if again.names != detector.names or again.filter(rows) != history:
        found.append(_error("deterministic", "two fits to the same rows differ"))
    if detector.filter(rows) != history:
        found.append(_error("deterministic", "two calls of filter differ"))
    return found


def _one_by_one(detector: RegimeDetector, rows: Dataset, history: MarketState) -> list[Finding]:
    """A step a moment, each from the state that the one before left."""
    state, told = detector.begin(), []
    for part in rows.table.partition_by("decided_at", maintain_order=True):
        said, state = detector.step(state, replace(rows, table=part))
        told.append(said.table)
    if pl.concat(told).equals(history.table):
        return []
    return [_error("step", "one moment at a time is not what the history says")]


def _causal(
    detector: RegimeDetector, rows: Dataset, history: MarketState, rng: Rng, cuts: int
) -> list[Finding]:
    """Cut, and with noise for what comes later."""
    moments = rows.table["decided_at"].unique().sort().to_list()
    found = []
    for place in sorted(rng.choice(len(moments) - 1, size=cuts, replace=False).tolist()):
        at = moments[place]
        upto = pl.col("decided_at") <= at
        noise = [
            pl.when(upto).then(pl.col(name)).otherwise(pl.Series(rng.normal(0, 9, len(rows))))
            for name in rows.features
        ]
        before = history.table.filter(pl.col("at") <= at)
        for test, table in (
            ("truncated", rows.table.filter(upto)),
            ("garbled", rows.table.with_columns(noise)),
        ):
            told = detector.filter(replace(rows, table=table)).table.filter(pl.col("at") <= at)
            if not told.equals(before):
                found.append(_error("causal", f"rows before {at} change when it is {test} there"))
    return found


def _not_yet(detector: RegimeDetector, rows: Dataset) -> list[Finding]:
    """Before anything is observed: null, or the same doubt at each moment, and a word that it is one."""
    moments = rows.table["decided_at"].unique().sort()
    begins = moments[SILENT]
    later = pl.col("decided_at") >= begins
    silent = replace(
        rows,
        table=rows.table.with_columns(
            pl.when(later).then(name).alias(name) for name in rows.features
        ),
    )
    history = detector.filter(silent)
    found = _one_by_one(detector, silent, history)
    before = history.table.filter(pl.col("at") < begins)
    if (before["degraded"].list.len() == 0).any():
        found.append(_error("not yet", "nothing was observed, and nothing says so"))
    for name in history.regimes:
        moved = pl.col(name).max() - pl.col(name).min()
        if (before.group_by("symbol").agg(moved)[name] > ALIKE).any():
            found.append(_error("not yet", f"{name!r} changes while nothing is observed"))
        if len(history.regimes) > 1 and (before[name] > 1 - ALIKE).any():
            found.append(_error("not yet", f"{name!r} is certain before anything is observed"))
    return found


def _refitted(learner: RegimeLearner, rows: Dataset) -> list[Finding]:
    """Fitted to the first three quarters, then to all: the same names for the same rows."""
    moments = rows.table["decided_at"].unique().sort()
    border = moments[len(moments) * 3 // 4]
    part = replace(rows, table=rows.table.filter(pl.col("decided_at") < border))
    first = learner.fit(part)
    second = first.fit(rows)
    if second.names != first.names:
        return [_error("names", f"{first.names} are called {second.names} after a refit")]
    same = _agreement(first.filter(part), second.filter(part))
    if same < SAME_NAMES:
        return [_error("names", f"a refit leaves {same:.0%} of the rows what they were called")]
    return []


def _one_outlier(learner: RegimeLearner, rows: Dataset, history: MarketState) -> list[Finding]:
    """Of 50 standard deviations in every feature of one row: the other rows hardly notice."""
    middle = len(rows) // 2
    here = pl.int_range(pl.len()) == middle
    far = [
        pl.when(here)
        .then(pl.col(name).mean() + OUTLIER * pl.col(name).std())
        .otherwise(name)
        .alias(name)
        for name in rows.features
    ]
    spoiled = replace(rows, table=rows.table.with_columns(far))
    told = learner.fit(spoiled).filter(spoiled)
    if told.regimes != history.regimes:
        return [_error("outlier", f"one row makes {history.regimes} of {told.regimes}")]
    changed = 1 - _agreement(history, told)
    return (
        [_error("outlier", f"one row changes {changed:.0%} of them")] if changed > TOUCHED else []
    )


def _bad_rows(learner: RegimeLearner, detector: RegimeDetector, rows: Dataset) -> list[Finding]:
    """Each gets a state of its own shape, or an error of ours."""
    names = list(rows.features)
    moments = rows.table["decided_at"].unique().sort()
    gone = moments[len(moments) // 3 : len(moments) // 2].to_list()
    stranger = pl.lit("STRANGER").cast(pl.Enum(["STRANGER"])).alias("symbol")
    first = rows.table.filter(pl.col("symbol") == rows.table["symbol"][0])
    tables = {
        "a constant series": rows.table.with_columns(pl.lit(1.0).alias(name) for name in names),
        "missing values": rows.table.with_columns(
            pl.when(pl.int_range(pl.len()) % 3 > 0).then(name).alias(name) for name in names
        ),
        "nothing but missing values": rows.table.with_columns(
            pl.lit(None, pl.Float64).alias(name) for name in names
        ),
        "missing days": rows.table.filter(~pl.col("decided_at").is_in(gone)),
        "an unknown symbol": first.with_columns(stranger),
        "an unknown symbol, years later": first.with_columns(
            stranger, pl.col("decided_at") + timedelta(days=9999)
        ),
        "one row": rows.table.head(1),
        "no rows": rows.table.head(0),
    }
    found = []
    for what, table in tables.items():
        bad = replace(rows, table=table)
        found += _answered(f"filter {what}", bad, lambda _: detector)
        found += _answered(f"fit {what}", bad, learner.fit)
    return found


def _answered(what: str, rows: Dataset, of: Callable[[Dataset], RegimeDetector]) -> list[Finding]:
    try:
        told = of(rows).filter(rows)
    except TradewindError:
        return []
    expected = rows.table["decided_at"].n_unique()
    if told.table["at"].n_unique() != expected:
        return [_error("bad rows", f"{what}: not every moment is answered")]
    return []


def _agreement(one: MarketState, other: MarketState) -> float:
    """The share of rows whose likeliest regime is the same."""
    likeliest = [
        table.table.select(
            pl.concat_list(one.regimes).list.arg_max().fill_null(-1).alias("regime")
        ).to_series()
        for table in (one, other)
    ]
    share = (likeliest[0] == likeliest[1]).mean()
    assert isinstance(share, float)
    return share


def _error(where: str, detail: str) -> Finding:
    return Finding("contract.regime_detector", "error", where, detail, REMEDY)
