"""The page of an audit says what leaks, from which row, and draws it; what is causal it calls so."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest

from tradewind.core import stream
from tradewind.evaluation.causality.audit import Audit, audit
from tradewind.evaluation.causality.frames import FrameSubject
from tradewind.reporting.audit_page import leak_chart, render, verdict

CLOSE = pl.col("close")
BARS = pl.DataFrame(
    {
        "date": [date(2024, 1, 1) + timedelta(days=i) for i in range(60)],
        "close": stream(4, "bars").normal(50.0, 1.0, 60),
    }
)


def audited(make: Callable[[pl.DataFrame], pl.DataFrame]) -> Audit:
    return audit(FrameSubject("<b>make", make, BARS), stream(1), cuts=60)


def each(**columns: pl.Expr) -> Audit:
    return audited(lambda rows: rows.with_columns(**columns))


def test_a_leak_is_told_with_its_rows_and_nothing_on_the_page_is_markup() -> None:
    page = render("<b>make", [each(ahead=CLOSE.shift(-1), past=CLOSE.shift(1))])
    assert "LEAKING" in page
    assert "1 of 3 columns know what came after their rows" in page
    assert "2024-01-01 depends on the row 2024-01-02" in page
    assert "<b>make" not in page


def test_the_picture_has_the_values_that_differ_up_to_a_cut_and_both_curves() -> None:
    [leak] = each(ahead=CLOSE.shift(-3)).leaks
    assert leak.around is not None
    assert leak.around.select(pl.col("known", "differs").sum()).row(0) == (20, 3)
    assert leak.around.filter("differs").filter(pl.col("whole") == pl.col("cut")).is_empty()
    drawn = leak_chart(leak)
    assert drawn.count("flag wash") == 3
    assert drawn.count("curve") == 2


@pytest.mark.parametrize(
    "ahead", [CLOSE.shift(-1).cast(pl.String), (CLOSE.shift(-1) > 50).fill_null(False)]
)
def test_flags_are_drawn_and_text_is_not(ahead: pl.Expr) -> None:
    audit_of = each(ahead=ahead)
    drawn = leak_chart(audit_of.leaks[0])
    assert bool(drawn) == (audit_of.leaks[0].around is not None)
    assert "LEAKING" in render("make", [audit_of])


def test_rows_that_depend_on_the_future_and_values_that_vanish_are_told_without_a_picture() -> None:
    found = audited(lambda rows: rows.with_columns(x=CLOSE.shift(-1)).drop_nulls())
    assert [leak_chart(leak) == "" for leak in found.leaks] == [True, False]
    render("make", [found])


def test_what_is_causal_and_what_could_not_be_told_is_called_so() -> None:
    fine, nothing = each(past=CLOSE.shift(1)), audited(lambda rows: rows.select("date"))
    assert verdict([fine]).startswith("Nothing up to a cut changed in 2 columns")
    assert ">Causal</h2>" in render("make", [fine])
    assert ">Could not tell</h2>" in render("make", [fine, nothing])
    assert "returned no column besides symbol and timestamp" in verdict([nothing])


def test_no_heading_of_a_column_is_broken_within_its_word() -> None:
    page = render("make", [audit(FrameSubject("make", lambda rows: rows, BARS), stream(1), 2)])
    assert ".asked thead th { overflow-wrap: normal; }" in page
