"""`choose`: which detector, and of how many states: what rows that it had not seen say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from tradewind.context.regimes.fitted import FittedRegimes, Recipe, fitted
from tradewind.context.regimes.saying import Hysteresis
from tradewind.core import Dataset
from tradewind.core.errors import BadTable, Misuse

FASTEST = 0.05  # share of rows on which what is said may change
RAREST = 0.05  # share of rows that a state needs to count as occupied


@dataclass(frozen=True, eq=False)
class Choice:
    """The recipe that was chosen, fitted to all rows, and how each did: best first."""

    regimes: FittedRegimes
    table: pl.DataFrame


def choose(features: Dataset, recipes: Sequence[Recipe], share: float = 0.7) -> Choice:
    """Each learns from the first `share` of the moments and foretells the rest, row by row.

    The one that makes the rest likeliest is chosen, among those that are stable there: what they say
    changes on less than 5 % of the rows, and two states have 5 % of them. Where none is stable, among all.

    >>> from tradewind.context.regimes import GaussianHMM, GaussianMixture
    >>> from tradewind.context.regimes.trial import two_regimes
    >>> choice = choose(two_regimes(3), [GaussianMixture(2), GaussianHMM(1), GaussianHMM(2)])
    >>> choice.table.select("kind", "states", "stable").row(0)
    ('GaussianHMM', 2, True)
    """
    if not recipes:
        raise Misuse("no recipe to choose from", "give one or more, such as GaussianHMM(states=3)")
    past, rest = split(features, share)
    found = [tried(recipe, past, rest) for recipe in recipes]
    best = max(found, key=lambda one: (one.row["stable"], one.row["held_out"]))
    return Choice(fitted(best.regimes.recipe, features), ranked(found))


@dataclass(frozen=True, eq=False)
class Tried:
    """A detector that learnt from the first rows, and how it did on the rest, as one row of a table."""

    regimes: FittedRegimes
    row: Mapping[str, Any]


def ranked(found: Sequence[Tried]) -> pl.DataFrame:
    """How each did: those that are stable first, of these the likeliest."""
    rows = pl.DataFrame([one.row for one in found])
    return rows.sort("stable", "held_out", descending=True, maintain_order=True)


def split(features: Dataset, share: float) -> tuple[Dataset, Dataset]:
    """The rows of the first moments, and of those after them."""
    moments = features.table["decided_at"].unique().sort()
    border = int(share * len(moments))
    if not 0 < border < len(moments):
        raise BadTable(
            f"{share:g} of {len(moments)} moments to learn from", "give a longer history"
        )
    later = features.table["decided_at"] >= moments[border]
    past, rest = (replace(features, table=features.table.filter(part)) for part in (~later, later))
    return past, rest


def tried(recipe: Recipe, past: Dataset, rest: Dataset) -> Tried:
    """Fitted to the past, and asked of the rest row by row."""
    regimes = fitted(recipe, past)
    _, state = regimes.step(regimes.begin(), past)
    said = Hysteresis()(regimes.step(state, rest)[0])
    changed = said.changes
    share = float(changed["changes"].sum() / max(int(changed["steps"].sum()), 1))
    occupied = sum(one >= RAREST for one in said.occupancy.values())
    row = {
        "kind": type(recipe).__name__,
        "states": recipe.states,
        "held_out": regimes.score(rest, state),
        "learnt": regimes.score(past),
        "changes": share,
        "occupied": occupied,
        "stable": share < FASTEST and occupied >= min(2, recipe.states),
        "converged": regimes.learnt.converged,
    }
    return Tried(regimes, row)
