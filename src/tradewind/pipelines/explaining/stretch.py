"""The last bars of one symbol with what a family said at each, and why it said nothing at some."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from tradewind.core import Panel
from tradewind.features.coarser import Coarser
from tradewind.features.families import CarriedFamily, Family, StepFamily
from tradewind.features.seen import Seen
from tradewind.features.spec import FeatureSpec
from tradewind.pipelines.explaining.at_hand import Bars

DRAWN = 500  # bars at least, where there are so many
NOTHING = "its formula has no value there: nothing to measure, or a quotient by nought"
SESSIONS, MOST = 5, 8_000  # and as many as are in these last sessions, up to a limit


def as_read(bars: Bars, family: Family) -> tuple[Bars, Family]:
    """The bars that a family reads, be they longer ones, and the family that reads them as they are."""
    if not isinstance(family, Coarser):
        return bars, family
    return Bars(family.bars_asked_for(bars.panel), bars.origin), family.longer


def stretch(bars: Bars, family: Family, symbol: str) -> pl.DataFrame:
    """timestamp, close, and each feature of a family, as all of it was known when the bar was.

    >>> from tradewind.data.synthetic import make_market
    >>> from tradewind.features.registry import BARS
    >>> rows = stretch(Bars(make_market("equity", 2, 600).panel, "made"), BARS, "EQ1")
    >>> rows.columns[:3], len(rows), rows["return_60"].null_count()
    (['timestamp', 'close', 'return_1'], 500, 0)
    """
    one = bars.of(symbol)
    read = one if isinstance(family, CarriedFamily) else bars.panel
    rows = values_at(family, read, _drawn(one))
    rows = rows.filter(pl.col("symbol") == symbol).drop("symbol")
    return rows.unique("timestamp", keep="first").sort("timestamp")


def _drawn(one: Panel) -> list[datetime]:
    """The moments at which the last bars came to be known."""
    first = one.table.filter(~pl.Series(one.corrections)).sort("known_at")
    sessions = first["session"].unique().sort()[-SESSIONS:]
    recent = int(first["session"].is_in(sessions.implode()).sum())
    return first["known_at"].unique().sort()[-min(max(DRAWN, recent), MOST) :].to_list()


def values_at(family: Family, panel: Panel, times: Sequence[datetime]) -> pl.DataFrame:
    """symbol, timestamp, close and each feature, of each newest bar at these moments."""
    seen = Seen(panel, times)
    rows = panel.table[seen.newest].select("symbol", "timestamp", "close")
    values = zip(family.specs, family.values(seen), strict=True)
    return rows.with_columns(pl.Series(spec.name, row).fill_nan(None) for spec, row in values)


def silence(spec: FeatureSpec, family: Family, bars: Panel, rows: pl.DataFrame) -> pl.Series:
    """For each row of a stretch why the feature has no value; null where it has one.

    >>> from tradewind.data.synthetic import make_market
    >>> from tradewind.features.registry import BARS
    >>> bars = Bars(make_market("equity", 1, 70).panel, "made")
    >>> why = silence(BARS.specs[3], BARS, bars.panel, stretch(bars, BARS, "EQ1"))
    >>> why[0], why.null_count()
    ('fewer than 61 bars were known', 10)
    """
    columns = bars.table.columns
    lacking = [name for name in spec.inputs if name not in columns]
    read = [name for name in spec.inputs if name in columns]
    window = 1 if isinstance(family, StepFamily) else spec.lookback
    missing = (
        pl.col(name).is_null().cast(pl.Int8).rolling_max(window, min_samples=1).alias(f"no {name}")
        for name in read
    )
    history = bars.table.unique("timestamp", keep="last").sort("timestamp")
    held = history.select("timestamp", *missing, bars=pl.int_range(1, pl.len() + 1))
    table = rows.select("timestamp", value=spec.name).join(
        held, "timestamp", "left", maintain_order="left"
    )
    why = pl.lit(NOTHING)
    for name in reversed(read):
        why = (
            pl.when(pl.col(f"no {name}") == 1)
            .then(pl.lit(f"no {name} in what it reads"))
            .otherwise(why)
        )
    if isinstance(family, StepFamily):
        begun = (pl.col("bars").first() == 1) & pl.col("value").forward_fill().is_null()
        why = pl.when(begun).then(pl.lit("its history had only begun")).otherwise(why)
    else:
        young = pl.col("bars") < spec.lookback
        why = (
            pl.when(young)
            .then(pl.lit(f"fewer than {spec.lookback:,} bars were known"))
            .otherwise(why)
        )
    if lacking and not table["value"].count():
        why = pl.lit(f"the bars have no {', no '.join(lacking)}")
    return table.select(why=pl.when(pl.col("value").is_null()).then(why))["why"]
