"""The parts of a dataset, each computed from what was known: rows, regimes, and a view side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import polars as pl

from tradewind.context.rule_labels import LABELS, LabelState, step
from tradewind.core import Clock, Dataset, Finding, Market, Panel
from tradewind.core.errors import Refusal
from tradewind.core.tables import by_value
from tradewind.data.alignment import AlignedView, Tensor, align
from tradewind.features.across.sectors import with_sector
from tradewind.features.labels import Against, with_outcome
from tradewind.features.liquidity import with_liquidity
from tradewind.pipelines.gathering import Gathered

JOINED_AT_ONCE = 100  # symbols between two looks at the clock


@dataclass(frozen=True, eq=False)
class Parts:
    """What a dataset is made of; the regimes and the view where they were asked for.

    `rows` carry the features, the outcome, and the regimes as columns; `state` is what labels the next
    moment; `tensor` is the view as numbers and a mask.
    """

    rows: Dataset
    regimes: Panel | None = None
    state: LabelState | None = None
    view: AlignedView | None = None
    tensor: Tensor | None = None

    __eq__ = by_value


def feature_rows(gathered: Gathered, horizon: int, against: Against) -> Dataset:
    """Features, liquidity, sector and outcome of each symbol at each moment of its calendar, ranked among
    and compared with those that keep the same; the newest rows have no outcome yet, and stay."""
    parts = [_rows_of(part, horizon, against) for part in gathered.apart()]
    table = pl.concat([part.table for part in parts]).sort("decided_at", "symbol")
    return replace(parts[0], table=table)


def _rows_of(gathered: Gathered, horizon: int, against: Against) -> Dataset:
    market = gathered.market
    rows = gathered.reader(market, gathered.times)
    return with_outcome(with_sector(with_liquidity(rows, market), market), market, horizon, against)


def calendars_of_days(gathered: Gathered) -> dict[str, str]:
    """The calendars by which bars of different ones are carried on: of those that come once a session."""
    parts = [part.market.panel for part in gathered.apart()] if gathered.calendars else []
    kept: dict[str, str] = {}
    for bars in parts:
        daily = (
            not bars.table.select("symbol", "session", "timestamp")
            .unique()
            .select(pl.struct("symbol", "session").is_duplicated().any())
            .item()
        )
        kept |= {symbol: gathered.calendars[symbol] for symbol in bars.symbols if daily}
    return kept


def with_regimes(rows: Dataset, state: LabelState) -> Parts:
    """The rows with the labels that were known at each of them, the labels, and the state after them."""
    regimes = step(state, rows)
    labels = regimes.table.select("symbol", pl.col("known_at").alias("decided_at"), *LABELS)
    table = rows.table.join(labels, ["decided_at", "symbol"], "left", maintain_order="left")
    return Parts(replace(rows, table=table), regimes, state)


def with_view(parts: Parts, view: AlignedView) -> Parts:
    """The parts with a view, and its numbers as a tensor."""
    return replace(parts, view=view, tensor=view.tensor())


@dataclass(frozen=True)
class Join:
    """Which columns to set side by side, for how many moments a value is carried on, how long the joining
    may take by a clock, the calendars of symbols that age by theirs, and the least share of the symbols
    that is fresh at a moment that is kept."""

    columns: tuple[str, ...]
    fill_limit: int
    limit_s: float
    clock: Clock
    calendars: Mapping[str, str] = field(default_factory=dict)
    least: float = 0.0

    def __call__(
        self, market: Market, times: Sequence[datetime], progress: Callable[[int, int], None]
    ) -> AlignedView:
        """The view of all symbols, joined some at a time; refused at the first look past the limit."""
        began, symbols = self.clock.now(), market.panel.names.categories.to_list()
        parts = []
        for some in _blocks(symbols):
            view = align(
                market.panel,
                times,
                self.columns,
                symbols=some,
                fill_limit=self.fill_limit,
                calendars=self.calendars,
            )
            parts.append(view)
            done = min(len(parts) * JOINED_AT_ONCE, len(symbols))
            progress(done, len(symbols))
            if self.clock.now() - began > timedelta(seconds=self.limit_s):
                raise Refusal(
                    f"joining took over {self.limit_s:g} s, with {done} of {len(symbols)} symbols "
                    "joined",
                    "give it longer (--join-limit-s), fewer columns, or fewer symbols",
                )
        return _together(parts, symbols).where_fresh(self.least)


def _blocks(symbols: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(symbols), JOINED_AT_ONCE):
        yield symbols[first : first + JOINED_AT_ONCE]


def _together(parts: Sequence[AlignedView], symbols: Sequence[str]) -> AlignedView:
    """Views of some symbols each at the same moments, as one of all."""
    if len(parts) == 1:
        return parts[0]
    names = pl.Enum(symbols)
    tables = [part.table.with_columns(pl.col("symbol").cast(names)) for part in parts]
    return replace(parts[0], table=pl.concat(tables).sort("at", "symbol"))


def fill_rates(view: AlignedView) -> Mapping[str, float | int]:
    """Which shares of the grid are fresh, carried on and missing, and how many moments were dropped."""
    fill = view.table["fill"]
    cells = max(len(fill), 1)
    return {
        "cells": len(fill),
        "fresh": int((fill == 0).sum()) / cells,
        "filled": int((fill > 0).sum()) / cells,
        "missing": fill.null_count() / cells,
        "longest_fill": int(fill.max() or 0),  # type: ignore[arg-type]
        "moments_dropped": len(view.dropped),
    }


def over_the_limit(refusal: Refusal) -> Finding:
    """A join that was stopped, as a finding beside what the other stages made."""
    return Finding("dataset.join_limit", "error", "cross_asset", refusal.rule, refusal.remedy)
