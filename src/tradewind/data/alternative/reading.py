"""From what a source declares to its panel: read, cut to what counts, and known when it was published."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.errors import BadStamp, BadTable, nearest
from tradewind.core.joining import WHOLE_MARKET
from tradewind.core.panel import KEYS
from tradewind.core.tables import micros
from tradewind.data.alternative.file_rows import file_panel
from tradewind.data.alternative.spec import AlternativeDataSpec, names_a_symbol
from tradewind.data.sources.sifting import Aside
from tradewind.data.sources.sqlite import SqliteDatabase
from tradewind.data.sources.stamping import NOTHING
from tradewind.data.store import MarketStore


def published(spec: AlternativeDataSpec, folder: Path) -> Panel:
    """The panel of a source, each row known from when it was published; paths are of the folder.

    >>> from datetime import timedelta
    >>> from tempfile import TemporaryDirectory
    >>> from tradewind.data.sources.stamping import Stamping
    >>> with TemporaryDirectory() as name:
    ...     folder = Path(name)
    ...     _ = (folder / "cpi.csv").write_text("date,value\\n2024-01-01,1.5\\n2024-02-01,1.6\\n")
    ...     spec = AlternativeDataSpec("cpi", "macro", "cpi.csv", ("value",),
    ...         stamping=Stamping(calendar="month"), lag=timedelta(days=12))
    ...     published(spec, folder).table.select(pl.col("known_at").dt.date().cast(str), "value").rows()
    [('2024-02-13', 1.5), ('2024-03-13', 1.6)]
    """
    kept: list[pl.DataFrame] = []
    panel = _read(spec, folder, kept.append)
    if not len(panel):
        reasons = ", ".join(sorted({reason for rows in kept for reason in rows["reason"]}))
        rule = f"no row of {spec.source!r} can be joined: {reasons or 'there is none'}"
        raise BadTable(rule, "mend the source, or disable it")
    panel = _of_entity(spec, panel)
    panel = _lagged(spec, _of_values(spec, panel))
    told = (found for found in panel.findings if found.check != "source.aside")
    return Panel(
        panel.table,
        (
            *(replace(found, where=f"{spec.name}: {found.where}") for found in told),
            *_set_aside(spec, kept),
        ),
    )


def _read(spec: AlternativeDataSpec, folder: Path, aside: Aside) -> Panel:
    if spec.store_table is not None:
        return _stored(spec, MarketStore(folder))
    if spec.in_database:
        return _of_database(spec, folder / spec.source, aside)
    return file_panel(spec, folder / spec.source, aside)


def _stored(spec: AlternativeDataSpec, store: MarketStore) -> Panel:
    if spec.store_table not in store.tables:
        known = nearest(spec.store_table or "", store.tables) if store.tables else "ingest it first"
        raise BadTable(f"{spec.name!r} is read from {spec.source!r}, and there is no table", known)
    return store.read(spec.store_table)


def _of_database(spec: AlternativeDataSpec, path: Path, aside: Aside) -> Panel:
    sources = {source.rows.name: source for source in SqliteDatabase(path).sources(spec.stamping)}
    if spec.table not in sources:
        raise BadTable(
            f"{path.name} has no table {spec.table!r} with a time",
            nearest(str(spec.table), sources) if sources else "add a column that says when",
        )
    source = sources[str(spec.table)]
    whole = replace(source, batch_rows=max(source.rows.rows, 1), aside=aside)
    return next(whole.read(), NOTHING)


def _of_entity(spec: AlternativeDataSpec, panel: Panel) -> Panel:
    """The rows that are meant; what holds for the whole market is of the symbol that says so."""
    table = panel.table
    if spec.only is not None:
        table = table.filter(pl.col("symbol").cast(pl.String) == spec.only)
        if not len(table):
            rule = f"{spec.name!r} is of {spec.only!r}, and {spec.source!r} has no such rows"
            raise BadTable(rule, nearest(spec.only, panel.symbols))
    elif spec.entity is not None:
        return panel
    elif panel.symbols != (WHOLE_MARKET,):
        raise names_a_symbol(spec)
    market = pl.lit(WHOLE_MARKET, pl.Enum([WHOLE_MARKET]))
    return Panel(table.with_columns(symbol=market), panel.findings)


def _of_values(spec: AlternativeDataSpec, panel: Panel) -> Panel:
    """The columns that count, and the rows that observe any of them, or take back what one observed."""
    spec.side.features(panel)
    table = panel.table.select(*KEYS, "session", *spec.values)
    observed = pl.any_horizontal(pl.col(spec.values).is_not_null())
    kept = table.filter(observed.cum_sum().over("symbol", "timestamp") > 0)
    empty = len(table) - len(kept)
    told = [_nothing(spec, empty)] if empty else []
    return Panel(kept, (*panel.findings, *told))


def _lagged(spec: AlternativeDataSpec, panel: Panel) -> Panel:
    """Known when a row says, or after the lag that was declared: one of the two, and not both.

    A correction always says. A row that was corrected before its lag was over was not news by then.
    """
    superseded = panel.life[1]
    silent = pl.Series(~panel.corrections) & (panel.table["known_at"] == panel.table["timestamp"])
    if not silent.any():
        if spec.lag is not None and len(panel):
            raise BadStamp(
                f"{spec.name!r} declares a lag of {spec.lag}, and its rows say when they were known",
                "drop the lag",
            )
        return panel
    if spec.lag is None:
        raise BadStamp(
            f"{spec.name!r} does not say when its rows were published, {silent.sum():,} of "
            f"{len(panel):,}",
            "add a known_at column, or declare how long after its period each was: lag: 45d (0d if at "
            "once)",
        )
    later = pl.when(silent).then(pl.col("known_at") + spec.lag).otherwise("known_at")
    table = panel.table.with_columns(later)
    overtaken = silent & pl.Series(micros(table["known_at"]) >= superseded)
    return Panel(table.filter(~overtaken), panel.findings)


def _set_aside(spec: AlternativeDataSpec, kept: list[pl.DataFrame]) -> tuple[Finding, ...]:
    counts: dict[str, int] = {}
    for rows in kept:
        for reason, count in rows["reason"].value_counts(sort=True).rows():
            counts[reason] = counts.get(reason, 0) + count
    return tuple(
        Finding(
            "alternative.aside",
            "warning",
            spec.name,
            f"{count:,} rows were left out: {reason}",
            "ask the source; what is left out is joined to nothing",
        )
        for reason, count in counts.items()
    )


def _nothing(spec: AlternativeDataSpec, rows: int) -> Finding:
    detail = f"{rows:,} rows have none of the values and were left out"
    remedy = "holidays have none; look at other gaps"
    return Finding("alternative.nothing", "info", spec.name, detail, remedy)
