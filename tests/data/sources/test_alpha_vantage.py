"""Alpha Vantage as documented: bars, actions and series, its refusals, and what it changes later."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from tests.data.sources.loopback import Asked, Loopback, Reply, Ticking
from tradewind.core.errors import BadConfig, BadStamp, Misuse, WorkspaceError
from tradewind.data.sources.alpha_vantage import ActionsOf, BarsOf, SeriesOf
from tradewind.data.sources.battery import check_source
from tradewind.data.sources.connecting import Connection
from tradewind.data.sources.declared import plan
from tradewind.data.sources.keys import Key
from tradewind.data.sources.provider import Provider
from tradewind.data.sources.stamping import Stamping

THANKS = "Thank you for using Alpha Vantage! "
FREQUENCY = THANKS + "Our standard API call frequency is 5 calls per minute and 500 calls per day."
BURST = THANKS + (
    "Please consider spreading out your free API requests more sparingly (1 request per second). You "
    "may subscribe to any of the premium plans to lift the free key rate limit (25 requests per day)."
)
DAILY = "We have detected your API key as K and our standard API rate limit is 25 requests per day."
PREMIUM = THANKS + "This is a premium endpoint. You may subscribe to any of the premium plans."
PREMIUM_FULL = THANKS + "The outputsize=full parameter value is a premium feature."
NO_KEY = "the parameter apikey is invalid or missing. Please claim your free API key."
NUMBERED = ["open", "high", "low", "close"]


def bar(close: float, *more: tuple[str, object]) -> dict[str, str]:
    names = [*[(name, close) for name in NUMBERED], *(more or [("volume", 1000)])]
    return {f"{place}. {name}": str(value) for place, (name, value) in enumerate(names, 1)}


def series(key: str, rows: Mapping[str, Any], zone: str = "US/Eastern") -> Reply:
    meta = {"1. Information": "Prices", "2. Symbol": "ACME", "5. Time Zone": zone}
    return Reply({"Meta Data": meta, key: dict(rows)})


def adjusted(close: float, dividend: float = 0.0, split: float = 1.0) -> dict[str, str]:
    more = [("adjusted close", close / 2), ("volume", 10)]
    return bar(close, *more, ("dividend amount", dividend), ("split coefficient", split))


TWO_DAYS = series("Time Series (Daily)", {"2024-02-28": bar(11.0), "2024-02-27": bar(10.0)})


@pytest.fixture
def provider(server: Loopback, connection: Connection) -> Provider:
    return connection.alpha_vantage(Key("K"), server.url, per_minute=6000)


def test_daily_bars_are_sessions(server: Loopback, provider: Provider) -> None:
    server.script(TWO_DAYS)
    source = BarsOf(provider, ("ACME",))
    [panel] = source.read()
    assert panel.table["close"].to_list() == [10.0, 11.0]
    assert panel.moments[0] == datetime(2024, 2, 27, 21, tzinfo=UTC)
    assert server.asked[0].path == "/query"
    assert server.asked[0].params == {
        "function": "TIME_SERIES_DAILY", "symbol": "ACME", "outputsize": "full", "apikey": "K",
    }  # fmt: skip
    assert check_source(source) == ()
    assert len(server.asked) == 1


def test_another_exchange_is_declared(server: Loopback, provider: Provider) -> None:
    server.script(TWO_DAYS)
    [panel] = BarsOf(provider, ("TSCO.LON",), calendar="XLON").read()
    assert panel.moments[0] == datetime(2024, 2, 27, 16, 30, tzinfo=UTC)


def test_adjusted_bars_are_as_traded_and_actions_are_facts(
    server: Loopback, provider: Provider
) -> None:
    days = {"2024-02-28": adjusted(5.0, split=2.0), "2024-02-27": adjusted(10.0, dividend=0.25),
            "2024-02-26": adjusted(9.0)}  # fmt: skip
    server.script(series("Time Series (Daily)", days))
    [bars] = BarsOf(provider, ("ACME",), "adjusted").read()
    assert bars.columns == ("open", "high", "low", "close", "volume")
    assert bars.table["close"].to_list() == [9.0, 10.0, 5.0]
    actions = ActionsOf(provider, ("ACME",))
    [facts] = actions.read()
    assert facts.table.select("split", "dividend").rows() == [(1.0, 0.25), (2.0, 0.0)]
    assert facts.table["known_at"].to_list() == bars.table["timestamp"].to_list()[1:]
    assert len(server.asked) == 1
    assert check_source(actions) == ()


def test_intraday_bars_are_stamped_at_their_start_in_the_zone_that_is_named(
    server: Loopback, provider: Provider
) -> None:
    def answer(asked: Asked) -> Reply:
        month = asked.params["month"]
        return series("Time Series (5min)", {f"{month}-15 09:30:00": bar(10.0)})

    server.answer = answer
    source = BarsOf(provider, ("ACME",), "intraday", first_month=date(2024, 1, 1))
    panels = list(source.read())
    assert [panel.moments[0].isoformat() for panel in panels] == [
        "2024-01-15T14:35:00+00:00",
        "2024-02-15T14:35:00+00:00",
    ]
    assert [asked.params["month"] for asked in server.asked] == ["2024-01", "2024-02"]
    assert {asked.params["adjusted"] for asked in server.asked} == {"false"}
    assert check_source(source) == ()


def test_a_month_that_is_over_is_never_asked_for_again(
    server: Loopback, provider: Provider, clock: Ticking
) -> None:
    server.answer = lambda asked: series(
        "Time Series (5min)", {f"{asked.params['month']}-04 09:30:00": bar(10.0)}
    )
    source = BarsOf(provider, ("ACME",), "intraday", first_month=date(2024, 1, 1))
    clock.at += timedelta(days=4)
    list(source.read())
    clock.at += timedelta(days=1)
    told = plan(source)
    assert [part.kept for part in told.parts] == [True, True, False]
    list(source.read())
    assert [asked.params["month"] for asked in server.asked][3:] == ["2024-03"]


@pytest.mark.parametrize(
    ("kind", "key", "stamp", "complete", "params"),
    [
        ("fx", "Time Series FX (Daily)", "2024-02-28", "2024-02-28T22:00",
         {"function": "FX_DAILY", "from_symbol": "EUR", "to_symbol": "USD"}),
        ("crypto", "Time Series (Digital Currency Daily)", "2024-02-28", "2024-02-29T00:00",
         {"function": "DIGITAL_CURRENCY_DAILY", "symbol": "EUR", "market": "USD"}),
        ("fx_intraday", "Time Series FX (5min)", "2024-02-28 10:00:00", "2024-02-28T10:05",
         {"function": "FX_INTRADAY", "interval": "5min"}),
        ("crypto_intraday", "Time Series Crypto (5min)", "2024-02-28 10:00:00", "2024-02-28T10:05",
         {"function": "CRYPTO_INTRADAY", "interval": "5min"}),
    ],
)  # fmt: skip
def test_pairs_keep_their_own_calendars(
    kind: Any, key: str, stamp: str, complete: str, params: dict[str, str], server: Loopback,
    provider: Provider,
) -> None:  # fmt: skip
    server.script(series(key, {stamp: bar(1.1)}, zone="UTC"))
    source = BarsOf(provider, ("EUR/USD",), kind)
    [panel] = source.read()
    assert panel.symbols == ("EUR/USD",)
    assert panel.moments[0].isoformat().startswith(complete)
    assert params.items() <= server.asked[0].params.items()
    assert check_source(source) == ()


def test_of_two_currencies_the_market_is_read(server: Loopback, provider: Provider) -> None:
    old = {"1a. open (EUR)": "9", "1b. open (USD)": "10", "4a. close (EUR)": "8",
           "4b. close (USD)": "9", "5. volume": "3", "6. market cap (USD)": "5"}  # fmt: skip
    server.script(series("Time Series (Digital Currency Daily)", {"2024-02-28": old}, "UTC"))
    [panel] = BarsOf(provider, ("BTC/EUR",), "crypto").read()
    assert panel.table.select("open", "close", "volume").row(0) == (9.0, 8.0, 3.0)


def test_an_economic_series_is_observations_with_its_lag(
    server: Loopback, provider: Provider
) -> None:
    data = [{"date": "2024-01-01", "value": "."}, {"date": "2023-12-01", "value": "306.7"}]
    server.script(Reply({"name": "CPI", "interval": "monthly", "unit": "index", "data": data}))
    source = SeriesOf(provider, "CPI", Stamping("session", "month+45d"), {"interval": "monthly"})
    [panel] = source.read()
    assert panel.symbols == ("CPI_monthly",)
    assert panel.table.select("value", "timestamp", "known_at").row(0) == (
        306.7, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 15, tzinfo=UTC),
    )  # fmt: skip
    assert any(finding.check == "source.no_vintages" for finding in panel.findings)
    assert check_source(source) == ()


def test_a_month_without_a_finished_session_is_not_asked_for(
    server: Loopback, provider: Provider, clock: Ticking
) -> None:
    source = BarsOf(provider, ("ACME",), "intraday", first_month=date(2024, 2, 1))
    assert [part.what[-7:] for part in source.parts()] == ["2024-02"]
    clock.at += timedelta(hours=9)
    assert [part.what[-7:] for part in source.parts()] == ["2024-02", "2024-03"]


def test_a_series_of_other_periods_than_declared_is_refused(
    server: Loopback, provider: Provider
) -> None:
    data = [{"date": day, "value": "1"} for day in ("2023-01-01", "2023-04-01", "2023-07-01")]
    server.script(Reply({"data": data}))
    with pytest.raises(BadStamp, match="values of REAL_GDP are 90 days apart, and by the calendar"):
        list(SeriesOf(provider, "REAL_GDP", Stamping("session", "month+30d")).read())
    [panel] = SeriesOf(provider, "REAL_GDP", Stamping("session", "quarter+30d")).read()
    assert panel.table["known_at"][0] == datetime(2023, 5, 1, tzinfo=UTC)


def test_the_bar_of_a_day_that_is_not_over_is_left_out(
    server: Loopback, provider: Provider
) -> None:
    server.script(series("Time Series (Daily)", {"2024-03-01": bar(12.0), "2024-02-29": bar(11.0)}))
    [panel] = BarsOf(provider, ("ACME",)).read()
    assert panel.table["close"].to_list() == [11.0]
    assert "1 rows of periods that were not over yet" in panel.findings[-1].detail


def test_what_is_changed_later_is_a_version_known_when_it_was_heard(
    server: Loopback, provider: Provider, clock: Ticking
) -> None:
    changed = {"2024-02-28": bar(11.0), "2024-02-27": bar(9.5), "2024-02-29": bar(12.0)}
    server.script(TWO_DAYS, series("Time Series (Daily)", changed))
    source = BarsOf(provider, ("ACME",))
    list(source.read())
    clock.at += timedelta(days=1)
    [panel] = source.read()
    assert panel.as_of(datetime(2024, 3, 1, tzinfo=UTC)).table["close"].to_list() == [10.0, 11.0]
    late = panel.table.filter(pl.col("known_at") == clock.now())
    assert late["close"].to_list() == [
        9.5,
        12.0,
    ]  # the second was not there when it should have been
    assert check_source(source) == ()


def test_a_recent_since_asks_for_little_and_knows_what_it_was_told_before(
    server: Loopback, provider: Provider, clock: Ticking
) -> None:
    server.script(TWO_DAYS, series("Time Series (Daily)", {"2024-02-28": bar(11.5)}))
    source = BarsOf(provider, ("ACME",))
    list(source.read())
    since = clock.now()
    clock.at += timedelta(days=1)
    [panel] = source.read(since)
    assert [asked.params["outputsize"] for asked in server.asked] == ["full", "compact"]
    assert panel.table.select("close", "known_at").rows() == [(11.5, clock.now())]


@pytest.mark.parametrize("note", [{"Note": FREQUENCY}, {"Information": BURST}])
def test_too_many_at_once_is_waited_for(
    note: dict[str, str], server: Loopback, provider: Provider, clock: Ticking
) -> None:
    server.script(Reply(note), TWO_DAYS)
    assert len(list(BarsOf(provider, ("ACME",)).read())) == 1
    assert 60.0 in clock.slept


@pytest.mark.parametrize(
    ("payload", "error", "message"),
    [
        ({"Information": DAILY}, WorkspaceError, "answers no more today: .* go on tomorrow"),
        ({"Information": PREMIUM}, Misuse, "This is a premium endpoint.*: ask for what the key may"),
        ({"Error Message": "Invalid API call."}, Misuse, "refuses: Invalid API call.: check the sym"),
        ({}, Misuse, "has nothing under that name: check the symbol"),
        ([], Misuse, "has nothing under that name: check the symbol"),
        ({"Information": PREMIUM_FULL}, Misuse, "ask --since a day of the last hundred, or with"),
        ({"Error Message": NO_KEY}, BadConfig, "refuses the key: .*: copy the key again, whole"),
        ({"Information": NO_KEY}, BadConfig, "refuses the key: .*: copy the key again, whole"),
        ({"Meta Data": {}}, WorkspaceError, "has only Meta Data: look whether its documentation"),
        ({"Time Series (Daily)": {}}, Misuse, "has no rows of that: check the symbol"),
        ({"data": []}, Misuse, "has no rows of that: check the symbol"),
        ({"Time Series (Daily)": {"2024-01-02": 4}}, WorkspaceError, "has rows of another shape"),
        ({"Time Series (Daily)": {"2024-01-02": {"4. close": "dear"}}}, WorkspaceError,
         "gives 'close' as words, such as 'dear': look whether"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_and_not_repeated(
    payload: Any, error: type[Exception], message: str, server: Loopback, provider: Provider
) -> None:
    server.script(Reply(payload))
    with pytest.raises(error, match=message):
        list(BarsOf(provider, ("ACME",)).read())
    assert len(server.asked) == 1
    assert not provider.kept.folder.exists()


def test_a_run_that_was_cut_goes_on_where_it_stopped(server: Loopback, provider: Provider) -> None:
    source = BarsOf(provider, ("A", "B", "C"))
    server.script(TWO_DAYS, Reply({"Information": DAILY}))
    with pytest.raises(WorkspaceError):
        list(source.read())
    told = plan(source)
    assert [part.kept for part in told.parts] == [True, False, False]
    assert told.to_ask == 2
    assert "symbol=A&outputsize=full: kept, not asked again" in str(told)
    server.script(TWO_DAYS)
    assert len(list(source.read())) == 3
    assert [asked.params["symbol"] for asked in server.asked] == ["A", "B", "B", "C"]


@pytest.mark.parametrize("kind", ["daily", "intraday"])
def test_a_since_without_a_zone_is_refused(kind: Any, provider: Provider) -> None:
    source = BarsOf(provider, ("ACME",), kind, first_month=date(2024, 1, 1))
    with pytest.raises(BadStamp, match="2024-02-01 00:00:00 has no time zone: pass tzinfo=UTC"):
        plan(source, datetime(2024, 2, 1))


def test_a_since_leaves_out_the_months_before_it(provider: Provider) -> None:
    source = BarsOf(provider, ("ACME",), "intraday", first_month=date(2023, 1, 1))
    told = str(plan(source, datetime(2024, 2, 10, tzinfo=UTC)))
    assert told.count("month=") == 1
    assert "month=2024-02" in told


def test_a_column_that_is_gone_later_is_empty_from_then_on(
    server: Loopback, provider: Provider, clock: Ticking
) -> None:
    fewer = series("Time Series (Daily)", {"2024-02-29": dict(list(bar(12.0).items())[:4])})
    server.script(TWO_DAYS, fewer)
    source = BarsOf(provider, ("ACME",))
    list(source.read())
    clock.at += timedelta(days=1)
    [panel] = source.read()
    assert panel.table["volume"].to_list() == [1000.0, 1000.0, None]


def test_a_plan_asks_nobody(server: Loopback, provider: Provider) -> None:
    assert plan(BarsOf(provider, ("A", "B"))).to_ask == 2
    assert server.asked == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "dayly"}, "there are no bars of kind 'dayly': did you mean 'daily'"),
        ({"kind": "fx"}, "'ACME' is no pair: write it as EUR/USD"),
        ({"calendar": "XNYX"}, "no installed package keeps a calendar named 'XNYX'"),
        ({"kind": "intraday"}, "intraday bars are asked for by the month: pass first_month="),
    ],
)
def test_what_cannot_be_asked_is_refused(
    wrong: dict[str, Any], message: str, provider: Provider
) -> None:
    with pytest.raises(Misuse, match=message):
        BarsOf(provider, ("ACME",), **wrong)
