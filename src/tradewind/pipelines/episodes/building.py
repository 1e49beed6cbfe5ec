"""`build`: the library of a workspace brought up to its bars.

What is new of each symbol is recognised and kept, and what has followed the others since is learnt. A
symbol is walked from its first bar on, since an episode is of all that was seen before it, but only what
became known after the last build is added: what the library told then it still tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from tradewind.context.library import PatternStorageEngine
from tradewind.context.library.tables import EpisodeTables
from tradewind.context.patterns import resolve
from tradewind.context.patterns.scales import LENGTH, fitting
from tradewind.core import Clock, Patterns
from tradewind.core.pattern import KEYS, SCHEMA
from tradewind.core.tables import UTC_TIME
from tradewind.data.store import MarketStore
from tradewind.pipelines.dataset.telemetry import Meter
from tradewind.pipelines.episodes.bars import BarsAtHand
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.pipelines.episodes.found import found, with_regimes
from tradewind.pipelines.tell import Tell
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace

BUILDS = "episode_builds"


@dataclass(frozen=True)
class BuildResult:
    """What a build has added, how long each part of it took, and of which bars."""

    at: datetime
    origin: str
    symbols: int
    added: int
    followed: int
    expired: int
    kept: int
    took_s: Mapping[str, float]

    @property
    def summary(self) -> str:
        """Two lines."""
        took = ", ".join(f"{name} {spent:.1f} s" for name, spent in self.took_s.items())
        return (
            f"{self.added:,} episodes added, of {self.followed:,} is known what followed them, "
            f"{self.expired:,} expired; {self.kept:,} are kept\n"
            f"from {self.origin}, of which {self.symbols:,} symbols had news ({took})"
        )

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {**vars(self), "at": self.at.isoformat(), "took_s": dict(self.took_s)}


def build(
    workspace: Workspace, config: EpisodesConfig, calendar: str, tell: Tell, clock: Clock
) -> BuildResult:
    """Bring the library of a workspace up to its bars; a second build in a row adds nothing."""
    at, meter = clock.now(), Meter(tell)
    with meter.stage("read bars"):
        bars = BarsAtHand.of(workspace, calendar)
        builds = _Builds(workspace)
        before, newest = builds.read(), bars.newest
        news = {name for name, known in newest.items() if before.get(name) != known}
    library = PatternStorageEngine(workspace.path, config.lifecycle)
    with meter.stage("recognise"):
        fresh = _recognised(bars, news, before, config, tell)
    with meter.stage("what followed"):
        told = _learnt(EpisodeTables(workspace.path), bars, news, config)
    with meter.stage("keep"):
        added = library.add(fresh)
        library.add(told)
        expired = library.expire(at)
        builds.keep({**before, **newest})
    stages = meter.record["stages"]
    took = {name: round(stage["wall_s"], 3) for name, stage in stages.items()}
    followed = len(told) + fresh.table.filter(pl.col("followed").list.len() > 0).height
    kept = library.stats().episodes
    return BuildResult(at, bars.origin, len(news), added, followed, expired, kept, took)


def _recognised(
    bars: BarsAtHand,
    news: set[str],
    before: Mapping[str, datetime],
    config: EpisodesConfig,
    tell: Tell,
) -> Patterns:
    """The episodes that became known since the last build, with what followed them."""
    tables = [pl.DataFrame(schema=dict(SCHEMA))]
    parts = list(bars.only(news))
    for done, (calendar, panel) in enumerate(parts, start=1):
        new = _since(found(panel, fitting(bars.parts[calendar]), calendar, config), before)
        tables.append(resolve(new, panel, config.horizons, calendar).table)
        tell.progress(done, len(parts))
    return with_regimes(Patterns(pl.concat(tables).sort(KEYS)), bars.regimes)


def _since(patterns: Patterns, before: Mapping[str, datetime]) -> Patterns:
    """Those of each symbol that were not known at its last build."""
    known = pl.DataFrame(
        {"symbol": list(before), "until": list(before.values())},
        schema={"symbol": pl.String, "until": UTC_TIME},
    )
    rows = patterns.table.join(known, "symbol", "left", maintain_order="left")
    new = pl.col("until").is_null() | (pl.col("known_at") > pl.col("until"))
    return Patterns(rows.filter(new).drop("until"))


def _learnt(
    tables: EpisodeTables, bars: BarsAtHand, news: set[str], config: EpisodesConfig
) -> Patterns:
    """The episodes of the library of which something more is known, with all that is.

    They are read as they lie there: bars that came to light since may tell another story of the same past,
    and the library keeps the one that was told.
    """
    held = _awaiting(tables, news, config)
    told = [pl.DataFrame(schema=dict(SCHEMA))]
    for calendar, panel in bars.only(set(held.table["symbol"].unique())):
        own = Patterns(held.table.filter(pl.col("symbol").is_in(panel.symbols)))
        after = resolve(own, panel, config.horizons, calendar).table
        told.append(after.filter(after["followed"].list.len() > own.table["followed"].list.len()))
    return Patterns(pl.concat(told).sort(KEYS))


def _awaiting(tables: EpisodeTables, news: set[str], config: EpisodesConfig) -> Patterns:
    """Those of some symbols of which not all outcomes are known."""
    episodes, vectors, events = tables.read()
    outcomes = events.filter(what="outcome").sort("at")
    known = outcomes.group_by("episode", maintain_order=True).agg(
        followed=pl.struct("horizon", "value", resolved_at="at")
    )
    rows = episodes.with_columns(embedding=pl.Series(vectors, dtype=SCHEMA["embedding"]))
    rows = rows.join(known, "episode", "left", maintain_order="left").with_columns(
        pl.col("followed").fill_null([])
    )
    told = pl.col("followed").list.eval(pl.element().struct.field("horizon")).list.n_unique()
    awaits = (told < len(config.horizons)) & pl.col("symbol").is_in(news)
    awaits &= pl.col("scale").is_in(list(LENGTH.values()))
    return Patterns(rows.filter(awaits).select(*SCHEMA).sort(KEYS))


class _Builds:
    """Up to which bar of each symbol the library has heard."""

    def __init__(self, workspace: Workspace) -> None:
        self._documents = Documents(MarketStore(workspace.path).lake.control)

    def read(self) -> dict[str, datetime]:
        """By symbol; nothing before the first build."""
        told = self._documents.find(BUILDS)
        return {one["symbol"]: datetime.fromisoformat(one["known_at"]) for one in told}

    def keep(self, newest: Mapping[str, datetime]) -> None:
        """The last that was heard of each symbol."""
        documents = {
            symbol: {"symbol": symbol, "known_at": known.isoformat()}
            for symbol, known in newest.items()
        }
        self._documents.put_all(BUILDS, documents)
