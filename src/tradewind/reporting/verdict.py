"""The verdict in words, the same on the page and in the terminal."""

from collections.abc import Sequence
from typing import Literal

from tradewind.core import Finding
from tradewind.reporting.figures import count
from tradewind.reporting.story import Story

Tone = Literal["better", "not-better", "doubtful"]
HEADLINES: dict[Tone, str] = {
    "better": "Better than the baseline",
    "not-better": "NOT better than the baseline",
    "doubtful": "Better than the baseline, but not to be trusted",
}
SEVERITIES = {"error": "error", "warning": "warning", "info": "note"}  # gravest first, as said


def tone(story: Story) -> Tone:
    """How the story is told: an error among the findings outweighs every score."""
    if not story.better:
        return "not-better"
    return "better" if story.trusted else "doubtful"


def warning(story: Story) -> str:
    """What the errors among the findings mean for every figure; nothing if there are none."""
    errors = sum(found.severity == "error" for found in story.card.findings)
    if not errors:
        return ""
    return (
        f"{count(errors, 'finding is an error', 'findings are errors')}: until that is resolved, no "
        "figure here can be believed."
    )


def gravest_first(findings: Sequence[Finding]) -> list[Finding]:
    """Errors, then warnings, then notes, each as they came."""
    return sorted(findings, key=lambda found: list(SEVERITIES).index(found.severity))


def tally(findings: Sequence[Finding]) -> str:
    """How many of each severity.

    >>> late = Finding("stamps.midnight", "warning", "bars.csv", "read as dates", "give dates")
    >>> tally([late, late]), tally([])
    ('2 warnings', 'nothing was found')
    """
    counts = {s: sum(found.severity == s for found in findings) for s in SEVERITIES}
    told = [count(n, SEVERITIES[s], f"{SEVERITIES[s]}s") for s, n in counts.items() if n]
    return ", ".join(told) or "nothing was found"
