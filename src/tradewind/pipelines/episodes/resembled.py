"""`resembled`: what the strongest calls of a forecast look like, and what followed their like."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from tradewind.context.library import PatternStorageEngine
from tradewind.context.patterns import embed, resolve, windows
from tradewind.context.patterns.scales import LENGTH, Scale, fitting
from tradewind.context.patterns.windows import WINDOWS
from tradewind.context.resembling import name_of
from tradewind.context.retrieval import Query, retrieve
from tradewind.context.retrieval.limited import Limited
from tradewind.core import Panel, Patterns
from tradewind.core.errors import Misuse
from tradewind.pipelines.episodes.config import EpisodesConfig

NAMED = 3
MOST = 20_000  # windows, the newest ones: more would take longer than a page should
NOTHING = pl.DataFrame(
    schema={
        "symbol": pl.String,
        "names": pl.List(pl.String),
        **dict.fromkeys(("similarity", "effective", "low", "median", "high", "rose"), pl.Float64),
    }
)


def resembled(
    panel: Panel,
    at: datetime,
    symbols: Sequence[str],
    horizon: int,
    config: EpisodesConfig,
    calendar: str,
) -> pl.DataFrame:
    """One row of each symbol that resembles something, by a library of the windows known by then.

    The library is made of the bars of the run itself and let go: what is in a workspace may be of others.

    >>> from tradewind.data.synthetic import make_market
    >>> bars = make_market("equity", 8, 300, seed=1).panel
    >>> told = resembled(bars, bars.moments[-1], ["EQ1"], 5, EpisodesConfig(), "XNYS")
    >>> told["symbol"].to_list(), len(told["names"][0])
    (['EQ1'], 3)
    """
    known = panel.until(at)
    scale = _scale(known)
    if scale is None:
        return NOTHING
    newest = windows(known, scale, config.bars, config.every, calendar).table.tail(MOST)
    past = resolve(Patterns(newest), known, (horizon,), calendar)
    asked = embed(known, scale, [at], config.bars, calendar)
    shapes = dict(zip(asked["symbol"], asked["embedding"], strict=True))
    rows = []
    with TemporaryDirectory() as folder:
        library = PatternStorageEngine(Path(folder))
        library.add(past)
        for symbol in symbols:
            if symbol in shapes:
                search = Limited(library, LENGTH[scale], symbol, WINDOWS)
                vector = shapes[symbol].to_numpy().astype(np.float64)
                found = retrieve(search, Query(vector, at, horizon * LENGTH[scale]))
                if after := found.aftermath:
                    rows.append(
                        {
                            "symbol": symbol,
                            "names": [name_of(one.pattern) for one in found.neighbours[:NAMED]],
                            "similarity": after.similarity[1],
                            "effective": after.effective,
                            "low": after.quantiles[0.05],
                            "median": after.quantiles[0.5],
                            "high": after.quantiles[0.95],
                            "rose": after.rose,
                        }
                    )
    return pl.DataFrame(rows, schema=NOTHING.schema)


def _scale(panel: Panel) -> Scale | None:
    """The shortest that fits; None for bars of quarters and years, and of symbols with one bar each."""
    try:
        return next(iter(fitting(panel)), None)
    except Misuse:
        return None
