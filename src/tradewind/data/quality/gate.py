"""`Gate`: what may pass, what is set aside and why, and nothing that is lost.

The gate can be asked what it would have said at any moment, and always gives the same answer: what it
lets pass, it never removes. A row that is found out later stays as it was known until then; what
comes after it is a new version of it without values, known when the verdict was.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tradewind.core import Calendar, Finding, Panel, find_calendar
from tradewind.core.errors import BadTable, Refusal
from tradewind.data.quality.checks import findings_of, verdicts_on
from tradewind.data.quality.quarantine import ABOUT
from tradewind.data.quality.recorded import unshown
from tradewind.data.quality.verdicts import KEYS


@dataclass(frozen=True)
class GateResult:
    """What came of a panel at the gate.

    `clean` is what may be used, `quarantined` the rows set aside with `check`, `reason` and
    `quarantined_at`; a row that was set aside later than it came is in both, and `clean` has its
    withdrawal. `verdicts` are all of them, warnings too.
    """

    clean: Panel
    quarantined: pl.DataFrame
    verdicts: pl.DataFrame
    findings: tuple[Finding, ...]

    def summary(self) -> pl.DataFrame:
        """(check, severity, symbols, rows, first, last), the gravest first.

        >>> from tradewind.data.synthetic import make_market
        >>> market = make_market("equity", 5, 200, seed=1, faults=["swapped_columns"])
        >>> Gate()(market.panel).summary().select("check", "severity", "symbols", "rows").rows()
        [('bars.order', 'error', 1, 2)]
        """
        grouped = self.verdicts.group_by("check", "severity").agg(
            pl.col("symbol").n_unique().alias("symbols"),
            pl.len().alias("rows"),
            pl.col("timestamp").min().alias("first"),
            pl.col("timestamp").max().alias("last"),
        )
        return grouped.sort("severity", "rows", "check", descending=[True, True, False])


@dataclass(frozen=True)
class Gate:
    """Panel -> GateResult. A strict gate refuses a panel with errors; another sets its rows aside.

    >>> from tradewind.data.synthetic import make_market
    >>> market = make_market("equity", 5, 200, seed=1, faults=["spikes", "swapped_columns"])
    >>> result = Gate()(market.panel)
    >>> result.quarantined.select("check", "reason").rows()
    [('bars.spike', ...), ('bars.order', ...), ('bars.order', ...), ('bars.spike', ...)]

    What it says of a part of history is what it said then:

    >>> then = market.panel.moments[120]
    >>> Gate()(market.panel.until(then)).clean == result.clean.until(then)
    True

    With the `actions` on record it looks for leaps in what a holding was worth, where a split is none:

    >>> bars = make_market("equity", 5, 200, seed=1, plants=["actions"])
    >>> "bars.split" in set(Gate()(bars.panel).verdicts["check"])
    True
    >>> "bars.split" in set(Gate(actions=bars.panels["actions"])(bars.panel).verdicts["check"])
    False
    """

    strict: bool = False
    calendar: str | Calendar = "XNYS"
    actions: Panel | None = None

    def __call__(self, panel: Panel) -> GateResult:
        require_free_names(panel)
        keeper = self.calendar
        keeper = find_calendar(keeper) if isinstance(keeper, str) else keeper
        verdicts = verdicts_on(panel, keeper, actions=self.actions)
        findings = findings_of(verdicts, panel)
        if self.actions:
            findings = (*findings, *unshown(panel, self.actions))
        if self.strict:
            require_no_errors(findings, in_error(verdicts))
        quarantined = with_reasons(panel, first_errors(verdicts))
        return GateResult(passed(panel, quarantined), quarantined, verdicts, findings)


def require_free_names(panel: Panel) -> None:
    """Refuse a column with a name that the quarantine writes beside the rows.

    >>> bars = pl.DataFrame({"date": ["2024-01-02"], "symbol": "A", "close": 1.0, "reason": 2.0})
    >>> require_free_names(Panel.from_frame(bars))
    Traceback (most recent call last):
    tradewind.core.errors.BadTable: bars cannot have a column 'reason': the quarantine keeps check, ...
    """
    taken = next((name for name in panel.columns if name in ABOUT), None)
    if taken:
        raise BadTable(
            f"bars cannot have a column {taken!r}: the quarantine keeps {', '.join(ABOUT)} there",
            f"name it anew, on the command line with --column {taken}=my_{taken}",
        )


def in_error(verdicts: pl.DataFrame) -> int:
    """How many rows have an error."""
    return verdicts.filter(pl.col("severity") == "error").select(KEYS).n_unique()


def require_no_errors(findings: Sequence[Finding], rows: int) -> None:
    """Refuse what has rows in error, naming the first of them and how many there are."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        first = errors[0]
        raise Refusal(
            f"{rows:,} rows are in error by {len(errors)} checks, first {first.check} in "
            f"{first.where}: {first.detail}",
            f"{first.remedy}, or pass the gate without --strict to set them aside",
        )


def first_errors(verdicts: pl.DataFrame) -> pl.DataFrame:
    """(symbol, timestamp, known_at, check, reason, quarantined_at): the first error of each row in one."""
    errors = verdicts.filter(pl.col("severity") == "error")
    return errors.unique(KEYS, keep="first", maintain_order=True).select(
        *KEYS, "check", "reason", quarantined_at="verdict_known_at"
    )


def with_reasons(panel: Panel, errors: pl.DataFrame) -> pl.DataFrame:
    """The rows in error as they were, each with what was said of it."""
    return panel.table.join(errors, on=KEYS, maintain_order="left")


def passed(panel: Panel, quarantined: pl.DataFrame) -> Panel:
    """The rows that were not set aside when they came, and the withdrawals of those set aside later."""
    if not len(quarantined):
        return panel
    refused = quarantined.filter(pl.col("quarantined_at") == pl.col("known_at"))
    came = Panel(panel.table.join(refused.select(KEYS), on=KEYS, how="anti"), panel.findings)
    later = quarantined.filter(pl.col("quarantined_at") > pl.col("known_at"))
    withdrawn = came.table.with_columns(pl.Series("superseded", came.life[1])).join(
        later.select(*KEYS, "quarantined_at"), on=KEYS, maintain_order="left"
    )
    believed = withdrawn["superseded"] > withdrawn["quarantined_at"].to_physical()
    withdrawals = withdrawn.filter(believed).select(
        "symbol",
        "timestamp",
        pl.col("quarantined_at").alias("known_at"),
        "session",
        *[pl.lit(None, dtype=came.table.schema[name]).alias(name) for name in came.columns],
    )
    both = pl.concat([came.table, withdrawals.select(came.table.columns)])
    return Panel(both.sort(KEYS), panel.findings)
