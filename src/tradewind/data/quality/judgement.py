"""What the gate finds of faults that were planted, and what it makes up: precision and recall.

A market is made with one fault at a time, so that each verdict of its check is either about a planted
row or made up. The table of docs/quality.md comes from here.
"""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from tradewind.core import Market
from tradewind.data.quality.gate import Gate
from tradewind.data.synthetic import make_market

FINDS: Mapping[str, tuple[str, ...]] = {
    "duplicates": ("restatements.repeated",),
    "gaps": ("gaps.missing",),
    "spikes": ("bars.spike",),
    "zero_volume": ("bars.no_volume",),
    "splits": ("bars.split",),
    "swapped_columns": ("bars.order", "bars.swapped"),
    "bad_clock": ("clock.off_session",),
}
ROWS = ["symbol", "timestamp"]


def judge(
    kinds: Sequence[str], freq: str, seeds: Iterable[int], symbols: int = 10, periods: int = 400
) -> pl.DataFrame:
    """For each fault and kind: rows planted, found and made up, recall and precision, and the errors of
    any other check on rows that are right.

    >>> judge(["fx"], "1d", range(1)).filter(fault="spikes").select("recall", "precision").row(0)
    (1.0, 1.0)
    """
    counts = [
        {"fault": fault, "kind": kind, "freq": freq, **_counted(market, fault)}
        for kind in kinds
        for seed in seeds
        for fault in FINDS
        for market in [make_market(kind, symbols, periods, freq, seed, faults=[fault])]
    ]
    table = pl.DataFrame(counts).group_by("fault", "kind", "freq", maintain_order=True).sum()
    told = pl.col("found_rows") + pl.col("made_up")
    return table.with_columns(
        recall=pl.col("found") / pl.col("planted"), precision=pl.col("found_rows") / told
    )


def judge_clean(
    kinds: Sequence[str], freq: str, seeds: Iterable[int], symbols: int = 10, periods: int = 400
) -> pl.DataFrame:
    """For each kind: rows of markets without a fault, and the errors and warnings on them."""
    counts = []
    for kind in kinds:
        for seed in seeds:
            market = make_market(kind, symbols, periods, freq, seed)
            severity = _gate(market)(market.panel).verdicts["severity"]
            errors, warnings = (int((severity == name).sum()) for name in ("error", "warning"))
            row = {"rows": len(market.panel), "errors": errors, "warnings": warnings}
            counts.append({"kind": kind, "freq": freq, **row})
    return pl.DataFrame(counts).group_by("kind", "freq", maintain_order=True).sum()


def _gate(market: Market) -> Gate:
    return Gate(calendar=market.calendars["bars"])


def _counted(market: Market, fault: str) -> dict[str, int]:
    assert market.truth is not None
    planted = market.truth.faults.select(ROWS)
    verdicts = _gate(market)(market.panel).verdicts
    mine = verdicts.filter(pl.col("check").is_in(FINDS[fault])).select(ROWS).unique()
    other = verdicts.filter(severity="error").join(planted, on=ROWS, how="anti")
    other = other.filter(~pl.col("check").is_in(FINDS[fault])).select(ROWS).unique()
    if fault == "gaps":
        found, right = _bridged(market, planted, mine)
    else:
        found = right = len(mine.join(planted, on=ROWS, how="semi"))
    return {
        "planted": len(planted),
        "found": found,
        "found_rows": right,
        "made_up": len(mine) - right,
        "other_errors": len(other),
    }


def _bridged(market: Market, planted: pl.DataFrame, after: pl.DataFrame) -> tuple[int, int]:
    """How many of the missing bars lie in a gap that was told, and how many such gaps hold one."""
    rows = market.panel.table.select(ROWS).unique(maintain_order=True)
    rows = rows.with_columns(pl.col("timestamp").shift(1).over("symbol").alias("since"))
    told = after.join(rows, on=ROWS, how="left").rename({"timestamp": "until"})
    inside = planted.join(told, on="symbol").filter(
        pl.col("timestamp") > pl.col("since"), pl.col("timestamp") < pl.col("until")
    )
    return inside.select(ROWS).n_unique(), inside.select("symbol", "until").n_unique()


def page() -> str:
    """docs/quality.md: what is found, at what price, and how it was measured."""
    daily = judge(["equity", "crypto", "fx"], "1d", range(5))
    intraday = judge(["equity", "crypto", "fx"], "1h", range(5))
    clean = pl.concat(
        [
            judge_clean(["equity", "etf", "crypto", "fx"], "1d", range(5)),
            judge_clean(["equity", "etf", "crypto", "fx"], "1h", range(5)),
            judge_clean(["equity", "etf", "crypto", "fx"], "1m", range(5)),
            judge_clean(["property"], "1mo", range(5)),
        ]
    )
    columns = ["fault", "kind", "freq", "planted", "found", "made_up", "recall", "precision"]
    faults = (
        pl.concat([daily, intraday]).sort("freq", "fault", "kind").select(*columns, "other_errors")
    )
    return PAGE.format(faults=markdown(faults), clean=markdown(clean))


def markdown(table: pl.DataFrame) -> str:
    """A table as Markdown, shares to two digits.

    >>> print(markdown(pl.DataFrame({"fault": ["spikes"], "recall": [1.0]})))
    | fault | recall |
    |---|---|
    | spikes | 1.00 |
    """
    rows = [
        [
            f"{cell:.2f}" if isinstance(cell, float) else str(cell).replace("|", "\\|")
            for cell in row
        ]
        for row in table.iter_rows()
    ]
    ruler = ["---"] * len(table.columns)
    lines = [" | ".join(row) for row in (table.columns, *rows)]
    return "\n".join(
        [f"| {lines[0]} |", f"|{'|'.join(ruler)}|", *(f"| {one} |" for one in lines[1:])]
    )


PAGE = """\
# What the quality gate finds

Faults are planted in made markets, one kind of fault at a time (10 symbols, 400 bars, 5 seeds), and the
gate is asked. `planted` counts rows; `made_up` counts verdicts of the check in question on rows that are
right; `other_errors` are errors of any other check on rows that are right. This page is written by

    python -c "from tradewind.data.quality.judgement import page; print(page(), end='')" > docs/quality.md

{faults}

What is not found, and why. A clock that is hours wrong in a market that never closes moves bars to hours
at which they might have been: there it shows as a gap, and as an error only where the bar's session says
otherwise. A gap, and a wrong clock, in the first 40 bars of a symbol are told once the fortieth has come;
in the first eight bars no spike and no split is told, since nobody knows yet what is usual.

## Markets without a fault

{clean}

## On real data

On 336 shares over four years the gate sets six bars aside, each with its close outside low..high, and none
of the days on which prices really fell or leapt; among the bars that it only warns of are those of
2014-10-30, where two dozen names carry another day's prices. Of twelve unadjusted histories it sets one
close aside: GOOG on 2008-09-30, whose last trades were cancelled by the exchange.
"""
