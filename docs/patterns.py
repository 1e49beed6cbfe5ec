"""Try the pattern detector on charts whose truth is known, and write what it found into docs/patterns.md:

python docs/patterns.py
"""

import re
from datetime import timedelta
from pathlib import Path

import polars as pl

from docs.planted import EVENTS, FIGURES, FIRST, LOUDNESS, Planted, charts, walks
from tradewind.context.patterns import MultiScalePatternDetector
from tradewind.context.patterns.scales import LENGTH, Scale
from tradewind.core import Patterns

PAGE = Path(__file__).parent / "patterns.md"
MARKS = "<!-- accuracy -->"
SCALES: tuple[Scale, ...] = ("5m", "15m", "30m", "1h", "1d", "1w", "1mo")
EACH, SEED = 30, 11  # charts of a kind
WALKS, BARS = 200, 1000
OVERLAP = 0.5  # of both spans together: a figure is found if what was told shares this with what was planted


def accuracy(scale: Scale, noise: str, each: int, seed: int = SEED) -> pl.DataFrame:
    """(kind, scale, noise, planted, precision, recall): of what was told, and of what was planted.

    What is told must be of the kind, the direction and the scale. A figure must share half of its span with
    the planted one; an event must be told while it lasts. All else that is told of the kind, in whichever
    chart, is a false alarm; but the legs of a figure or a swing are drifts, so other
    events are not judged there.
    """
    panel, planted = charts(scale, noise, each, seed)
    found = MultiScalePatternDetector((scale,), "24/7")(panel)
    truth = pl.concat([_row(one, LENGTH[scale]) for one in planted])
    return matched(found, truth).with_columns(scale=pl.lit(scale), noise=pl.lit(noise))


def matched(found: Patterns, truth: pl.DataFrame) -> pl.DataFrame:
    """(kind, planted, precision, recall)."""
    drawn = truth.filter(pl.col("kind").is_in([*FIGURES, "swing"])).select("symbol", drawn="kind")
    told = found.table.select("symbol", "kind", "direction", "start", "end")
    told = told.join(drawn, "symbol", "left", maintain_order="left")
    legs = pl.col("kind").is_in(EVENTS) & (pl.col("kind") != pl.col("drawn"))
    told = told.filter(~legs.fill_null(False)).drop("drawn")
    told = told.with_row_index("told")
    pairs = told.join(truth.with_row_index("true"), ["symbol", "kind", "direction"])
    shared = pl.min_horizontal("end", "last") - pl.max_horizontal("start", "first")
    joined = pl.max_horizontal("end", "last") - pl.min_horizontal("start", "first")
    figure = pl.col("kind").is_in(list(FIGURES)) & (shared / joined >= OVERLAP)
    event = pl.col("kind").is_in(EVENTS) & pl.col("end").is_between("first", "last")
    pairs = pairs.filter(figure | event)
    hits = pairs.group_by("kind").agg(
        right=pl.col("told").n_unique(), seen=pl.col("true").n_unique()
    )
    counts = truth.group_by("kind", maintain_order=True).agg(planted=pl.len())
    counts = counts.join(
        told.group_by("kind").agg(told=pl.len()), "kind", "left", maintain_order="left"
    )
    counts = counts.join(hits, "kind", "left", maintain_order="left").fill_null(0)
    return counts.select(
        "kind",
        "planted",
        precision=pl.col("right") / pl.col("told"),
        recall=pl.col("seen") / pl.col("planted"),
    ).fill_nan(None)


def _row(one: Planted, length: timedelta) -> pl.DataFrame:
    """A planted episode with the moments at which its first and last bar are complete."""
    moments = {"first": FIRST + (one.first + 1) * length, "last": FIRST + (one.last + 1) * length}
    keys = {"symbol": one.symbol, "kind": one.kind, "direction": one.direction, **moments}
    return pl.DataFrame([keys], schema_overrides={"direction": pl.Int8})


def alarms(freedom: float | None, seed: int = SEED) -> pl.DataFrame:
    """(kind, alarms): how often each kind is told in 1,000 bars of a random walk."""
    found = MultiScalePatternDetector(("1d",), "24/7")(walks(WALKS, BARS, seed, freedom))
    return found.table.group_by("kind").agg(alarms=pl.len() / (WALKS * BARS / 1000))


def table() -> str:
    """Precision and recall by kind and scale, and the false alarms, in Markdown."""
    rows = pl.concat([accuracy(scale, noise, EACH) for scale in SCALES for noise in LOUDNESS])
    normal, fat = dict(alarms(None).iter_rows()), dict(alarms(3.0).iter_rows())
    parts = []
    for noise in LOUDNESS:
        lines = [f"{noise.capitalize()} noise, precision / recall:", "", _heads("kind", *SCALES)]
        for kind in (*FIGURES, *EVENTS):
            mine = rows.filter(noise=noise, kind=kind)
            cells = [
                f"{'–' if precision is None else f'{precision:.2f}'} / {recall:.2f}"
                for precision, recall in mine.select("precision", "recall").iter_rows()
            ]
            lines.append(f"| `{kind}` | {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    lines = [
        "False alarms in 1,000 bars of a random walk:", "",
        _heads("kind", "normal steps", "Student's, 3 degrees"),
    ]  # fmt: skip
    for kind in (*FIGURES, *EVENTS):
        lines.append(f"| `{kind}` | {normal.get(kind, 0):.2f} | {fat.get(kind, 0):.2f} |")
    return "\n\n".join([*parts, "\n".join(lines)])


def _heads(*names: str) -> str:
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    made = f"{MARKS}\n{table()}\n{MARKS}"
    PAGE.write_text(
        re.sub(f"{MARKS}.*{MARKS}", lambda _: made, page, flags=re.DOTALL), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
