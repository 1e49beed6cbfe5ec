"""`render(report)`: how good the bars are, as one HTML file with a picture of the worst of each kind."""

from typing import Any

from tradewind.core import Finding
from tradewind.reporting.figures import count, day
from tradewind.reporting.filling import filled
from tradewind.reporting.flagged import flagged_chart
from tradewind.reporting.quality import Example, Fitness, Looked, QualityReport
from tradewind.reporting.verdict import SEVERITIES, gravest_first, tally

HEADLINES: dict[Fitness, str] = {
    "fit": "Fit for use",
    "care": "Fit for use, with care",
    "unfit": "NOT fit for use",
    "empty": "Nothing to judge",
}
TONES: dict[Fitness, tuple[str, str]] = {  # the colours of the verdict, and its sign
    "fit": ("better", "better"),
    "care": ("not-better", "warning"),
    "unfit": ("doubtful", "error"),
    "empty": ("not-better", "info"),
}
SHOWN, MOST = 20, 500  # rows of the quarantine in sight, and listed at all


def render(report: QualityReport) -> str:
    """The page as one string, which asks for nothing from outside."""
    return filled("quality.html", seen(report))


def seen(report: QualityReport) -> dict[str, Any]:
    """Everything the template shows, as text and drawings."""
    tone, sign = TONES[report.fitness]
    found = [looked for looked in report.looked if looked.found]
    return {
        "subject": report.workspace,
        "tone": tone,
        "sign": sign,
        "headline": HEADLINES[report.fitness],
        "verdict": verdict(report),
        "bars": told(report),
        "findings": [(one, when(one)) for one in gravest_first(report.findings)],
        "severities": SEVERITIES,
        "tally": tally(report.findings),
        "pictured": [(looked, [picture(one) for one in looked.examples]) for looked in found],
        "aside": [_row(row) for row in report.aside[:MOST].iter_rows(named=True)],
        "beyond": max(len(report.aside) - MOST, 0),
        "states": dict(report.aside["state"].value_counts(sort=True).rows()),
        "clean": [looked for looked in report.looked if not looked.found],
        "found": [(looked, amount(looked)) for looked in found],
        "unchecked": report.unchecked,
        "shown": SHOWN,
    }


def told(report: QualityReport) -> str:
    """What was looked at, in one line."""
    if report.span is None:
        return "no bars"
    first, last = (day(end) for end in report.span)
    symbols = count(report.symbols, "symbol", "symbols")
    return f"{report.rows:,} bars of {symbols}, {first} to {last}, version {report.version}"


def verdict(report: QualityReport) -> str:
    """Is this data fit for use? In a sentence or two, with the reason."""
    errors = [found for found in report.findings if found.severity == "error"]
    if errors:
        worst = errors[0]
        more = (
            f", and {count(len(errors) - 1, 'other error', 'other errors')}" if errors[1:] else ""
        )
        return f"{worst.where}: {worst.detail}{more}. Nothing that is measured on these bars can be believed."
    if not report.rows:
        return "There are no bars here yet: bring some in with `tradewind ingest`."
    held = count(report.held, "row waits", "rows wait") + " in quarantine. " if report.held else ""
    warned = sum(looked.flagged for looked in report.looked if looked.severity == "warning")
    if not warned:
        return f"No check has anything to say of the bars that are left. {held}".strip()
    return (
        f"No row that is left is in error. {count(warned, 'row carries', 'rows carry')} a warning: "
        f"look at what they are before you rely on those days. {held}"
    ).strip()


def amount(looked: Looked) -> str:
    """How many rows a check has flagged, and set aside.

    >>> amount(Looked("bars.spike", "error", "spike", 0, 1)), amount(Looked("a", "warning", "", 2, 0))
    ('1 row set aside', '2 rows')
    """
    flagged = [count(looked.flagged, "row", "rows")] if looked.flagged else []
    aside = [count(looked.aside, "row", "rows") + " set aside"] if looked.aside else []
    return ", ".join([*flagged, *aside])


def when(finding: Finding) -> str:
    """When a finding could be known first."""
    return f"{finding.known_at:%Y-%m-%d %H:%M}" if finding.known_at else ""


def picture(example: Example) -> dict[str, str]:
    """One example as a drawing and its words."""
    return {
        "symbol": example.symbol,
        "stamp": f"{example.timestamp:%Y-%m-%d %H:%M}",
        "reason": example.reason,
        "drawn": flagged_chart(example),
    }


def _row(row: dict[str, Any]) -> dict[str, str]:
    moments = {name: f"{row[name]:%Y-%m-%d %H:%M}" for name in ("timestamp", "quarantined_at")}
    return {**{name: str(row[name]) for name in ("symbol", "check", "reason", "state")}, **moments}
