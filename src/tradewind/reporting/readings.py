"""A score as a person reads it: its plain name, its digits, and what its value means."""

from dataclasses import dataclass

from tradewind.core import Score
from tradewind.reporting.figures import decimals_for, interval, known, number


@dataclass(frozen=True)
class Word:
    """The plain name of a score, what it means, and the value that says nothing was achieved."""

    label: str
    meaning: str
    share: bool = False
    neutral: float | None = None
    bare: bool = False  # a plain number, whatever unit it is said to be in


WORDS = {
    "log_loss_skill": Word(
        "Log-loss skill", "share of climatology's log loss that the model removes", True, 0.0
    ),
    "brier_skill": Word(
        "Brier skill", "share of climatology's squared error that the model removes", True, 0.0
    ),
    "calibration_slope": Word(
        "Calibration slope",
        "1 is right; below it the model is too sure of itself",
        False,
        1.0,
        True,
    ),
    "calibration_intercept": Word(
        "Calibration intercept",
        "0 is right; above it, more came true than was said",
        False,
        0.0,
        True,
    ),
    "sharpness": Word("Sharpness", "how far the probabilities spread"),
    "annual_return": Word("Annual return", "compounded, after costs", True, 0.0),
    "return_over_baseline": Word("Return over the baseline", "a year, in logs", True, 0.0),
    "max_drawdown": Word("Largest drawdown", "from a peak to the lowest point after it", True),
    "turnover": Word("Turnover", "how much of the book is traded"),
    "costs_bps": Word("Costs in bps", "paid for trading, in hundredths of a percent"),
    "sharpe": Word("Sharpe ratio", "mean return by its standard deviation", neutral=0.0),
}


@dataclass(frozen=True)
class Reading:
    """A score in words, and its numbers in the units shown.

    An unknown score is shown by its own name and unit, so nothing that was measured is hidden:

    >>> read(Score("log_loss_skill", 0.00421, 0.00102, 0.00753, "share", 0.0)).interval
    '0.10 to 0.75 %'
    >>> print(read(Score("tail_ratio", 1.2345, None, None, "")))
    Tail ratio 1.23 (no interval)
    """

    name: str
    label: str
    meaning: str
    value: str
    interval: str
    baseline: str | None
    unit: str
    score: Score
    neutral: float | None

    def __str__(self) -> str:
        return f"{self.label} {self.value} ({self.interval})"


def read(score: Score) -> Reading:
    """The reading of one score."""
    word = WORDS.get(score.name)
    share = word.share if word else score.unit.startswith("share")
    times, sign = (100.0, " %") if share else (1.0, "")
    value, low, high, baseline = (
        figure * times if figure is not None else None
        for figure in (score.value, score.low, score.high, score.baseline)
    )
    decimals = decimals_for(value, low, high)
    within = interval(low, high, decimals)
    return Reading(
        score.name,
        word.label if word else score.name.replace("_", " ").capitalize(),
        word.meaning if word else score.unit,
        number(value, decimals) + (sign if known(value) else ""),
        within + (sign if known(low) or known(high) else ""),
        None
        if baseline is None
        else number(baseline, decimals) + (sign if known(baseline) else ""),
        score.unit if word and not share and not word.bare else "",
        score,
        word.neutral if word else None,
    )
