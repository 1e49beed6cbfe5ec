"""From what a source declares to its panel: read, cut to what counts, and known when it was published."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.errors import BadStamp, BadTable, nearest
from tradewind.core.joining import WHOLE_MARKET
from tradewind.core.moments import all_midnight
from tradewind.core.panel import KEYS, RESERVED
from tradewind.core.reading import with_known_names
from tradewind.data.alternative.spec import AlternativeDataSpec
from tradewind.data.sources.batches import batches
from tradewind.data.sources.files import ROWS
from tradewind.data.sources.sifting import Aside
from tradewind.data.sources.sqlite import SqliteDatabase
from tradewind.data.sources.stamping import NOTHING, moments
from tradewind.data.store import MarketStore

BY_SYMBOL = (
    "name the column that says whose each row is (entity), and, if one alone is meant, which (of)"
)


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
    panel = _of_entity(spec, _read(spec, folder, kept.append))
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
    return _of_file(spec, folder / spec.source, aside)


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


def _of_file(spec: AlternativeDataSpec, path: Path, aside: Aside) -> Panel:
    """The file by the columns that were declared; the names of its values are nobody else's to read."""
    came = pl.concat(list(batches(path, ROWS)), how="vertical_relaxed")
    given = {"timestamp": spec.timestamp, "known_at": spec.known_at, "symbol": spec.entity}
    declared = {column: name for name, column in given.items() if column}
    for column in (*declared, *spec.values):
        if column not in came.columns:
            raise BadTable(f"{path.name} has no column {column!r}", nearest(column, came.columns))
    slots = {column: f"value {place}" for place, column in enumerate(spec.values)}
    rest = with_known_names(came.drop(*declared, *slots))
    if spec.entity is None and "symbol" in rest.columns:
        raise BadTable(f"the rows of {path.name} name a symbol, and {spec.name!r} none", BY_SYMBOL)
    keys = [name for name in RESERVED if name in rest.columns and name not in declared.values()]
    frame = came.select(*declared, *slots).rename({**declared, **slots}).hstack(rest.select(keys))
    frame = frame.with_columns(_value(path, came[column], slots[column]) for column in slots)
    if "timestamp" in frame.columns and spec.stamping.stamps in (None, "session"):
        frame = frame.with_columns(_days_as_dates(frame["timestamp"], spec.stamping.tz))
    if "known_at" in frame.columns:
        frame = frame.with_columns(_by_the_end_of_the_day(frame["known_at"], spec.stamping.tz))
    symbol = WHOLE_MARKET if spec.entity is None else None
    panel = spec.stamping.read(frame, name=path.name, symbol=symbol, aside=aside)
    return Panel(panel.table.rename({slot: name for name, slot in slots.items()}), panel.findings)


def _value(path: Path, column: pl.Series, slot: str) -> pl.Series:
    """A column of numbers, or of vectors that are all as long as the first."""
    dtype = column.dtype
    if isinstance(dtype, pl.List) and dtype.inner.is_numeric():
        widths = column.list.len().drop_nulls().unique().sort().to_list()
        if len(widths) != 1:
            raise BadTable(
                f"vectors of {column.name!r} in {path.name} have {widths} places",
                "give them all as many",
            )
        column = column.list.to_array(widths[0])
    elif not (dtype.is_numeric() or dtype == pl.Boolean or isinstance(dtype, pl.Array)):
        raise BadTable(
            f"column {column.name!r} of {path.name} is {dtype}", "give numbers, or lists of them"
        )
    return column.alias(slot)


def _days_as_dates(column: pl.Series, tz: str | None) -> pl.Series:
    """Days that were widened to midnights as the days they are, so that one that is not over yet when
    its row is known is seen for the error that it is."""
    _, shown = moments(column, tz)
    return shown.dt.date() if _of_days(shown) else column


def _by_the_end_of_the_day(column: pl.Series, tz: str | None) -> pl.Series:
    """Days of publication as the moments at which they were over: nobody says at which hour it came."""
    when, shown = moments(column, tz)
    if not _of_days(shown):
        return when
    over = shown.cast(pl.Date).cast(pl.Datetime("us")).dt.offset_by("1d")
    over = over.dt.replace_time_zone(tz or "UTC", ambiguous="latest", non_existent="null")
    return over.dt.convert_time_zone("UTC")


def _of_days(shown: pl.Series) -> bool:
    return shown.dtype == pl.Date or all_midnight(shown)


def _of_entity(spec: AlternativeDataSpec, panel: Panel) -> Panel:
    """The rows that are meant; what holds for the whole market is of the symbol that says so."""
    table = panel.table
    if spec.only is not None:
        table = table.filter(pl.col("symbol").cast(pl.String) == spec.only)
        if not len(table):
            rule = f"{spec.name!r} is of {spec.only!r}, and {spec.source!r} has no such rows"
            raise BadTable(rule, nearest(spec.only, panel.symbols))
        table = table.with_columns(symbol=pl.lit(WHOLE_MARKET))
    elif spec.entity is None and panel.symbols != (WHOLE_MARKET,):
        raise BadTable(
            f"the rows of {spec.source!r} name a symbol, and {spec.name!r} none", BY_SYMBOL
        )
    names = table["symbol"].cast(pl.String)
    own = pl.Enum(names.unique().sort())
    return Panel(table.with_columns(symbol=names.cast(own)), panel.findings)


def _of_values(spec: AlternativeDataSpec, panel: Panel) -> Panel:
    """The columns that count, and the rows that observe any of them."""
    spec.side.features(panel)
    table = panel.table.select(*KEYS, "session", *spec.values)
    seen = table.filter(pl.any_horizontal(pl.col(spec.values).is_not_null()))
    empty = len(table) - len(seen)
    told = [_nothing(spec, empty)] if empty else []
    return Panel(seen, (*panel.findings, *told))


def _lagged(spec: AlternativeDataSpec, panel: Panel) -> Panel:
    """Known when the data say, or after the lag that was declared: one of the two, and not both."""
    said = bool((panel.table["known_at"] != panel.table["timestamp"]).any())
    if said and spec.lag is not None:
        raise BadStamp(
            f"{spec.name!r} declares a lag of {spec.lag}, and its rows say when they were known",
            "drop the lag",
        )
    if said or not len(panel):
        return panel
    if spec.lag is None:
        raise BadStamp(
            f"{spec.name!r} does not say when its rows were published",
            "add a known_at column, or declare how long after its period each was: lag: 45d (0d if at "
            "once)",
        )
    return Panel(panel.table.with_columns(pl.col("known_at") + spec.lag), panel.findings)


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
