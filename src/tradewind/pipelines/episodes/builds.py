"""`Builds`: of which settings and which bars the library of a workspace is made, and how far it has come.

A build may go on where the one before it ended if all that was made until then would be made again. Who
changes the settings, or finds bars of a past that was read already, begins another generation: a library
is never of two makings.
"""

import inspect
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import polars as pl

from tradewind.context import patterns
from tradewind.context.library.generations import Generations
from tradewind.context.patterns.scales import fitting
from tradewind.context.patterns.walk import COLUMNS
from tradewind.core import Panel
from tradewind.core.calendar import find_calendar
from tradewind.core.coarser import coarser
from tradewind.features.kept.fingerprint import modules
from tradewind.pipelines.episodes.bars import BarsAtHand
from tradewind.pipelines.episodes.config import EpisodesConfig
from tradewind.pipelines.episodes.found import found
from tradewind.storage.documents import Documents
from tradewind.storage.lake import Lake
from tradewind.storage.row_hash import RowSum, row_sum
from tradewind.storage.workspace import Workspace

READ = ("timestamp", "known_at", "session", *COLUMNS)
RECOGNISED_BY = "recognised_by"
RECOGNISES = (patterns.__name__, coarser.__module__, find_calendar.__module__)


@dataclass(frozen=True)
class Heard:
    """What was read of a symbol: until when, as one sum, by which calendar and at which scales; and up to
    which moment its episodes are kept."""

    symbol: str
    calendar: str
    scales: tuple[str, ...]
    until: datetime
    bars: str
    kept: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """A document."""
        kept = self.kept.isoformat() if self.kept else None
        return {**asdict(self), "until": self.until.isoformat(), "kept": kept}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Heard":
        """The same from a document."""
        kept = datetime.fromisoformat(told["kept"]) if told["kept"] else None
        until, scales = datetime.fromisoformat(told["until"]), tuple(told["scales"])
        return cls(**{**told, "until": until, "scales": scales, "kept": kept})


@dataclass(frozen=True)
class Plan:
    """Which generation is built, why it is begun if it is, and what of each symbol was and will be read."""

    generation: int
    made_of: Mapping[str, str]
    why: str | None
    before: Mapping[str, Heard]
    after: Mapping[str, Heard]

    @property
    def kept(self) -> dict[str, datetime]:
        """Up to when the episodes of each symbol are kept."""
        return {name: one.kept for name, one in self.before.items() if one.kept}

    @property
    def news(self) -> set[str]:
        """The symbols of which something is new."""
        return {name for name, one in self.after.items() if self.kept.get(name) != one.until}


class Builds:
    """Those of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        lake = Lake(workspace.path)
        self._generations = Generations(lake)
        self._documents = Documents(lake.control)

    def plan(self, bars: BarsAtHand, config: EpisodesConfig) -> Plan:
        """Go on with a generation that was cut short, or with the one that searches see, if it is of these
        settings and these bars; else begin the next."""
        made_of, free = made_of_settings(config), self._generations.free
        why = None if free == 1 else "nobody told of which bars and settings the last was made"
        for told in self._generations.open:
            plan = self._gone_on(told, bars, made_of)
            if isinstance(plan, Plan):
                return plan
            why = plan
        after, _ = _read_of(bars, {})
        return Plan(free, made_of, why, {}, after)

    def begin(self, plan: Plan) -> None:
        """Tell what will be read, before anything is kept of it: a build that is cut short is gone on with
        only while the next one reads the same."""
        if self._generations.of(plan.generation) is None:
            document = {"made_of": dict(plan.made_of), "why": plan.why}
            self._generations.tell(plan.generation, document, whole=False)
        self._keep(plan, {**plan.before, **_with_kept(plan.after, plan.kept)})

    def finish(self, plan: Plan) -> None:
        """Tell that all of it is kept, and let searches see it."""
        ends = {name: one.until for name, one in plan.after.items()}
        self._keep(plan, _with_kept(plan.after, ends))
        told = self._generations.of(plan.generation)
        if told is not None and not told["whole"]:
            self._generations.tell(plan.generation, told, whole=True)

    def why_not(self, bars: BarsAtHand, config: EpisodesConfig) -> str | None:
        """Why the library that searches see is not what a build of these bars and settings would make; None
        where it is."""
        told = self._generations.whole
        if told is None:
            return "no library was built"
        plan = self._gone_on(told, bars, made_of_settings(config))
        if isinstance(plan, str):
            return plan
        return f"{len(plan.news)} symbols have news that it has not heard of" if plan.news else None

    def _gone_on(
        self, told: Mapping[str, Any], bars: BarsAtHand, made_of: Mapping[str, str]
    ) -> Plan | str:
        """How to go on with a generation, or why these bars and settings are not its own."""
        if why := _other_settings(told["made_of"], made_of):
            return why
        before = self._heard(told["generation"])
        after, again = _read_of(bars, before)
        if why := _other_bars(before, after, again):
            return why
        begun = None if told["whole"] else told["why"]
        return Plan(told["generation"], made_of, begun, before, after)

    def _heard(self, generation: int) -> dict[str, Heard]:
        heard = map(Heard.read, self._documents.find(_collection(generation)))
        return {one.symbol: one for one in heard}

    def _keep(self, plan: Plan, heard: Mapping[str, Heard]) -> None:
        documents = {name: one.to_dict() for name, one in heard.items()}
        self._documents.put_all(_collection(plan.generation), documents)


def made_of_settings(config: EpisodesConfig) -> dict[str, str]:
    """The settings, and a digest of the text of what gathers bars, recognises and embeds.

    >>> told = made_of_settings(EpisodesConfig(horizons=(5,)))
    >>> told["horizons"], len(told["recognised_by"])
    ('(5,)', 64)
    """
    texts = "".join(map(inspect.getsource, modules(found.__module__, RECOGNISES)))
    settings = {name: str(value) for name, value in vars(config).items()}
    return {**settings, RECOGNISED_BY: sha256(texts.encode()).hexdigest()}


def _other_settings(before: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    other = [name for name in now if before.get(name) != now[name]]
    said = [
        "episodes are recognised in another way"
        if name == RECOGNISED_BY
        else f"{name} was {before.get(name)} and is {now[name]}"
        for name in other
    ]
    return "; ".join(said) or None


def _other_bars(
    before: Mapping[str, Heard], after: Mapping[str, Heard], again: Mapping[str, RowSum]
) -> str | None:
    """Why the bars are not those that were read, by the first symbol whose are not."""
    for name, was in before.items():
        now = after.get(name)
        if now is None:
            return f"the bars of {name!r} are gone"
        if (was.calendar, was.scales) != (now.calendar, now.scales):
            return (
                f"the episodes of {name!r} were those of {was.calendar} at {', '.join(was.scales)}, "
                f"and are those of {now.calendar} at {', '.join(now.scales)}"
            )
        if str(again[name]) != was.bars:
            rows = again[name].rows - RowSum.parse(was.bars).rows
            what = f"{rows:,} more" if rows > 0 else "other"
            return f"of {name!r} {what} bars are known by {was.until:%Y-%m-%d %H:%M} UTC than were read"
    return None


def _read_of(
    bars: BarsAtHand, before: Mapping[str, Heard]
) -> tuple[dict[str, Heard], dict[str, RowSum]]:
    """What there is to be read of each symbol, and the sum of what was known when it was last read."""
    after, again = {}, {}
    for calendar, panel in bars.parts.items():
        scales = fitting(panel)
        for name, own in _by_symbol(panel):
            until: datetime = own["known_at"].max()  # type: ignore[assignment]
            read = before[name].until if name in before else until
            old = row_sum(own.filter(pl.col("known_at") <= read))
            whole = old + row_sum(own.filter(pl.col("known_at") > read))
            after[name] = Heard(name, calendar, tuple(scales), until, str(whole))
            again[name] = old
    return after, again


def _by_symbol(panel: Panel) -> list[tuple[str, pl.DataFrame]]:
    """The columns that episodes are made of, symbol by symbol."""
    names = [name for name in READ if name in panel.table.columns]
    parts = panel.table.select("symbol", *names).partition_by("symbol", maintain_order=True)
    return [(str(own["symbol"][0]), own.drop("symbol")) for own in parts]


def _with_kept(heard: Mapping[str, Heard], kept: Mapping[str, datetime]) -> dict[str, Heard]:
    return {name: replace(one, kept=kept.get(name)) for name, one in heard.items()}


def _collection(generation: int) -> str:
    return f"episode_builds of {generation}"
