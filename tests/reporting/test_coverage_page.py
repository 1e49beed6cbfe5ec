"""The coverage page shows every table, escapes what a file called its symbols, and loads nothing."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from tradewind.core import Finding
from tradewind.reporting.coverage import SYMBOLS, Coverage, TableCoverage, Trainable
from tradewind.reporting.coverage_page import MOST, SHOWN, render
from tradewind.reporting.coverage_text import summary
from tradewind.reporting.heat import heat_strip, stretches

EVIL = '"><script>alert(1)</script><img src="https://evil.example/x">'
FIRST = date(2020, 1, 1)


def table(symbols: int = 3, name: str = "bars", title: str = "S") -> TableCoverage:
    """A table of so many symbols, of which each but the first has one gap more than the one before."""
    names = [f"{title}{i:04d}" for i in range(symbols)]
    rows = {
        "symbol": names, "rows": 100, "corrections": 1, "first": FIRST, "last": date(2024, 1, 1),
        "sessions": 100, "thin": 0, "missing": 0.25,
    }  # fmt: skip
    gaps = {"calendar": "XNYS", "expected": 100, "gaps": range(symbols), "longest": 1}
    extra = {"after": FIRST, "behind": 0, "decisions": 100, "usable": 40}
    frame = pl.DataFrame({**rows, **gaps, **extra}).cast(dict(SYMBOLS))  # type: ignore[arg-type]
    quarters = [FIRST + timedelta(days=365 * k) for k in range(5)]
    strip = pl.DataFrame(
        {"begins": quarters[:4], "ends": quarters[1:], "share": [1.0, 0.5, 0.0, 1.0]}
    )
    strip = pl.DataFrame({"line": names[:60]}).join(strip, how="cross")
    told = Trainable(100 * symbols, 40 * symbols, {"warm up": 60 * symbols})
    missing = {"close": 0.0, "volume": 0.25}
    return TableCoverage(
        name, 7, 100 * symbols, 5, FIRST, date(2024, 1, 1), missing, frame, strip, told
    )  # fmt: skip


def told(*tables: TableCoverage) -> Coverage:
    damaged = Finding("store.damaged", "warning", "bars", "version 3 is replaced", "append again")
    return Coverage("my-market", tables, (damaged,))


def test_every_table_has_its_section_its_picture_and_its_symbols(outline: Any) -> None:
    page = outline(render(told(table(), table(name="observations"))))
    headings = [heading.text for heading in page.all("h2")]
    assert headings == ["bars", "observations", "Findings", "How to read this"]
    assert len(page.all("table", "symbols")) == 2
    assert len(page.all("svg", "chart")) == 4  # each wide and narrow
    assert "120 of 300 decisions (40.0 %); 180 warm up" in page.all("main")[0].text
    assert "version 3 is replaced" in page.all("ul", "plain")[0].text


@pytest.mark.parametrize("symbols", [SHOWN, SHOWN + 1, MOST + 7])
def test_the_symbols_with_most_gaps_are_shown_and_the_rest_folded(
    outline: Any, symbols: int
) -> None:
    text = render(told(table(symbols)))
    page = outline(text)
    shown = [name.text for name in page.all("bdi") if name.inside.count("details") == 0]
    assert len(shown) == SHOWN
    assert shown[0] == f"S{symbols - 1:04d}"
    assert len(page.all("bdi")) == min(symbols, MOST)
    assert ("more are in coverage.json" in text) is (symbols > MOST)


def test_names_from_a_file_stay_text(outline: Any) -> None:
    page = render(told(table(title=EVIL, name="bars")))
    assert EVIL not in page
    assert len(outline(page).all("script")) == 1
    assert outline(page).all("img") == []


def test_the_page_asks_for_nothing_from_outside(outline: Any) -> None:
    page = render(told(table()))
    for element in outline(page).elements:
        assert element.tag not in {"img", "iframe", "object", "embed", "base", "form"}
        assert not [name for name in element.attributes if name == "style" or name[:2] == "on"]
    for call in ("http:", "https:", "//", "@import", "url(", "fetch("):
        assert call not in page


def test_every_picture_has_a_name_and_every_table_a_caption(outline: Any) -> None:
    page = outline(render(told(table(), table(40, "more"))))
    pictures = [svg for svg in page.all("svg") if "aria-hidden" not in svg.attributes]
    assert len(pictures) == 4
    assert all(svg.attributes["role"] == "img" for svg in pictures)
    assert len(page.all("caption")) == len(page.all("table")) == 3


def test_headings_and_sections_refer_to_each_other(outline: Any) -> None:
    page = outline(render(told(table(), table(name="homes"))))
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    assert {section.attributes["aria-labelledby"] for section in page.all("section")} <= set(ids)


def test_a_table_of_which_nothing_is_expected_says_so(outline: Any) -> None:
    events = table(name="actions")
    numbers = pl.lit(None, dtype=pl.Int64)
    lacks = dict.fromkeys(("expected", "gaps", "longest", "behind"), numbers)
    nothing = events.symbols.with_columns(calendar=pl.lit(None, dtype=pl.String), **lacks)
    events = replace(events, symbols=nothing, trainable=None)
    page = outline(render(told(events)))
    assert "no gap can be told" in page.all("section")[0].text
    assert "Trainable" not in page.all("table")[0].text


def test_neighbours_of_one_shade_are_one_mark_and_blanks_part_them() -> None:
    strip = table(1).strip
    assert stretches(strip)["shade"].to_list() == [5, 3, 0, 5]
    assert len(stretches(strip.with_columns(share=pl.lit(1.0)))) == 1
    apart = strip.with_columns(share=pl.lit(1.0)).filter(pl.int_range(pl.len()) != 1)
    assert len(stretches(apart)) == 2


def test_an_empty_strip_is_no_picture() -> None:
    assert heat_strip(table().strip.clear(), "bars", 900) == ""


def test_the_terminal_is_told_the_tables_and_what_is_odd_and_no_escape_code() -> None:
    text = summary(told(table(9, title="\x1b[2J")))
    lines = text.splitlines()
    assert lines[0] == "my-market: 1 table, 900 rows"
    assert lines[1].split()[:4] == ["table", "version", "rows", "corrected"]
    assert "bars, trainable: 360 of 900 decisions (40.0 %); 540 warm up" in lines
    assert "bars, missing values: volume 25.0 %" in lines
    assert "  and 3 more with gaps, or that end early" in lines
    assert "\x1b" not in text
    assert lines[-1].startswith("  warning store.damaged in bars")
