"""Realised measures are their definitions on the session and the window, to the bit however they are read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.features.paths import by_definition
from tests.features.test_bars import DAY, START, revised_panel
from tradewind.core import Panel, stream
from tradewind.core.arrays import Floats
from tradewind.features.families import Family
from tradewind.features.realised.catalogue import SPECS
from tradewind.features.realised.kernel import INPUTS, NAMES, STATE, realised, stepped_on
from tradewind.features.realised.measures import NAMES as MEASURES
from tradewind.features.realised.measures import two_bar_spread
from tradewind.features.registry import REALISED, REGIME20
from tradewind.features.runs import Runs
from tradewind.features.seen import Seen

SESSION = 40
MINUTE = 6e7


def made(rows: int = 200, seed: int = 3, bars_a_session: int = SESSION) -> Floats:
    """(10, rows) of a made price, in sessions of so many minutes with a gap between them."""
    rng = stream(seed, "bars")
    close = 50 * np.exp(rng.normal(0, 0.002, rows).cumsum())
    opened = close * np.exp(rng.normal(0, 0.001, rows))
    high = np.maximum(opened, close) * np.exp(rng.uniform(0, 0.001, rows))
    low = np.minimum(opened, close) / np.exp(rng.uniform(0, 0.001, rows))
    volume, session = rng.lognormal(5, 0.5, rows), np.arange(rows) // bars_a_session
    times = np.arange(rows) * MINUTE + session * 1_000 * MINUTE
    spread = rng.uniform(1, 3, rows)
    none = np.full((2, rows), np.nan)
    return np.vstack([opened, high, low, close, volume, session, times, spread, none])


def one_run(rows: int) -> Runs:
    ends = np.array([0, rows])
    return Runs(np.arange(rows), ends, np.array([-1]), np.full(rows, -1), np.array([[rows - 1]]))


def whole(bars: Floats) -> Floats:
    return realised(bars, one_run(bars.shape[1]))


def told(values: Floats, row: int, span: str) -> dict[str, float]:
    return {name: float(values[NAMES.index(f"{name}_{span}"), row]) for name in MEASURES}


def expected(bars: Floats, first: int, end: int, within: bool) -> dict[str, float]:
    """Of the bars from first to end by numpy, the returns within their sessions."""
    o, h, w, c, v, session = bars[:6]
    i = np.arange(first, end)
    inside = i[(session[i] == session[i - 1]) & (i > 0)] if within else i
    moves = np.log(c[inside] / c[inside - 1])
    reach, body = np.log(h[i] / w[i]), np.log(c[i] / o[i])
    pairs = [two_bar_spread(h[k], w[k], h[k - 1], w[k - 1], c[k - 1]) for k in inside]
    return by_definition(moves, 5) | {
        "amihud": 1e6 * (np.abs(moves) / (c * v)[inside]).mean(),
        "parkinson": (reach**2).sum() / (4 * np.log(2)),
        "garman_klass": (reach**2 / 2 - (2 * np.log(2) - 1) * body**2).sum(),
        "corwin_schultz": float(np.mean(pairs)),
        "spread": bars[7, i].mean() / 1e4,
        "spread_sd": bars[7, i].std() / 1e4,
    }


def test_each_measure_is_its_definition_on_the_session_and_on_the_window() -> None:
    bars, compared = made(), set()
    values = whole(bars)
    for row in (72, 99, 130, 158, 159, 199):
        begin = row // SESSION * SESSION
        spans = {
            "session": (begin, row + 1),
            "last": (begin - SESSION, begin),
            "20": (row - 19, row + 1),
            "60": (row - 59, row + 1),
        }
        for span, (first, end) in spans.items():
            ours = told(values, row, span)
            for name, value in expected(bars, first, end, within=True).items():
                assert ours[name] == pytest.approx(value, rel=1e-9, abs=1e-15), (name, span)
                compared.add(f"{name}_{span}")
    assert len(compared) == 4 * len(MEASURES) == 64


def test_where_a_session_is_one_bar_returns_are_from_session_to_session() -> None:
    bars = made(90, bars_a_session=1)
    ours = told(whole(bars), 89, "60")
    for name, value in expected(bars, 30, 90, within=False).items():
        assert ours[name] == pytest.approx(value, rel=1e-9), name


def test_the_catalogue_names_them_in_their_order() -> None:
    assert tuple(spec.name for spec in SPECS) == NAMES
    assert {name for spec in SPECS for name in spec.inputs} <= {*INPUTS}


def test_a_window_reads_the_bars_that_it_declares() -> None:
    bars = made()
    values = whole(bars)
    for row in (119, 120, 121, 160, 161, 179, 199):
        for f, spec in enumerate(SPECS):
            if spec.lookback < 100:
                alone = whole(bars[:, row + 1 - spec.lookback : row + 1])[f, -1]
                assert alone == values[f, row], (spec.name, row)
                assert np.isnan(whole(bars[:, row + 2 - spec.lookback : row + 1])[f, -1])


def test_a_bar_changes_nothing_before_it() -> None:
    bars = made()
    values = whole(bars)
    for cut in (1, 39, 40, 41, 120, 199):
        assert np.array_equal(whole(bars[:, :cut]), values[:, :cut], equal_nan=True)


def test_a_walk_taken_up_from_a_kept_state_goes_on_to_the_bit() -> None:
    bars = made()
    values = whole(bars)
    states = np.empty((1, STATE))
    for cut in (1, 39, 40, 79, 100, 150):
        keep = np.full(cut, -1)
        keep[-1] = 0
        begun = Runs(np.arange(cut), np.array([0, cut]), np.array([-1]), keep, np.array([[0]]))
        stepped_on(bars[:, :cut], begun, states)
        for row in range(cut, cut + 5):
            on = Runs(
                np.array([0]), np.array([0, 1]), np.array([0]), np.array([0]), np.array([[0]])
            )
            one = stepped_on(bars[:, row : row + 1], on, states)
            assert np.array_equal(one[:, 0], values[:, row], equal_nan=True)


def intraday_panel() -> Panel:
    """Twelve sessions of 40 minutes for three symbols; a twentieth of the bars corrected later."""
    rng, frames = stream(9, "intraday"), []
    for symbol in range(3):
        bars = made(480, seed=20 + symbol)
        minutes = pl.Series(bars[6] / MINUTE).cast(pl.Int64)
        frame = pl.DataFrame(dict(zip(INPUTS[:5], bars[:5], strict=True))).with_columns(
            symbol=pl.lit(f"S{symbol}"),
            timestamp=pl.lit(START + timedelta(minutes=1)) + pl.duration(minutes=minutes),
        )
        frames.append(frame.with_columns(known_at="timestamp"))
    rows = pl.concat(frames)
    late = rows[np.sort(rng.choice(len(rows), len(rows) // 20, replace=False))].with_columns(
        pl.col("close") * 1.001, pl.col("high") * 1.002, known_at=pl.col("known_at") + DAY * 2
    )
    return Panel.from_frame(pl.concat([rows, late]), calendar="24/7", stamps="end")


@pytest.mark.parametrize("family", [REALISED, REGIME20])
@pytest.mark.parametrize("panel", [revised_panel(3), intraday_panel()])
def test_every_moment_of_a_history_reads_what_was_known_to_the_bit(
    family: Family, panel: Panel
) -> None:
    assert panel.revised > 20
    moments = [*panel.moments[70::7]]
    seen = Seen(panel, moments)
    values, compared = family.values(seen), 0
    for k in range(0, len(moments), 5):
        known = panel.until(moments[k])
        alone = family.values(Seen(known, [moments[k]]))
        snapshot = Panel(known.as_of(moments[k]).table)
        assert np.array_equal(alone, values[:, seen.moment == k], equal_nan=True)
        once = family.values(Seen(snapshot, [moments[k]]))
        assert np.array_equal(once, alone, equal_nan=True)
        compared += int(np.isfinite(alone).sum())
    assert compared > 60


def test_one_symbol_never_reads_the_rows_of_another() -> None:
    panel = intraday_panel()
    times = panel.moments[100::50]
    both, one = Seen(panel, times), Panel(panel.table.filter(pl.col("symbol") == "S1"))
    alone = REALISED.values(Seen(one, times))
    assert np.array_equal(REALISED.values(both)[:, both.symbol == 1], alone, equal_nan=True)


@pytest.mark.parametrize("row", [0, 1, 2, 3, 4, 7])
@pytest.mark.parametrize("value", [np.nan, 0.0, -37.0, 1e308, 1e-308])
def test_a_bad_value_is_never_infinite_and_gone_with_its_window(row: int, value: float) -> None:
    bars, fine = made(), whole(made())
    bars[row, 70] = value
    values = whole(bars)
    assert not np.isinf(values).any()
    assert np.array_equal(values[:, :70], fine[:, :70], equal_nan=True)
    windows = [f for f, spec in enumerate(SPECS) if spec.lookback < 100]
    assert np.array_equal(values[windows][:, 132:], fine[windows][:, 132:], equal_nan=True)


def test_a_bar_with_a_bad_price_is_left_out_of_the_session() -> None:
    """Two returns are lost with it, and what is left is measured as if they had never been."""
    bars = made()
    bars[3, 60] = -37.0
    moves = np.delete(np.diff(np.log(made()[3, 40:80])), [19, 20])
    ours = told(whole(bars), 79, "session")
    for name, value in by_definition(moves, 5).items():
        assert ours[name] == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("kind", ["nothing", "one bar", "no prices", "constant"])
def test_what_has_no_prices_or_does_not_move_has_no_shares(kind: str) -> None:
    bars = made()
    if kind == "nothing":
        assert whole(bars[:, :0]).shape == (len(NAMES), 0)
        return
    if kind == "one bar":
        bars = bars[:, :1]
    if kind == "no prices":
        bars[:4] = np.nan
    if kind == "constant":
        bars[:4] = 50.0
    values = dict(zip(NAMES, whole(bars)[:, -1], strict=True))
    assert np.isnan([values[name] for name in ("jump_session", "skew_60", "profile_1")]).all()
    assert values["rv_session"] == 0 or kind != "constant"


def test_without_a_volume_there_is_no_illiquidity_and_bars_with_none_do_not_count() -> None:
    bars, fine = made(), made()
    bars[4] = 0.0
    assert np.isnan(told(whole(bars), 199, "60")["amihud"])
    bars[4] = np.where(np.arange(200) % 2, fine[4], 0.0)
    odd = np.arange(141, 200, 2)
    moved = np.abs(np.log(fine[3, odd] / fine[3, odd - 1])) / (fine[3] * fine[4])[odd]
    inside = fine[5, odd] == fine[5, odd - 1]
    assert told(whole(bars), 199, "20")["amihud"] == pytest.approx(1e6 * moved[inside][-10:].mean())


def test_quotes_are_read_from_bid_and_ask_too_and_crossed_ones_are_none() -> None:
    bars = made()
    bars[8], bars[9] = bars[3] * (1 - bars[7] / 2e4), bars[3] * (1 + bars[7] / 2e4)
    quoted = told(whole(bars), 199, "60")["spread"]
    bars[7] = np.nan
    assert told(whole(bars), 199, "60")["spread"] == pytest.approx(quoted, rel=1e-9)
    bars[8] = bars[9] * 1.01
    ours = told(whole(bars), 199, "60")
    assert ours["spread"] == ours["corwin_schultz"]


def test_real_minutes_have_a_variance_that_two_scales_make_smaller(shared: Path) -> None:
    rows = pl.read_parquet(shared / "data/intraday/spy_1m.parquet")
    panel = Panel.from_frame(rows, stamps="end")
    close = datetime(2011, 1, 31, 21, tzinfo=UTC)
    values = dict(zip(NAMES, REALISED.values(Seen(panel, [close]))[:, 0], strict=True))
    assert 0.05 < np.sqrt(252 * values["rv_session"]) < 0.3
    assert values["tsrv_session"] < values["rv_session"]
    assert sum(values[f"profile_{tenth}"] for tenth in range(1, 11)) == pytest.approx(1)
