"""`pictured`: the page of a symbol, or of the market: its price in the colours of what was told."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.context.regimes.market_wide import MARKET
from tradewind.context.regimes.model import Of, RegimeModel
from tradewind.context.regimes.models import NEWEST, Models
from tradewind.core import Finding
from tradewind.core.errors import Misuse, nearest
from tradewind.core.tables import UTC_TIME
from tradewind.data.store import MarketStore
from tradewind.pipelines.episodes.searching import folder_of
from tradewind.pipelines.regimes.fitting import kind_of
from tradewind.reporting.figures import count, day, percent
from tradewind.reporting.regimes import RegimePicture, spoken
from tradewind.reporting.regimes_page import render
from tradewind.storage.documents import Documents
from tradewind.storage.files import publish_folder
from tradewind.storage.workspace import Workspace

NAMES = {
    "GaussianHMM": "a Gaussian hidden Markov model",
    "GaussianMixture": "a mixture of Gaussians",
    "JumpModel": "a jump model",
    "KMeans": "k-means",
    "RuleRegimes": "rules",
}


def pictured(workspace: Workspace, symbol: str = MARKET) -> Path:
    """Publish the page, and where it is."""
    page = workspace.reports / "regimes" / folder_of(symbol) / "index.html"
    html = render(picture_of(workspace, symbol))
    page.parent.parent.mkdir(exist_ok=True)
    publish_folder(page.parent, {page.name: html})
    return page


def picture_of(workspace: Workspace, symbol: str) -> RegimePicture:
    """What the page shows, from what the batch has written."""
    store = MarketStore(workspace.path)
    documents = Documents(store.lake.control)
    models = Models(workspace.path, documents)
    of: Of = "market" if symbol == MARKET else "symbol"
    model = models.telling(of) or models.required(of)
    labels = _labels(store, models, model)
    now = _now(documents, {of: labels} | _beside(store, models, of))
    here = now.filter(pl.col("symbol") == symbol)
    if not len(here):
        raise Misuse(f"there is no regime of {symbol!r}", nearest(symbol, now["symbol"]))
    mine = labels.filter(pl.col("symbol") == symbol)
    said = mine.select("timestamp", "regime", *model.names)
    rows = _price(store, symbol).join(said, "timestamp", maintain_order="left")
    taught = _taught(rows, mine, model)
    parts = _parts(rows, taught)
    return RegimePicture(
        "the market" if of == "market" else symbol,
        _told(here.row(0, named=True)),
        model.names,
        facts_of(model, models.untold(of)),
        rows.select("timestamp", "close", "regime", *model.names),
        {which: states_of(part, model) for which, part in parts.items()},
        {which: follows_of(part, model) for which, part in parts.items()},
        now,
        "the median symbol's moves from 100" if of == "market" else f"close of {symbol}",
        taught,
    )


def _taught(rows: pl.DataFrame, told: pl.DataFrame, model: RegimeModel) -> int:
    """How many of the first rows are no newer than the last that was known when the model was learnt."""
    last = told.filter(pl.col("known_at") <= model.calibration.until)["timestamp"].max()
    return int((rows["timestamp"] <= last).sum()) if last is not None else 0


def _parts(rows: pl.DataFrame, taught: int) -> dict[str, pl.DataFrame]:
    """The bars that the model had not seen, and those that it learnt from, where it says something."""
    before, after = rows[:taught], rows[taught:]
    parts = {
        f"the {len(after):,} bars since the model was learnt": after,
        f"the {len(before):,} bars that it learnt from, in hindsight": before,
    }
    told = {which: part for which, part in parts.items() if part["regime"].count()}
    return told or {"all bars": rows}


def _labels(store: MarketStore, models: Models, model: RegimeModel) -> pl.DataFrame:
    """The newest version of every row that a model has told."""
    table = models.told(model).table
    if table not in store.tables:
        raise Misuse("no regimes are told here", "tell them with `tradewind regimes refresh`")
    labels = store.read(table).table.with_columns(pl.col("symbol").cast(pl.String))
    return labels.unique(("symbol", "timestamp"), keep="last", maintain_order=True)


def _beside(store: MarketStore, models: Models, of: Of) -> dict[Of, pl.DataFrame]:
    """What the other model has told, if there is one that has."""
    other: Of = "symbol" if of == "market" else "market"
    model = models.telling(other)
    there = model is not None and models.told(model).table in store.tables
    return {other: _labels(store, models, model)} if model is not None and there else {}


def _told(row: Mapping[str, Any]) -> str:
    """In a few words, where it stands."""
    if row["regime"] is None:
        return "not known"
    return f"{spoken(row['regime'])}, {percent(row['probability'])} sure, since {day(row['since'])}"


def facts_of(model: RegimeModel, untold: Sequence[Finding] = ()) -> Mapping[str, str]:
    """What it was calibrated on, and what is odd about it."""
    on = model.calibration
    whose = count(on.symbols, "symbol", "symbols") + (
        ", the median of them" if model.of == "market" else ""
    )
    facts = {
        "Learnt by": f"{NAMES[kind_of(model.detector)]}, {len(model.names)} regimes",
        "From": f"{on.rows:,} bars of {whose}, {on.first:%Y-%m-%d} to {on.last:%Y-%m-%d}",
        "Told apart by": ", ".join(model.features),
        "Said once": f"it leads by {model.hysteresis.margin:g}, or for {model.hysteresis.rows} bars",
        "Model": model.fingerprint[:16],
    }
    beware = "; ".join(finding.detail for finding in (*model.findings, *untold))
    return {**facts, "Beware": beware} if beware else facts


def _price(store: MarketStore, symbol: str) -> pl.DataFrame:
    """(timestamp, close), as believed now: of the market the median symbol's moves, from 100 on."""
    bars = store.read("bars", symbols=None if symbol == MARKET else [symbol]).table
    newest = bars.unique(("symbol", "timestamp"), keep="last", maintain_order=True)
    if symbol != MARKET:
        return newest.select("timestamp", "close").sort("timestamp")
    step = (pl.col("close") / pl.col("close").shift(1).over("symbol")).log()
    moves = newest.select("timestamp", step=pl.when(pl.col("close") > 0).then(step))
    market = moves.group_by("timestamp").agg(pl.col("step").fill_nan(None).median())
    whole = market.sort("timestamp").with_columns(pl.col("step").fill_null(0.0).cum_sum())
    return whole.select("timestamp", close=100 * pl.col("step").exp())


def states_of(rows: pl.DataFrame, model: RegimeModel) -> pl.DataFrame:
    """Of each regime how much there was of it, in how many visits, and what a bar's return was then."""
    positive = pl.when(pl.col("close") > 0).then(pl.col("close"))
    known = rows.with_columns(move=(positive / positive.shift(1)).log()).drop_nulls("regime")
    known = known.with_columns(visit=pl.col("regime").rle_id())
    told = known.group_by("regime").agg(
        share=pl.len() / max(len(known), 1),
        visits=pl.col("visit").n_unique(),
        bars=pl.len() / pl.col("visit").n_unique(),
        volatility=pl.col("move").std(),
        mean=pl.col("move").mean(),
    )
    every = pl.DataFrame({"regime": model.names}, schema={"regime": pl.String})
    joined = every.join(told, "regime", "left", maintain_order="left")
    return joined.with_columns(pl.col("share", "visits").fill_null(0))


def follows_of(rows: pl.DataFrame, model: RegimeModel) -> pl.DataFrame:
    """From each regime, the share of the bars after its bars on which each was said."""
    steps = rows.drop_nulls("regime").with_columns(after=pl.col("regime").shift(-1))
    shares = (
        steps.drop_nulls("after")
        .group_by("regime")
        .agg((pl.col("after") == name).mean().alias(name) for name in model.names)
    )
    every = pl.DataFrame({"regime": model.names}, schema={"regime": pl.String})
    return every.join(shares, "regime", "left", maintain_order="left")


def _now(documents: Documents, told: Mapping[Of, pl.DataFrame]) -> pl.DataFrame:
    """(symbol, regime, probability, since, bars) of each that is told of: the market first."""
    text = {"symbol": pl.String, "regime": pl.String, "since": pl.String}
    shown = {**text, "probability": pl.Float64, "bars": pl.Int64}
    bars = {
        (name, since): count
        for labels in told.values()
        for name, since, count in labels.group_by("symbol", "since").len().iter_rows()
    }
    current = {model for labels in told.values() for model in labels["model"].unique()}
    rows = [
        {**one, "bars": bars.get((one["symbol"], one["since"])) if one["since"] else None}
        for one in documents.find(NEWEST)
        if one["model"] in current
    ]
    table = pl.DataFrame([{name: row[name] for name in shown} for row in rows], schema=shown)
    since = pl.col("since").str.to_datetime(time_unit="us", time_zone="UTC").cast(UTC_TIME)
    first = (pl.col("symbol") != MARKET).alias("first")
    return table.with_columns(since).sort(first, "symbol")
