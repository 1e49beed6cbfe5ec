"""`render(picture)`: what resembles now, drawn on one another and one by one, and what followed."""

from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.reporting.axes import Scale, labelled, number_ticks
from tradewind.reporting.episodes import EpisodesPicture
from tradewind.reporting.figures import count, day, number, percent
from tradewind.reporting.filling import filled
from tradewind.reporting.svg import Drawing

WIDE, NARROW, SMALL = 900.0, 358.0, 190.0
LEFT, TOP, BOTTOM = 60.0, 22.0, 300.0
SHOWN = 16
Array = npt.NDArray[np.float64]


def render(picture: EpisodesPicture) -> str:
    """The page as one string, which asks for nothing from outside."""
    return filled("episodes.html", seen(picture))


def seen(picture: EpisodesPicture) -> dict[str, Any]:
    """Everything the template shows, as text and drawings."""
    return {
        "subject": f"What {picture.subject} resembles",
        "told": picture.told,
        "facts": picture.facts,
        "horizon": picture.horizon,
        "words": words(picture),
        "wide": episodes_chart(picture, WIDE),
        "narrow": episodes_chart(picture, NARROW),
        "outcomes": [
            (what, [percent(end, 2) for end in ends]) for what, ends in picture.outcomes.items()
        ],
        "found": [_found(picture, row) for row in picture.found.head(SHOWN).iter_rows(named=True)],
    }


def words(picture: EpisodesPicture) -> str:
    """How many there are, how alike, and how many of them rose.

    >>> import polars as pl
    >>> nothing = EpisodesPicture("ACME", "", "5 bars", {}, pl.DataFrame(schema=dict(episode=pl.Int64,
    ...     step=pl.Int64, value=pl.Float64)), pl.DataFrame(schema=dict(episode=pl.Int64, symbol=pl.String,
    ...     kind=pl.String, end=pl.Datetime("us", "UTC"), similarity=pl.Float64, followed=pl.Float64)), {})
    >>> words(nothing)
    'Nothing in the library resembles it.'
    """
    found = picture.found
    if not len(found):
        return "Nothing in the library resembles it."
    nearest, last = found["similarity"][0], found["similarity"][-1]
    told = (
        f"{count(len(found), 'episode', 'episodes')} of {found['symbol'].n_unique()} symbols, "
        f"alike by {number(nearest, 2)} to {number(last, 2)} of 1."
    )
    followed = found["followed"].drop_nulls()
    if not len(followed):
        return f"{told} What followed is not known of any."
    return f"{told} After {picture.horizon} {percent(float((followed > 0).mean()))} stood higher."  # type: ignore[arg-type]


def _found(picture: EpisodesPicture, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "symbol": row["symbol"],
        "kind": row["kind"].replace("_", " "),
        "when": day(row["end"]),
        "similarity": number(row["similarity"], 2),
        "regime": (row.get("regime") or "not known").replace("_", " "),
        "followed": percent(row["followed"], 2),
        "drawn": _small(picture, row),
    }


def episodes_chart(picture: EpisodesPicture, width: float) -> str:
    """Every path up to its moment and after it, the one that is asked about before them all."""
    paths = picture.paths.filter(pl.col("value").is_finite())
    if not len(paths):
        return ""
    drawing = Drawing(width, BOTTOM + 30, picture.subject, words(picture), name="chart")
    x, y = _axes(drawing, paths, width)
    for episode, rows in _each(paths):
        if episode != 0:
            before, after = rows.filter(pl.col("step") <= 0), rows.filter(pl.col("step") >= 0)
            _curve(drawing, before, x, y, "past curve thin")
            _curve(drawing, after, x, y, "after curve thin")
    _curve(drawing, paths.filter(episode=0), x, y, "model curve")
    drawing.line(x.at(0), TOP, x.at(0), BOTTOM, "base")
    drawing.text(0, 11, "log price, 0 at the moment", "caption")
    drawing.text(x.at(0), BOTTOM + 18, "the moment", "tick", "middle")
    _fan(drawing, picture, x, y)
    return str(drawing)


def _axes(drawing: Drawing, paths: pl.DataFrame, width: float) -> tuple[Scale, Scale]:
    steps, values = paths["step"].to_numpy(), paths["value"].to_numpy()
    first, last = float(steps.min()), float(max(steps.max(), 1))
    ticks = number_ticks(float(values.min()), float(values.max()), 6)
    x = Scale(min(first, -1.0), last, LEFT, width - 48)
    y = Scale(ticks[0], ticks[-1], BOTTOM, TOP)
    for tick, label in labelled(ticks):
        drawing.line(LEFT, y.at(tick), width - 48, y.at(tick), "zero" if tick == 0 else "grid")
        drawing.text(LEFT - 6, y.at(tick) + 4, label, "tick", "end")
    return x, y


def _fan(drawing: Drawing, picture: EpisodesPicture, x: Scale, y: Scale) -> None:
    """Where the middle four fifths ended, beside where those of anything did."""
    for place, (what, ends) in enumerate(picture.outcomes.items()):
        if all(isfinite(end) for end in ends):
            low, middle, high = (y.at(min(max(end, y.low), y.high)) for end in ends)
            across = x.end + 14 + 16 * place
            kind = "model" if place == 0 else "baseline"
            tip = f"{what}: {' / '.join(percent(end, 2) for end in ends)}"
            drawing.line(across, low, across, high, f"{kind} range", tip)
            drawing.circle(across, middle, 4, kind, tip)


def _small(picture: EpisodesPicture, row: dict[str, Any]) -> str:
    """One episode under the path that is asked about."""
    paths = picture.paths.filter(pl.col("value").is_finite())
    own, asked = paths.filter(episode=row["episode"]), paths.filter(episode=0)
    both = pl.concat([own, asked])
    if not len(own):
        return ""
    drawing = Drawing(SMALL, 84, f"{row['symbol']}, {day(row['end'])}", "", name="chart small")
    steps, values = both["step"].to_numpy(), both["value"].to_numpy()
    low, high = float(values.min()), float(values.max())
    pad = (high - low or 1.0) * 0.06
    x = Scale(float(steps.min()), float(max(steps.max(), 1)), 2, SMALL - 2)
    y = Scale(low - pad, high + pad, 82, 2)
    drawing.line(x.at(0), 2, x.at(0), 82, "grid")
    _curve(drawing, asked, x, y, "model curve thin")
    _curve(drawing, own.filter(pl.col("step") <= 0), x, y, "past curve")
    _curve(drawing, own.filter(pl.col("step") >= 0), x, y, "after curve")
    return str(drawing)


def _each(paths: pl.DataFrame) -> list[tuple[int, pl.DataFrame]]:
    return [(int(key[0]), rows) for key, rows in paths.group_by("episode", maintain_order=True)]


def _curve(drawing: Drawing, rows: pl.DataFrame, x: Scale, y: Scale, kind: str) -> None:
    ordered = rows.sort("step")
    steps, values = (
        ordered["step"].cast(pl.Float64).to_numpy(),
        ordered["value"].to_numpy(),
    )
    drawing.curve(x.along(steps), y.along(values), kind)
