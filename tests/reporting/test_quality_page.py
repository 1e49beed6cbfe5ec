"""The quality page says whether the data is fit for use, and shows what the worst of it looks like."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from tests.reporting.test_page import contrast, palette
from tradewind.core import Finding
from tradewind.core.tables import UTC_TIME
from tradewind.reporting.flagged import flagged_chart
from tradewind.reporting.quality import ASIDE, Example, Looked, QualityReport
from tradewind.reporting.quality_page import MOST, render

EVIL = '"><script>alert(1)</script><img src="https://evil.example/x">'
NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
SPIKE = Finding("bars.spike", "error", "ACME", "2 of 90 rows spike", "set them aside", NOON)
JUMP = Finding("bars.jump", "warning", "ACME", "1 of 90 rows jump", "look at it")


def example(symbol: str = "ACME", height: float = 30.0) -> Example:
    """Nineteen quiet bars and one that is not."""
    stamps = [NOON + timedelta(days=k) for k in range(20)]
    close = [height if k == 10 else 10.0 + k % 3 for k in range(20)]
    bars = pl.DataFrame(
        {"timestamp": stamps, "close": close}, schema_overrides={"timestamp": UTC_TIME}
    )
    low, high = pl.col("close") - 1, pl.col("close") + 1
    bars = bars.with_columns(low=low, high=high, flagged=pl.int_range(pl.len()) == 10)
    return Example(symbol, stamps[10], f"close {height:g}", bars)


def aside(rows: int, name: str = "ACME") -> pl.DataFrame:
    row = {"symbol": name, "timestamp": NOON, "check": "bars.spike", "reason": "up and back",
           "quarantined_at": NOON, "state": "held"}  # fmt: skip
    return pl.DataFrame([row] * rows, schema=dict(ASIDE))


def report(*findings: Finding, rows: int = 90, held: int = 2, name: str = "ACME") -> QualityReport:
    looked = (
        Looked("bars.spike", "error", "have a close that is gone", 0, held, (example(name),)),
        Looked("bars.jump", "warning", "jump", 1, 0, (example(name, 11.0), example(name, 5000.0))),
        Looked("bars.split", "warning", "look like a split", 0, 0),
    )
    span = (date(2024, 1, 2), date(2024, 5, 2))
    return QualityReport(
        "my-market", rows, 3, span, 4, findings, looked, aside(held, name), ("homes",)
    )


@pytest.mark.parametrize(
    ("findings", "rows", "headline", "tone"),
    [
        ((), 90, "Fit for use", "better"),
        ((JUMP,), 90, "Fit for use, with care", "not-better"),
        ((JUMP, SPIKE), 90, "NOT fit for use", "doubtful"),
        ((), 0, "Nothing to judge", "not-better"),
    ],
)
def test_the_first_thing_said_is_whether_it_is_fit_for_use(
    outline: Any, findings: tuple[Finding, ...], rows: int, headline: str, tone: str
) -> None:
    page = outline(render(report(*findings, rows=rows)))
    (verdict,) = page.all("section", "verdict")
    assert page.all("h2")[0].text == headline
    assert tone in verdict.attributes["class"]


def test_an_error_is_named_in_the_verdict() -> None:
    page = render(report(JUMP, SPIKE))
    assert (
        "ACME: 2 of 90 rows spike. Nothing that is measured on these bars can be believed." in page
    )


def test_every_finding_is_told_the_gravest_first_with_its_remedy_and_when_it_was_known(
    outline: Any,
) -> None:
    (table,) = outline(render(report(JUMP, SPIKE))).all("table", "findings")
    assert table.text.index("bars.spike") < table.text.index("bars.jump")
    for words in ("error", "2 of 90 rows spike", "set them aside", "2024-01-02 12:00"):
        assert words in table.text


def test_what_was_looked_for_is_told_found_or_not(outline: Any) -> None:
    page = outline(render(report(JUMP)))
    assert [" ".join(item.text.split()) for item in page.all("li") if "looked" not in item.inside][
        -3:
    ] == [
        "bars.spike rows that have a close that is gone 2 rows set aside",
        "bars.jump rows that jump 1 row",
        "bars.split rows that look like a split none",
    ]
    assert "No check looks into homes" in page.all("main")[0].text


@pytest.mark.parametrize("rows", [0, 20, 21, MOST + 7])
def test_the_quarantine_is_listed_and_folded(outline: Any, rows: int) -> None:
    text = render(report(held=rows))
    page = outline(text)
    listed = [row for row in page.all("tr") if "up and back" in row.text]
    assert len(listed) == min(rows, MOST)
    assert ("No row was ever set aside." in text) is (rows == 0)
    assert ("<code>tradewind quarantine list</code>" in text) is (rows > MOST)


def test_each_example_is_a_picture_with_the_flagged_bar_marked(outline: Any) -> None:
    page = outline(render(report(JUMP)))
    charts = page.all("svg", "chart")
    titles = [title.text for title in page.all("title") if title.inside[-1] == "svg"]
    assert len(charts) == 3
    assert titles == ["ACME around 2024-01-12 12:00"] * 3
    assert len([mark for mark in page.all("rect", "flag") if "svg" in mark.inside]) == 3
    assert len([dot for dot in page.all("circle", "flag") if "figure" in dot.inside]) == 3
    assert all(svg.attributes["role"] == "img" for svg in charts)


def test_a_bar_a_hundred_times_too_high_leaves_the_others_to_be_seen() -> None:
    ticks = [
        word
        for word in ("10", "100", "1,000")
        if f">{word}<" in flagged_chart(example(height=5000.0))
    ]
    assert len(ticks) >= 2


@pytest.mark.parametrize("lacks", ["close", "low"])
def test_prices_that_are_not_known_leave_no_bare_nan(lacks: str) -> None:
    bars = example().bars.with_columns(pl.lit(None, dtype=pl.Float64).alias(lacks))
    drawn = flagged_chart(replace(example(), bars=bars))
    assert "<svg" in drawn
    assert "nan" not in drawn


def test_bars_without_any_price_are_no_picture() -> None:
    bars = example().bars.with_columns(
        pl.lit(None, dtype=pl.Float64).alias(name) for name in ("close", "low", "high")
    )
    assert flagged_chart(replace(example(), bars=bars)) == ""


def test_names_from_a_file_stay_text(outline: Any) -> None:
    finding = Finding(EVIL, "warning", EVIL, EVIL, EVIL)
    page = render(replace(report(finding, name=EVIL), workspace=EVIL, unchecked=(EVIL,)))
    assert EVIL not in page
    assert len(outline(page).all("script")) == 1
    assert outline(page).all("img") == []


def test_the_page_asks_for_nothing_from_outside(outline: Any) -> None:
    page = render(report(JUMP))
    for element in outline(page).elements:
        assert element.tag not in {"img", "iframe", "object", "embed", "base", "form"}
        assert not [name for name in element.attributes if name == "style" or name[:2] == "on"]
    for call in ("http:", "https:", "//", "@import", "url(", "fetch("):
        assert call not in page


def test_headings_sections_and_captions_are_whole(outline: Any) -> None:
    page = outline(render(report(JUMP, held=30)))
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    assert {section.attributes["aria-labelledby"] for section in page.all("section")} <= set(ids)
    assert len(page.all("caption")) == len(page.all("table")) == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_flagged_can_be_told_from_its_ground(scheme: str) -> None:
    colours = palette(render(report(JUMP)), scheme)
    assert contrast(colours["bad"], colours["bad-wash"]) > 4.5
    assert contrast(colours["raw"], colours["paper"]) > 3
