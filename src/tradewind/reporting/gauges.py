"""The small pictures: a gauge for one score, and a bar for one probability."""

from dataclasses import dataclass

from tradewind.reporting.axes import Scale, number_ticks
from tradewind.reporting.figures import known, percent
from tradewind.reporting.readings import Reading
from tradewind.reporting.svg import Drawing


def gauge(reading: Reading, width: float = 150.0) -> str:
    """A score on the scale of its interval: its value, the baseline's, and where nothing is won.

    Without an interval there is no scale, and any difference would fill the picture; so none is drawn:

    >>> from tradewind.core import Score
    >>> from tradewind.reporting.readings import read
    >>> gauge(read(Score("max_drawdown", 0.149, None, None, "", 0.145)))
    ''
    """
    score = reading.score
    low, high = score.low, score.high
    if not (known(score.value) and known(low) and known(high)):
        return ""
    others = (end for end in (score.baseline, reading.neutral) if known(end))
    ends = [score.value, low, high, *others]
    if max(ends) == min(ends):
        return ""
    drawing = Drawing(width, 18, f"{reading}", _gauge_words(reading), name="gauge")
    x = Scale(min(ends), max(ends), 6, width - 6)
    drawing.line(0, 9, width, 9, "track")
    if reading.neutral is not None:
        drawing.line(x.at(reading.neutral), 1, x.at(reading.neutral), 17, "neutral")
    drawing.rect(x.at(low), 6.5, x.at(high) - x.at(low), 5, "model range")
    if known(score.baseline):
        drawing.rect(x.at(score.baseline) - 1.5, 2, 3, 14, "baseline mark")
    drawing.circle(x.at(score.value), 9, 4, "model dot")
    return str(drawing)


def _gauge_words(reading: Reading) -> str:
    parts = [reading.meaning]
    if reading.neutral is not None:
        parts.append(f"the thin line stands at {reading.neutral:g}")
    if reading.baseline:
        parts.append(f"the baseline at {reading.baseline}")
    return "; ".join(part for part in parts if part)


@dataclass(frozen=True)
class Spread:
    """The range over which probabilities are drawn: as far to each side of the base rate.

    It is never narrower than five points each way, so that next to nothing looks like next to nothing:

    >>> Spread.of([0.519, 0.524], base=0.52)
    Spread(base=0.52, reach=0.05)
    """

    base: float
    reach: float

    @classmethod
    def of(cls, probabilities: list[float], base: float) -> "Spread":
        furthest = max((abs(p - base) for p in probabilities), default=0.0)
        return cls(base, max(0.05, number_ticks(0.0, furthest, 4)[-1] if furthest else 0.0))

    def bar(self, probability: float, width: float = 240.0) -> str:
        """From the base rate, which is marked, to this probability."""
        said = f"probability {percent(probability)}, base rate {percent(self.base)}"
        drawing = Drawing(width, 16, said, "", name="bar")
        drawing.root.set("preserveAspectRatio", "none")
        x = Scale(self.base - self.reach, self.base + self.reach, 0, width)
        left, right = sorted((x.at(self.base), x.at(probability)))
        drawing.rect(0, 7.5, width, 1, "track")
        drawing.rect(left, 3, right - left, 10, "model")
        drawing.rect(x.at(self.base) - 1, 0, 2, 16, "mark")
        return str(drawing)
