"""`Scaling`: each symbol's features against what was usual for it in training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.context.regimes.sequences import Sequences
from tradewind.core.arrays import Floats
from tradewind.core.errors import BadTable

CLIP = 4.0
TAIL = 0.005  # of the values at each end that count as if they were at its border
LEAST = 60  # values from which a symbol is told by its own past


@dataclass(frozen=True, eq=False)
class Scaling:
    """The usual value and spread of each feature: each symbol's own, and the median of them for others.

    They are of values whose tails are drawn in, and what lies further out than `CLIP` of the spread is
    brought to it, so one bad bar has no part in what is usual and cannot be a state of its own.

    >>> from datetime import UTC, datetime
    >>> import polars as pl
    >>> from tradewind.core import Dataset
    >>> values = [float(day % 10) for day in range(200)]
    >>> values[7] = 1e6
    >>> table = pl.DataFrame({"symbol": "ACME", "x": values}).with_columns(
    ...     pl.col("symbol").cast(pl.Enum(["ACME"])), decided_at=pl.datetime_range(
    ...         datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 7, 18, tzinfo=UTC), "1d"))
    >>> one = Scaling.learnt(Sequences.of(Dataset(table, ("x",))), ("x",))
    >>> one.usual["ACME"].round(1).tolist(), one.of(["ACME", "NEW"]).shape
    ([[4.5], [2.9]], (2, 2, 1))
    """

    usual: Mapping[str, Floats]  # (2, features) by symbol: centre and spread
    others: Floats  # (2, features)

    @classmethod
    def learnt(cls, sequences: Sequences, features: Sequence[str]) -> "Scaling":
        """From training rows; a feature without any value there is refused."""
        values, ends = sequences.values, sequences.offsets
        for name, column in zip(features, values.T, strict=True):
            if not np.isfinite(column).any():
                raise BadTable(f"the feature {name!r} has no value to learn from", "leave it out")
        known = [values[ends[i] : ends[i + 1]] for i in range(len(sequences.names))]
        whole = _usual(values)
        enough = {
            name: _usual(rows)
            for name, rows in zip(sequences.names, known, strict=True)
            if np.isfinite(rows).sum(axis=0).min() >= LEAST
        }
        others = np.median([*enough.values()], axis=0) if enough else whole
        return cls(enough, others)

    def of(self, names: Sequence[str]) -> Floats:
        """(symbols, 2, features)."""
        rows = [self.usual.get(name, self.others) for name in names]
        return np.array(rows).reshape(len(rows), *self.others.shape)

    def scaled(self, sequences: Sequences) -> Floats:
        """(rows, features), NaN for what is missing."""
        usual = sequences.spread(self.of(sequences.names))
        with np.errstate(over="ignore"):  # what is infinitely far away is brought to CLIP too
            away = (sequences.values - usual[:, 0]) / usual[:, 1]
        return np.clip(away, -CLIP, CLIP)


def _usual(values: Floats) -> Floats:
    """(2, features): the mean and the spread of what is known of each; a spread of 1 of what never moves."""
    columns = [column[np.isfinite(column)] for column in values.T]
    return np.array([_usual_of(column) for column in columns]).T


def _usual_of(values: Floats) -> tuple[float, float]:
    low = np.quantile(
        values, TAIL, method="higher"
    )  # one value of few at each end, and no blend with it
    drawn_in = np.clip(values, low, np.quantile(values, 1 - TAIL, method="lower"))
    for told in (drawn_in, values):  # a flag that is hardly ever up is all tail
        mean, spread = _mean_and_spread(told)
        if spread > 1e-12 * max(1.0, abs(mean)):
            return mean, spread
    return float(values[0]), 1.0


def _mean_and_spread(values: Floats) -> tuple[float, float]:
    """Of values brought near 1 by a power of two, which moves no bit: the largest have no square."""
    size = int(np.frexp(np.abs(values).max())[1])
    near = np.ldexp(values, -size)
    return float(np.ldexp(near.mean(), size)), float(np.ldexp(near.std(), size))
