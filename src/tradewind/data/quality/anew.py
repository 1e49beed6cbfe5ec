"""Rows under keys that came before: said again, said otherwise, or mended after they were set aside."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from tradewind.core import Panel
from tradewind.core.panel import KEYS, RESERVED
from tradewind.data.quality.arrivals import Past


@dataclass(frozen=True, eq=False)
class Anew:
    """What is to be judged, and after which past; what may not be; and what adds nothing.

    `changed` are the rows that say otherwise than a stored one, with the values of both as their `reason`;
    `more` counts by column the values that come now for rows which are stored without.
    """

    new: Panel
    past: Past
    changed: pl.DataFrame
    more: Mapping[str, int] = field(default_factory=dict)


def anew(new: Panel, past: Past) -> Anew:
    """The new rows, held against what came under their keys.

    >>> from tradewind.data.quality.arrivals import past_of
    >>> from tradewind.data.quality.quarantine import NOTHING
    >>> came = Panel.from_frame(pl.DataFrame({
    ...     "date": ["2024-01-02", "2024-01-03"], "symbol": "A", "close": [1.0, 1.1]}))
    >>> again = Panel(came.table.with_columns(close=pl.Series([1.0, 1.5]), vwap=1.0))
    >>> found = anew(again, past_of(came.table, NOTHING))
    >>> len(found.new), found.changed["reason"].to_list(), dict(found.more)
    (1, ['close is 1.1, and now 1.5'], {'vwap': 1})
    """
    keys = past.came.select(KEYS)
    rows = new.table.with_columns(pl.col("symbol").cast(pl.String))
    known = rows.join(keys, on=KEYS, how="semi", maintain_order="left")
    if not len(known):
        return Anew(new, past, known.with_columns(reason=pl.lit("")))
    again = _same(known, past.aside)
    news = known.join(again, on=KEYS, how="anti", maintain_order="left")
    mended = news.join(past.open, on=KEYS, how="semi").select(KEYS)
    stored = past.came.join(past.open, on=KEYS, how="anti")
    names = _shared(news, stored)
    pairs = _pairs(news, stored, names)
    reasons = _reasons(pairs, names, stored.schema)
    changed = news.join(reasons, on=KEYS, maintain_order="left")
    if len(changed):
        new = Panel(new.table.filter(~_among(rows, changed)), new.findings)
    if len(mended):
        past = replace(
            past,
            came=past.came.join(mended, on=KEYS, how="anti", maintain_order="left"),
            set_aside=past.set_aside.join(mended, on=KEYS, how="anti", maintain_order="left"),
        )
    alike = pairs.join(changed, on=KEYS, how="anti") if len(changed) else pairs
    return Anew(new, past, changed, _more(news, alike, names))


def _among(rows: pl.DataFrame, some: pl.DataFrame) -> pl.Series:
    """(rows,) whether a row is among some."""
    marked = some.select(*KEYS, among=pl.lit(True))
    found = rows.select(KEYS).join(marked, on=KEYS, how="left", maintain_order="left")
    return found["among"].fill_null(False)


def _shared(rows: pl.DataFrame, before: pl.DataFrame) -> list[str]:
    """The values that both have columns for; those that one lacks say nothing."""
    return [name for name in rows.columns if name not in RESERVED and name in before.columns]


def _pairs(rows: pl.DataFrame, before: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """The rows beside each that came under their key, in its types."""
    kinds = {name: before.schema[name] for name in names}
    both = rows.select(*KEYS, *names).cast(kinds, strict=False)  # type: ignore[arg-type]
    return both.join(before.select(*KEYS, *names), on=KEYS, suffix=" before", maintain_order="left")


def _same(rows: pl.DataFrame, aside: pl.DataFrame) -> pl.DataFrame:
    """The keys of rows that were set aside with these very values."""
    names = _shared(rows, aside)
    alike = [pl.col(name).eq_missing(pl.col(f"{name} before")) for name in names]
    pairs = _pairs(rows, aside, names)
    return pairs.filter(pl.all_horizontal(*alike, pl.lit(True))).select(KEYS).unique()


def _reasons(pairs: pl.DataFrame, names: list[str], kinds: pl.Schema) -> pl.DataFrame:
    """(keys, reason) of the rows that say otherwise than the stored one. Where that has no value, it says
    nothing: its column may have come to the table after it."""
    differ = {
        name: pl.col(f"{name} before").is_not_null()
        & pl.col(name).ne_missing(pl.col(f"{name} before"))
        for name in names
    }
    told = [
        pl.when(one).then(
            pl.format(
                "{} is {}, and now {}",
                pl.lit(name),
                _text(f"{name} before", kinds[name]),
                _text(name, kinds[name]),
            )
        )
        for name, one in differ.items()
    ]
    return pairs.filter(pl.any_horizontal(*differ.values(), pl.lit(False))).select(
        *KEYS,
        reason=pl.concat_str(*told, pl.lit(None, pl.String), separator="; ", ignore_nulls=True),
    )


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    plain = pl.lit("a vector") if isinstance(kind, pl.Array) else pl.col(name).cast(pl.String)
    return pl.when(pl.col(name).is_not_null()).then(plain).otherwise(pl.lit("none"))


def _more(rows: pl.DataFrame, pairs: pl.DataFrame, names: list[str]) -> Mapping[str, int]:
    """By column, how many values these rows have that the stored ones beside them lack."""
    others = [name for name in rows.columns if name not in (*RESERVED, *names)]
    beside = rows.select(*KEYS, *others).join(pairs.select(KEYS), on=KEYS, how="semi")
    counts = {name: beside[name].len() - beside[name].null_count() for name in others}
    for name in names:
        counts[name] = int((pairs[name].is_not_null() & pairs[f"{name} before"].is_null()).sum())
    return {name: count for name, count in counts.items() if count}
