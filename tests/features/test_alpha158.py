"""The 158 features say what their definitions say, from their window alone, and nothing where there is none."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewind.core import Panel, Snapshot, find_calendar, stream
from tradewind.core.arrays import Floats
from tradewind.core.stamps import Stamps
from tradewind.core.tables import floats
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features.alpha158.catalogue import SPECS
from tradewind.features.alpha158.kernel import INPUTS, NAMES, WINDOWS, alpha158
from tradewind.features.computing import compute


def made(rows: int = 150, seed: int = 3) -> Floats:
    """(6, rows) open, high, low, close, volume, vwap; some closes and volumes repeat."""
    rng = stream(seed, "bars")
    close = np.round(50 * np.exp(rng.normal(0, 0.02, rows).cumsum()), 1)
    opened = close * np.exp(rng.normal(0, 0.01, rows))
    high = np.maximum(opened, close) * np.exp(rng.uniform(0, 0.01, rows))
    low = np.minimum(opened, close) / np.exp(rng.uniform(0, 0.01, rows))
    volume = np.round(rng.lognormal(5, 0.5, rows))
    return np.vstack([opened, high, low, close, volume, (high + low + close) / 3])


def whole(bars: Floats) -> Floats:
    return alpha158(bars, np.array([0, bars.shape[1]]), np.array([0]))


def correlation(x: Floats, y: Floats) -> float:
    """Of two columns of which none stands still: beside one that does there is none."""
    still = x.max() == x.min() or y.max() == y.min()
    return np.nan if still else float(np.corrcoef(x, y)[0, 1])


@np.errstate(divide="ignore", invalid="ignore")
def by_definition(bars: Floats, n: int) -> dict[str, float]:
    """The features of the last row, each as its formula reads, by numpy on the window; NaN for a
    quotient by nought."""
    o, h, w, c, v, vwap = (row[-1] for row in bars)
    closes, highs, lows, volumes = bars[3, -n:], bars[1, -n:], bars[2, -n:], bars[4, -n:]
    change, more = np.diff(bars[3, -n - 1 :]), np.diff(bars[4, -n - 1 :])
    ratio = bars[3, -n:] / bars[3, -n - 1 : -1]
    log_ratio = np.log(bars[4, -n:] / bars[4, -n - 1 : -1] + 1)
    moved = np.abs(ratio - 1) * volumes
    x = np.arange(1, n + 1)
    slope, start = np.polyfit(x, closes, 1)
    ups, downs = np.clip(change, 0, None).sum(), np.clip(-change, 0, None).sum()
    gains, losses = np.clip(more, 0, None).sum(), np.clip(-more, 0, None).sum()
    first_top, first_low = np.argmax(highs) + 1, np.argmin(lows) + 1
    values = {
        "ROC": bars[3, -n - 1] / c,
        "MA": closes.mean() / c,
        "STD": closes.std(ddof=1) / c,
        "BETA": slope / c,
        "RSQR": correlation(x, closes) ** 2,
        "RESI": (c - (slope * n + start)) / c,
        "MAX": highs.max() / c,
        "MIN": lows.min() / c,
        "QTLU": np.quantile(closes, 0.8) / c,
        "QTLD": np.quantile(closes, 0.2) / c,
        "RANK": ((closes < c).sum() + ((closes == c).sum() + 1) / 2) / n,
        "RSV": (c - lows.min()) / (highs.max() - lows.min()),
        "IMAX": first_top / n,
        "IMIN": first_low / n,
        "IMXD": (first_top - first_low) / n,
        "CORR": correlation(closes, np.log(volumes + 1)),
        "CORD": correlation(ratio, log_ratio),
        "CNTP": (change > 0).mean(),
        "CNTN": (change < 0).mean(),
        "CNTD": (change > 0).mean() - (change < 0).mean(),
        "SUMP": ups / (ups + downs),
        "SUMN": downs / (ups + downs),
        "SUMD": (ups - downs) / (ups + downs),
        "VMA": volumes.mean() / v,
        "VSTD": volumes.std(ddof=1) / v,
        "WVMA": moved.std(ddof=1) / moved.mean(),
        "VSUMP": gains / (gains + losses),
        "VSUMN": losses / (gains + losses),
        "VSUMD": (gains - losses) / (gains + losses),
    }
    bar = {
        "KMID": (c - o) / o,
        "KLEN": (h - w) / o,
        "KMID2": (c - o) / (h - w),
        "KUP": (h - max(o, c)) / o,
        "KUP2": (h - max(o, c)) / (h - w),
        "KLOW": (min(o, c) - w) / o,
        "KLOW2": (min(o, c) - w) / (h - w),
        "KSFT": (2 * c - h - w) / o,
        "KSFT2": (2 * c - h - w) / (h - w),
        "OPEN0": o / c,
        "HIGH0": h / c,
        "LOW0": w / c,
        "VWAP0": vwap / c,
    }
    named = bar | {f"{name}{n}": float(value) for name, value in values.items()}
    return {name: value if np.isfinite(value) else np.nan for name, value in named.items()}


def test_each_of_the_158_is_what_its_definition_says() -> None:
    bars = made()
    values = whole(bars)
    compared = set()
    for rows in range(62, 151, 8):
        for n in WINDOWS:
            for name, value in by_definition(bars[:, :rows], n).items():
                ours = values[NAMES.index(name), rows - 1]
                assert ours == pytest.approx(value, rel=1e-9, abs=1e-11), name
                compared.add(name)
    assert compared == {*NAMES}
    assert len(compared) == 158


KINDS = {"equity": "1d", "etf": "1d", "crypto": "1h", "fx": "1h"}


@pytest.mark.parametrize("kind", KINDS)
def test_of_every_kind_of_panel_each_is_what_its_definition_says(kind: str) -> None:
    made = make_market(kind, 3, 160, KINDS[kind], seed=5, plants=[Revisions(0.05)]).panel
    assert made.revised > 10
    assert_defined(with_vwap(made).as_of(made.moments[-1]), values=3 * 12 * 158)


@pytest.mark.parametrize(
    ("file", "stamps", "bar", "calendar", "symbols"),
    [
        ("equities/equity_daily_us_adjusted.parquet", None, None, "XNYS", 3),
        ("intraday/spy_1m.parquet", "end", None, "XNYS", 1),
        ("intraday/btcusd_1m.parquet", "start", timedelta(minutes=1), "24/7", 1),
    ],
)
def test_of_real_bars_each_is_what_its_definition_says(
    shared: Path,
    file: str,
    stamps: Stamps | None,
    bar: timedelta | None,
    calendar: str,
    symbols: int,
) -> None:
    table = pl.read_parquet(shared / "data" / file).drop("sector", strict=False)
    table = table.filter(pl.col("symbol").rank("dense") <= symbols).group_by("symbol").head(400)
    panel = Panel.from_frame(table, calendar=find_calendar(calendar), stamps=stamps, bar=bar)
    assert_defined(with_vwap(panel).as_of(panel.moments[-1]), values=symbols * 12 * 158)


def with_vwap(panel: Panel) -> Panel:
    typical = (pl.col("high") + pl.col("low") + pl.col("close")) / 3
    return Panel(panel.table.with_columns(vwap=typical))


def assert_defined(snapshot: Snapshot, values: int) -> None:
    """What `compute` says is the definition at 12 bars of each symbol, so many values in all."""
    ours, compared = compute(snapshot, "alpha158").drop("timestamp"), 0
    for (symbol,), rows in ours.group_by("symbol", maintain_order=True):
        bars = np.vstack(
            [floats(column) for column in snapshot.table.filter(symbol=symbol).select(INPUTS)]
        )
        for last in np.linspace(62, len(rows), 12).astype(int).tolist():
            said = rows.drop("symbol").row(last - 1, named=True)
            wanted: dict[str, float] = {}
            for n in WINDOWS:
                wanted |= by_definition(bars[:, :last], n)
            for name, value in wanted.items():
                told = np.nan if said[name] is None else said[name]
                assert told == pytest.approx(value, rel=1e-8, abs=1e-10, nan_ok=True), (
                    symbol,
                    name,
                )
            compared += len(wanted)
    assert compared == values


def test_the_catalogue_names_them_in_their_order() -> None:
    assert tuple(spec.name for spec in SPECS) == NAMES


def test_a_value_is_a_function_of_the_bars_it_declares() -> None:
    bars = made()
    values = whole(bars)
    for f, spec in enumerate(SPECS):
        alone = whole(bars[:, 150 - spec.lookback :])[f, -1]
        assert alone == values[f, -1], spec.name
        shorter = whole(bars[:, 151 - spec.lookback :])
        assert not shorter.shape[1] or np.isnan(shorter[f, -1]), spec.name


def test_where_a_block_of_rows_begins_changes_no_bit() -> None:
    bars = made(700)
    values = whole(bars)
    for cut in (1, 37, 255, 256, 257, 400):
        later = alpha158(bars[:, cut:], np.array([0, 700 - cut]), np.array([60]))
        assert np.array_equal(later[:, 60:], values[:, cut + 60 :], equal_nan=True)


def test_one_symbol_never_reads_the_rows_of_another() -> None:
    bars = np.hstack([made(90, 1), made(90, 2)])
    both = alpha158(bars, np.array([0, 90, 180]), np.array([0, 90]))
    assert np.array_equal(both[:, 90:], whole(made(90, 2)), equal_nan=True)


@pytest.mark.parametrize("row", range(5))
@pytest.mark.parametrize("value", [np.nan, 0.0, -37.0, 1e308, 1e-308])
def test_a_bad_value_is_missing_in_what_reads_it_and_gone_when_its_window_is(
    row: int, value: float
) -> None:
    bars = made()
    bars[row, 70] = value
    values, fine = whole(bars), whole(made())
    assert not np.isinf(values).any()
    assert np.array_equal(values[:, :70], fine[:, :70], equal_nan=True)
    assert np.array_equal(values[:, 131:], fine[:, 131:], equal_nan=True)
    if row < 4 and not value > 0:
        assert np.isnan(values[NAMES.index("MA5"), 70:75]).all()


def test_prices_that_do_not_move_have_no_correlation_and_no_place_in_a_range() -> None:
    values = dict(zip(NAMES, whole(np.full((6, 80), 3.0))[:, -1], strict=True))
    assert [values[name] for name in ("MA20", "STD20", "ROC60", "CNTP20")] == [1, 0, 1, 0]
    missing = ("RSQR20", "CORR20", "CORD20", "RSV20", "SUMP20", "VSUMP20", "KMID2")
    assert all(np.isnan(values[name]) for name in missing)
