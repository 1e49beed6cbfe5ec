"""What the gate says of new rows, given all that came before them.

The checks need earlier bars, and the store holds them; but the store holds what passed, with what was
withdrawn and released since, and the checks want the rows as they came. `Past` brings those back. So a
market that comes day by day is judged as if it had come at once:

- a new row is judged with the history before it, and a stored row again with what came after it;
- a stored row that is found out now is withdrawn: a later version of it has no values;
- what was set aside stays as it was decided, and what was said is not said again.

That is exact where rows come in the order in which they were known. Where they do not, a stored row may
turn out to have been wrong when it came. Nothing unsays it, so it is withdrawn a microsecond later.

What comes under a key that came before is one of three things (`anew` tells them apart):

- with the same values it adds nothing; a column that is absent, then or now, says nothing, and a value
  for a stored row that has none is told;
- with other values than a stored row it is set aside as `row.key`, with both values told: what was known
  is never overwritten, so a correction needs a `known_at` of its own; a strict ingest refuses;
- with other values than a row that was set aside, held or dropped, it is a new candidate, and judged by
  what it says itself.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import polars as pl

from tradewind.core import Calendar, Panel
from tradewind.core.panel import KEYS, RESERVED
from tradewind.core.reading import in_order
from tradewind.data.quality.checks import findings_of, verdicts_on
from tradewind.data.quality.gate import GateResult, first_errors, passed, with_reasons

RECORD = (*KEYS, "check", "reason", "quarantined_at")
NEXT = timedelta(microseconds=1)


@dataclass(frozen=True, eq=False)
class Past:
    """Rows as they came, those of them that were set aside, and the versions that withdraw some.

    Where several came under one key, `came` has the one that is stored, or else the last.
    """

    came: pl.DataFrame
    set_aside: pl.DataFrame  # keys of these, with check, reason and quarantined_at
    withdrawn: pl.DataFrame  # their keys
    aside: pl.DataFrame  # every row that was set aside, with its values
    open: pl.DataFrame  # keys of rows in `came` that are stored in no way, and may come mended

    def __len__(self) -> int:
        return len(self.came)


def past_of(stored: pl.DataFrame, quarantined: pl.DataFrame) -> Past:
    """What came, from what the store and the quarantine hold of some symbols.

    A release is no arrival, and neither is a withdrawal. A row that says nothing is told from one by
    the record of the quarantine.
    """
    stored = stored.with_columns(pl.col("symbol").cast(pl.String))
    quarantined = quarantined.filter(pl.col("written").is_null())  # of others nobody knows the row
    later = quarantined.filter(pl.col("quarantined_at") > pl.col("known_at"))
    released = quarantined.filter(  # or was to be, when something cut it short
        pl.col("decided_at").is_not_null() & (pl.col("state") != "dropped")
    )
    values = [pl.col(name).is_null() for name in stored.columns if name not in RESERVED]
    empty = stored.filter(pl.all_horizontal(*values, pl.lit(True)))
    withdrawn = empty.select(KEYS).join(_versions(later, "quarantined_at"), on=KEYS, how="semi")
    ours = pl.concat([withdrawn, _versions(released, "decided_at")])
    kept = stored.join(ours, on=KEYS, how="anti")
    last = quarantined.unique(KEYS, keep="last", maintain_order=True)
    at_once = last.filter(pl.col("quarantined_at") == pl.col("known_at"))
    mended = at_once.join(kept, on=KEYS, how="semi")  # what is stored came after it
    record = last.join(mended, on=KEYS, how="anti", maintain_order="left")
    refused = record.join(kept, on=KEYS, how="anti", maintain_order="left")
    columns = [name for name in stored.columns if name in refused.columns]
    came = pl.concat([kept, refused.select(columns)], how="diagonal_relaxed")
    still = refused.filter(pl.col("state") != "released").select(KEYS)
    return Past(came, record.select(RECORD), withdrawn, quarantined, still)


def _versions(rows: pl.DataFrame, known_at: str) -> pl.DataFrame:
    """The keys of the versions that a decision about these rows made."""
    return rows.select("symbol", "timestamp", pl.col(known_at).alias("known_at"))


def together(new: Panel, past: Past) -> tuple[Panel, Past]:
    """The new rows among all that came, in the columns of the new ones; and the past in their names."""
    if not len(past):
        return new, past
    seen = past.came["symbol"].unique().cast(pl.String)
    names = pl.Enum(pl.concat([seen, new.names.categories]).unique().sort())
    said = replace(
        past,
        came=_named(past.came, names),
        set_aside=_named(past.set_aside, names),
        withdrawn=_named(past.withdrawn, names),
    )
    table = _named(new.table, names)
    columns = [name for name in table.columns if name in said.came.columns]
    schema = {name: table.schema[name] for name in columns}
    before = said.came.select(columns).cast(schema, strict=False)  # type: ignore[arg-type]
    fresh = table.join(said.came, on=KEYS, how="anti")
    whole = pl.concat([before, fresh], how="diagonal").select(table.columns)
    return Panel(in_order(whole), new.findings), said


def _named(frame: pl.DataFrame, names: pl.Enum) -> pl.DataFrame:
    return frame.with_columns(pl.col("symbol").cast(names))


def judged(
    new: Panel,
    past: Past,
    calendar: Calendar,
    shared: pl.DataFrame | None = None,
    actions: Panel | None = None,
) -> GateResult:
    """What is to be kept, set aside and told now that these rows have come, none of which says otherwise
    than a stored one.

    >>> from tradewind.core import find_calendar
    >>> from tradewind.data.quality.gate import Gate
    >>> from tradewind.data.synthetic import make_market
    >>> panel = make_market("crypto", 3, 100, seed=2, faults=["spikes"]).panel
    >>> cut, keeper = panel.moments[60], find_calendar("24/7")
    >>> first = Gate(calendar=keeper)(panel.until(cut))
    >>> held = first.quarantined.with_columns(
    ...     pl.col("symbol").cast(pl.String), state=pl.lit("held"),
    ...     decided_at=pl.lit(None), written=pl.lit(None))
    >>> later = Panel(panel.arrivals(cut, panel.moments[-1]))
    >>> second = judged(later, past_of(first.clean.table, held), keeper)
    >>> whole = Gate(calendar=keeper)(panel)
    >>> len(first.clean) + len(second.clean) == len(whole.clean)
    True
    """
    whole, past = together(new, past)
    verdicts = verdicts_on(whole, calendar, shared, actions)
    if not len(past):
        errors = with_reasons(whole, first_errors(verdicts))
        return GateResult(passed(whole, errors), errors, verdicts, findings_of(verdicts, new))
    errors = pl.concat([_barred(new, past), first_errors(verdicts)]).unique(
        KEYS, keep="first", maintain_order=True
    )
    fresh = _withdrawable(errors.join(past.set_aside, on=KEYS, how="anti"), past)
    record = pl.concat([past.set_aside, fresh])
    clean = passed(whole, with_reasons(whole, record))
    old = past.came.join(new.table.cast({"symbol": whole.names}), on=KEYS, how="anti")
    added = clean.table.join(old, on=KEYS, how="anti").join(past.withdrawn, on=KEYS, how="anti")
    told = _news(verdicts, fresh, past)
    return GateResult(
        replace(clean, table=added), with_reasons(whole, fresh), told, findings_of(told, new)
    )


def _withdrawable(errors: pl.DataFrame, past: Past) -> pl.DataFrame:
    """Errors on rows that were let pass can only be acted on after the row was known."""
    believed = errors.join(past.came, on=KEYS, how="semi").select(*KEYS, believed=pl.lit(True))
    after = pl.max_horizontal("quarantined_at", pl.col("known_at") + NEXT)
    when = pl.when("believed").then(after).otherwise("quarantined_at")
    marked = errors.join(believed, on=KEYS, how="left", maintain_order="left")
    return marked.with_columns(when.alias("quarantined_at")).select(RECORD)


def _barred(new: Panel, past: Past) -> pl.DataFrame:
    """Corrections known at the very moment at which their row was withdrawn: the key is taken."""
    names = past.withdrawn.schema["symbol"]
    keys = new.table.select(pl.col("symbol").cast(names), "timestamp", "known_at")
    return keys.join(past.withdrawn, on=KEYS, how="semi").select(
        *KEYS,
        pl.lit("row.withdrawn").alias("check"),
        pl.lit("the row was withdrawn at the same moment, before this came").alias("reason"),
        quarantined_at="known_at",
    )


def _news(verdicts: pl.DataFrame, fresh: pl.DataFrame, past: Past) -> pl.DataFrame:
    """The verdicts without those on stored rows that could be said when the symbol last came."""
    newest = past.came.group_by("symbol").agg(pl.col("known_at").max().alias("newest"))
    old = verdicts.join(past.came, on=KEYS, how="semi").join(fresh, on=KEYS, how="anti")
    said = old.join(newest, on="symbol").filter(pl.col("verdict_known_at") <= pl.col("newest"))
    return verdicts.join(said, on=[*KEYS, "check"], how="anti", maintain_order="left")
