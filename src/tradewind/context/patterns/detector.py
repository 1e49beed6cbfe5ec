"""`MultiScalePatternDetector`: bars of a panel -> its episodes at every scale, in the order they became known."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tradewind.context.patterns.breakouts import breakouts
from tradewind.context.patterns.classical import figures
from tradewind.context.patterns.embedding import embeddings
from tradewind.context.patterns.flags import flags
from tradewind.context.patterns.found import KINDS, Found
from tradewind.context.patterns.pivots import turning_points, usual_steps
from tradewind.context.patterns.scales import Scale, fitting, length_of
from tradewind.context.patterns.sudden import events
from tradewind.context.patterns.swings import swings
from tradewind.context.patterns.walk import Walk, walked
from tradewind.core import Panel, Patterns
from tradewind.core.errors import Misuse
from tradewind.core.pattern import KEYS, SCHEMA, WIDTH
from tradewind.core.tables import UTC_TIME


@dataclass(frozen=True)
class MultiScalePatternDetector:
    """Finds figures, changes, bursts and gaps at each scale; None are the scales that fit the panel.

    Each symbol is walked bar by bar, each bar as it stood when it was first known. So an episode is known
    at the `known_at` of the bar that completed it, and neither what comes later nor a correction unsays it.
    Prices are measured in the steps that are usual for their symbol, so a negative one is one like others.

    >>> corners = ([0, 30, 50, 65, 80, 95], [100.0, 100.0, 120.0, 108.0, 120.0, 105.0])
    >>> close = np.interp(np.arange(96), *corners) + np.tile([0.0, 0.3], 48)
    >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 4, 5), eager=True).cast(pl.String)
    >>> panel = Panel.from_frame(pl.DataFrame({"date": days, "ACME": close}), calendar="24/7")
    >>> found = MultiScalePatternDetector(("1d",), "24/7")(panel).table.filter(kind="double_top")
    >>> found.select("direction", pl.col("start", "end").dt.date()).row(0)
    (-1, datetime.date(2024, 1, 22), datetime.date(2024, 4, 5))
    """

    scales: tuple[Scale, ...] | None = None
    calendar: str = "XNYS"

    def __call__(self, panel: Panel) -> Patterns:
        _require_panel(panel)
        scales = fitting(panel) if self.scales is None else self.scales
        tables = [self._at(panel, scale) for scale in scales]
        return Patterns(pl.concat([pl.DataFrame(schema=dict(SCHEMA)), *tables]).sort(KEYS))

    def _at(self, panel: Panel, scale: Scale) -> pl.DataFrame:
        walk = walked(panel, scale, self.calendar)
        return described(walk, found_in(walk))


def _require_panel(panel: object) -> None:
    if not isinstance(panel, Panel):
        rule = f"episodes are found in a Panel, not in a {type(panel).__name__}"
        raise Misuse(rule, "read it first: Panel.from_frame(frame)")


def found_in(walk: Walk) -> Found:
    """Every episode of a walk."""
    steps = usual_steps(walk.close, walk.offsets)
    turns = turning_points(walk.close, steps, walk.offsets)
    return Found.together(
        [
            figures(walk.close, steps, walk.offsets, turns),
            flags(walk.close, steps, walk.offsets),
            breakouts(walk.close, steps, walk.offsets),
            events(walk.bars, walk.stamp, steps, walk.offsets),
            swings(walk.close, steps, walk.offsets, turns),
        ]
    )


def described(walk: Walk, found: Found) -> pl.DataFrame:
    """Episodes as rows of `Patterns`; one with nothing to be seen in it is none."""
    symbol = np.searchsorted(walk.offsets, found.last, side="right") - 1
    vectors = embeddings(walk.bars, walk.offsets[symbol], found.first, found.last)
    seen = vectors.any(axis=1)
    found, symbol, vectors = found.take(np.flatnonzero(seen)), symbol[seen], vectors[seen]
    times = {
        "known_at": walk.known[found.last],
        "start": walk.stamp[found.first],
        "end": walk.stamp[found.last],
    }
    return pl.DataFrame(
        {
            **{name: pl.Series(moments).cast(UTC_TIME) for name, moments in times.items()},
            "symbol": pl.Series(walk.symbols, dtype=pl.String).gather(symbol),
            "scale": pl.repeat(
                length_of(walk.scale), len(symbol), dtype=SCHEMA["scale"], eager=True
            ),
            "kind": pl.Series(KINDS).gather(found.kind),
            "direction": found.direction.astype(np.int8),
            "confidence": found.confidence,
            "regime": pl.repeat(None, len(symbol), dtype=pl.String, eager=True),
            "embedding": pl.Series(vectors, dtype=pl.Array(pl.Float32, WIDTH)),
            "followed": pl.Series([[]] * len(symbol), dtype=SCHEMA["followed"]),
        }
    ).select(*SCHEMA)
