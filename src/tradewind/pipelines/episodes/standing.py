"""`stats`: what there is in the library of a workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from tradewind.context.library.view import has_ended
from tradewind.context.patterns.scales import names_of
from tradewind.pipelines.episodes.searching import opened
from tradewind.reporting.figures import percent
from tradewind.storage.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Standing:
    """The library in figures, and its mix: how many episodes of each kind and scale live."""

    figures: Mapping[str, Any]
    mix: pl.DataFrame  # kind, scale, episodes, resolved, median: of the first horizon

    @property
    def summary(self) -> str:
        """The figures in a line, the mix in a line each."""
        told = self.figures
        head = (
            f"{told['episodes']:,} episodes, {told['resolved']:,} with what followed, {told['past']:,} past "
            f"({told['superseded']:,} superseded, {told['expired']:,} expired, {told['let_go']:,} let go); "
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
    ever = library.episodes()
    episodes = ever.filter(~has_ended(ever))
    resolved = (pl.col("followed").list.len() > 0).sum()
    mix = episodes.group_by("kind", scale=names_of(pl.col("scale"))).agg(
        episodes=pl.len(), resolved=resolved, share=pl.len() / len(episodes)
    )
    figures = {**vars(library.stats()), **ended_how(ever)}
    return Standing(figures, mix.sort("episodes", "kind", descending=[True, False]))


def ended_how(episodes: pl.DataFrame) -> dict[str, int]:
    """How many were superseded, how many expired, and how many were let go before their time."""
    superseded, let_go = pl.col("superseded_at").is_not_null(), pl.col("let_go_at").is_not_null()
    expired = let_go & (pl.col("let_go_at") >= pl.col("expires_at")).fill_null(False)
    told = episodes.select(
        superseded=superseded.sum(),
        expired=(expired & ~superseded).sum(),
        let_go=(let_go & ~expired & ~superseded).sum(),
    )
    return told.row(0, named=True)
