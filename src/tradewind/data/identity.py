"""`InstrumentMap`: whose rows these are. A ticker is a name that companies take up, and leave to others."""

from dataclasses import dataclass

import polars as pl

from tradewind.core import Finding, Panel
from tradewind.core.errors import BadTable, nearest
from tradewind.core.panel import KEYS
from tradewind.core.tables import by_value, require_columns

STRANGER = "?"


@dataclass(frozen=True, eq=False)
class InstrumentMap:
    """Which instrument each ticker meant: (instrument, ticker, first, until), sessions from `first` up
    to, not including, `until`; null where it still does.

    It is looked up with hindsight, since a name tells nothing of a price; so it has no `known_at`.

    >>> from datetime import date
    >>> names = InstrumentMap(pl.DataFrame({
    ...     "instrument": ["Facebook", "Facebook"], "ticker": ["FB", "META"],
    ...     "first": [date(2012, 5, 18), date(2022, 6, 9)], "until": [date(2022, 6, 9), None]}))
    >>> bars = Panel.from_frame(pl.DataFrame({"date": ["2002-03-28", "2012-05-18", "2022-06-09"],
    ...     "symbol": ["FB", "FB", "META"], "close": [33.2, 38.23, 184.0]}))
    >>> names.named(bars).table.select("symbol", "close").rows()
    [('FB?', 33.2), ('Facebook', 38.23), ('Facebook', 184.0)]
    """

    table: pl.DataFrame

    __eq__ = by_value

    def __post_init__(self) -> None:
        columns = {"instrument": pl.String, "ticker": pl.String, "first": pl.Date}
        require_columns(self.table, "InstrumentMap", columns)
        require_columns(self.table.drop_nulls("until"), "InstrumentMap", {"until": pl.Date})
        empty = self.table.filter(pl.col("until") <= pl.col("first"))
        if len(empty):
            row = empty.row(0, named=True)
            raise BadTable(
                f"{row['ticker']!r} is {row['instrument']!r} from {row['first']} until {row['until']}",
                "let an interval end after it begins; `until` is the first session that it lacks",
            )
        for name in ("ticker", "instrument"):
            self._require_apart(name)

    def _require_apart(self, name: str) -> None:
        rows = self.table.sort(name, "first")
        until = pl.col("until").shift(1).over(name)
        second = pl.int_range(pl.len()).over(name) > 0
        clash = rows.filter(second & (until.is_null() | (until > pl.col("first"))))
        if len(clash):
            row = clash.row(0, named=True)
            raise BadTable(
                f"the {name} {row[name]!r} has two intervals that hold {row['first']}",
                "end the earlier one (`until`) where the later one begins",
            )

    @classmethod
    def from_panel(cls, panel: Panel) -> "InstrumentMap":
        """The map in a stored table: from its session on each row's symbol means its `instrument`, until
        the symbol's next row; one without an instrument ends a name.

        >>> rows = Panel.from_frame(pl.DataFrame({"date": ["2012-05-18", "2022-06-09"],
        ...     "symbol": "FB", "instrument": ["Facebook", None]}))
        >>> [str(value) for value in InstrumentMap.from_panel(rows).table.row(0)]
        ['Facebook', 'FB', '2012-05-18', '2022-06-09']
        """
        if "instrument" not in panel.columns:
            raise BadTable(
                "a map of instruments has no column 'instrument'",
                nearest("instrument", panel.columns),
            )
        last = panel.table.unique(KEYS[:2], keep="last", maintain_order=True)
        rows = last.select(
            pl.col("instrument").cast(pl.String),
            pl.col("symbol").cast(pl.String).alias("ticker"),
            pl.col("session").alias("first"),
            pl.col("session").shift(-1).over("symbol").alias("until"),
        )
        return cls(rows.drop_nulls("instrument"))

    def named(self, panel: Panel) -> Panel:
        """The panel by instruments: renames join, a name that was taken up again comes apart.

        Rows of a ticker that then meant no known instrument are named FB? (FB?2022-06-09 after that
        session), and a finding tells. A ticker of which the map says nothing keeps its name.
        """
        intervals = self.table.select("instrument", "first", "until", symbol=pl.col("ticker")).sort(
            "symbol", "first"
        )
        rows = panel.table.with_columns(pl.col("symbol").cast(pl.String)).join_asof(
            intervals,
            left_on="session",
            right_on="first",
            by="symbol",
            check_sortedness=False,
        )
        within = pl.col("until").is_null() | (pl.col("session") < pl.col("until"))
        stranger = pl.col("symbol") + STRANGER + pl.col("until").cast(pl.String).fill_null("")
        silent = ~pl.col("symbol").is_in(self._spoken_of)
        name = (
            pl.when(silent)
            .then("symbol")
            .when(within & pl.col("instrument").is_not_null())
            .then("instrument")
            .otherwise(stranger)
        )
        named = rows.with_columns(name.alias("symbol")).select(panel.table.columns)
        names = pl.Enum(self._names(panel))
        table = named.with_columns(pl.col("symbol").cast(names)).sort(KEYS)
        return Panel(table, (*panel.findings, *_told(named)))

    @property
    def _spoken_of(self) -> list[str]:
        return sorted({*self.table["ticker"], *self.table["instrument"]})

    def _names(self, panel: Panel) -> list[str]:
        """Every name that a row of these tickers may get, whenever it is from."""
        tickers = panel.names.categories.to_list()
        mine = self.table.filter(pl.col("ticker").is_in(tickers))
        spoken = [ticker for ticker in tickers if ticker in self._spoken_of]
        ended = mine.drop_nulls("until").select(
            pl.col("ticker") + STRANGER + pl.col("until").cast(pl.String)
        )
        return sorted(
            {*mine["instrument"], *ended.to_series(), *(name + STRANGER for name in spoken)}
            | (set(tickers) - set(spoken))
        )


def _told(named: pl.DataFrame) -> tuple[Finding, ...]:
    strangers = named.filter(pl.col("symbol").str.contains(STRANGER, literal=True))
    if not len(strangers):
        return ()
    names = strangers["symbol"].unique().sort().to_list()
    where = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return (
        Finding(
            "identity.stranger",
            "warning",
            where,
            f"{len(strangers):,} rows are of tickers that then meant no instrument of the map",
            "add whose they were to the map; they are kept apart from those who took the name later",
        ),
    )
