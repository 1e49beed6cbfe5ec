"""`Scorecard`: what was measured of a subject, how surely, and what was found."""

from dataclasses import asdict, dataclass
from typing import Any

from tradewind.core.errors import BadTable
from tradewind.core.finding import Finding


@dataclass(frozen=True)
class Score:
    """One figure with its interval, and the same figure for the baseline where there is one.

    >>> print(Score("log_loss_skill", 0.004, 0.001, 0.007, "share of climatology's loss"))
    log_loss_skill 0.004 [0.001, 0.007] share of climatology's loss
    """

    name: str
    value: float
    low: float | None
    high: float | None
    unit: str
    baseline: float | None = None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise BadTable(
                f"the interval of {self.name!r} is [{self.low}, {self.high}]", "swap them"
            )

    def __str__(self) -> str:
        bounds = [self.low, self.high]
        known = [f"{bound:.4g}" for bound in bounds if bound is not None]
        interval = f" [{', '.join(known)}]" if len(known) == 2 else ""
        return f"{self.name} {self.value:.4g}{interval} {self.unit}"


@dataclass(frozen=True)
class Scorecard:
    """A subject, its scores with intervals, its findings; it passes when no finding is an error.

    >>> bad = Finding("leak", "error", "feature x", "sees tomorrow", "drop it")
    >>> Scorecard("my model", (), (bad,)).passed
    False
    """

    subject: str
    scores: tuple[Score, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        return not any(finding.severity == "error" for finding in self.findings)

    def score(self, name: str) -> Score:
        """The score of that name."""
        for score in self.scores:
            if score.name == name:
                return score
        raise BadTable(
            f"there is no score {name!r}", "there are " + ", ".join(s.name for s in self.scores)
        )

    def to_dict(self) -> dict[str, Any]:
        """The card as plain values, for JSON."""
        return {
            "subject": self.subject,
            "passed": self.passed,
            "scores": {score.name: asdict(score) for score in self.scores},
            "findings": [finding.to_dict() for finding in self.findings],
        }
