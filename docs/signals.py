"""Fuse six signals with prices, on real data, and write what reaches the rows into docs/across-symbols.md:

    python docs/signals.py FOLDER

FOLDER has the files that `written` and `fused` read, in equities, macro and markets.
"""

import re
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from tradewind.core import Dataset, Market
from tradewind.data.alternative.connector import AlternativeDataConnector
from tradewind.data.alternative.coverage import coverage
from tradewind.data.alternative.spec import AlternativeDataConfig, AlternativeDataSpec
from tradewind.data.files import read_bars
from tradewind.data.sources.stamping import Stamping
from tradewind.features.across.breadth import MARKET_WIDE
from tradewind.features.across.cross_asset import Everybody, Groups, cross_asset
from tradewind.features.across.cross_section import CrossSection, Neutral, Ranks, Residuals
from tradewind.features.alternative import WithAlternative
from tradewind.features.bars import BarFeatures
from tradewind.features.registry import ALPHA158, BARS
from tradewind.features.seasons.seasonal import seasonal

PAGE = Path(__file__).parent / "across-symbols.md"
MARKS = "<!-- coverage -->"
DAY = timedelta(days=1)
SESSION, MONTH = Stamping("session"), Stamping("session", "month")
SPECS = (
    AlternativeDataSpec("slope", "macro", "slope.parquet", ("value",), stamping=SESSION, lag=DAY, stale_after=10 * DAY),
    AlternativeDataSpec("vix", "implied_volatility", "vix.parquet", ("value",), stamping=SESSION, lag=DAY, stale_after=10 * DAY),
    AlternativeDataSpec("oil", "macro", "oil.parquet", ("value",), stamping=SESSION, lag=7 * DAY, stale_after=20 * DAY),
    AlternativeDataSpec("inflation", "macro", "inflation.parquet", ("value",), stamping=MONTH, lag=20 * DAY, stale_after=70 * DAY),
    AlternativeDataSpec("jobless", "macro", "jobless.parquet", ("value",), stamping=MONTH, lag=10 * DAY, stale_after=70 * DAY),
    AlternativeDataSpec("filings", "fundamentals", "filings.parquet", ("eps",), entity="symbol", timestamp="period_end",
                        known_at="collected_at", stamping=Stamping("session", "24/7"), stale_after=200 * DAY),
)  # fmt: skip


@dataclass(frozen=True)
class Fused:
    """The rows of the last year, and how much of each source is in them."""

    rows: Dataset
    covered: pl.DataFrame


def written(data: Path, to: Path) -> None:
    """The signals as files: differences and changes of what was published, one row a period."""
    rates = pl.read_parquet(data / "markets/rates.parquet")
    curve = rates.filter(pl.col("series").is_in(["UST_10year", "UST_2year"]))
    curve = curve.pivot("series", index="timestamp", values="value").sort("timestamp")
    index = pl.read_parquet(data / "markets/index_daily.parquet").sort("timestamp")
    goods = pl.read_parquet(data / "markets/commodities.parquet").sort("timestamp")
    macro = pl.read_parquet(data / "macro/macro_monthly.parquet").sort("timestamp")
    filings = pl.read_parquet(data / "equities/fundamentals_vintages.parquet")
    price, level = pl.col("value").log(), pl.col("value")
    signals = {
        "slope": curve.select("timestamp", value=pl.col("UST_10year") - pl.col("UST_2year")),
        "vix": index.filter(series="VIX").select("timestamp", value="close"),
        "oil": goods.filter(series="WTI").select("timestamp", value=price - price.shift(20)),
        "inflation": macro.filter(series="CPIAUCSL").select(
            "timestamp", value=price - price.shift(12)
        ),
        "jobless": macro.filter(series="UNRATE").select("timestamp", value=level - level.shift(12)),
        "filings": filings.select(
            *("symbol", "period_end", "collected_at"),
            eps=pl.col("eps_diluted") / pl.when(period_focus="FY").then(4).otherwise(1),
        ),
    }
    for name, table in signals.items():
        table.drop_nulls().unique(maintain_order=True).write_parquet(to / f"{name}.parquet")


def with_earnings_yield(rows: Dataset) -> Dataset:
    """Earnings of the last quarter that was filed, as a share of the price: from a filing and from a bar."""
    column = (4 * pl.col("filings_eps") / pl.col("close")).alias("earnings_yield")
    return Dataset(
        rows.table.with_columns(column), (*rows.features, "earnings_yield"), rows.outcome
    )


def fused(data: Path) -> Fused:
    """Technical, cross-asset, seasonal and alternative features of the last year, neutral where it counts."""
    bars = read_bars(data / "equities/equity_daily_us.parquet")
    members = pl.read_parquet(data / "equities/sp500_constituents_2026.parquet")
    members = members.filter(pl.col("symbol").is_in(bars.symbols)).select("symbol", "sector")
    sectors = Groups("sector", dict(members.iter_rows()))
    families = (
        BARS,
        ALPHA158,
        cross_asset(Everybody()),
        cross_asset(sectors),
        MARKET_WIDE,
        seasonal(),
    )
    with TemporaryDirectory() as folder:
        written(data, Path(folder))
        connector = AlternativeDataConnector(AlternativeDataConfig(SPECS), Path(folder))
        panels = dict(connector.panels())
    market = Market({"bars": bars, **panels}, instruments=members)
    reader = CrossSection(
        WithAlternative(BarFeatures(extra=("close",), families=families), connector.sides),
        (
            with_earnings_yield,
            Neutral(("earnings_yield", "return_20")),
            Residuals(("return_5",), on=("beta_market_60", "size_market_20")),
            Ranks(("earnings_yield_less_sector",)),
        ),
    )
    rows = reader(market, [at for at in bars.moments if at.year == 2016][::5])
    return Fused(rows, coverage(rows, panels, connector.sides).table)


def table(found: Fused) -> str:
    """How much of each source is in the rows, in Markdown."""
    lines = [
        "| signal | rows with a value | too old | age in days, median | one in twenty | symbols |",
        "|---|---|---|---|---|---|",
    ]
    for row in found.covered.iter_rows(named=True):
        cells = (
            f"`{row['source']}_{row['column']}`", f"{row['covered']:.1%}", f"{row['stale']:.1%}",
            f"{row['median_age_days']:.1f}", f"{row['p95_age_days']:.1f}", f"{row['symbols']:,}",
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    rows = found.rows
    counts = f"{len(rows):,} rows of {rows.table['symbol'].n_unique()} shares, {len(rows.features)} features"
    return f"{MARKS}\n{counts}:\n\n" + "\n".join(lines) + f"\n{MARKS}"


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    new = table(fused(Path(sys.argv[1])))
    PAGE.write_text(
        re.sub(f"{MARKS}.*{MARKS}", lambda _: new, page, flags=re.DOTALL), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
