"""`build`: the library of a workspace brought up to its bars.

What is new of each symbol is recognised and kept, and what has followed the others since is learnt. A
symbol is walked from its first bar on, since an episode is of all that was seen before it, but only what
became known after the last build is added: what the library told then it still tells. What a build from
nothing would not make as it was made is begun anew, beside what there is, and says why.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
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
from tradewind.pipelines.dataset.telemetry import Meter
from tradewind.pipelines.episodes.bars import BarsAtHand
from tradewind.pipelines.episodes.builds import Builds, Plan
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.pipelines.episodes.found import found, with_regimes
from tradewind.pipelines.ingesting.turns import Stage
from tradewind.pipelines.tell import Tell
from tradewind.storage.holding import held
from tradewind.storage.objects import make_folder
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True)
class BuildResult:
    """What a build has added, how long each part of it took, and of which bars."""

    at: datetime
    origin: str
    symbols: int
    added: int
    followed: int
    kept: int
    past: int
    generation: int
    why: str | None
    took_s: Mapping[str, float]

    @property
    def summary(self) -> str:
        """Two lines."""
        took = ", ".join(f"{name} {spent:.1f} s" for name, spent in self.took_s.items())
        anew = f"begun anew, as generation {self.generation}: {self.why}\n" if self.why else ""
        return (
            f"{anew}{self.added:,} episodes added, of {self.followed:,} is known what followed them; "
            f"{self.kept:,} are kept, {self.past:,} are past (superseded, expired or let go)\n"
            f"from {self.origin}, of which {self.symbols:,} symbols had news ({took})"
        )

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {**vars(self), "at": self.at.isoformat(), "took_s": dict(self.took_s)}


def build(
    workspace: Workspace, config: EpisodesConfig, calendar: str, tell: Tell, clock: Clock
) -> BuildResult:
    """Bring the library of a workspace up to its bars; a second build in a row adds nothing, and one at the
    same time waits for its turn."""
    at, meter = clock.now(), Meter(tell)
    with in_turn(workspace, meter.stage):
        with meter.stage("read bars"):
            bars, builds = BarsAtHand.of(workspace, calendar), Builds(workspace)
            plan = builds.plan(bars, config)
            builds.begin(plan)
        library = PatternStorageEngine(workspace.path, config.lifecycle, plan.generation)
        with meter.stage("recognise"):
            fresh = _recognised(bars, plan, config, tell)
        with meter.stage("what followed"):
            told = _learnt(EpisodeTables(workspace.path, plan.generation), bars, plan.news, config)
        with meter.stage("keep"):
            added = library.add(fresh)
            library.add(told)
            library.expire(at)
            builds.finish(plan)
    stages = meter.record["stages"]
    took = {name: round(stage["wall_s"], 3) for name, stage in stages.items()}
    stands = library.stats()
    followed = len(told) + fresh.table.filter(pl.col("followed").list.len() > 0).height
    return BuildResult(
        at,
        bars.origin,
        len(plan.news),
        added,
        followed,
        stands.episodes,
        stands.past,
        plan.generation,
        plan.why,
        took,
    )


@contextmanager
def in_turn(workspace: Workspace, stage: Stage) -> Iterator[None]:
    """Build while nobody else in any process does; having to wait is a stage."""
    folder = workspace.path / "library" / "builds"
    make_folder(folder)
    with ExitStack() as turn:
        try:
            turn.enter_context(held(folder, fcntl.LOCK_NB))
        except BlockingIOError:
            with stage("wait for another build"):
                turn.enter_context(held(folder))
        yield


def _recognised(bars: BarsAtHand, plan: Plan, config: EpisodesConfig, tell: Tell) -> Patterns:
    """The episodes that became known since the last build, with what followed them."""
    tables = [pl.DataFrame(schema=dict(SCHEMA))]
    parts = list(bars.only(plan.news))
    for done, (calendar, panel) in enumerate(parts, start=1):
        new = _since(found(panel, fitting(bars.parts[calendar]), calendar, config), plan.kept)
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
