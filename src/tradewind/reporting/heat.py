"""A heat strip: a line a symbol, time along it, and the shade of how much of what was expected is there."""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from tradewind.reporting.axes import Scale, time_ticks
from tradewind.reporting.figures import count, day, percent
from tradewind.reporting.svg import Drawing

ROW, GAP, TOP = 11.0, 2.0, 24.0  # pixels: of a line, between lines, above the first
WHOLE = 5  # the shade of everything; 0 is that of nothing


def heat_strip(strip: pl.DataFrame, title: str, width: float) -> str:
    """The picture of (line, begins, ends, share); what is not in the table stays blank.

    >>> days = [date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1)]
    >>> strip = pl.DataFrame({"line": "ACME", "begins": days[:2], "ends": days[1:], "share": [1.0, 0.0]})
    >>> '<title>ACME, 1 Jul 2024 to 31 Dec 2024: 0 %' in heat_strip(strip, "bars", 400)
    True
    """
    if not len(strip):
        return ""
    cells = stretches(strip)
    lines = cells["line"].unique(maintain_order=True).to_list()
    left = 158.0 if width > 600 else 100.0
    bottom = TOP + len(lines) * (ROW + GAP)
    drawing = Drawing(width, bottom + 22, f"Coverage of {title}", heat_words(strip), name="chart")
    first, last = _midnight(strip["begins"].min()), _midnight(strip["ends"].max())
    x = Scale(first.timestamp(), last.timestamp(), left, width - 4)
    for when, label in time_ticks(first, last, int((width - left) // 62)):
        across = x.at(when.timestamp())
        drawing.line(across, TOP - 4, across, bottom, "grid")
        drawing.text(across, bottom + 16, label, "tick", "middle")
    room = int(left // 6.6)
    for place, line in enumerate(lines):
        top = TOP + place * (ROW + GAP)
        drawing.text(left - 8, top + ROW - 1, shortened(line, room), "tick", "end")
        _cells(drawing, cells.filter(pl.col("line") == line), x, top)
    return str(drawing)


def _cells(drawing: Drawing, cells: pl.DataFrame, x: Scale, top: float) -> None:
    """One mark for each stretch of the same shade."""
    for cell in cells.iter_rows(named=True):
        left, right = (x.at(_midnight(cell[end]).timestamp()) for end in ("begins", "ends"))
        until = cell["ends"] - timedelta(days=1)
        told = f"{cell['line']}, {day(cell['begins'])} to {day(until)}: "
        share = percent(cell["share"], 0 if cell["shade"] in (0, WHOLE) else 1)
        drawing.rect(left, top, right - left, ROW, f"heat of-{cell['shade']}", told + share)


def stretches(strip: pl.DataFrame) -> pl.DataFrame:
    """The cells with a shade, neighbours of the same shade as one: 0 for nothing, 5 for everything, and
    four between, so that a single gap is seen.

    >>> days = [date(2024, 1, day) for day in (1, 2, 3, 4)]
    >>> strip = pl.DataFrame({"line": "A", "begins": days[:3], "ends": days[1:], "share": [1.0, 1.0, 0.5]})
    >>> stretches(strip)["shade"].to_list()
    [5, 3]
    """
    between = (pl.col("share") * (WHOLE - 1)).floor().cast(pl.Int64) + 1
    shade = pl.when(pl.col("share") <= 0).then(0).when(pl.col("share") >= 1).then(WHOLE)
    shaded = strip.with_columns(shade=shade.otherwise(between))
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in ("line", "shade"))
    new = ~(same & (pl.col("begins") == pl.col("ends").shift(1))).fill_null(False)
    return shaded.group_by(new.cum_sum().alias("stretch"), maintain_order=True).agg(
        pl.col("line", "begins", "shade").first(), pl.col("ends").last(), pl.col("share").mean()
    )


def heat_words(strip: pl.DataFrame) -> str:
    """What is to be seen: how many lines are whole, and how many have a stretch without anything.

    >>> heat_words(pl.DataFrame({"line": ["A", "A", "B"], "share": [1.0, 0.0, 1.0]}))
    'Of 2 lines 1 is without a gap; 1 has a stretch with nothing at all.'
    """
    by_line = strip.group_by("line").agg(pl.col("share").min())["share"]
    whole, empty = int((by_line >= 1).sum()), int((by_line <= 0).sum())
    of = count(len(by_line), "line", "lines")
    told = f"Of {of} {whole:,} {'is' if whole == 1 else 'are'} without a gap"
    if not empty:
        return f"{told}."
    return f"{told}; {empty:,} {'has' if empty == 1 else 'have'} a stretch with nothing at all."


def _midnight(when: object) -> datetime:
    assert isinstance(when, date)
    return datetime(when.year, when.month, when.day, tzinfo=UTC)


def shortened(name: str, room: int) -> str:
    """A name in so many letters; what names differ in is often at their ends.

    >>> shortened("fhfa_all_transactions:Akron, OH", 15)
    'fhfa_al…ron, OH'
    """
    if len(name) <= room:
        return name
    return f"{name[: room // 2]}…{name[-((room - 1) // 2) :]}"
