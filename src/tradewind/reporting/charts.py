"""Two pictures of a walk-forward: what was said against what came true, and the skill of each fold."""

from itertools import pairwise
from typing import Any

import polars as pl

from tradewind.reporting.axes import Scale, labelled, number_ticks
from tradewind.reporting.figures import count, day, known, number, percent, percents
from tradewind.reporting.readings import Reading
from tradewind.reporting.svg import Drawing, apart

LINE = 15.0  # pixels from one line of text to the next


def reliability_chart(reliability: pl.DataFrame, base: float | None) -> str:
    """What was said against what came true, before and after calibration, and how often it was said.

    Both axes share one scale, cut to the probabilities that occur, so that the diagonal stays one.
    """
    rows = reliability.filter(pl.col("predicted").is_finite() & pl.col("observed").is_finite())
    if not len(rows):
        return ""
    ends = [v for name in ("predicted", "observed", "low", "high") for v in rows[name] if known(v)]
    ticks = _within_one(number_ticks(min(ends), max(ends), 6))
    drawing = Drawing(400, 470, "Reliability", reliability_words(reliability), name="chart")
    x, y = Scale(ticks[0], ticks[-1], 46, 392), Scale(ticks[0], ticks[-1], 368, 22)
    drawing.text(0, 11, "how often it came true", "caption")
    for tick, label in labelled(tuple(100 * tick for tick in ticks)):
        drawing.line(46, y.at(tick / 100), 392, y.at(tick / 100), "grid")
        drawing.line(x.at(tick / 100), 22, x.at(tick / 100), 428, "grid")
        drawing.text(40, y.at(tick / 100) + 4, label, "tick", "end")
        drawing.text(min(x.at(tick / 100), 386), 445, label, "tick", "middle")
    drawing.text(392, 464, "probability that was said, %", "caption", "end")
    drawing.line(46, 368, 392, 22, "diagonal")
    if base is not None and ticks[0] < base < ticks[-1]:
        tip = f"base rate: up in {percent(base)} of all rows"
        drawing.line(46, y.at(base), 392, y.at(base), "base", tip)
    for which in ("raw", "calibrated"):
        _density(drawing, rows.filter(which=which), which, x)
        _bins(drawing, rows.filter(which=which), which, x, y)
    return str(drawing)


def _within_one(ticks: tuple[float, ...]) -> tuple[float, ...]:
    inside = tuple(tick for tick in ticks if 0 <= tick <= 1)
    return inside if len(inside) > 1 else (0.0, 0.5, 1.0)


def _bins(drawing: Drawing, rows: pl.DataFrame, which: str, x: Scale, y: Scale) -> None:
    """One mark a bin, with its interval if calibrated."""
    for row in rows.iter_rows(named=True):
        across, up, tip = x.at(row["predicted"]), y.at(row["observed"]), _bin_words(row)
        if which == "raw":
            diamond = ((across, up - 5), (across + 5, up), (across, up + 5), (across - 5, up))
            drawing.path(diamond, "raw", closed=True, tip=tip)
            continue
        if known(row["low"]) and known(row["high"]):
            low, high = max(row["low"], y.low), min(row["high"], y.high)
            drawing.line(across, y.at(low), across, y.at(high), "model range")
        drawing.circle(across, up, 4.5, "model dot", tip)


def _density(drawing: Drawing, rows: pl.DataFrame, which: str, x: Scale) -> None:
    """How often each probability was said: a bar as high as its bin is dense, up or down."""
    rows = rows.filter(pl.col("rows").is_finite() & (pl.col("rows") > 0)).sort("predicted")
    if not len(rows):
        return
    edges = _edges([x.at(said) for said in rows["predicted"]])
    widths = [max(right - left, 0.5) for left, right in pairwise(edges)]
    heights = [size / width for size, width in zip(rows["rows"], widths, strict=True)]
    inside = [min(max(edge, x.start), x.end) for edge in edges]
    for (left, right), height in zip(pairwise(inside), heights, strict=True):
        tall = 26 * height / max(heights)
        kind, top = ("model", 401 - tall) if which == "calibrated" else ("raw", 402.0)
        drawing.rect(left + 0.5, top, right - left - 1, tall, kind)


def _edges(places: list[float]) -> list[float]:
    """Where one bin ends and the next begins: half way between them, and as far beyond the outer ones.

    >>> _edges([10.0, 20.0, 60.0])
    [5.0, 15.0, 40.0, 80.0]
    """
    if len(places) == 1:
        return [places[0] - 3, places[0] + 3]
    halves = [(one + other) / 2 for one, other in pairwise(places)]
    return [2 * places[0] - halves[0], *halves, 2 * places[-1] - halves[-1]]


def _bin_words(row: dict[str, Any]) -> str:
    said, came = percent(row["predicted"]), percent(row["observed"])
    within = percents(row["low"], row["high"])
    rows = number(row["rows"], 0)
    return f"{row['which']}: said {said}, came true {came} ({within}) in {rows} rows"


def reliability_words(reliability: pl.DataFrame) -> str:
    """How many bins are as often right as they say, which is what the picture shows.

    >>> bins = pl.DataFrame({"which": "calibrated", "predicted": [0.5, 0.6], "observed": [0.51, 0.5],
    ...                      "low": [0.48, 0.45], "high": [0.53, 0.55], "rows": [90, 10]})
    >>> reliability_words(bins)
    'In 1 of 2 bins the interval of what came true holds what was said.'
    """
    bins = reliability.filter(
        pl.col("predicted").is_finite(), pl.col("low").is_finite() & pl.col("high").is_finite(),
        which="calibrated",
    )  # fmt: skip
    if not len(bins):
        return "No calibrated bins with an interval."
    held = int(bins["predicted"].is_between(bins["low"], bins["high"]).sum())
    return f"In {held} of {len(bins)} bins the interval of what came true holds what was said."


def skill_chart(
    skill: pl.DataFrame, overall: Reading | None, ceiling: float | None, width: float
) -> str:
    """The skill of each fold with its interval, all folds as a band, and the most there is to know."""
    rows = skill.filter(pl.col("skill").is_finite()).sort("fold")
    if not len(rows):
        return ""
    drawing = Drawing(width, 260, "Skill per fold", skill_words(skill), name="chart")
    right = width - 108
    lines = _reference_lines(overall, ceiling)
    band = _interval(overall)
    y = _skill_axis(drawing, rows, [*band, *(value for value, _, _ in lines)], right)
    if band:
        low, high = (y.at(100 * end) for end in band)
        drawing.rect(52, high, right - 52, low - high, "model band", f"{overall}")
    heights = [y.at(100 * value) for value, _, _ in lines]
    beside = apart(heights, LINE, 20, 232)
    for height, at, (_, label, kind) in zip(heights, beside, lines, strict=True):
        drawing.line(52, height, right, height, kind)
        drawing.text(right + 8, at + 4, label, "label")
    _folds(drawing, rows, y, right)
    return str(drawing)


def _reference_lines(
    overall: Reading | None, ceiling: float | None
) -> list[tuple[float, str, str]]:
    """What each fold is held against: a value, what it is called, and how it is drawn."""
    lines = [(0.0, "no skill", "zero")]
    if overall and known(overall.score.value):
        lines.append((overall.score.value, f"all {overall.value}", "model thin"))
    if known(ceiling):
        lines.append((ceiling, f"ceiling {percent(ceiling, 2)}", "ceiling"))
    return lines


def _interval(overall: Reading | None) -> tuple[float, ...]:
    ends = (overall.score.low, overall.score.high) if overall else ()
    return tuple(end for end in ends if end is not None) if all(map(known, ends)) else ()


def _skill_axis(drawing: Drawing, rows: pl.DataFrame, others: list[float], right: float) -> Scale:
    ends = [v for name in ("skill", "low", "high") for v in rows[name] if known(v)] + others
    ticks = number_ticks(100 * min(ends), 100 * max(ends), 6)
    y = Scale(ticks[0], ticks[-1], 232, 22)
    drawing.text(0, 11, "skill of each fold", "caption")
    for tick, label in labelled(ticks):
        drawing.line(52, y.at(tick), right, y.at(tick), "grid")
        drawing.text(46, y.at(tick) + 4, f"{label} %", "tick", "end")
    return y


def _folds(drawing: Drawing, rows: pl.DataFrame, y: Scale, right: float) -> None:
    """A dot a fold: filled where the whole interval is above zero, hollow where it is not."""
    slot = (right - 52) / len(rows)
    labels = [f"{when:%b %Y}" for when in rows["valid_from"]]
    every = max(1, -int(-66 // slot))
    for place, row in enumerate(rows.iter_rows(named=True)):
        x = 52 + (place + 0.5) * slot
        low, high = row["low"], row["high"]
        if known(low) and known(high):
            drawing.line(x, y.at(100 * low), x, y.at(100 * high), "model range")
        kind = "model dot" if known(low) and low > 0 else "model hollow"
        drawing.circle(x, y.at(100 * row["skill"]), 4.5, kind, _fold_words(row))
        if place % every == 0:
            drawing.text(x, 251, labels[place], "tick", "middle")


def _fold_words(row: dict[str, Any]) -> str:
    within = percents(row["low"], row["high"], 2)
    told, since = percent(row["skill"], 2), day(row["valid_from"])
    return f"fold {row['fold']}, from {since}: skill {told} ({within})"


def skill_words(skill: pl.DataFrame) -> str:
    """In how many folds there is skill beyond doubt, and in how many there is none at all.

    >>> folds = pl.DataFrame({"skill": [0.01, -0.02, 0.02], "low": [0.0, float("nan"), 0.01]})
    >>> skill_words(folds)
    'In 1 of 3 folds the whole interval is above zero; in 1 the skill is below it.'
    """
    sure = skill.filter(pl.col("low").is_finite() & (pl.col("low") > 0))
    worse = skill.filter(pl.col("skill").is_finite() & (pl.col("skill") < 0))
    return (
        f"In {len(sure)} of {count(len(skill), 'fold', 'folds')} the whole interval is above zero; "
        f"in {len(worse)} the skill is below it."
    )
