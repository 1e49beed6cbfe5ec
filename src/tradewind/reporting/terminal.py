"""`summary(story)`: the same story in a dozen plain lines."""

from collections.abc import Iterator

from tradewind.reporting.readings import Reading, read
from tradewind.reporting.story import Story
from tradewind.reporting.verdict import HEADLINES, gravest_first, tally, tone, warning

MAIN = (
    "log_loss_skill",
    "brier_skill",
    "calibration_slope",
    "annual_return",
    "return",
    "max_drawdown",
    "costs_bps",
)


def summary(story: Story) -> str:
    """Verdict, main scores with their intervals, and the gravest findings; never an escape code.

    What a file calls its symbols must not steer a terminal, so what cannot be printed is replaced.
    """
    return "\n".join(printable(line) for line in _told(story))


def printable(line: str) -> str:
    """The line with everything that could steer a terminal replaced.

    >>> printable("ACME\\x1b[2J")
    'ACME�[2J'
    """
    return "".join(c if c.isprintable() else "�" for c in line)


def _told(story: Story) -> Iterator[str]:
    yield f"{story.card.subject}: {HEADLINES[tone(story)]}"
    yield story.verdict
    if not story.card.passed:
        yield warning(story)
    yield ""
    readings = [read(score) for score in story.card.scores if score.name in MAIN]
    yield from _columns(readings)
    yield f"findings: {tally(story.card.findings)}"
    grave = gravest_first(story.card.findings)[:3]
    yield from (f"  {found}" for found in grave if found.severity != "info")


def _columns(readings: list[Reading]) -> Iterator[str]:
    """Name, value, interval and baseline, each under the other."""
    rows = [
        (r.label, r.value, r.interval, f"baseline {r.baseline}" if r.baseline else "")
        for r in readings
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for label, value, within, baseline in rows:
        name, size, room, _ = widths
        yield f"  {label:<{name}}  {value:>{size}}  {within:<{room}}  {baseline}".rstrip()
