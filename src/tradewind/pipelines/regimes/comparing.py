"""`compare`: detectors side by side, by bars that they had not seen, and by the truth where there is one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tradewind.context.regimes.assigning import assign
from tradewind.context.regimes.choosing import Tried, ranked, split, tried
from tradewind.context.regimes.model import Of
from tradewind.core import Clock, Dataset, Finding, Truth
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market
from tradewind.data.synthetic.regimes import REGIMES
from tradewind.features import compute
from tradewind.pipelines.regimes.config import RegimesConfig, every_recipe
from tradewind.pipelines.regimes.fitting import asked, observed
from tradewind.pipelines.regimes.rows import (
    KEYS,
    Rows,
    as_seen,
    chosen,
    first_known,
    homes,
    told_of,
)
from tradewind.pipelines.tell import Tell
from tradewind.storage.workspace import Workspace

SHARE = 0.7  # of the moments, from which each learns
MADE = 5, 3000  # symbols and bars of the market that stands in where there are no bars


@dataclass(frozen=True)
class Comparison:
    """Of whom, where the bars are from, and how each detector did: best first."""

    of: Of
    origin: str
    table: pl.DataFrame

    @property
    def summary(self) -> str:
        """A line a detector."""
        head = (
            f"{self.of}, {self.origin}; each learnt from the first {SHARE:.0%}, judged by the rest"
        )
        return "\n".join([head, *(_line(row) for row in self.table.iter_rows(named=True))])


@dataclass(frozen=True)
class Compared:
    """The comparisons that were made, and what was left out or stood in for."""

    comparisons: tuple[Comparison, ...]
    findings: tuple[Finding, ...]

    @property
    def summary(self) -> str:
        """One after the other."""
        made = (one.summary for one in self.comparisons)
        return "\n".join([*made, *(f"  {finding}" for finding in self.findings)])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        rows = {
            one.of: {"origin": one.origin, "detectors": one.table.to_dicts()}
            for one in self.comparisons
        }
        return {
            "comparisons": rows,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def compare(workspace: Workspace, config: RegimesConfig, tell: Tell, clock: Clock) -> Compared:
    """Every kind of detector, of two states to as many as are configured: how likely it makes rows that
    it had not seen, how often what it says changes there, how many states are occupied.

    On the bars of a workspace; where there are none on a made market, whose truth is known: there up to
    as many as are planted, and `found` is the share of each of these that was found, the mean of all.
    """
    rows, truth, origin, findings = _at_hand(workspace, config, tell, clock)
    done = []
    for of in (one for one in ("market", "symbol") if one in config.of):
        with tell.stage(f"try: {of}"):
            seen = as_seen(of, told_of(of, None, rows))
            most = config.states if truth is None else len(REGIMES)
            done.append(Comparison(of, origin, _tried(seen, truth, most, tell)))
    return Compared(tuple(done), findings)


def _at_hand(
    workspace: Workspace, config: RegimesConfig, tell: Tell, clock: Clock
) -> tuple[Rows, Truth | None, str, tuple[Finding, ...]]:
    """The rows, the truth where it is known, where all that is from, and what was left out."""
    names = asked(config.features)
    if workspace.marker.exists() and "bars" in MarketStore(workspace.path).tables:
        every, odd = observed(workspace, config.features, tell, clock)
        rows, findings = chosen(every, names)
        return rows, None, f"on the bars of {workspace.path.name}", (*odd, *findings)
    market = make_market("equity", *MADE, seed=7)
    features = [*homes(config.features)]
    table = compute(market.panel, features).with_columns(market.panel.table.select(*KEYS[2:]))
    rows, findings = chosen(first_known([table], features), names)
    return rows, market.truth, "on a made market: there are no bars here", findings


def _tried(seen: Dataset, truth: Truth | None, states: int, tell: Tell) -> pl.DataFrame:
    past, rest = split(seen, SHARE)
    recipes, found = every_recipe(states), list[Tried]()
    for done, recipe in enumerate(recipes, start=1):
        one = tried(recipe, past, rest)
        share = None if truth is None else _found(one, seen, rest, truth.regimes)
        found.append(Tried(one.regimes, {**one.row, "found": share}))
        tell.progress(done, len(recipes))
    return ranked(found)


def _found(one: Tried, seen: Dataset, rest: Dataset, planted: pl.DataFrame) -> float:
    """The mean share of each planted regime's rows on which its state leads, states given to regimes as
    suits best; a regime that no state is left for was not found at all."""
    told = one.regimes.filter(seen).table.filter(pl.col("at") >= rest.table["decided_at"][0])
    there = told.select("at").join(
        planted, left_on="at", right_on="timestamp", how="left", maintain_order="left"
    )
    codes = there["regime"].to_physical().to_numpy()
    leads = told.select(one.regimes.names).to_numpy().argmax(axis=1)
    shares = np.array(
        [
            [(leads[codes == code] == k).mean() for k in range(len(one.regimes.names))]
            for code in np.unique(codes)
        ]
    )
    places = assign(shares, none=0.0)
    return float(
        np.mean([row[k] if k >= 0 else 0.0 for row, k in zip(shares, places, strict=True)])
    )


def _line(row: dict[str, Any]) -> str:
    found = "" if row["found"] is None else f"  found {row['found']:.1%}"
    stable = "stable" if row["stable"] else "UNSTABLE"
    return (
        f"  {row['kind']:<16} {row['states']} states  log density {row['held_out']:>8.3f}  "
        f"changes {row['changes']:>6.2%}  {row['occupied']} occupied  {stable}{found}"
    )
