"""`render(story)`: the page, one HTML file that asks for nothing from outside."""

from typing import Any

import polars as pl

from tradewind.reporting.charts import (
    reliability_chart,
    reliability_words,
    skill_chart,
    skill_words,
)
from tradewind.reporting.curves import equity_chart, equity_words
from tradewind.reporting.figures import known, number, percent, percents
from tradewind.reporting.filling import filled
from tradewind.reporting.gauges import gauge
from tradewind.reporting.outlook import lines, spread_of
from tradewind.reporting.readings import Reading, read
from tradewind.reporting.regimes import spoken
from tradewind.reporting.story import Story
from tradewind.reporting.verdict import HEADLINES, SEVERITIES, gravest_first, tally, tone, warning

WIDE, NARROW = 900.0, 358.0  # each chart over time is drawn twice, and the page shows one
SHOWN = 20  # rows of a long table before the rest is folded away


def render(story: Story) -> str:
    """The page as one string: style, script and pictures inside it, and no address outside it.

    Its content security policy allows the style and the script that are in it, by their digests, and
    nothing else: what a symbol is called can neither run nor fetch anything.
    """
    return filled("up.html", seen(story))


def seen(story: Story) -> dict[str, Any]:
    """Everything the template shows, as text and drawings."""
    readings = [read(score) for score in story.card.scores]
    skill = next((r for r in readings if r.name == "log_loss_skill"), None)
    return {
        "subject": story.card.subject,
        "moments": [f"{at:%Y-%m-%d %H:%M} UTC" for at in story.forecast.moments],
        "tone": tone(story),
        "headline": HEADLINES[tone(story)],
        "verdict": story.verdict,
        "warning": warning(story),
        "evidence": skill,
        "evidence_gauge": gauge(skill, 300.0) if skill else "",
        "compared": any(reading.baseline is not None for reading in readings),
        "readings": [(reading, gauge(reading)) for reading in readings],
        "base": percent(story.base_rate),
        "reach": f"{100 * spread_of(story).reach:g} points",
        "outlook": lines(story),
        "shown": SHOWN,
        "target": story.forecast.target.replace("_", " "),
        "horizons": sorted(set(story.forecast.table["horizon"])),
        "calibrated": story.forecast.calibrated,
        **pictures(story, skill),
        "bins": bins(story.reliability),
        "findings": gravest_first(story.card.findings),
        "tally": tally(story.card.findings),
        "severities": SEVERITIES,
        "measured": story.measured,
        "facts": dict(story.facts),
    }


def pictures(story: Story, skill: Reading | None) -> dict[str, Any]:
    """The charts, each with the sentence that says what is to be seen in it."""
    sizes = (("wide", WIDE), ("narrow", NARROW))
    return {
        "reliability": reliability_chart(story.reliability, story.base_rate),
        "reliability_words": reliability_words(story.reliability),
        "equity": {size: equity_chart(story.equity, width) for size, width in sizes},
        "equity_words": equity_words(story.equity),
        "skill": {
            size: skill_chart(story.skill, skill, story.ceiling, width) for size, width in sizes
        },
        "skill_words": skill_words(story.skill),
        "regime": story.regime,
        "regimes": [
            (
                spoken(row["regime"]),
                percent(row["share"]),
                number(row["rows"], 0),
                percent(row["skill"], 2),
                percents(row["low"], row["high"], 2),
            )
            for row in story.regimes.iter_rows(named=True)
        ],
        "resembled": [
            (
                row["symbol"],
                row["names"],
                number(row["similarity"], 2),
                number(row["effective"], 0),
                [percent(row[end], 1) for end in ("low", "median", "high")],
                percent(row["rose"], 0),
            )
            for row in story.resembled.iter_rows(named=True)
        ],
        "ceiling": percent(story.ceiling, 2) if known(story.ceiling) else "",
    }


def bins(reliability: pl.DataFrame) -> list[tuple[str, ...]]:
    """The reliability diagram as text, for those who would rather read it."""
    return [
        (
            row["which"],
            percent(row["predicted"]),
            percent(row["observed"]),
            percents(row["low"], row["high"]),
            number(row["rows"], 0),
        )
        for row in reliability.sort("which", "predicted").iter_rows(named=True)
    ]
