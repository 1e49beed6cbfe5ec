"""Regimes are drawn over the price, whatever is known of them."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tradewind.core.errors import BadTable
from tradewind.core.tables import UTC_TIME
from tradewind.reporting.regimes import RegimePicture
from tradewind.reporting.regimes_page import WIDE, regime_chart, render

NAMES = ("low_vol", "high_vol")


def picture(
    close: list[float | None],
    said: list[str | None],
    sure: float = 0.9,
    subject: str = "ACME",
    taught: int = 0,
) -> RegimePicture:
    hours = [datetime(2024, 1, 2, tzinfo=UTC) + timedelta(hours=i) for i in range(len(close))]
    probability = {
        name: [None if one is None else sure if one == name else 1 - sure for one in said]
        for name in NAMES
    }
    rows = pl.DataFrame(
        {"timestamp": hours, "close": close, "regime": said, **probability},
        schema={
            "timestamp": UTC_TIME,
            "close": pl.Float64,
            "regime": pl.String,
            **dict.fromkeys(NAMES, pl.Float64),
        },
    )
    states = pl.DataFrame(
        {
            "regime": NAMES,
            "share": [0.6, 0.4],
            "visits": [3, 2],
            "bars": [20.0, 5.0],
            "volatility": [0.01, None],
            "mean": [0.001, None],
        }
    )
    follows = pl.DataFrame({"regime": NAMES, "low_vol": [0.95, None], "high_vol": [0.05, None]})
    now = pl.DataFrame(
        {
            "symbol": ["<b>A", "B"],
            "regime": ["low_vol", None],
            "probability": [0.9, None],
            "since": [hours[0] if hours else None, None],
            "bars": [7, None],
        },
        schema_overrides={"since": UTC_TIME},
    )
    return RegimePicture(
        subject,
        "in low volatility",
        NAMES,
        {"Model": "a < b"},
        rows,
        {"all bars": states},
        {"all bars": follows},
        now,
        taught=taught,
    )


def test_each_stretch_of_one_regime_is_a_band_and_nothing_is_markup() -> None:
    said = ["low_vol"] * 3 + ["high_vol"] * 2 + [None] * 2 + ["low_vol"] * 2
    page = picture([1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 2.0, 3.0], said, subject="<b>ACME")  # type: ignore[arg-type]
    drawn = regime_chart(page, WIDE)
    assert drawn.count('class="state band') == 3
    assert drawn.count("low volatility, 2 Jan 2024") == 2
    html = render(page)
    assert "<b>A" not in html
    assert "changed 2 times" in html


@pytest.mark.parametrize(
    ("close", "said"),
    [
        ([1.0, 2.0, 9.0], [None, None, None]),
        ([-37.0, 2.0, 9.0], ["low_vol", None, "high_vol"]),
        ([None, None], ["low_vol", "low_vol"]),
        ([5.0], ["low_vol"]),
        ([], []),
    ],
)
def test_what_is_unknown_negative_or_short_is_drawn_or_left_out(
    close: list[float | None], said: list[str | None]
) -> None:
    html = render(picture(close, said))
    assert "nan" not in html


def test_rows_without_a_probability_for_each_regime_are_refused() -> None:
    whole = picture([1.0, 2.0], ["low_vol", "low_vol"])
    with pytest.raises(BadTable, match="RegimePicture has no column 'high_vol'"):
        RegimePicture(
            "ACME",
            "",
            NAMES,
            {},
            whole.rows.drop("high_vol"),
            whole.states,
            whole.follows,
            whole.now,
        )


def test_bars_that_the_model_learnt_from_are_set_apart_and_called_hindsight() -> None:
    close, said = [1.0, 2.0, 3.0, 4.0], ["low_vol"] * 4
    plain, part, whole = (render(picture(close, said, taught=bars)) for bars in (0, 3, 4))  # type: ignore[arg-type]
    assert "nothing is drawn with hindsight" in plain
    assert 'class="taught"' not in plain + whole
    assert "The model learnt from the first 3 bars, which are paler" in part
    assert "Of the 1 bar after them" in part
    assert part.count('<rect class="taught"') == 4
    assert "The model learnt from all of these bars" in whole
    for page in (part, whole):
        assert "nothing is drawn with hindsight" not in page
        assert "as it was known" not in page
