"""`stats` and `show`: what there is in the library of a workspace, and one episode of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from tradewind.context.patterns.scales import LENGTH
from tradewind.core.errors import Misuse, nearest
from tradewind.pipelines.episodes.searching import opened
from tradewind.reporting.figures import percent
from tradewind.storage.workspace import Workspace

NAMES = {length: name for name, length in LENGTH.items()}


@dataclass(frozen=True, eq=False)
class Standing:
    """The library in figures, and its mix: how many episodes of each kind and scale."""

    figures: Mapping[str, Any]
    mix: pl.DataFrame  # kind, scale, episodes, resolved, median: of the first horizon

    @property
    def summary(self) -> str:
        """The figures in a line, the mix in a line each."""
        told = self.figures
        head = (
            f"{told['episodes']:,} episodes, {told['resolved']:,} with what followed, {told['past']:,} past; "
            f"index {told['index']}, {told['memory_mb']:.1f} MB in memory, {told['disk_mb']:.1f} MB on the disk"
        )
        lines = [
            f"{kind:<28} {scale:<4} {episodes:>8,} episodes {resolved:>8,} resolved  share {percent(share)}"
            for kind, scale, episodes, resolved, share in self.mix.iter_rows()
        ]
        return "\n".join([head, *lines])

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {**self.figures, "mix": self.mix.to_dicts()}


def stats(workspace: Workspace) -> Standing:
    """What there is: a library in which one kind is most of all answers with that kind."""
    library = opened(workspace)
    episodes = library.episodes()
    resolved = (pl.col("followed").list.len() > 0).sum()
    mix = episodes.group_by("kind", scale=_scale()).agg(
        episodes=pl.len(), resolved=resolved, share=pl.len() / len(episodes)
    )
    return Standing(vars(library.stats()), mix.sort("episodes", "kind", descending=[True, False]))


@dataclass(frozen=True)
class Episode:
    """One episode as the library keeps it."""

    facts: Mapping[str, Any]

    @property
    def summary(self) -> str:
        """A line each."""
        told = {name: value for name, value in self.facts.items() if name != "followed"}
        lines = [f"{name.replace('_', ' '):<14} {value}" for name, value in told.items()]
        lines += [
            f"{'followed':<14} {percent(one['value'], 2)} within {one['horizon']}, known {one['resolved_at']}"
            for one in self.facts["followed"]
        ]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return dict(self.facts)


def show(workspace: Workspace, name: str) -> Episode:
    """The episode of that name, as `tradewind patterns search` tells it: SYMBOL KIND SCALE WHEN."""
    episodes = opened(workspace).episodes()
    named = episodes.with_columns(name=_names())
    found = named.filter(pl.col("name") == name.strip())
    if not len(found):
        raise Misuse(f"no episode is called {name!r}", nearest(name, _like(named, name)))
    row = found.row(-1, named=True)
    moments = ("start", "end", "known_at", "expires_at", "superseded_at", "let_go_at")
    facts = {
        "name": row["name"],
        **{one: row[one] for one in ("symbol", "kind", "direction", "confidence", "regime")},
        "scale": NAMES.get(row["scale"], str(row["scale"])),
        **{one: _text(row[one]) for one in moments},
        **{one: row[one] for one in ("uses", "quality")},
        "followed": [
            {
                "horizon": str(one["horizon"]),
                "value": one["value"],
                "resolved_at": _text(one["resolved_at"]),
            }
            for one in row["followed"]
        ],
    }
    return Episode(facts)


def _text(moment: Any) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def _scale() -> pl.Expr:
    return pl.col("scale").replace_strict(NAMES, default="other", return_dtype=pl.String)


def _names() -> pl.Expr:
    """The names that `name_of` gives."""
    daily = pl.col("scale") >= LENGTH["1d"]
    when = pl.when(daily).then(pl.col("end").dt.strftime("%Y-%m-%d"))
    end = when.otherwise(pl.col("end").dt.strftime("%Y-%m-%d %H:%M"))
    return pl.concat_str("symbol", "kind", _scale(), end, separator=" ")


def _like(named: pl.DataFrame, name: str) -> list[str]:
    """The episodes of the same symbol, or a few of any."""
    own = named.filter(pl.col("symbol") == name.split(" ", maxsplit=1)[0])
    names: list[str] = (own if len(own) else named)["name"].tail(500).to_list()
    return names
