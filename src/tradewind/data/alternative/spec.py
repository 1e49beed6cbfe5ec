"""`AlternativeDataSpec`: what one source of alternative data declares of itself."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePath
from typing import Literal, get_args

from tradewind.core.errors import BadConfig, nearest
from tradewind.core.joining import Side
from tradewind.data.sources.batches import KINDS
from tradewind.data.sources.stamping import Stamping

Kind = Literal[
    "macro",
    "funding",
    "on_chain",
    "sentiment",
    "implied_volatility",
    "corporate_actions",
    "fundamentals",
]
DATABASES = (".db", ".sqlite", ".sqlite3")
KEPT = ("store", "fred")
EXAMPLE = '{name: cpi, kind: macro, source: "fred:CPIAUCSL", values: [value], stale_after: 100d}'


@dataclass(frozen=True)
class AlternativeDataSpec:
    """One source: where it is, whose its rows are, which columns count, and when each was known.

    `source` is a .csv or .parquet file, a `table` of an SQLite file, `store:TABLE` of the workspace, or
    `fred:SERIES` among the observations that were ingested. `entity` is the column that names the symbol
    of a row; without one the rows are of the whole market. `of` takes one entity alone, for the whole
    market: a single series of a long table. Columns are found by their usual names, or those given.

    `lag` is how long after its period a row was published, where the data do not say when it was:

    >>> AlternativeDataSpec("cpi", "macro", "cpi.csv", ("value",), lag=timedelta(days=-1))
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: 'cpi' is published -1 day, 0:00:00 after its period: give a lag ...
    """

    name: str
    kind: Kind
    source: str
    values: tuple[str, ...]
    table: str | None = None
    entity: str | None = None
    of: str | None = None
    timestamp: str | None = None
    known_at: str | None = None
    stamping: Stamping = field(default_factory=Stamping)
    lag: timedelta | None = None
    stale_after: timedelta | None = None
    enabled: bool = True

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name) or self.name == "bars":
            raise BadConfig(
                f"a source cannot be called {self.name!r}",
                "give lower-case letters, digits and _, such as cpi; bars are the market's own",
            )
        if self.kind not in get_args(Kind):
            raise BadConfig(
                f"{self.name!r} is of the kind {self.kind!r}", nearest(self.kind, get_args(Kind))
            )
        if self.lag is not None and self.lag < timedelta():
            raise BadConfig(
                f"{self.name!r} is published {self.lag} after its period", "give a lag of 0 or more"
            )
        self._require_source()
        _ = self.side  # its columns and its age are checked where it is made

    def __str__(self) -> str:
        """What is declared, in one line.

        >>> print(AlternativeDataSpec("cpi", "macro", "fred:CPIAUCSL", ("value",), lag=timedelta(45)))
        macro of fred:CPIAUCSL, values value, stamping dates are sessions, complete at the close; \
moments come with their known_at; sessions of XNYS, lag 45 days, 0:00:00
        """
        said = {**vars(self), "values": " ".join(self.values)}
        rest = {key: said[key] for key in said if key not in ("name", "kind", "source", "enabled")}
        told = [f"{key} {value}" for key, value in rest.items() if value is not None]
        return ", ".join([f"{self.kind} of {self.source}", *told])

    @property
    def side(self) -> Side:
        """How its panel is joined."""
        return Side(self.name, self.values, self.stale_after)

    @property
    def store_table(self) -> str | None:
        """The table of the workspace that it is read from, if it is."""
        where, found, table = self.source.partition(":")
        if not found or where not in KEPT:
            return None
        return "observations" if where == "fred" else table

    @property
    def only(self) -> str | None:
        """The one entity whose rows hold for the whole market, if not all rows do."""
        return self.source.removeprefix("fred:") if self.source.startswith("fred:") else self.of

    @property
    def in_database(self) -> bool:
        return PurePath(self.source).suffix.lower() in DATABASES

    def _require_source(self) -> None:
        """Refuse a source of no kind that is read, and a declaration that would be forgotten."""
        stored = self.store_table is not None
        if not stored and PurePath(self.source).suffix.lower() not in (*KINDS, *DATABASES):
            raise BadConfig(
                f"{self.name!r} is read from {self.source!r}",
                "give a path that ends in .csv, .parquet or .db, store:TABLE or fred:SERIES",
            )
        if self.in_database != (self.table is not None):
            raise BadConfig(
                f"{self.name!r} is read from {self.source!r}, table {self.table!r}",
                "name the table of a database, and of nothing else",
            )
        if (stored or self.in_database) and (self.timestamp or self.known_at):
            raise BadConfig(
                f"{self.name!r} names its time columns, and {self.source!r} has them by name",
                "drop timestamp and known_at, or make a view that calls them so",
            )
        if stored and self.stamping != Stamping():
            raise BadConfig(
                f"{self.name!r} says how stamps are read, and {self.source!r} was read already",
                "drop stamping",
            )
        if (stored or self.in_database) and self.entity not in (None, "symbol"):
            raise BadConfig(
                f"{self.name!r} takes the symbol from {self.entity!r}",
                "the rows of a table are of their 'symbol': say entity: symbol",
            )
        if self.source.startswith("fred:") and (self.entity or self.of):
            raise BadConfig(
                f"{self.name!r} is one series of FRED, which holds for the whole market",
                "drop entity and of",
            )
        if self.of is not None and self.entity is None:
            raise BadConfig(
                f"{self.name!r} is of {self.of!r}, and no column says which rows are",
                "name it: entity: series",
            )


def names_a_symbol(spec: AlternativeDataSpec) -> BadConfig:
    """The refusal of rows that are of symbols, where the source says that they are of the whole market."""
    return BadConfig(
        f"the rows of {spec.source!r} name a symbol, and {spec.name!r} says no entity",
        "name the column that says whose each row is (entity), and, if one alone is meant, which (of)",
    )


@dataclass(frozen=True)
class AlternativeDataConfig:
    """What is joined to the bars besides, source by source."""

    sources: tuple[AlternativeDataSpec, ...] = field(
        default=(), metadata={"doc": f"what else was known, joined as of then, such as [{EXAMPLE}]"}
    )

    def __post_init__(self) -> None:
        names = [spec.name for spec in self.sources]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise BadConfig(f"two sources are called {twice[0]!r}", "rename one of them")

    @property
    def enabled(self) -> tuple[AlternativeDataSpec, ...]:
        """The sources that are switched on."""
        return tuple(spec for spec in self.sources if spec.enabled)

    @property
    def declared(self) -> dict[str, str]:
        """All that is declared of each source that is switched on: what its features depend on."""
        return {spec.name: str(spec) for spec in self.enabled}
