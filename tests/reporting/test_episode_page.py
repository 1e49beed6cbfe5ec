"""One episode is drawn among its bars, and every version of what followed is told."""

from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import fromstring

import polars as pl
import pytest

from tradewind.core.errors import BadTable
from tradewind.reporting.episode import AFTERWARDS, PRICES, EpisodePicture
from tradewind.reporting.episode_page import NARROW, WIDE, chart, render, words

DAY = datetime(2024, 1, 2, 21, tzinfo=UTC)


def picture(*followed: tuple[int, float, int], bars: int = 30) -> EpisodePicture:
    steps = list(range(-bars + 6, 6)) if bars else []
    prices = {"step": steps, "stamp": [DAY] * bars, "close": [100.0 + step % 7 for step in steps]}
    told = [(horizon, value, DAY + timedelta(days=known)) for horizon, value, known in followed]
    return EpisodePicture(
        "<b>A gap",
        "known 2 Jan",
        {"Kind": "a < b"},
        pl.DataFrame(prices, schema=dict(PRICES)),
        -4,
        -1,
        pl.DataFrame(told, schema=dict(AFTERWARDS), orient="row"),
    )


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_episode_and_what_followed_are_drawn_and_nothing_is_markup(width: float) -> None:
    one = picture((2, 0.01, 2), (5, -0.02, 5))
    drawn = chart(one, width)
    assert drawn.count('class="model curve"') == drawn.count('class="after curve"') == 1
    assert drawn.count('class="after dot"') == 2
    places = [float(dot.attrib["x"]) for dot in fromstring(drawn).iter("text")]
    assert max(places) < width
    assert "<b>A" not in render(one)


def test_a_corrected_return_is_told_beside_the_first_and_drawn_once() -> None:
    one = picture((5, 0.01, 5), (5, 0.03, 9))
    page = render(one)
    assert page.count("corrected since") == 1
    assert page.index("1.00 %") < page.index("corrected since") < page.index(">3.00 %")
    assert (
        words(one) == "It took 4 bars. After 5 bars the price stood 3.00 % higher, as a log return."
    )
    assert chart(one, WIDE).count('class="after dot"') == 1


def test_without_bars_and_without_outcomes_it_says_so() -> None:
    page = render(picture(bars=0))
    assert "The workspace holds no bars of it to draw." in page
    assert "It is not known yet." in page


def test_prices_without_closes_are_refused() -> None:
    one = picture()
    with pytest.raises(BadTable, match="close"):
        EpisodePicture("", "", {}, one.prices.drop("close"), 0, 0, one.afterwards)
