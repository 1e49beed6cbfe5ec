"""Regimes by rule: volatility, liquidity and the rotation of sectors, each symbol's and the market's.

A rule needs no fit and no luck: it says how today stands among the days before it. It is what a fitted
detector has to beat, and what an analyst can recount with pencil and paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from tradewind.context.bands import Bands
from tradewind.core import Dataset, Panel
from tradewind.core.errors import BadTable, Misuse
from tradewind.core.tables import floats, micros, physical

LEVELS = pl.Enum(["unknown", "low", "normal", "high"])
PLACES = pl.Enum(["unknown", "lagging", "neutral", "leading"])
UNKNOWN = "unknown"
NEEDED = {"volatility": "volatility_20", "liquidity": "liquidity_20", "rotation": "return_60"}
MOMENT_BEFORE = timedelta(microseconds=1)  # a session that ends at midnight is the day before
LABELS = (*NEEDED, *(f"market_{name}" for name in NEEDED))
STORED: Mapping[str, Any] = {"of": pl.String, "name": pl.String, "value": pl.Float64}


@dataclass(eq=False)
class LabelState:
    """What the labels of the next moment need to know: every value that was seen, sorted, by series.

    The one thing here that changes in place: to copy the past at each moment would cost more than to
    label it. `table` keeps it, and `restored` goes on from there as if nothing had been between.
    """

    bands: Bands = field(default_factory=Bands)
    at: datetime | None = None
    pasts: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LabelState):
            return NotImplemented
        same = (self.bands, self.at) == (other.bands, other.at)
        return same and self.table.equals(other.table)

    def past(self, of: str, name: str) -> list[float]:
        """The past of one series, empty where it has none."""
        return self.pasts.setdefault((of, name), [])

    @property
    def table(self) -> pl.DataFrame:
        """One row a value: of which measure, of whom, ascending."""
        rows = [
            pl.DataFrame({"of": of, "name": name, "value": past}, schema=STORED)
            for (of, name), past in sorted(self.pasts.items())
        ]
        return pl.concat(rows) if rows else pl.DataFrame(schema=STORED)

    @classmethod
    def restored(cls, bands: Bands, at: datetime | None, table: pl.DataFrame) -> "LabelState":
        """The state that a table was made of."""
        series = table.group_by("of", "name", maintain_order=True).agg("value")
        pasts = {(of, name): sorted(values) for of, name, values in series.iter_rows()}
        return cls(bands, at, pasts)


def generate_regime_labels(
    features: Dataset, bands: tuple[float, float] = (1 / 3, 2 / 3), least: int = 60
) -> Panel:
    """The labels of a whole history, one row per (symbol, timestamp), known at that moment.

    `volatility` and `liquidity` are low, normal or high among the symbol's own past; `rotation` says
    whether the symbol's sector leads or lags the market, among all that sectors ever did: the median
    60-bar return of the sector less that of the market. `market_volatility` and `market_liquidity` do
    the same with the median over the symbols, and `market_rotation` names the sector that leads. What
    is not known yet is `unknown`: the first `least` values, a missing measure, a market of one sector.

    The rows need `volatility_20`, `liquidity_20` and `return_60`, and for the rotation a `sector`.

    >>> from datetime import UTC, timedelta
    >>> calm, wild = [0.01, 0.02, 0.03], [0.09]
    >>> start = datetime(2024, 1, 2, 21, tzinfo=UTC)
    >>> rows = Dataset(pl.DataFrame({
    ...     "decided_at": [start + timedelta(days=i) for i in range(4)], "symbol": "ACME",
    ...     "volatility_20": calm + wild, "liquidity_20": None, "return_60": 0.0,
    ... }, schema_overrides={"symbol": pl.Enum(["ACME"]), "liquidity_20": pl.Float64}), ())
    >>> generate_regime_labels(rows, least=3).table["volatility"].to_list()
    ['unknown', 'unknown', 'unknown', 'high']
    """
    return step(LabelState(Bands(*bands, least)), features)


def step(state: LabelState, rows: Dataset) -> Panel:
    """The labels of the next moment, or moments; `state` moves on past them.

    A history labelled in one step, moment by moment, or across a stop and a restart is the same to the
    bit: each measure is a median over the rows of its own moment, whose bits do not depend on who else
    is in the table, and the bands read whole moments in their order.
    """
    table = _in_order(state, rows)
    own = {of: _each(state, of, table) for of in ("volatility", "liquidity")}
    market, sectors = _market(state, table), _sectors(state, table)
    if len(table):
        state.at = table["decided_at"].dt.max()  # type: ignore[assignment]
    said = (
        table.select("symbol", "decided_at", "sector", **own)
        .join(sectors, ["decided_at", "sector"], "left", maintain_order="left")
        .join(market, "decided_at", "left", maintain_order="left")
        .join(_leaders(sectors), "decided_at", "left", maintain_order="left")
        .with_columns(pl.col("rotation", "market_rotation").fill_null(UNKNOWN))
        .with_columns(pl.col("decided_at").alias(name) for name in ("timestamp", "known_at"))
    )
    session = (pl.col("decided_at") - MOMENT_BEFORE).dt.date().alias("session")
    return Panel(said.select("symbol", "timestamp", "known_at", session, *LABELS))


def _in_order(state: LabelState, rows: Dataset) -> pl.DataFrame:
    """The rows by symbol; what lacks a measure, or comes before what was labelled, is refused."""
    table = rows.table
    require_measures(table)
    first = table["decided_at"].dt.min()
    if len(table) and state.at is not None and first <= state.at:  # type: ignore[operator]
        raise Misuse(
            f"rows of {first} are to be labelled, and {state.at} has been",
            "give each moment once, whole and in its order",
        )
    sector = pl.col("sector") if "sector" in table.columns else pl.lit(None)
    return table.with_columns(sector=sector.cast(pl.String)).sort("symbol", "decided_at")


def require_measures(table: pl.DataFrame) -> None:
    """Refuse rows without a column that a rule reads, which may be empty."""
    for name in NEEDED.values():
        if name not in table.columns:
            remedy = (
                f"rules read {', '.join(NEEDED.values())}: give all of them, empty where unknown"
            )
            raise BadTable(f"the rows have no {name}", remedy)


def _each(state: LabelState, of: str, table: pl.DataFrame) -> pl.Series:
    """(rows,) each symbol's values among its own."""
    codes = physical(table["symbol"])
    starts = (np.flatnonzero(codes[1:] != codes[:-1]) + 1).tolist()
    moments = micros(table["decided_at"]).tolist()
    values = floats(table[NEEDED[of]]).tolist()
    names = table["symbol"].gather([0, *starts] if len(table) else []).cast(pl.String)
    said: list[int] = []
    for name, (begin, end) in zip(names, pairwise([0, *starts, len(table)]), strict=False):
        past = state.past(of, name)
        said += state.bands.follow(past, moments[begin:end], values[begin:end])
    return _named(LEVELS, said)


def _market(state: LabelState, table: pl.DataFrame) -> pl.DataFrame:
    """(decided_at, market_volatility, market_liquidity): the median symbol, among its own past."""
    measures = {of: pl.col(NEEDED[of]).median() for of in ("volatility", "liquidity")}
    medians = table.group_by("decided_at").agg(**measures).sort("decided_at")
    said = {f"market_{of}": _among(state, f"market_{of}", medians, of, LEVELS) for of in measures}
    return medians.select("decided_at", **said)


def _sectors(state: LabelState, table: pl.DataFrame) -> pl.DataFrame:
    """(decided_at, sector, strength, rotation): each sector against the market, among all they ever did."""
    strength = pl.col(NEEDED["rotation"]).median()
    of_all = table.group_by("decided_at").agg(strength.alias("of all"))
    named = table.filter(pl.col("sector").is_not_null() & pl.col("return_60").is_not_null())
    rows = named.group_by("decided_at", "sector").agg(strength=strength).join(of_all, "decided_at")
    several = pl.len().over("decided_at") > 1
    rows = rows.filter(several).sort("decided_at", "sector")
    rows = rows.with_columns(strength=pl.col("strength") - pl.col("of all"))
    rotation = _among(state, "rotation", rows, "strength", PLACES)
    return rows.select("decided_at", "sector", "strength", rotation=rotation)


def _leaders(sectors: pl.DataFrame) -> pl.DataFrame:
    """(decided_at, market_rotation): the strongest sector, the first by name of several."""
    strongest = sectors.sort("decided_at", "strength", "sector", descending=[False, True, False])
    return strongest.group_by("decided_at", maintain_order=True).agg(
        market_rotation=pl.col("sector").first()
    )


def _among(
    state: LabelState, of: str, rows: pl.DataFrame, column: str, names: pl.Enum
) -> pl.Series:
    """(rows,) one series, in the order of its moments, among its own past."""
    moments, values = micros(rows["decided_at"]).tolist(), floats(rows[column]).tolist()
    return _named(names, state.bands.follow(state.past(of, ""), moments, values))


def _named(names: pl.Enum, codes: Sequence[int]) -> pl.Series:
    return names.categories.gather(np.array(codes, dtype=np.intp)).cast(names)
