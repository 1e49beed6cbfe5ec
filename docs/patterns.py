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

PAGE = Path(__file__).parent / "patterns.md"
MARKS = "<!-- accuracy -->"
SCALES: tuple[Scale, ...] = ("5m", "15m", "30m", "1h", "1d", "1w", "1mo")
EACH, SEED = 30, 11  # charts of a kind
WALKS, BARS = 200, 1000
OVERLAP = 0.5  # of both spans together: a figure is found if what was told shares this with what was planted


def judged(scale: Scale, noise: str, each: int, seed: int = SEED) -> pl.DataFrame:
    """One row an episode that was told: symbol, kind, confidence, whether it is the one planted there, and
    how many bars after that was due.

    It must be of the kind, the direction and the scale; a figure must share half of its span with the
    planted one, an event must be told while it lasts. All else that is told, in whichever chart, is a
    false alarm; but the legs of a figure or a swing are drifts, so other events are not judged there.
    """
    panel, planted = charts(scale, noise, each, seed)
    found = MultiScalePatternDetector((scale,), "24/7")(panel)
    truth = pl.DataFrame([_row(one, LENGTH[scale]) for one in planted])
    told = found.table.join(truth, "symbol").filter(~_LEGS)
    right = (pl.col("kind") == pl.col("planted")) & (pl.col("direction") == pl.col("towards"))
    return told.select(
        "symbol",
        "kind",
        "confidence",
        right=right & (_FIGURE | _EVENT),
        late=(pl.col("known_at") - pl.col("due")) / LENGTH[scale],
    )


_LEGS = (
    pl.col("kind").is_in(EVENTS)
    & pl.col("planted").is_in([*FIGURES, "swing"])
    & (pl.col("kind") != pl.col("planted"))
)
_SHARED = pl.min_horizontal("end", "last") - pl.max_horizontal("start", "first")
_JOINED = pl.max_horizontal("end", "last") - pl.min_horizontal("start", "first")
_FIGURE = pl.col("kind").is_in(list(FIGURES)) & (_SHARED / _JOINED >= OVERLAP)
_EVENT = pl.col("kind").is_in(EVENTS) & pl.col("end").is_between("first", "last")


def _row(one: Planted, length: timedelta) -> dict[str, object]:
    """A planted episode with the moments at which its bars are complete."""
    places = {"first": one.first, "last": one.last, "due": one.due}
    moments = {name: FIRST + (place + 1) * length for name, place in places.items()}
    return {"symbol": one.symbol, "planted": one.kind, "towards": one.direction, **moments}


def accuracy(scale: Scale, noise: str, each: int, seed: int = SEED) -> pl.DataFrame:
    """(kind, precision, recall, scale, noise): of what was told, and of what was planted."""
    told = judged(scale, noise, each, seed)
    right = pl.col("symbol").filter("right").n_unique()
    measured = told.group_by("kind").agg(precision=pl.mean("right"), recall=right / each)
    kinds = pl.DataFrame({"kind": [*FIGURES, *EVENTS]})
    rows = kinds.join(measured, "kind", "left", maintain_order="left")
    return rows.with_columns(
        pl.col("recall").fill_null(0), scale=pl.lit(scale), noise=pl.lit(noise)
    )


def lateness() -> str:
    """How many bars after it was due each kind is known, in Markdown."""
    lines = [
        "Bars from the last corner of a figure, or the first of an event, until it is known, of days; the median:",
        "", _heads("kind", *LOUDNESS),
    ]  # fmt: skip
    medians = [
        judged("1d", noise, EACH).filter("right").group_by("kind").agg(pl.median("late"))
        for noise in LOUDNESS
    ]
    late = [dict(one.iter_rows()) for one in medians]
    for kind in (*FIGURES, *EVENTS):
        cells = [f"{one[kind]:.0f}" if kind in one else "–" for one in late]
        lines.append(f"| `{kind}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def sureness() -> str:
    """How often the figures that were told are right, the least sure quarter first."""
    told = judged("1d", "usual", 4 * EACH).filter(pl.col("kind").is_in(list(FIGURES)))
    told = told.sort("confidence", maintain_order=True)
    quarters = [told.slice(len(told) * n // 4, len(told) // 4) for n in range(4)]
    shares = ", ".join(f"{quarter['right'].mean():.2f}" for quarter in quarters)
    return f"Of the figures told, by quarters from the least sure to the surest, so many are right: {shares}."


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
    return "\n\n".join([*parts, lateness(), sureness(), "\n".join(lines)])


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
