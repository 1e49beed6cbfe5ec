"""Planted episodes are found, each kind at each sort of scale, and the page says how well."""

import polars as pl
import pytest

from docs.patterns import PAGE, accuracy, alarms, lateness, sureness
from docs.planted import EVENTS, FIGURES
from tradewind.context.patterns.scales import Scale

LEAST = {  # (precision, recall) with usual noise, a little below what the page says
    **dict.fromkeys(FIGURES, (0.6, 0.9)),
    **dict.fromkeys([kind for kind in FIGURES if "triangle" in kind], (0.5, 0.5)),
    **dict.fromkeys([kind for kind in FIGURES if "channel" in kind], (0.6, 0.7)),
    **dict.fromkeys([kind for kind in FIGURES if "flag" in kind], (0.7, 0.5)),
    "breakout": (0.8, 0.6),
    "change_point": (0.5, 0.9),
    "volatility_burst": (0.75, 0.85),
    "gap": (0.95, 0.95),
    "swing": (0.1, 0.9),
}


@pytest.mark.parametrize("scale", ["5m", "15m", "30m", "1h", "1d", "1w", "1mo"])
def test_pattern_detection_accuracy(scale: Scale) -> None:
    rows = accuracy(scale, "usual", each=8 if scale in ("30m", "1h") else 20, seed=5)
    assert rows["kind"].to_list() == [*FIGURES, *EVENTS]
    slack = 0.25 if scale in ("30m", "1h") else 0.1  # eight charts tell less than thirty
    for kind, precision, recall in rows.select("kind", "precision", "recall").iter_rows():
        assert precision >= LEAST[kind][0] - slack, kind
        assert recall >= LEAST[kind][1] - slack, kind


def test_a_random_walk_raises_few_alarms() -> None:
    found = alarms(None).filter(pl.col("kind") != "swing")  # a walk swings, and that is no mistake
    assert found["alarms"].max() < 0.5  # type: ignore[operator]
    assert found["alarms"].sum() < 2.5


def test_the_page_says_what_the_command_finds() -> None:
    normal, fat = dict(alarms(None).iter_rows()), dict(alarms(3.0).iter_rows())
    page = PAGE.read_text(encoding="utf-8")
    assert sureness() in page
    assert lateness() in page
    for kind in (*FIGURES, *EVENTS):
        assert f"| `{kind}` | {normal.get(kind, 0):.2f} | {fat.get(kind, 0):.2f} |" in page
