"""`Finding`: what an inspector found, said so that a person can act on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One thing an inspector found. Inspectors return these and never raise; a gate decides.

    `known_at` is when the verdict could be known: a spike that reverts is known a bar later.

    >>> late = Finding("stamps.midnight", "warning", "bars.csv", "dates read as sessions", "none")
    >>> print(late)
    warning stamps.midnight in bars.csv: dates read as sessions (remedy: none)
    """

    check: str
    severity: Severity
    where: str
    detail: str
    remedy: str
    known_at: datetime | None = None

    def __str__(self) -> str:
        head = f"{self.severity} {self.check} in {self.where}"
        return f"{head}: {self.detail} (remedy: {self.remedy})"

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain values, for JSON."""
        known_at = self.known_at.isoformat() if self.known_at else None
        return {**self.__dict__, "known_at": known_at}
