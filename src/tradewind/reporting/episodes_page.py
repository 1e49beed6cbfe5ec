"""`render(picture)`: what resembles now, drawn on one another and one by one, and what followed."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import polars as pl

from tradewind.reporting.axes import Scale, labelled, number_ticks
from tradewind.reporting.episodes import EpisodesPicture
from tradewind.reporting.figures import count, number, percent
from tradewind.reporting.filling import filled
from tradewind.reporting.svg import Drawing

WIDE, NARROW, SMALL = 540.0, 358.0, 190.0
AFTER = 330.0
LEFT, TOP, BOTTOM = 44.0, 22.0, 288.0
SHOWN = 20


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
        "shapes": [shapes_chart(picture, width) for width in (WIDE, NARROW)],
        "after": [after_chart(picture, width) for width in (AFTER, NARROW)],
        "outcomes": [
            (what, [percent(end, 2) for end in ends]) for what, ends in picture.outcomes.items()
        ],
        "found": [_found(picture, row) for row in picture.found.head(SHOWN).iter_rows(named=True)],
    }


def words(picture: EpisodesPicture) -> str:
    """How many there are, how alike, and how many of them rose.

    >>> import polars as pl
    >>> nothing = EpisodesPicture("ACME", "", "5 bars", {}, pl.DataFrame(schema=dict(episode=pl.Int64,
    ...     step=pl.Float64, value=pl.Float64)), pl.DataFrame(schema=dict(episode=pl.Int64, symbol=pl.String,
    ...     kind=pl.String, when=pl.String, similarity=pl.Float64, followed=pl.Float64)), {})
    >>> words(nothing)
    'Nothing in the library resembles it.'
    """
    found = picture.found
    if not len(found):
        return "Nothing in the library resembles it."
    nearest, last = found["similarity"][0], found["similarity"][-1]
    told = (
        f"{count(len(found), 'episode', 'episodes')} of "
        f"{count(found['symbol'].n_unique(), 'symbol', 'symbols')}, "
        f"alike by {number(nearest, 2)} to {number(last, 2)} of 1."
    )
    followed = found["followed"].drop_nulls()
    if not len(followed):
        return f"{told} What followed is not known of any."
    higher = int((followed > 0).sum())
    return f"{told} After {picture.horizon} {higher:,} of {len(followed):,} stood higher."


def _found(picture: EpisodesPicture, row: dict[str, Any]) -> dict[str, Any]:
    regime = row.get("regime")
    facts = {
        "Alike": number(row["similarity"], 2),
        "Followed": percent(row["followed"], 2),
        "Kind": "" if row["kind"] == "window" else row["kind"].replace("_", " "),
        "Regime": regime.replace("_", " ") if regime else "",
    }
    return {
        "symbol": row["symbol"],
        "when": row["when"],
        "facts": {name: fact for name, fact in facts.items() if fact},
        "drawn": _small(picture, row),
    }


def shapes_chart(picture: EpisodesPicture, width: float) -> str:
    """Every path up to its moment, each in its own spread, as they were compared; now before them all."""
    paths = standard(picture.paths).filter(pl.col("step") <= 0)
    if not len(paths):
        return ""
    drawing = Drawing(width, BOTTOM + 34, picture.subject, words(picture), name="chart")
    x, y = _axes(drawing, paths, width - 8)
    for episode, rows in _each(paths):
        if episode != 0:
            _curve(drawing, rows, x, y, "past curve thin")
    _curve(drawing, paths.filter(episode=0), x, y, "model curve")
    drawing.text(0, 11, "log price, in spreads of each from its mean", "caption")
    _along(drawing, x)
    return str(drawing)


def after_chart(picture: EpisodesPicture, width: float) -> str:
    """What followed each, as it was, and beside it where the middle four fifths ended."""
    paths = picture.paths.filter(pl.col("value").is_finite(), pl.col("step") >= 0)
    paths = paths.filter(pl.col("episode") != 0)
    if not len(paths) or paths["step"].max() == 0:
        return ""
    drawing = Drawing(width, BOTTOM + 34, "What followed", words(picture), name="chart")
    x, y = _axes(drawing, paths, width - 40, [end for _, ends in _finite(picture) for end in ends])
    for _, rows in _each(paths):
        _curve(drawing, rows, x, y, "after curve thin")
    drawing.text(0, 11, "log price since, 0 at the moment", "caption")
    _along(drawing, x)
    _fan(drawing, picture, x, y)
    return str(drawing)


def standard(paths: pl.DataFrame) -> pl.DataFrame:
    """Paths less their mean up to the moment, in spreads of it: what is the same shape lies together.

    >>> one = {"episode": [1, 1, 1], "step": [-1.0, 0.0, 1.0], "value": [0.2, 0.4, 0.5]}
    >>> standard(pl.DataFrame(one))["value"].round(6).to_list()
    [-1.0, 1.0, 2.0]
    """
    before = pl.col("value").filter(pl.col("step") <= 0)
    known = paths.filter(pl.col("value").is_finite())
    spread = before.std(ddof=0).over("episode")
    value = (pl.col("value") - before.mean().over("episode")) / spread
    return known.with_columns(value=value).filter(pl.col("value").is_finite())


def _axes(
    drawing: Drawing, paths: pl.DataFrame, right: float, beside: Sequence[float] = ()
) -> tuple[Scale, Scale]:
    """As long as the paths, and as high as they and what is drawn beside them."""
    steps, values = paths["step"].to_numpy(), [*paths["value"], *beside]
    first, last = float(steps.min()), float(steps.max())
    ticks = number_ticks(min(values), max(values), 6)
    x = Scale(first, last if last > first else first + 1, LEFT, right)
    y = Scale(ticks[0], ticks[-1], BOTTOM, TOP)
    for tick, label in labelled(ticks):
        drawing.line(LEFT, y.at(tick), right, y.at(tick), "zero" if tick == 0 else "grid")
        drawing.text(LEFT - 6, y.at(tick) + 4, label, "tick", "end")
    return x, y


def _along(drawing: Drawing, x: Scale) -> None:
    """Bars before the moment, or after it."""
    for tick in number_ticks(x.low, x.high, 5):
        if x.low <= tick <= x.high and tick == round(tick):
            told = "now" if tick == 0 else f"{abs(tick):g}"
            drawing.text(x.at(tick), BOTTOM + 16, told, "tick", "middle")
    side = "bars before" if x.low < 0 else "bars after"
    drawing.text((x.start + x.end) / 2, BOTTOM + 31, side, "tick", "middle")


def _fan(drawing: Drawing, picture: EpisodesPicture, x: Scale, y: Scale) -> None:
    """Where the middle four fifths ended, beside where those of anything did."""
    for place, (what, ends) in enumerate(_finite(picture)):
        low, middle, high = (y.at(end) for end in ends)
        across = x.end + 12 + 16 * place
        kind = "model" if place == 0 else "baseline"
        tip = f"{what}: {' / '.join(percent(end, 2) for end in ends)}"
        drawing.line(across, low, across, high, f"{kind} range", tip)
        drawing.circle(across, middle, 4, f"{kind} dot", tip)


def _finite(picture: EpisodesPicture) -> list[tuple[str, tuple[float, ...]]]:
    return [(what, ends) for what, ends in picture.outcomes.items() if all(map(isfinite, ends))]


def _small(picture: EpisodesPicture, row: dict[str, Any]) -> str:
    """One episode under the path that is asked about, each in its own spread."""
    both = standard(picture.paths.filter(pl.col("episode").is_in([0, row["episode"]])))
    own, asked = both.filter(episode=row["episode"]), both.filter(episode=0)
    if not len(own):
        return ""
    drawing = Drawing(SMALL, 84, f"{row['symbol']}, {row['when']}", "", name="chart small")
    steps, values = both["step"].to_numpy(), both["value"].to_numpy()
    low, high = float(values.min()), float(values.max())
    pad = (high - low or 1.0) * 0.06
    x = Scale(float(steps.min()), float(max(steps.max(), 1)), 2, SMALL - 2)
    y = Scale(low - pad, high + pad, 82, 2)
    drawing.line(x.at(0), 2, x.at(0), 82, "grid")
    _curve(drawing, own.filter(pl.col("step") <= 0), x, y, "past curve")
    _curve(drawing, asked, x, y, "model curve")
    _curve(drawing, own.filter(pl.col("step") >= 0), x, y, "after curve")
    return str(drawing)


def _each(paths: pl.DataFrame) -> list[tuple[int, pl.DataFrame]]:
    return [(int(key[0]), rows) for key, rows in paths.group_by("episode", maintain_order=True)]


def _curve(drawing: Drawing, rows: pl.DataFrame, x: Scale, y: Scale, kind: str) -> None:
    ordered = rows.sort("step")
    steps, values = ordered["step"].cast(pl.Float64).to_numpy(), ordered["value"].to_numpy()
    drawing.curve(x.along(steps), y.along(values), kind)
