"""Features at a moment are the kernel on the snapshot of that moment, to the bit, however they are read."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Market, Panel, stream
from tradewind.core.errors import BadTable
from tradewind.core.tables import floats
from tradewind.features.bars import BarFeatures
from tradewind.features.kernels import INPUTS, LOOKBACK, NAMES, bar_features
from tradewind.features.labels import Against, with_outcome
from tradewind.features.windows import windows_of

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def revised_panel(symbols: int = 5, days: int = 160, revised: float = 0.05) -> Panel:
    """Bars of which some are corrected later, and some arrive late in the first place."""
    rng = stream(11, "bars")
    n = symbols * days
    close = 50 * np.exp(rng.normal(0, 0.02, (symbols, days)).cumsum(axis=1)).ravel()
    spread = np.exp(rng.uniform(0, 0.01, n))
    rows = pl.DataFrame(
        {
            "symbol": np.repeat([f"S{i}" for i in range(symbols)], days),
            "timestamp": np.tile(np.arange(days), symbols),
            "open": close * np.exp(rng.normal(0, 0.005, n)),
            "high": close * spread,
            "low": close / spread,
            "close": close,
            "volume": rng.lognormal(10, 1, n),
            "delay": np.where(rng.random(n) < 0.03, rng.integers(1, 6, n), 0),
        }
    ).with_columns(timestamp=START + pl.duration(days="timestamp"))
    rows = rows.with_columns(known_at=pl.col("timestamp") + pl.duration(days="delay"))
    late = rows[rng.choice(n, int(n * revised), replace=False)].with_columns(
        pl.col("close") * 1.01,
        pl.col("known_at") + pl.duration(days=pl.lit(rng.integers(1, 30))),
    )
    frame = pl.concat([rows, late]).drop("delay")
    return Panel.from_frame(frame, calendar="24/7", stamps="end")


def test_every_moment_sees_what_its_snapshot_would_show() -> None:
    panel = revised_panel()
    assert panel.revised == 40
    moments = [
        START + timedelta(hours=int(h)) for h in sorted(stream(1, "m").choice(160 * 24, 200, False))
    ]
    names = panel.names.categories.to_list()
    seen = windows_of(panel, moments, LOOKBACK)
    rows = panel.table[seen.rows]
    values = bar_features(
        np.vstack([floats(rows[name]) for name in INPUTS]),
        seen.offsets,
        seen.first,
    )
    compared = 0
    for k, at in enumerate(moments):
        snapshot = panel.as_of(at)
        bars = np.vstack([snapshot.numpy(name) for name in INPUTS])
        whole = bar_features(bars, snapshot.offsets, snapshot.offsets[:-1])
        for name, span in snapshot.segments.items():
            place = seen.last[k, names.index(name)]
            assert np.array_equal(values[:, place], whole[:, span.stop - 1], equal_nan=True)
            compared += 1
        assert (seen.last[k] >= 0).sum() == len(snapshot.symbols)
    assert compared > 900


def test_one_moment_reads_the_same_bits_as_a_history() -> None:
    market = Market({"bars": revised_panel()})
    moments = [START + DAY * i for i in range(30, 160)]
    history = BarFeatures()(market, moments).table
    for at in moments[::13]:
        online = BarFeatures()(market.as_of(at), [at]).table
        assert online.equals(history.filter(pl.col("decided_at") == at))


def test_no_feature_sees_a_row_that_came_later() -> None:
    market = Market({"bars": revised_panel()})
    moments = [START + DAY * i for i in range(70, 120)]
    noise = pl.when(pl.col("known_at") > moments[-1]).then(pl.col("close") * 7).otherwise("close")
    garbled = Market({"bars": Panel(market.panel.table.with_columns(close=noise))})
    assert BarFeatures()(market, moments) == BarFeatures()(garbled, moments)


def test_features_are_the_known_answers() -> None:
    rng = stream(3, "walk")
    close = np.exp(rng.normal(0, 0.01, 80).cumsum())
    bars = np.vstack([close, close * 1.01, close / 1.01, close, np.full(80, 9.0)])
    last = dict(
        zip(NAMES, bar_features(bars, np.array([0, 80]), np.array([0]))[:, -1], strict=True)
    )
    steps = np.diff(np.log(close))
    assert last["return_20"] == pytest.approx(steps[-20:].sum())
    assert last["volatility_20"] == pytest.approx(steps[-20:].std())
    assert last["range_20"] == pytest.approx(2 * np.log(1.01))
    assert last["volume_surprise_20"] == pytest.approx(0, abs=1e-12)
    assert last["up_share_20"] == (steps[-20:] > 0).mean()
    assert last["from_high_60"] == pytest.approx(np.log(close[-1] / close[-60:].max()))


def test_what_cannot_be_computed_is_missing_never_infinite() -> None:
    bars = np.ones((5, 80))
    bars[3, 40] = np.nan
    bars[4, 50:] = 0.0
    bars[3, 79] = -37.0
    values = bar_features(bars, np.array([0, 80]), np.array([0]))
    assert not np.isinf(values).any()
    assert np.isnan(values[0, 79])
    assert np.isnan(values[:, 0]).all()


def test_a_symbol_without_a_bar_in_the_newest_session_is_not_forecast() -> None:
    table = revised_panel(symbols=2, revised=0).table
    halted = (pl.col("symbol") == "S1") & (pl.col("timestamp") > START + 100 * DAY)
    market = Market({"bars": Panel(table.filter(~halted))})
    rows = BarFeatures()(market, [START + 99 * DAY, START + 150 * DAY])
    assert rows.table["symbol"].to_list()[-1:] == ["S0"]


def test_an_extra_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadTable, match="the bars have no column 'volum': did you mean 'volume'"):
        BarFeatures(extra=("volum",))(Market({"bars": revised_panel(1, 10)}), [START + 5 * DAY])


def test_a_label_is_resolved_when_its_end_is_first_known_and_no_correction_moves_it() -> None:
    panel = revised_panel()
    first = Panel(panel.table.filter(~pl.Series(panel.corrections)))
    moments = [START + DAY * i for i in range(20, 150)]
    rows = BarFeatures()(Market({"bars": first}), moments)
    revised, plain = (
        with_outcome(rows, Market({"bars": p}), 5, "itself").table for p in (panel, first)
    )
    assert revised.equals(plain)
    assert (revised["resolved_at"] > revised["decided_at"]).all()


@pytest.mark.parametrize("against", ["itself", "peers"])
def test_no_resolved_label_rests_on_a_price_that_was_not_known_by_then(against: Against) -> None:
    panel = revised_panel(revised=0.2)
    assert (panel.table["known_at"] > panel.table["timestamp"]).sum() > 50
    moments = [START + DAY * i for i in range(20, 150)]
    rows = BarFeatures()(Market({"bars": panel}), moments)
    labels = with_outcome(rows, Market({"bars": panel}), 5, against).table
    for cut in (START + DAY * i for i in range(40, 150, 7)):
        unknown = pl.col("known_at") > cut
        noise = pl.Series(np.exp(stream(cut.day, "noise").normal(0, 1, len(panel))))
        garbled = panel.table.with_columns(
            pl.when(unknown).then(pl.col(name) * noise).otherwise(name).alias(name)
            for name in ("open", "close")
        )
        other = with_outcome(rows, Market({"bars": Panel(garbled)}), 5, against).table
        by_then = pl.col("resolved_at") <= cut
        assert other.filter(by_then).equals(labels.filter(by_then))


@pytest.mark.parametrize("opens", [True, False])
def test_a_label_begins_at_the_next_price_to_be_had_and_ends_some_bars_on(opens: bool) -> None:
    rng = stream(5, "walk")
    close = np.exp(rng.normal(0, 0.01, 30).cumsum())
    start = close * np.exp(rng.normal(0, 0.01, 30)) if opens else close
    days = pl.date_range(START.date(), START.date() + 29 * DAY, eager=True)
    frame = pl.DataFrame({"date": days, "symbol": "ACME", "close": close})
    frame = frame.with_columns(open=pl.Series(start)) if opens else frame
    market = Market({"bars": Panel.from_frame(frame, calendar="24/7")})
    rows = with_outcome(BarFeatures()(market, market.panel.moments), market, 5, "itself").resolved
    ahead = 5 if opens else 6
    wanted = close[ahead:] > start[1 : len(start) - ahead + 1]
    assert np.array_equal(rows.outcomes, wanted.astype(float))
    assert (rows.table["resolved_at"] - rows.table["decided_at"]).unique().to_list() == [
        ahead * DAY
    ]


def test_a_first_print_that_is_wrong_earns_nothing() -> None:
    rng = stream(6, "walk")
    close = np.exp(rng.normal(0, 0.01, 60).cumsum())
    frame = pl.DataFrame(
        {
            "symbol": "ACME",
            "timestamp": [START + DAY * i for i in range(60)],
            "open": np.concatenate([close[:1], close[:-1]]),
            "close": close,
        }
    )
    wrong = frame.with_columns(
        close=pl.when(pl.int_range(60) == 30).then(pl.col("close") * 5).otherwise("close")
    )
    labels = [
        with_outcome(
            BarFeatures()(market, [START + 30 * DAY]), market, 3, "itself"
        ).outcomes.tolist()
        for market in (
            Market({"bars": Panel.from_frame(table, calendar="24/7", stamps="end")})
            for table in (frame, wrong)
        )
    ]
    assert labels[0] == labels[1]


def test_the_last_rows_have_no_outcome_yet() -> None:
    market = Market({"bars": revised_panel(2, 40, 0)})
    rows = with_outcome(
        BarFeatures()(market, [START + DAY * i for i in range(30, 40)]), market, 5, "itself"
    )
    assert rows.table["rises"].null_count() >= 2 * 5 - 2
    assert rows.table["rises"].is_null().equals(rows.table["resolved_at"].is_null())


def ahead(changes: list[float]) -> tuple[Market, list[datetime]]:
    """Symbols that all stand at 100 and then change by these factors."""
    frame = pl.DataFrame(
        {
            "symbol": [f"S{i:02d}" for i in range(len(changes))] * 2,
            "timestamp": [START] * len(changes) + [START + DAY] * len(changes),
            "open": [100.0] * (2 * len(changes)),
            "close": [100.0] * len(changes) + [100.0 * change for change in changes],
        }
    )
    return Market({"bars": Panel.from_frame(frame, calendar="24/7", stamps="end")}), [START]


def beaten(changes: list[float]) -> list[float | None]:
    market, times = ahead(changes)
    rows = with_outcome(BarFeatures()(market, times), market, 1, "peers")
    return rows.table["beats_its_peers"].to_list()


def test_whoever_beats_the_median_of_the_others_beats_its_peers() -> None:
    assert beaten([1.1, 0.9, 1.2, 0.8]) == [1, 0, 1, 0]
    assert beaten([1.0, 1.3, 1.06, 1.1, 0.5]) == [0, 1, 1, 1, 0]  # 1.06 is above (1.0 + 1.1) / 2
    assert beaten([1.0, 1.3, 1.04, 1.1, 0.5]) == [0, 1, 0, 1, 0]  # and 1.04 is below
    assert beaten([1.0, 1.0, 1.0]) == [0, 0, 0]
    assert beaten([1.1]) == [None]  # of nobody else


def test_one_half_beats_its_peers_whatever_their_number() -> None:
    for count in (5, 6, 7, 20):
        rng = stream(count, "changes")
        shares = [np.mean(beaten(rng.lognormal(0, 0.1, count).tolist())) for _ in range(60)]
        assert np.mean(shares) == pytest.approx(0.5, abs=0.04)


def test_an_outcome_against_peers_is_resolved_when_the_last_of_them_is() -> None:
    market, times = ahead([1.1, 0.9])
    late = (
        pl.when(pl.col("symbol") == "S01").then(pl.col("known_at") + 2 * DAY).otherwise("known_at")
    )
    table = market.panel.table.with_columns(
        known_at=pl.when(pl.col("timestamp") > START).then(late).otherwise("known_at")
    )
    other = Market({"bars": Panel(table)})
    rows = with_outcome(BarFeatures()(other, times), other, 1, "peers")
    assert rows.table["resolved_at"].unique().to_list() == [START + 3 * DAY]
    alone = with_outcome(BarFeatures()(other, times), other, 1, "itself")
    assert alone.table["resolved_at"].to_list() == [START + DAY, START + 3 * DAY]


def test_a_price_that_is_not_above_zero_has_no_outcome() -> None:
    assert beaten([1.1, -0.3, 0.9]) == [1, None, 0]


def test_a_symbol_that_stood_still_is_not_compared_over_months_with_a_week() -> None:
    table = revised_panel(symbols=2, revised=0).table
    away = (pl.col("symbol") == "S1") & pl.col("timestamp").is_between(
        START + 60 * DAY, START + 90 * DAY
    )
    market = Market({"bars": Panel(table.filter(~away))})
    rows = with_outcome(BarFeatures()(market, [START + 58 * DAY]), market, 5, "itself").table
    assert dict(zip(rows["symbol"], rows["rises"].is_null(), strict=True)) == {
        "S0": False,
        "S1": True,
    }
