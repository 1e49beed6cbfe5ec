"""A dataset as tables: those that the contracts check, and those that the store keeps."""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from tradewind.context.rule_labels import LABELS
from tradewind.core import Panel
from tradewind.pipelines.dataset.parts import Parts

MARKET_WIDE = tuple(name for name in LABELS if name.startswith("market_"))
OWN = tuple(name for name in LABELS if name not in MARKET_WIDE)


def contract_tables(bars: Panel, parts: Parts) -> dict[str, pl.DataFrame]:
    """Bars, regimes and view in the form in which tables are delivered: by asset, a value a row.

    A regime is named by what it is of and how it is, such as `volatility:high`; one of the market has
    no asset.
    """
    names = bars.names.categories
    assets = pl.DataFrame({"asset_id": range(1, len(names) + 1), "symbol": names})
    tables = {
        "assets": assets,
        "series": bars.table.with_columns(_asset_id()).drop("symbol", "session"),
    }
    if parts.regimes is not None:
        tables["regimes"] = _said(parts.regimes)
    if parts.view is not None:
        tables["cross_asset"] = parts.view.long()
    return tables


def store_tables(parts: Parts) -> Mapping[str, Panel]:
    """Each part as a panel: complete when it was decided, known when it could be.

    Outcomes lie apart from the features, since they are known later.
    """
    rows = parts.rows
    tables = {
        "features": _known(rows.table.select("decided_at", "symbol", "sector", *rows.features))
    }
    if rows.outcome:
        resolved = rows.resolved.table.select("decided_at", "symbol", rows.outcome, "resolved_at")
        tables["outcomes"] = _known(resolved, "resolved_at")
    if parts.regimes is not None:
        tables["regimes"] = parts.regimes
    if parts.view is not None:
        tables["cross_asset"] = parts.view.panel()
    return tables


def _known(table: pl.DataFrame, known_at: str = "decided_at") -> Panel:
    day = (pl.col("decided_at") - timedelta(microseconds=1)).dt.date()
    table = table.with_columns(timestamp="decided_at", known_at=known_at, session=day)
    return Panel(table.drop("decided_at", "resolved_at", strict=False).sort("symbol", "timestamp"))


def _asset_id() -> pl.Expr:
    return (pl.col("symbol").to_physical().cast(pl.Int64) + 1).alias("asset_id")


def _said(regimes: Panel) -> pl.DataFrame:
    """Every label as a row of the contract: the market's once a moment, a symbol's once a symbol."""
    table, keys = regimes.table.with_columns(_asset_id()), ["asset_id", "timestamp", "known_at"]
    market = table.unique(["timestamp", "known_at"], maintain_order=True)
    market = market.with_columns(asset_id=pl.lit(None, pl.Int64)).sort("timestamp")
    longs = [
        rows.select(*keys, pl.format("{}:{}", pl.lit(name), pl.col(name)).alias("regime"))
        for rows, names in ((market, MARKET_WIDE), (table, OWN))
        for name in names
    ]
    return pl.concat(longs)
