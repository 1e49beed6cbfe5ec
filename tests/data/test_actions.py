"""What a holding was worth: the same however it is asked, and never told by what comes later."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Panel, stream
from tradewind.core.errors import BadTable
from tradewind.data.actions import PRICES, adjusted, adjusted_as_of
from tradewind.data.synthetic import Revisions, make_market

DAYS = 120


@pytest.fixture(scope="module")
def bars() -> Panel:
    """Six symbols of which one bar in ten is corrected later."""
    return make_market("equity", 6, DAYS, seed=4, plants=[Revisions(0.1)]).panel


@pytest.fixture(scope="module")
def actions(bars: Panel) -> Panel:
    """Facts about four of them: a third known late, a sixth corrected once more."""
    rng = stream(9, "facts")
    first = bars.table.filter(~pl.Series(bars.corrections), pl.col("symbol") < "EQ5")
    rows = first[np.sort(rng.choice(len(first), 30, replace=False))].select(
        "symbol",
        "timestamp",
        pl.col("known_at") + pl.duration(days=pl.Series(rng.choice([0, 0, 30], 30))),
        "session",
        split=pl.Series(rng.choice([1.0, 2.0, 0.1], 30)),
        dividend=pl.Series(rng.choice([0.0, 0.7, 1.5], 30)),
    )
    again = rows[::6].with_columns(pl.col("dividend") + 0.1, pl.col("known_at") + timedelta(days=9))
    return Panel(pl.concat([rows, again]).sort("symbol", "timestamp", "known_at"))


def moments(bars: Panel, every: int = 7) -> list[datetime]:
    return [at + timedelta(hours=1) for at in bars.moments[::every]]


def facts(*rows: tuple[str, float, float], **columns: object) -> Panel:
    """Facts of one symbol: (ex-date, split, dividend)."""
    days, splits, dividends = zip(*rows, strict=True)
    frame = pl.DataFrame({"date": days, "symbol": "ACME", "split": splits, "dividend": dividends})
    return Panel.from_frame(frame.with_columns(**columns))  # type: ignore[arg-type]


def closes(*values: float) -> Panel:
    days = [date(2024, 1, 1) + timedelta(days=1 + n) for n in range(len(values))]
    days = [day for day in days if day.weekday() < 5]
    return Panel.from_frame(
        pl.DataFrame({"date": days, "symbol": "ACME", "close": values[: len(days)]})
    )


def test_the_facts_of_these_tests_are_late_corrected_and_many(bars: Panel, actions: Panel) -> None:
    late = actions.table["known_at"] - actions.table["timestamp"] > timedelta(days=20)
    assert (len(actions), actions.revised, int(late.sum())) == (35, 5, 9)
    assert bars.revised == 72


def test_adjusting_what_was_known_is_what_was_known_of_the_adjusted(
    bars: Panel, actions: Panel
) -> None:
    whole = adjusted(bars, actions)
    for at in moments(bars, every=3):
        assert adjusted(bars.until(at), actions.until(at)) == whole.until(at)


def test_a_later_action_changes_no_earlier_row(bars: Panel, actions: Panel) -> None:
    at = moments(bars)[9]
    earlier = Panel(actions.table.filter(pl.col("timestamp") <= at))
    assert 0 < len(earlier) < len(actions)
    before = pl.col("timestamp") <= at
    one, other = adjusted(bars, earlier), adjusted(bars, actions)
    assert one.table.filter(before).equals(other.table.filter(before))


def test_the_two_views_differ_by_one_constant_a_symbol_and_moment(
    bars: Panel, actions: Panel
) -> None:
    whole, compared = adjusted(bars, actions), 0
    for at in moments(bars):
        forward, back = whole.as_of(at), adjusted_as_of(bars, actions, at)
        assert forward.table.select("symbol", "timestamp").equals(
            back.table.select("symbol", "timestamp")
        )
        for span in forward.segments.values():
            for name in (*PRICES, "volume"):
                ratio = forward.numpy(name)[span] / back.numpy(name)[span]
                traded = np.isfinite(ratio)
                assert np.abs(ratio[traded] / ratio[traded][-1] - 1).max() < 1e-12
                compared += traded.sum()
    assert compared > 30_000


def test_the_view_as_of_a_moment_is_the_textbook_back_adjustment(
    bars: Panel, actions: Panel
) -> None:
    at = moments(bars)[-1]
    told, raw, facts = adjusted_as_of(bars, actions, at), bars.as_of(at), actions.as_of(at)
    compared = 0
    for name, span in raw.segments.items():
        rows = raw.table[span]
        expected = rows["close"].to_numpy().copy()
        for fact in facts.table.filter(pl.col("symbol").cast(pl.String) == name).iter_rows(
            named=True
        ):
            believed = bars.as_of(fact["known_at"]).table
            prior = believed.filter(
                pl.col("symbol").cast(pl.String) == name, pl.col("session") < fact["session"]
            )
            if len(prior):
                theoretical = prior["close"][-1] / fact["split"]
                factor = (1 - fact["dividend"] / theoretical) / fact["split"]
                expected[(rows["session"] < fact["session"]).to_numpy()] *= factor
                compared += 1
        assert np.abs(told.numpy("close")[span] / expected - 1).max() < 1e-12
    assert compared > 20


def test_the_last_close_stays_in_its_own_units(bars: Panel, actions: Panel) -> None:
    for at in moments(bars):
        told, raw = adjusted_as_of(bars, actions, at), bars.as_of(at)
        last = raw.offsets[1:] - 1
        assert np.array_equal(told.numpy("close")[last], raw.numpy("close")[last])


def test_a_holding_is_worth_its_shares_and_the_dividends_put_back_into_it() -> None:
    # 1 share at 100; 2 for 1, and each pays 5: at 50 - 5 = 45 the cash of 10 buys 10 / 45 more
    worth = adjusted(closes(100.0, 45.0, 54.0), facts(("2024-01-03", 2.0, 5.0)))
    assert worth.table["close"].to_list() == pytest.approx([100.0, 100.0, 120.0], rel=1e-15)


def test_volume_is_divided_by_splits_and_not_by_dividends() -> None:
    bars = closes(100.0, 45.0, 54.0)
    bars = Panel(bars.table.with_columns(volume=pl.Series([10, 30, 40])))
    worth = adjusted(bars, facts(("2024-01-03", 2.0, 5.0)))
    assert worth.table["volume"].to_list() == [10.0, 15.0, 20.0]


def test_a_fact_known_late_comes_as_new_versions_known_when_it_was() -> None:
    late = facts(("2024-01-03", 2.0, 0.0), known_at=pl.lit("2024-01-05T12:00Z"))
    worth = adjusted(closes(100.0, 50.0, 51.0, 52.0), late)
    assert worth.revised == 2
    versions = worth.table.filter(pl.Series(worth.corrections))
    assert versions["close"].to_list() == [100.0, 102.0]
    assert set(versions["known_at"]) == {datetime(2024, 1, 5, 12, tzinfo=UTC)}
    assert worth.table["close"][-1] == 104.0


def test_a_fact_that_is_taken_back_takes_back_what_it_did() -> None:
    both = facts(
        ("2024-01-03", 2.0, 0.0),
        ("2024-01-03", 1.0, 0.0),
        known_at=pl.Series(["2024-01-03T22:00Z", "2024-01-05T12:00Z"]),
    )
    worth = adjusted(closes(100.0, 101.0, 102.0, 103.0), both)
    assert worth.as_of(datetime(2024, 1, 5, tzinfo=UTC)).table["close"].to_list() == [
        100.0,
        202.0,
        204.0,
    ]
    assert worth.as_of(datetime(2024, 1, 6, tzinfo=UTC)).table["close"].to_list() == [
        100.0,
        101.0,
        102.0,
        103.0,
    ]


def test_a_correction_of_the_close_before_does_not_change_what_a_dividend_was() -> None:
    bars = closes(100.0, 90.0)
    corrected = bars.table[:1].with_columns(
        close=pl.lit(80.0), known_at=pl.lit(datetime(2024, 1, 9, tzinfo=UTC))
    )
    revised = Panel(
        pl.concat([bars.table, corrected.cast(bars.table.schema)]).sort(
            "symbol", "timestamp", "known_at"
        )
    )
    dividend = facts(("2024-01-03", 1.0, 10.0))
    assert adjusted(revised, dividend).table["close"].to_list() == pytest.approx([100, 80, 100])


def test_a_fact_from_before_the_first_bar_changes_nothing() -> None:
    bars = closes(100.0, 101.0)
    assert adjusted(bars, facts(("2024-01-02", 2.0, 1.0))) == bars


def test_symbols_without_facts_stay_to_the_bit(bars: Panel, actions: Panel) -> None:
    rest = pl.col("symbol").cast(pl.String) >= "EQ5"
    worth = adjusted(bars, actions).table.filter(rest)
    assert worth.drop("volume").equals(bars.table.filter(rest).drop("volume"))


def test_prices_before_noon_of_an_ex_date_wait_for_the_fact() -> None:
    # intraday bars of the ex-date are known before the fact, which is stamped at its close
    hours = pl.datetime_range(
        datetime(2024, 1, 2, 15, tzinfo=UTC), datetime(2024, 1, 3, 20, tzinfo=UTC), "1h", eager=True
    )
    hours = hours.filter(hours.dt.hour().is_between(15, 20))
    price = pl.Series(np.where(hours.dt.day() == 2, 100.0, 50.0))
    frame = pl.DataFrame({"timestamp": hours, "symbol": "ACME", "close": price})
    worth = adjusted(Panel.from_frame(frame, stamps="end"), facts(("2024-01-03", 2.0, 0.0)))
    assert worth.revised == 6
    at = datetime(2024, 1, 3, 21, tzinfo=UTC)
    assert set(worth.as_of(at).table["close"]) == {100.0}
    assert set(worth.as_of(at - timedelta(minutes=1)).table["close"]) == {50.0, 100.0}


def test_what_was_done_is_told(bars: Panel, actions: Panel) -> None:
    assert "24 splits and 20 dividends of 4 symbols" in adjusted(bars, actions).findings[-1].detail


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ({"split": -1.0}, "a split of -1 for one share of 'ACME' on 2024-01-03: give the shares"),
        ({"dividend": -0.5}, "a dividend of -0.5 a share of 'ACME' on 2024-01-03: give the shares"),
    ],
)
def test_facts_that_cannot_be_are_refused(spoil: dict[str, float], message: str) -> None:
    fact = facts(("2024-01-03", 1.0, 0.0))
    wrong = replace(fact, table=fact.table.with_columns(**{k: pl.lit(v) for k, v in spoil.items()}))
    with pytest.raises(BadTable, match=message):
        adjusted(closes(1.0, 1.0), wrong)


def test_a_panel_that_is_no_facts_is_refused() -> None:
    with pytest.raises(BadTable, match="the actions have no column 'split': choose from close"):
        adjusted(closes(1.0), closes(1.0))
