"""The 158 features say what their definitions say, from their window alone, and nothing where there is none."""

import numpy as np
import numpy.typing as npt
import pytest

from tradewind.core import stream
from tradewind.features.alpha158.catalogue import SPECS
from tradewind.features.alpha158.kernel import NAMES, WINDOWS, alpha158

Floats = npt.NDArray[np.float64]


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


def by_definition(bars: Floats, n: int) -> dict[str, float]:
    """The features of the last row, each as its formula reads, by numpy on the window."""
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
        "RSQR": np.corrcoef(x, closes)[0, 1] ** 2,
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
        "CORR": np.corrcoef(closes, np.log(volumes + 1))[0, 1],
        "CORD": np.corrcoef(ratio, log_ratio)[0, 1],
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
    return bar | {f"{name}{n}": float(value) for name, value in values.items()}


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
        assert np.isnan(later[:, :60]).all()


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
