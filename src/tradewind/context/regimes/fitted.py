"""`FittedRegimes`: a detector that was fitted, which filters a history or goes on row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import polars as pl

from tradewind.context.regimes.backward import look_back
from tradewind.context.regimes.chain import Chain
from tradewind.context.regimes.filter_state import FilterState
from tradewind.context.regimes.forward import advance_all
from tradewind.context.regimes.learning import Learnt, Rows
from tradewind.context.regimes.naming import name_states, same_states, traits
from tradewind.context.regimes.scaling import Scaling
from tradewind.context.regimes.sequences import Sequences
from tradewind.context.regimes.smoothed import Smoothed
from tradewind.context.regimes.taken import Given, taken
from tradewind.core import Dataset, MarketState
from tradewind.core.arrays import Floats
from tradewind.core.errors import BadConfig, BadTable, nearest

TEXTS = pl.List(pl.String)
LEAST = 20  # complete rows for each state
MOST = 8  # states: more can neither be named nor matched


class Recipe(Protocol):
    """How a chain is learnt from scaled rows."""

    @property
    def states(self) -> int: ...

    @property
    def seed(self) -> int: ...

    @property
    def tells(self) -> Mapping[str, str]: ...

    def learn(self, rows: Rows) -> Learnt: ...


@dataclass(frozen=True, eq=False)
class FittedRegimes:
    """States that were learnt, named, and are told of each row from the rows up to it.

    `step` goes on from a state, `filter` begins with none; both are the same loop, so that however a
    history is cut its probabilities are the same to the bit. To `fit` anew keeps the names.
    """

    recipe: Recipe
    features: tuple[str, ...]
    scaling: Scaling
    learnt: Learnt
    names: tuple[str, ...]

    @property
    def chain(self) -> Chain:
        return self.learnt.chain

    def fit(self, features: Given) -> "FittedRegimes":
        """Learnt anew from these rows, each state named as the one that it was before."""
        new = fitted(self.recipe, features)
        return new if new.features != self.features else new.named_as(self)

    def named_as(self, before: "FittedRegimes") -> "FittedRegimes":
        """Each state in the place, and by the name, of the one before that is most like it."""
        chain = self.chain.ordered(same_states(before.chain, self.chain))
        return replace(self, learnt=replace(self.learnt, chain=chain), names=before.names)

    def filter(self, features: Given) -> MarketState:
        """The probabilities of each row's states, given the rows of its symbol up to it."""
        return self.step(self.begin(), features)[0]

    def begin(self) -> FilterState:
        """The state before any row."""
        return FilterState()

    def step(self, state: FilterState, features: Given) -> tuple[MarketState, FilterState]:
        """The rows that follow a state, and the state after them."""
        rows = taken(features)
        sequences = self._sequences(rows)
        probabilities, after, _ = self._advanced(state, sequences)
        return self._told(rows, sequences, probabilities), after

    def score(self, features: Given, state: FilterState | None = None) -> float:
        """The mean log density of a row, scaled, given the rows before it."""
        sequences = self._sequences(taken(features))
        density = self._advanced(state or FilterState(), sequences)[2]
        return density / max(int(sequences.known.sum()), 1)

    def smooth(self, features: Given) -> Smoothed:
        """What is thought of each row in hindsight; it looks ahead, so it is for pictures only."""
        rows = taken(features)
        sequences = self._sequences(rows)
        out = np.empty((len(rows), len(self.names)))
        chain = self.chain
        look_back(
            self.scaling.scaled(sequences),
            sequences.known,
            sequences.offsets,
            *chain.arrays,
            chain.best,
            out,
        )
        keys = rows.table.select(at="decided_at", symbol="symbol")
        return Smoothed(keys.with_columns(self._columns(sequences.back(out))), self.names)

    def _sequences(self, features: Dataset) -> Sequences:
        for name in self.features:
            if name not in features.features:
                remedy = nearest(name, features.features)
                raise BadTable(f"the rows have no feature {name!r}, which was fitted", remedy)
        if features.features != self.features:
            features = replace(features, features=self.features)
        return Sequences.of(features)

    def _advanced(
        self, state: FilterState, sequences: Sequences
    ) -> tuple[Floats, FilterState, float]:
        """((rows, states), the state after them, their log density), in the order of the sequences."""
        names, ends = sequences.names, sequences.offsets
        weights = state.weights(names, len(self.names))
        out = np.empty((len(sequences.values), len(self.names)))
        usual = self.scaling.of(names)
        chain = self.chain
        density = advance_all(
            sequences.values, ends, usual, *chain.arrays, chain.best, weights, out
        )
        firsts = sequences.moments[ends[:-1]].to_list()
        lasts = sequences.moments[ends[1:] - 1].to_list()
        for name, first in zip(names, firsts, strict=True):
            state.require_before(name, first)
        last = {
            name: (moment, tuple(row))
            for name, moment, row in zip(names, lasts, weights.tolist(), strict=True)
        }
        return out, state.moved(last), density

    def _told(self, rows: Dataset, sequences: Sequences, probabilities: Floats) -> MarketState:
        missing = sequences.back(~np.isfinite(sequences.values))
        table = pl.DataFrame(
            [
                rows.table["decided_at"].alias("at"),
                rows.table["symbol"],
                *self._columns(sequences.back(probabilities)),
                nothing("similar", len(rows)),
                _degraded(self.features, missing),
            ]
        )
        return MarketState(table, self.names)

    def _columns(self, probabilities: Floats) -> list[pl.Series]:
        return [
            pl.Series(name, column)
            for name, column in zip(self.names, probabilities.T, strict=True)
        ]


def require_recipe(states: object, starts: object) -> None:
    """Refuse numbers of states and starts that no detector has."""
    for name, number in (("states", states), ("starts", starts)):
        if not isinstance(number, int):
            raise BadConfig(f"{name}={number!r}", "give a whole number")
    assert isinstance(states, int)
    assert isinstance(starts, int)
    if not 1 <= states <= MOST:
        raise BadConfig(f"{states} states", f"give a number from 1 to {MOST}")
    if starts < 1:
        raise BadConfig(f"{starts} starts", "give 1 or more")


def fitted(recipe: Recipe, features: Given) -> FittedRegimes:
    """The detector that a recipe makes of these rows."""
    rows = taken(features)
    sequences = Sequences.of(rows)
    known = sequences.known
    needed = LEAST * recipe.states
    if not rows.features or known.sum() < needed:
        raise BadTable(
            f"{known.sum()} rows have a value of each of {len(rows.features)} features",
            _remedy(rows.features, sequences, needed, recipe.states),
        )
    of = traits(rows.features, recipe.tells)
    scaling = Scaling.learnt(sequences, rows.features)
    learnt = recipe.learn(Rows(scaling.scaled(sequences), known, sequences.offsets))
    order, names = name_states(learnt.chain.means, of)
    learnt = replace(learnt, chain=learnt.chain.ordered(order))
    return FittedRegimes(recipe, rows.features, scaling, learnt, names)


def _remedy(features: Sequence[str], rows: Sequences, needed: int, states: int) -> str:
    """Of too few rows: without a feature that none of them has they may be enough."""
    columns = zip(features, rows.values.T, strict=True)
    empty = [name for name, column in columns if not np.isfinite(column).any()]
    if 0 < len(empty) < len(features):
        return f"leave out {', '.join(empty)}, of which there is no value"
    return f"give {needed} or more for {states} states"


def _degraded(features: Sequence[str], missing: np.ndarray) -> pl.Series:
    """(rows,) of a row that lacks a feature, that it does."""
    if not missing.any():
        return nothing("degraded", len(missing))
    none: list[str] = []
    told = [none] * len(missing)
    for row in np.flatnonzero(missing.any(axis=1)).tolist():
        lacks = [name for name, lack in zip(features, missing[row], strict=True) if lack]
        told[row] = [f"regime: no {', '.join(lacks)}"]
    return pl.Series("degraded", told, dtype=TEXTS)


def nothing(name: str, rows: int) -> pl.Series:
    """(rows,) empty lists of text."""
    return pl.Series(name, [[]], dtype=TEXTS).new_from_index(0, rows)
