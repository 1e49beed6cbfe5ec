"""`picture`: what was retrieved as an `EpisodesPicture`, path by path."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tradewind.context.patterns.scales import Scale
from tradewind.context.patterns.walk import Walk
from tradewind.context.retrieval import Retrieved
from tradewind.context.retrieval.weighing import quantiles
from tradewind.core import Pattern
from tradewind.core.arrays import Floats
from tradewind.core.clock import micros_of
from tradewind.core.tables import UTC_TIME
from tradewind.reporting.episodes import FOUND, PATHS, EpisodesPicture
from tradewind.reporting.figures import day

ENDS = (0.1, 0.5, 0.9)
DRAWN = 64


@dataclass(frozen=True, eq=False)
class Asked:
    """Who asked, of which bars, and what was known then."""

    symbol: str
    scale: Scale
    walks: Mapping[
        str, Walk
    ]  # by symbol: its own, and those of what was found, each by its calendar
    bars: int
    horizon: int
    at: datetime
    usual: Floats  # what followed every episode that might have been found

    @property
    def last(self) -> int:
        """The place of its last bar in its own walk."""
        return self.walks[self.symbol].newest(self.symbol, self.at)

    @property
    def ended(self) -> datetime:
        """When its last bar was complete."""
        stamp = self.walks[self.symbol].stamp[[self.last]]
        ended: datetime = pl.Series(stamp).cast(UTC_TIME)[0]
        return ended


def picture(asked: Asked, found: Retrieved, facts: Mapping[str, str]) -> EpisodesPicture:
    """Each path as log prices from the moment of the episode; one that is longer or shorter than the bars
    of the query is drawn as long, as it was compared."""
    last, first = asked.last, asked.last - asked.bars + 1
    now = _logs(asked.walks[asked.symbol], first, last, last)
    paths = [_path(0, np.arange(1 - asked.bars, 1.0), now)]
    rows = []
    for number, one in enumerate(found.neighbours[:DRAWN], start=1):
        paths += _paths(asked, number, one.pattern)
        rows.append(
            {
                "episode": number,
                "symbol": one.pattern.symbol,
                "kind": one.pattern.kind,
                "when": _when(one.pattern),
                "similarity": one.similarity,
                "regime": one.pattern.regime,
                "followed": one.outcome.value,
            }
        )
    more = {"regime": pl.String, "followed": pl.Float64}
    return EpisodesPicture(
        subject=asked.symbol,
        told=f"after the bar of {asked.ended:%Y-%m-%d %H:%M} UTC",
        horizon=f"{asked.horizon} bars of {asked.scale}",
        facts=facts,
        paths=pl.concat(paths),
        found=pl.DataFrame(rows, schema={**FOUND, **more}),
        outcomes=outcomes(found, asked.usual),
    )


def _when(pattern: Pattern) -> str:
    """The day that people call it by, and the hour where there are several in a day."""
    when = day(pattern.end)
    return when if pattern.scale >= timedelta(days=1) else f"{when}, {pattern.end:%H:%M}"


def outcomes(found: Retrieved, usual: Floats) -> dict[str, tuple[float, ...]]:
    """The 10, 50 and 90 per cent quantiles of what followed these, and of what followed anything."""
    told = {}
    if found.neighbours:
        ends = quantiles(found.outcomes, found.weights, ENDS)
        told["what resembles it"] = tuple(ends.tolist())
    if len(usual):
        told["anything"] = tuple(np.quantile(usual, ENDS).tolist())
    return told


def _paths(asked: Asked, number: int, pattern: Pattern) -> list[pl.DataFrame]:
    """What led to an episode, and what followed as far as it was known; nothing of unknown bars."""
    walk = asked.walks.get(pattern.symbol)
    last = -1 if walk is None else walk.newest(pattern.symbol, pattern.known_at)
    if walk is None or last < 0:
        return []
    begins = walk.segments[pattern.symbol].start
    started = int(np.searchsorted(walk.stamp[begins : last + 1], micros_of(pattern.start)))
    first = begins + min(started, last - begins)
    after = min(walk.newest(pattern.symbol, asked.at), last + asked.horizon)
    before = np.linspace(1 - asked.bars, 0, last - first + 1)
    steps = np.concatenate([before, np.arange(1.0, after - last + 1)])
    return [_path(number, steps, _logs(walk, first, after, last))]


def _logs(walk: Walk, first: int, after: int, base: int) -> Floats:
    """(bars,) log closes over that of a bar; NaN where there is no price above zero."""
    closes = walk.close[first : after + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.where(closes > 0, np.log(closes / walk.close[base]), np.nan)
    return np.where(np.isfinite(logs), logs, np.nan)


def _path(number: int, steps: Floats, values: Floats) -> pl.DataFrame:
    places = {"episode": np.full(len(steps), number), "step": steps, "value": values}
    return pl.DataFrame(places, schema=dict(PATHS))
