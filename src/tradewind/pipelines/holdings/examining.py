"""What the checks say of the bars that lie in a workspace, without what is set aside already."""

from dataclasses import dataclass

import polars as pl

from tradewind.core import Finding, Panel, find_calendar
from tradewind.core.errors import TradewindError
from tradewind.core.tables import UTC_TIME
from tradewind.data.declared_calendars import by_calendar, calendars_of
from tradewind.data.quality.checks import (
    MOST_IN_ERROR,
    findings_of,
    no_verdicts,
    verdicts_on,
)
from tradewind.data.quality.recorded import unshown
from tradewind.data.quality.verdicts import KEYS, few_of
from tradewind.data.store import MarketStore
from tradewind.pipelines.gathering import on_record
from tradewind.pipelines.ingesting.ingest import quarantine_of
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Examined:
    """The bars, what the checks say of them, the rows set aside, and all of it as findings."""

    bars: Panel
    version: int
    verdicts: pl.DataFrame
    aside: pl.DataFrame
    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...]


def examine(workspace: Workspace, calendar: str = "XNYS") -> Examined:
    """Every byte of the store against what was acknowledged, and every bar against the checks, by the
    calendar that was declared for its symbol; this one where none was.

    A row that the gate has set aside already, its withdrawal, and its release by a person are no
    findings again: one finding tells how many rows are set aside, and it is an error where they are so
    many that the rest means little.
    """
    store = MarketStore(workspace.path)
    damage = store.damage()
    aside = quarantine_of(workspace).list()
    bars, broken = _bars(store)
    actions = on_record(store)
    said = calendars_of(store)
    kept = {symbol: said.get(symbol, calendar) for symbol in bars.symbols}
    found = [
        verdicts_on(part, find_calendar(keeper), actions=actions)
        for keeper, part in by_calendar(bars, kept).items()
    ]
    verdicts = unsettled(pl.concat(found or [no_verdicts(bars)]), aside)
    odd = () if actions is None else unshown(bars, actions)
    told = (*findings_of(verdicts, bars), *odd)
    return Examined(
        bars,
        store.version,
        verdicts,
        aside,
        (*store.findings, *damage, *broken, *set_aside(aside, len(bars)), *told),
        tuple(name for name in store.tables if name != "bars"),
    )


def _bars(store: MarketStore) -> tuple[Panel, tuple[Finding, ...]]:
    """The bars; none, and why, where they cannot be read."""
    if "bars" not in store.tables:
        return no_bars(), ()
    try:
        return store.read("bars"), ()
    except TradewindError as error:
        return no_bars(), (Finding("store.unreadable", "error", "bars", error.rule, error.remedy),)


def no_bars() -> Panel:
    """A panel of bars without any."""
    times = {"timestamp": UTC_TIME, "known_at": UTC_TIME, "session": pl.Date()}
    return Panel(pl.DataFrame(schema={"symbol": pl.Enum([]), **times}))


def unsettled(verdicts: pl.DataFrame, aside: pl.DataFrame) -> pl.DataFrame:
    """The verdicts about rows that have not been withdrawn or released. What was set aside when it came
    is no row of the store: one under its key came after it, mended."""
    if not len(aside) or not len(verdicts):
        return verdicts
    withdrawn = aside.filter(pl.col("quarantined_at") > pl.col("known_at"))
    moments = (
        (withdrawn, "known_at"),
        (withdrawn, "quarantined_at"),
        (aside.filter(state="released"), "decided_at"),
    )
    settled = pl.concat(
        rows.select("symbol", "timestamp", known_at=moment) for rows, moment in moments
    )
    keys = settled.with_columns(pl.col("symbol").cast(verdicts.schema["symbol"], strict=False))
    return verdicts.join(keys, on=KEYS, how="anti", maintain_order="left")


def set_aside(aside: pl.DataFrame, kept: int) -> tuple[Finding, ...]:
    """What the quarantine holds beside so many rows in the store, as a finding; nothing where it is
    empty, or all of it was released.

    >>> rows = pl.DataFrame({"symbol": ["A", "B"], "check": "bars.spike", "state": "held",
    ...     "known_at": 1, "quarantined_at": 1})
    >>> [finding.severity for kept in (18, 1000) for finding in set_aside(rows, kept)]
    ['error', 'warning']
    """
    left = aside.filter(pl.col("state") != "released")
    if not len(left):
        return ()
    taken_back = left["quarantined_at"] > left["known_at"]
    withdrawn = int(taken_back.sum())  # these are in the store too, twice
    came, held = len(left) + kept - 2 * withdrawn, int((left["state"] == "held").sum())
    few = len(left) <= MOST_IN_ERROR * came
    by_check = left["check"].value_counts(sort=True).rows()
    told = ", ".join(f"{count:,} by {check}" for check, count in by_check)
    return (
        Finding(
            "quarantine.rows",
            ("warning" if held else "info") if few else "error",
            few_of(left["symbol"].unique().sort().to_list()),
            f"{len(left):,} of {came:,} rows are set aside, {told}; {held:,} wait for a decision",
            "see `tradewind quarantine list`, then release or drop them",
        ),
    )
