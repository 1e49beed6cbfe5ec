"""`show`: one episode of the library, as it is kept, as it is told, and as it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tradewind.context.patterns.scales import LENGTH, NAMES, names_of
from tradewind.context.patterns.walk import walked
from tradewind.core.clock import micros_of
from tradewind.core.errors import Misuse, nearest
from tradewind.core.tables import UTC_TIME
from tradewind.data.store import MarketStore
from tradewind.pipelines.episodes.bars import BarsAtHand
from tradewind.pipelines.episodes.searching import folder_of, opened
from tradewind.reporting.episode import AFTERWARDS, PRICES, EpisodePicture
from tradewind.reporting.episode_page import render
from tradewind.reporting.figures import percent
from tradewind.storage.files import publish_folder
from tradewind.storage.workspace import Workspace

MOMENTS = ("start", "end", "known_at", "expires_at", "superseded_at", "let_go_at")
BEFORE = 20  # bars that are drawn before it began


@dataclass(frozen=True)
class Episode:
    """One episode as the library keeps it."""

    row: Mapping[str, Any]
    page: Path | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What there is to say, by name."""
        row = self.row
        return {
            "name": row["name"],
            **{one: row[one] for one in ("symbol", "kind", "direction", "confidence", "regime")},
            "scale": NAMES.get(row["scale"], str(row["scale"])),
            **{one: _text(row[one]) for one in MOMENTS},
            **{one: row[one] for one in ("uses", "quality")},
            "followed": [
                {**one, "horizon": str(one["horizon"]), "resolved_at": _text(one["resolved_at"])}
                for one in row["followed"]
            ],
        }

    @property
    def summary(self) -> str:
        """A line each."""
        told = self.facts
        followed = told.pop("followed")
        lines = [f"{name.replace('_', ' '):<14} {value}" for name, value in told.items()]
        lines += [
            f"{'followed':<14} {percent(one['value'], 2)} within {one['horizon']}, known {one['resolved_at']}"
            for one in followed
        ]
        return "\n".join([*lines, *([f"page: {self.page}"] if self.page else [])])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {**self.facts, "page": str(self.page) if self.page else None}


def show(workspace: Workspace, name: str) -> Episode:
    """The episode of that name, as `tradewind patterns search` tells it: SYMBOL KIND SCALE WHEN."""
    episodes = opened(workspace).episodes()
    named = episodes.with_columns(name=_names())
    found = named.filter(pl.col("name") == name.strip())
    if not len(found):
        raise Misuse(f"no episode is called {name!r}", nearest(name, _like(named, name)))
    return Episode(found.row(-1, named=True))


def published(episode: Episode, workspace: Workspace, calendar: str) -> Path:
    """Its page, in the place of the one that was drawn before."""
    page = workspace.reports / "patterns" / folder_of(episode.row["name"]) / "index.html"
    page.parent.parent.mkdir(parents=True, exist_ok=True)
    publish_folder(page.parent, {page.name: render(picture(episode, workspace, calendar))})
    return page


def picture(episode: Episode, workspace: Workspace, calendar: str) -> EpisodePicture:
    """The same among the bars around it."""
    told, row = episode.facts, episode.row
    prices, first, last = _prices(row, workspace, calendar)
    kept = {
        "Kind": row["kind"].replace("_", " "),
        "Direction": {1: "up", -1: "down", 0: "neither"}[row["direction"]],
        "Confidence": f"{row['confidence']:.2f}",
        "Regime": (row["regime"] or "not known").replace("_", " "),
        "Began": told["start"],
        "Ended": told["end"],
        "Known": told["known_at"],
        "Superseded": told["superseded_at"],
        "Expires": told["expires_at"],
        "Let go": told["let_go_at"],
        "Used": f"{row['uses']:,} times" if row["uses"] else None,
    }
    return EpisodePicture(
        row["name"],
        f"known {told['known_at']}",
        {name: fact for name, fact in kept.items() if fact is not None},
        prices,
        first,
        last,
        _afterwards(row),
    )


def _prices(
    row: Mapping[str, Any], workspace: Workspace, calendar: str
) -> tuple[pl.DataFrame, int, int]:
    """The bars around it, and the steps of its first and its last; none where no bar of its symbol
    lies in the workspace."""
    none = pl.DataFrame(schema=dict(PRICES))
    if row["scale"] not in NAMES or "bars" not in MarketStore(workspace.path).tables:
        return none, 0, 0
    bars = BarsAtHand.of(workspace, calendar)
    if row["symbol"] not in bars.symbols:
        return none, 0, 0
    own_calendar, panel = bars.keeping(row["symbol"])
    walk = walked(panel, NAMES[row["scale"]], own_calendar)
    known, span = walk.newest(row["symbol"], row["known_at"]), walk.segments[row["symbol"]]
    if known < 0:
        return none, 0, 0
    stamps = walk.stamp[span]
    first, last = (
        span.start + int(np.searchsorted(stamps, micros_of(row[end]))) for end in ("start", "end")
    )
    horizons = _afterwards(row)["bars"]
    begin = max(span.start, min(first, known) - BEFORE)
    after = min(span.stop, known + int(horizons.max() or 5) + 1)  # type: ignore[arg-type]
    places = np.arange(begin, after)
    prices = pl.DataFrame(
        {
            "step": places - known,
            "stamp": pl.Series(walk.stamp[begin:after]).cast(UTC_TIME),
            "close": walk.close[begin:after],
        },
        schema=dict(PRICES),
    )
    return prices, max(first, begin) - known, min(last, known) - known


def _afterwards(row: Mapping[str, Any]) -> pl.DataFrame:
    rows = [
        {**one, "bars": round(one["horizon"] / row["scale"])}
        for one in sorted(row["followed"], key=lambda one: (one["horizon"], one["resolved_at"]))
    ]
    return pl.DataFrame(rows, schema=dict(AFTERWARDS))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def _names() -> pl.Expr:
    """The names that `name_of` gives."""
    scale = names_of(pl.col("scale"))
    daily = pl.col("scale") >= LENGTH["1d"]
    when = pl.when(daily).then(pl.col("end").dt.strftime("%Y-%m-%d"))
    end = when.otherwise(pl.col("end").dt.strftime("%Y-%m-%d %H:%M"))
    return pl.concat_str("symbol", "kind", scale, end, separator=" ")


def _like(named: pl.DataFrame, name: str) -> list[str]:
    """The episodes of the same symbol, or a few of any."""
    own = named.filter(pl.col("symbol") == name.split(" ", maxsplit=1)[0])
    names: list[str] = (own if len(own) else named)["name"].tail(500).to_list()
    return names
