"""`label_findings`: labels that say nothing, or so much that nothing can be learnt from them."""

import polars as pl

from tradewind.context.rule_labels import LABELS, UNKNOWN
from tradewind.core import Finding, Panel

FEWEST, MOST = 2, 20


def label_findings(labels: Panel) -> list[Finding]:
    """A warning for each column of regime labels that has one label, or more than twenty.

    What is unknown is no label, since it says nothing of the market.

    >>> bars = pl.DataFrame({"date": ["2024-01-02", "2024-01-03"], "symbol": "ACME", "close": 1.0})
    >>> table = Panel.from_frame(bars).table.drop("close").with_columns(
    ...     volatility=pl.Series(["unknown", "low"]), liquidity=pl.Series(["low", "high"]))
    >>> [(finding.where, finding.detail) for finding in label_findings(Panel(table))]
    [('regimes.volatility', "its only label is 'low'")]
    """
    found = []
    for name in (name for name in LABELS if name in labels.columns):
        said = labels.table[name].cast(pl.String).unique().drop_nulls().sort()
        said = said.filter(said != UNKNOWN)
        if FEWEST <= len(said) <= MOST:
            continue
        detail = (
            f"it has {len(said)} labels, above {MOST}" if len(said) > MOST else "no label is known"
        )
        if len(said) == 1:
            detail = f"its only label is {said[0]!r}"
        found.append(
            Finding(
                "regimes.cardinality",
                "warning",
                f"regimes.{name}",
                detail,
                "give a longer history, other bands, or symbols of two to twenty sectors",
            )
        )
    return found
