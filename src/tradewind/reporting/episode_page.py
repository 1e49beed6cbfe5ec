"""`render(picture)`: an episode among the bars around it, and what followed at each horizon."""

from typing import Any

import polars as pl

from tradewind.reporting.axes import Scale, labelled, number_ticks
from tradewind.reporting.episode import EpisodePicture
from tradewind.reporting.figures import count, day, percent
from tradewind.reporting.filling import filled
from tradewind.reporting.svg import Drawing, apart

WIDE, NARROW = 900.0, 358.0
LEFT, TOP, BOTTOM = 56.0, 26.0, 300.0
BESIDE = 78.0  # for what stands beside the last bar


def render(picture: EpisodePicture) -> str:
    """The page as one string, which asks for nothing from outside."""
    return filled("episode.html", seen(picture))


def seen(picture: EpisodePicture) -> dict[str, Any]:
    """Everything the template shows, as text and drawings."""
    newest = _newest(picture)
    return {
        "subject": picture.subject,
        "told": picture.told,
        "facts": picture.facts,
        "words": words(picture),
        "drawn": [chart(picture, width) for width in (WIDE, NARROW)],
        "followed": [
            (
                count(bars, "bar", "bars"),
                percent(value, 2),
                f"{day(at)}, {at:%H:%M} UTC",
                at not in newest[bars],
            )
            for bars, value, at in picture.afterwards.iter_rows()
        ],
    }


def words(picture: EpisodePicture) -> str:
    """How long it was, and what came of it.

    >>> from datetime import UTC, datetime
    >>> from tradewind.reporting.episode import AFTERWARDS, PRICES
    >>> told = pl.DataFrame([(5, 0.02, datetime(2024, 1, 9, tzinfo=UTC))], schema=dict(AFTERWARDS), orient="row")
    >>> words(EpisodePicture("A gap", "", {}, pl.DataFrame(schema=dict(PRICES)), -3, 0, told))
    'It took 4 bars. After 5 bars the price stood 2.00 % higher, as a log return.'
    """
    span = f"It took {count(picture.last - picture.first + 1, 'bar', 'bars')}."
    if not len(picture.afterwards):
        return f"{span} What followed is not known yet."
    bars, value, _ = picture.afterwards.sort("bars", "resolved_at").row(-1)
    side = "higher" if value > 0 else "lower"
    after = count(bars, "bar", "bars")
    return f"{span} After {after} the price stood {percent(abs(value), 2)} {side}, as a log return."


def chart(picture: EpisodePicture, width: float) -> str:
    """Closes: before the episode, in it, and after it was known; and where each horizon ended."""
    prices = picture.prices.drop_nulls("close")
    if len(prices) < 2:
        return ""
    drawing = Drawing(width, BOTTOM + 36, picture.subject, words(picture), name="chart")
    steps = prices["step"].cast(pl.Float64).to_numpy()
    low, high = float(prices["close"].min()), float(prices["close"].max())  # type: ignore[arg-type]
    ticks = number_ticks(low, high, 6)
    x = Scale(float(steps.min()), float(steps.max()), LEFT, width - BESIDE)
    y = Scale(min(low, ticks[0]), max(high, ticks[-1]), BOTTOM, TOP)
    drawing.rect(
        x.at(picture.first), TOP, x.at(picture.last) - x.at(picture.first), BOTTOM - TOP, "span"
    )
    for tick, label in labelled(ticks):
        drawing.line(LEFT, y.at(tick), width - BESIDE, y.at(tick), "grid")
        drawing.text(LEFT - 6, y.at(tick) + 4, label, "tick", "end")
    drawing.line(x.at(0), TOP, x.at(0), BOTTOM, "zero", "known from here on")
    for kind, begin, end in _parts(picture, steps):
        rows = prices.filter(pl.col("step").is_between(begin, end)).sort("step")
        drawing.curve(
            x.along(rows["step"].cast(pl.Float64).to_numpy()),
            y.along(rows["close"].to_numpy()),
            kind,
        )
    drawing.text(0, 12, "close", "caption")
    _along(drawing, x)
    _ends(drawing, picture, x, y)
    return str(drawing)


def _parts(picture: EpisodePicture, steps: Any) -> list[tuple[str, int, int]]:
    return [
        ("past curve", int(steps.min()), picture.first),
        ("model curve", picture.first, picture.last),
        ("past curve", picture.last, 0),
        ("after curve", 0, int(steps.max())),
    ]


def _along(drawing: Drawing, x: Scale) -> None:
    """Bars before the moment and after it."""
    for tick in number_ticks(x.low, x.high, 6):
        if x.low <= tick <= x.high and tick == round(tick):
            told = "known" if tick == 0 else f"{tick:+g}"
            drawing.text(x.at(tick), BOTTOM + 17, told, "tick", "middle")
    drawing.text(
        (x.start + x.end) / 2, BOTTOM + 33, "bars from when it was known", "tick", "middle"
    )


def _ends(drawing: Drawing, picture: EpisodePicture, x: Scale, y: Scale) -> None:
    """A dot where each horizon ended, and the returns beside the last bar, none on another."""
    closes = dict(picture.prices.select("step", "close").drop_nulls().iter_rows())
    known = picture.afterwards.sort("resolved_at").unique("bars", keep="last").sort("bars")
    dots = [
        (bars, value, y.at(closes[bars])) for bars, value, _ in known.iter_rows() if bars in closes
    ]
    labels = apart([place for *_, place in dots], 15.0, TOP + 6, BOTTOM - 2)
    for (bars, value, place), label in zip(dots, labels, strict=True):
        tip = f"after {count(bars, 'bar', 'bars')}: {percent(value, 2)}"
        drawing.circle(x.at(bars), place, 4, "after dot", tip)
        drawing.text(x.end + 8, label + 4, f"{bars}: {percent(value, 1)}", "tick")


def _newest(picture: EpisodePicture) -> dict[int, set[Any]]:
    """Of each horizon the moment of the version that counts now."""
    last = picture.afterwards.group_by("bars").agg(pl.col("resolved_at").max())
    return {bars: {at} for bars, at in last.iter_rows()}
