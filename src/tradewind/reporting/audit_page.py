"""`render(subject, audits)`: what knows the future, as one HTML file with a picture of each leak."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from tradewind.core import Finding
from tradewind.core.tables import micros
from tradewind.evaluation.causality.audit import WORSE, Audit, Verdict
from tradewind.evaluation.causality.tracing import Leak
from tradewind.reporting.axes import Scale, labelled, number_ticks, time_ticks
from tradewind.reporting.curves import finite
from tradewind.reporting.figures import count
from tradewind.reporting.filling import filled
from tradewind.reporting.svg import Drawing
from tradewind.reporting.verdict import SEVERITIES, gravest_first, tally

HEADLINES: dict[Verdict, str] = {
    "causal": "Causal",
    "could not tell": "Could not tell",
    "breaks its word": "NOT what it claims to be",
    "leaking": "LEAKING: it knows the future",
}
TONES: dict[Verdict, tuple[str, str]] = {  # the colours of the verdict, and its sign
    "causal": ("better", "better"),
    "could not tell": ("not-better", "warning"),
    "breaks its word": ("doubtful", "error"),
    "leaking": ("doubtful", "error"),
}
CHECKS = {
    "causality.future": "what came later is taken away, or turned to noise",
    "causality.random": "the same is asked twice",
    "causality.failed": "it is asked about a part of the data",
    "causality.unseen": "there is nothing to tell of",
    "causality.warned": "it is asked, and complains",
    "causality.lookback": "the data begins later",
    "causality.company": "the other symbols are taken away",
    "causality.order": "rows come in another order",
    "causality.elsewhere": "all of it is turned to noise, and should change",
}
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 520.0, 230.0, 60.0, 10.0, 200.0


def render(subject: str, audits: Sequence[Audit]) -> str:
    """The page as one string, which asks for nothing from outside."""
    return filled("audit.html", seen(subject, audits))


def seen(subject: str, audits: Sequence[Audit]) -> dict[str, Any]:
    """Everything the template shows, as text and drawings."""
    worst = max((one.verdict for one in audits), key=WORSE.index)
    findings = gravest_first([found for one in audits for found in one.card.findings])
    tone, sign = TONES[worst]
    leaks = [leak for one in audits for leak in one.leaks]
    return {
        "subject": subject,
        "tone": tone,
        "sign": sign,
        "headline": HEADLINES[worst],
        "verdict": verdict(audits),
        "asked": [
            (one.card.subject, HEADLINES[one.verdict], TONES[one.verdict][1], figures(one))
            for one in audits
        ],
        "checks": [(what, name, *outcome(name, findings)) for name, what in CHECKS.items()],
        "leaks": [(leak, leak_chart(leak)) for leak in leaks],
        "findings": findings,
        "severities": SEVERITIES,
        "tally": tally(findings),
    }


def verdict(audits: Sequence[Audit]) -> str:
    """What was found, in a sentence or two."""
    leaks = [leak for one in audits for leak in one.leaks]
    errors = [found for one in audits for found in one.card.findings if found.severity == "error"]
    columns = sum(figures(one)["columns"] for one in audits)
    if leaks:
        leaking = len({found.where for found in errors if found.check == "causality.future"})
        told = f"{leaking} of {count(columns, 'column knows', 'columns know')} what came after their rows"
        return f"{told}. {leaks[0].column}: {leaks[0]}."
    if errors:
        return f"{errors[0].where} {errors[0].detail}."
    doubts = [found for one in audits for found in one.card.findings if found.severity == "warning"]
    if any(one.verdict == "could not tell" for one in audits):
        return (
            f"{doubts[0].where} {doubts[0].detail}." if doubts else "There was nothing to tell of."
        )
    return (
        f"Nothing up to a cut changed in {count(columns, 'column', 'columns')} when what came after it was "
        "taken away or turned to noise."
    )


def figures(audit: Audit) -> dict[str, int]:
    """How much was asked."""
    return {score.name: round(score.value) for score in audit.card.scores}


def outcome(check: str, findings: Sequence[Finding]) -> tuple[str, str]:
    """The gravest of a check, and which columns it is about.

    >>> late = Finding("causality.future", "error", "x", "depends on later rows", "shift it")
    >>> outcome("causality.future", [late, late]), outcome("causality.order", [late])
    (('error', 'x'), ('better', 'nothing found'))
    """
    told = [found for found in findings if found.check == check]
    if not told:
        return "better", "nothing found"
    columns = list(dict.fromkeys(found.where for found in told))
    more = f" and {len(columns) - 3} more" if columns[3:] else ""
    return told[0].severity, ", ".join(columns[:3]) + more


def leak_chart(leak: Leak) -> str:
    """The column on all of the data, against what it was while what came later was another."""
    rows = leak.around
    if rows is None or not len(
        values := rows.select("whole", "cut").unpivot()["value"].drop_nulls().drop_nans()
    ):
        return ""
    drawing = Drawing(WIDTH, HEIGHT, f"{leak.column} around a cut", str(leak), name="chart")
    stamps = micros(rows["timestamp"]).astype(np.float64)
    air = max((stamps[-1] - stamps[0]) / (2 * max(len(rows) - 1, 1)), 1.0)
    x = Scale(stamps[0] - air, stamps[-1] + air, LEFT, WIDTH - 4)
    y = _values_axis(drawing, values)
    for when, label in time_ticks(rows["timestamp"][0], rows["timestamp"][-1], 6):
        at = x.at(when.timestamp() * 1e6)
        drawing.text(min(max(at, LEFT + 14), WIDTH - 30), HEIGHT - 8, label, "tick", "middle")
    across, whole, cut = x.along(stamps), finite(rows["whole"]), finite(rows["cut"])
    for place in np.flatnonzero(rows["differs"].to_numpy()).tolist():
        drawing.rect(across[place] - 5, TOP, 10, BOTTOM - TOP, "flag wash")
    last = int(rows["known"].sum()) - 1
    edge = float(across[last : last + 2].mean())
    drawing.line(edge, TOP, edge, BOTTOM, "ceiling", "what comes later is another")
    drawing.curve(across, y.along(whole), "model curve thin")
    drawing.curve(across, y.along(cut), "baseline curve")
    for values_of, kind in ((whole, "dot"), (cut, "other dot")):
        for place in np.flatnonzero(rows["differs"].to_numpy() & ~np.isnan(values_of)).tolist():
            drawing.circle(
                across[place], y.at(values_of[place]), 3.5, kind, f"{values_of[place]:.6g}"
            )
    return str(drawing)


def _values_axis(drawing: Drawing, values: pl.Series) -> Scale:
    numbers = finite(values)
    ticks = number_ticks(float(np.nanmin(numbers)), float(np.nanmax(numbers)), 5)
    y = Scale(ticks[0], ticks[-1], BOTTOM, TOP)
    for tick, label in labelled(ticks):
        drawing.line(LEFT, y.at(tick), WIDTH - 4, y.at(tick), "grid")
        drawing.text(LEFT - 6, y.at(tick) + 4, label, "tick", "end")
    return y
