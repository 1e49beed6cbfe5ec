"""From answers over time to versions: what was said first, and what was said otherwise later.

A provider without vintages overwrites its own past. Whoever keeps the answers can still tell when a
row came and when it changed, and that is what a panel needs.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.panel import KEYS, RESERVED
from tradewind.data.sources.answers import Answer

ROW = ["symbol", "timestamp"]


def as_seen(answers: Sequence[Answer], panel_of: Callable[[Any], Panel]) -> Panel:
    """One panel of all answers, the oldest first, each read by `panel_of` from its payload.

    A row is known when its period was published by the declared calendar, or later, when an answer in
    between did not have it. A changed row is a new version, known when we heard it. A row of a period
    that was not over yet when it was heard is left out.

    >>> from datetime import UTC
    >>> def read(closes):
    ...     days = ["2024-01-02", "2024-01-03"][: len(closes)]
    ...     return Panel.from_frame(pl.DataFrame({"date": days, "symbol": "A", "close": closes}))
    >>> early = Answer(datetime(2024, 1, 3, 2, tzinfo=UTC), b"[10.0]")
    >>> late = Answer(datetime(2024, 1, 4, 2, tzinfo=UTC), b"[10.5, 11.0]")
    >>> as_seen([early, late], read).table.select("close", pl.col("known_at").dt.day()).rows()
    [(10.0, 2), (10.5, 4), (11.0, 3)]
    """
    versions: list[pl.DataFrame] = []
    last: pl.DataFrame | None = None
    before: datetime | None = None
    unfinished = 0
    for answer in answers:
        at, panel = answer.at, panel_of(answer.payload)
        whole = panel.table.with_columns(pl.col("symbol").cast(pl.String))
        rows = whole.filter(pl.col("timestamp") <= at)
        unfinished = len(whole) - len(rows)
        news = _first(rows, at) if last is None or before is None else _news(rows, last, before, at)
        versions.append(news)
        last = _latest(news, last)
        before = at
    told = (*panel.findings, *([_left_out(unfinished)] if unfinished else []))
    return _panel(versions, told)


def _first(rows: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Nothing was heard before: the declared publication is the best that is known."""
    return rows.with_columns(
        known_at=pl.min_horizontal("known_at", pl.lit(at, rows.schema["known_at"]))
    )


def _news(rows: pl.DataFrame, last: pl.DataFrame, before: datetime, at: datetime) -> pl.DataFrame:
    """Rows that were not there at the answer before, and rows that were there with other values."""
    heard = pl.lit(at, rows.schema["known_at"])
    new = rows.join(last, on=ROW, how="anti", maintain_order="left")
    published = (pl.col("known_at") > before) | (pl.col("timestamp") < last["timestamp"].min())
    new = new.with_columns(
        known_at=pl.when(published).then(pl.min_horizontal("known_at", heard)).otherwise(heard)
    )
    values = [name for name in rows.columns if name not in RESERVED]
    both = rows.join(last, on=ROW, how="inner", maintain_order="left", suffix=" before")
    differ = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(f"{name} before")) for name in values if name in last.columns
    )
    changed = both.filter(differ).select(rows.columns).with_columns(known_at=heard)
    return pl.concat([new, changed])


def _latest(news: pl.DataFrame, last: pl.DataFrame | None) -> pl.DataFrame:
    if last is None:
        return news
    return pl.concat([last.join(news, on=ROW, how="anti"), news], how="diagonal")


def _panel(versions: Sequence[pl.DataFrame], told: tuple[Finding, ...]) -> Panel:
    table = pl.concat(versions, how="diagonal")
    names = pl.Enum(table["symbol"].unique().sort())
    return Panel(table.with_columns(pl.col("symbol").cast(names)).sort(KEYS), told)


def _left_out(rows: int) -> Finding:
    detail = f"{rows} rows of periods that were not over yet were left out"
    return Finding("source.unfinished", "info", "answer", detail, "read again when they are over")


def no_vintages(name: str) -> Finding:
    """What a series without vintages cannot tell."""
    return Finding(
        "source.no_vintages",
        "warning",
        name,
        "values are as they were last revised when first asked for; what was published first is unknown",
        "take a series with vintages where there is one",
    )
