"""`FrameSubject`: any function from a pandas or polars frame to one, on anybody's data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from tradewind.core.arrays import Ints
from tradewind.core.errors import BadTable
from tradewind.core.moments import as_stamps
from tradewind.core.reading import CANONICAL, as_polars, plain_name
from tradewind.evaluation.causality.returned import Order, as_table, counted, is_pandas, order_of
from tradewind.evaluation.causality.subject import (
    Answer,
    Claim,
    Rows,
    Shown,
    factor_of,
    keyed,
    missing_in,
    moved,
)

ROUNDING = 1e-9  # running sums of others round as they please
SETTLED = 1e-6
ROLES = ("symbol", "timestamp", "known_at")


@dataclass(frozen=True, eq=False)
class FrameSubject:
    """A function that takes a frame with a column of stamps, and returns one.

    A row counts as known at its `known_at`, else at its stamp. What comes back is told apart by its own
    stamps (and symbols), or else is one row for each row given. Pandas functions are shown pandas,
    with the index that the data has. One that keeps what it was shown is told apart only if it comes as
    `Anew`.

    >>> days = pl.DataFrame({"date": ["2024-01-02", "2024-01-03"], "close": [1.0, 2.0]})
    >>> ahead = FrameSubject("ahead", lambda rows: rows.select(pl.col("close").shift(-1)), days)
    >>> ahead(Shown.only(np.array([0, 1]))).values["close"].to_list()
    [2.0, None]
    """

    name: str
    function: Callable[[Any], Any]
    frame: Any

    @cached_property
    def rows(self) -> Rows:
        flat = as_polars(self.frame)
        if not len(flat):
            raise BadTable("the data has no rows", "give it at least two moments")
        if "timestamp" not in self._roles:
            rule = f"no column says when: the columns are {', '.join(flat.columns[:12])}"
            raise BadTable(rule, "name one 'timestamp' or 'date'")
        symbol, stamp, known = _read_keys(flat, self._roles)
        known = stamp if known is None else known
        for name, column in (("timestamp", stamp), ("known_at", known)):
            if column.null_count():
                row = int(column.is_null().arg_max() or 0)
                raise BadTable(f"row {row} has no {name}", "drop or fill such rows")
        return Rows(symbol, stamp.to_numpy(), known.to_numpy(), missing_in(flat))

    @cached_property
    def given(self) -> frozenset[str]:
        return frozenset(as_polars(self.frame).columns)

    def claim(self, column: str) -> Claim:  # noqa: ARG002 (nothing is known of anybody's columns)
        return Claim(ROUNDING, settles=SETTLED)

    def __call__(self, shown: Shown) -> Answer:
        frame = self._pandas(shown) if is_pandas(self.frame) else self._polars(shown)
        return self._read(self._called(frame), shown)

    def _called(self, frame: Any) -> Any:
        """What the function makes of a frame; one that ends the program has not answered."""
        try:
            return self.function(frame)
        except SystemExit as error:
            raise BadTable(f"{self.name} ended the program", "let it return a frame") from error

    def _polars(self, shown: Shown) -> pl.DataFrame:
        frame: pl.DataFrame = self.frame[shown.rows]
        if shown.as_they_are:
            return frame
        values = self.frame[shown.source]
        return frame.with_columns(
            moved(column, shown.factor) for column in values if column.name not in self._keys
        )

    def _pandas(self, shown: Shown) -> Any:
        frame = self.frame.iloc[shown.rows].copy()
        if self._counted:
            frame = frame.reset_index(drop=True)
        if shown.as_they_are:
            return frame
        for name in frame.columns:
            if str(name) not in self._keys:
                values = self.frame[name].array.take(shown.source)
                if self.frame[name].dtype.kind == "f":
                    values = (values * factor_of(str(name), shown.factor)).astype(values.dtype)
                frame[name] = values
        return frame

    @cached_property
    def _roles(self) -> dict[str, str]:
        """Which column of the data plays symbol, timestamp and known_at."""
        columns = as_polars(self.frame).columns
        named = {CANONICAL.get(plain_name(name), ""): name for name in reversed(columns)}
        roles = {role: role if role in columns else named.get(role) for role in ROLES}
        roles["timestamp"] = roles["timestamp"] or named.get("session")
        return {role: name for role, name in roles.items() if name}

    @cached_property
    def _keys(self) -> set[str]:
        """The columns that no garbling touches."""
        return {*self._roles.values(), "session"}

    @cached_property
    def _counted(self) -> bool:
        """A pandas index that only counts the rows."""
        return self.frame.index.name is None and self.frame.index.dtype.kind in "iu"

    def _read(self, result: Any, shown: Shown) -> Answer:
        """The answer by its keys: its own, or those of the rows that were shown."""
        flat = self._table(result)
        roles = {
            role: name
            for role in ROLES
            for name in (self._roles.get(role, role), role)
            if name in flat.columns
        }
        numbers = self._numbers(result, len(shown.rows))
        keys = self._own_keys(flat, roles) if "timestamp" in roles else None
        if keys is None:
            labels = next((numbers[name] for name in numbers if name in self._counts), None)
            keys = self._given_keys(shown.rows, labels, len(flat))
        counting = [
            name
            for name, places in numbers.items()
            if name in flat.columns
            and name in self._counts
            and self._are_of(shown.rows[places], keys)
        ]
        return Answer(keys, flat.drop(*roles.values(), *counting, strict=False))

    def _are_of(self, rows: Ints, keys: pl.DataFrame) -> bool:
        """Whether these are the rows that the keys are of: what counts otherwise is no number of a row."""
        symbol, stamp = self.rows.symbol.gather(rows), pl.Series(self.rows.stamp[rows])
        whose = (keys["symbol"] == symbol) | (keys["symbol"] == "")
        return bool((whose & (keys["stamp"] == stamp)).all())

    def _table(self, result: Any) -> pl.DataFrame:
        numbered = is_pandas(self.frame) and self._counted
        return as_table(result, self.name, indexed=not numbered)

    def _own_keys(self, flat: pl.DataFrame, roles: Mapping[str, str]) -> pl.DataFrame | None:
        """The keys that the answer carries; None where it leaves out whose its rows are."""
        symbol, stamp, known = _read_keys(flat, roles)
        nobodys = "symbol" not in roles and self.rows.symbol.n_unique() > 1
        if nobodys and stamp.n_unique() < len(stamp):
            return None
        if known is not None:
            return keyed(symbol, stamp, known)
        if self._known_at_once:
            return keyed(symbol, stamp, stamp)
        first = self._first_known
        if nobodys:
            first = first.group_by("stamp").agg(pl.col("known").min(), pl.lit("").alias("symbol"))
        asked = pl.DataFrame({"symbol": symbol, "stamp": stamp})
        seen = asked.join(first, on=["symbol", "stamp"], how="left", maintain_order="left")
        return keyed(symbol, stamp, seen["known"].fill_null(stamp))

    def _given_keys(self, rows: Ints, labels: Any, count: int) -> pl.DataFrame:
        """The keys of the rows that were shown, by the labels of a pandas answer or one by one."""
        if labels is not None:
            rows = rows[labels]
        elif count != len(rows):
            raise BadTable(
                f"{self.name} returned {count} rows for {len(rows)}, and no column says of when",
                "return one row for each, or keep 'timestamp' (and 'symbol')",
            )
        elif self.rows.symbol.n_unique() > 1:
            rows = rows[self._order(self.rows, rows)]
        all_rows = self.rows
        symbol = all_rows.symbol.gather(rows)
        return keyed(symbol, pl.Series(all_rows.stamp[rows]), pl.Series(all_rows.known[rows]))

    def _numbers(self, result: Any, count: int) -> dict[str, Ints]:
        """What in a pandas answer may be numbers of so many rows, and is no column of the data."""
        if not (is_pandas(result) and is_pandas(self.frame) and self._counted):
            return {}
        return {
            name: places
            for name, places in counted(result).items()
            if name not in self.frame.columns
            and len(places)
            and places.min() >= 0
            and places.max() < count
        }

    @cached_property
    def _counts(self) -> tuple[str, ...]:
        """Where the numbers of rows come back: in what is another when they are numbered otherwise."""
        frame = self._pandas(Shown.only(np.arange(len(self.rows))))
        other = frame.set_axis(frame.index + len(frame))
        try:
            plain, moved_on = counted(self._called(frame)), counted(self._called(other))
        except Exception:  # what looks rows up by their numbers has not lost them
            return ("level_0",)
        return tuple(
            name
            for name, places in plain.items()
            if np.array_equal(places + len(self.rows), moved_on.get(name, places))
        )

    @cached_property
    def _order(self) -> Order:
        """In which order rows come back that nothing tells apart."""

        def ask(rows: Ints) -> pl.DataFrame:
            shown = Shown.only(rows)
            frame = self._pandas(shown) if is_pandas(self.frame) else self._polars(shown)
            return self._table(self._called(frame))

        return order_of(ask, self.rows, ROUNDING)

    @cached_property
    def _known_at_once(self) -> bool:
        """Every row is known at its stamp."""
        return bool((self.rows.known == self.rows.stamp).all())

    @cached_property
    def _first_known(self) -> pl.DataFrame:
        """When there first was a row of each symbol and stamp."""
        rows = self.rows
        table = pl.DataFrame({"symbol": rows.symbol, "stamp": rows.stamp, "known": rows.known})
        return table.group_by("symbol", "stamp").agg(pl.col("known").min())


def _read_keys(
    flat: pl.DataFrame, roles: Mapping[str, str]
) -> tuple[pl.Series, pl.Series, pl.Series | None]:
    """Symbol, stamp and known_at of each row; data of one symbol need not name it."""
    symbol = pl.Series("symbol", [""], dtype=pl.String).new_from_index(0, len(flat))
    if "symbol" in roles:
        symbol = flat[roles["symbol"]].cast(pl.String).fill_null("").alias("symbol")
    known = _micros(flat[roles["known_at"]]) if "known_at" in roles else None
    return symbol, _micros(flat[roles["timestamp"]]), known


def _micros(column: pl.Series) -> pl.Series:
    """Stamps of any kind as microseconds since 1970; a date is its midnight, a naive clock is UTC."""
    moments, _ = as_stamps(column, "UTC")
    return moments.cast(pl.Datetime("us")).to_physical().cast(pl.Int64).alias("stamp")
