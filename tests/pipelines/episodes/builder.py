"""Builds a library in a process of its own, and says what came of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from tradewind.context.library import PatternStorageEngine
from tradewind.core import FixedClock, Panel
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.pipelines.episodes.building import build
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.storage.workspace import Workspace

CONFIG = EpisodesConfig(horizons=(5, 10))


@dataclass
class Stages:
    """Who writes down the stages; conftest would load what takes longer than a build."""

    stages: list[str] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.stages.append(name)
        yield

    def progress(self, done: int, of: int) -> None:
        pass


@cache
def bars() -> Panel:
    """Made when it is asked for: polars must not have been at work where processes are forked."""
    return make_market("equity", 2, 200, seed=3, plants=[Revisions(0.05)]).panel


def fill(folder: Path) -> Path:
    """Bars of two symbols, and no episode yet."""
    MarketStore(folder).append(bars())
    return folder


def build_in(folder: str, said: str, config: EpisodesConfig = CONFIG) -> None:
    """Build once, and tell in a file what was added and which stages there were."""
    notes, clock = Stages(), FixedClock(bars().moments[-1])
    Path(said).touch()
    told = build(Workspace(Path(folder)), config, "XNYS", notes, clock)
    counts = {"added": told.added, "followed": told.followed, "kept": told.kept}
    Path(said).write_text(json.dumps({**counts, "stages": notes.stages}))


def add_in(folder: str, made_in: str, said: str) -> None:
    """Add what another library holds, one after the other, and tell how many were new."""
    library = PatternStorageEngine(folder)
    found = PatternStorageEngine(made_in).search(np.ones(128), 30, bars().moments[-1])
    Path(said).write_text(str(sum(library.add([one]) for one, _ in found)))
