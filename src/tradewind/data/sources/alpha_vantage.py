"""Alpha Vantage: bars of stocks, currencies and coins, corporate actions, and economic series.

Every question goes to /query with a `function` and an `apikey`. Bars are raw: intraday is asked for with
`adjusted=false`, and the adjusted close, which knows later splits and dividends, is left out. What it
knows of actions comes as facts of its own (`ActionsOf`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Literal

import polars as pl

from tradewind.core import Panel, find_calendar
from tradewind.core.clock import utc
from tradewind.core.errors import Misuse, nearest
from tradewind.data.sources.alpha_vantage_answers import economic_table, series_table, time_zone
from tradewind.data.sources.answers import Answer, Question
from tradewind.data.sources.declared import Part, known_after
from tradewind.data.sources.periods import require_periods
from tradewind.data.sources.provider import Provider
from tradewind.data.sources.seen import as_seen, no_vintages
from tradewind.data.sources.stamping import Stamping

URL = "https://www.alphavantage.co"
KEY = "ALPHAVANTAGE_API_KEY"

Interval = Literal["1min", "5min", "15min", "30min", "60min"]
Kind = Literal["daily", "adjusted", "intraday", "fx", "crypto", "fx_intraday", "crypto_intraday"]

FUNCTIONS: Mapping[str, tuple[str, str]] = {
    "daily": ("TIME_SERIES_DAILY", "XNYS"),
    "adjusted": ("TIME_SERIES_DAILY_ADJUSTED", "XNYS"),
    "intraday": ("TIME_SERIES_INTRADAY", "XNYS"),
    "fx": ("FX_DAILY", "24/5"),
    "crypto": ("DIGITAL_CURRENCY_DAILY", "24/7"),
    "fx_intraday": ("FX_INTRADAY", "24/5"),
    "crypto_intraday": ("CRYPTO_INTRADAY", "24/7"),
}
BARS = ("timestamp", "open", "high", "low", "close", "volume")
COMPACT_DAYS = 120  # a compact answer holds 100 sessions
SETTLED = timedelta(days=2)  # a month is closed for good


@dataclass(frozen=True)
class BarsOf:
    """Bars of one kind for some symbols; a pair is written EUR/USD.

    Daily stamps are sessions. Intraday stamps are the start of a bar, in the zone that the answer names.
    The calendar is XNYS for stocks unless another is declared, as XLON for TSCO.LON.
    """

    provider: Provider
    symbols: tuple[str, ...]
    kind: Kind = "daily"
    interval: Interval = "5min"
    first_month: date | None = None
    calendar: str | None = None
    table: str = "bars"

    def __post_init__(self) -> None:
        if self.kind not in FUNCTIONS:
            raise Misuse(f"there are no bars of kind {self.kind!r}", nearest(self.kind, FUNCTIONS))
        if self.kind == "intraday" and self.first_month is None:
            raise Misuse(
                "intraday bars are asked for by the month", "pass first_month=date(2024, 1, 1)"
            )
        find_calendar(self.stamping.calendar)
        for symbol in self.symbols:
            self._names(symbol)

    @property
    def name(self) -> str:
        """The provider and the kind."""
        return f"{self.provider.name}:{self.kind}"

    @property
    def stamping(self) -> Stamping:
        """Sessions, or starts of bars."""
        calendar = self.calendar or FUNCTIONS[self.kind][1]
        if not self._within_days:
            return Stamping("session", calendar)
        minutes = int(self.interval.removesuffix("min"))
        return Stamping("start", calendar, timedelta(minutes=minutes), "UTC")

    def parts(self, since: datetime | None = None) -> tuple[Part, ...]:
        """The questions, and which of them need not be asked."""
        return tuple(
            self.provider.part(question, closed)
            for symbol in self.symbols
            for question, closed in self.questions(symbol, since)
        )

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        """A panel a question; answers that still hold are not asked for again."""
        for symbol in self.symbols:
            for question, closed in self.questions(symbol, since):
                panel = as_seen(self.answers(question, closed), partial(self._panel_of, symbol))
                yield from known_after(panel, since)

    def answers(self, question: Question, closed: datetime | None = None) -> Sequence[Answer]:
        """What was answered, to the short form of the question and to the long one."""
        self.provider.answers(question, closed)
        sizes = ("full", "compact") if "outputsize" in question.params else ()
        forms = [Question(question.path, {**question.params, "outputsize": size}) for size in sizes]
        return self.provider.heard(forms or [question])

    def questions(
        self, symbol: str, since: datetime | None
    ) -> Sequence[tuple[Question, datetime | None]]:
        """What to ask about a symbol, and when what is asked about was over for good."""
        params = {"function": FUNCTIONS[self.kind][0], **self._names(symbol)}
        if self._within_days:
            params["interval"] = self.interval
        if self.kind == "crypto":
            return [(Question("/query", params), None)]
        full = Question("/query", params | {"outputsize": "full"})
        if self.kind == "intraday":
            raw = params | {"outputsize": "full", "adjusted": "false"}
            return [
                (Question("/query", raw | {"month": f"{month:%Y-%m}"}), _over(month))
                for month in self._months(since)
            ]
        if self._far(since) or self.provider.knows(full):
            return [(full, None)]
        return [(Question("/query", params | {"outputsize": "compact"}), None)]

    @property
    def _within_days(self) -> bool:
        return self.kind.endswith("intraday")

    def _names(self, symbol: str) -> dict[str, str]:
        if self.kind in ("daily", "adjusted", "intraday"):
            return {"symbol": symbol}
        base, slash, quote = symbol.partition("/")
        if not slash:
            raise Misuse(f"{symbol!r} is no pair", "write it as EUR/USD")
        if self.kind.startswith("fx"):
            return {"from_symbol": base, "to_symbol": quote}
        return {"symbol": base, "market": quote}

    def _far(self, since: datetime | None) -> bool:
        now = self.provider.fetcher.clock.now()
        return since is None or now - utc(since) > timedelta(days=COMPACT_DAYS)

    def _months(self, since: datetime | None) -> pl.Series:
        """Those in which a session is over: of another there is no bar, and asking for it is refused."""
        assert self.first_month is not None
        first = max(self.first_month, utc(since).date()) if since else self.first_month
        now = self.provider.fetcher.clock.now()
        keeper = find_calendar(self.stamping.calendar)
        sessions = keeper.sessions(first.replace(day=1), now.date())
        return sessions.filter(keeper.closes(sessions) <= now).dt.truncate("1mo").unique().sort()

    def _panel_of(self, symbol: str, payload: Any) -> Panel:
        table = series_table(payload)
        bars = table.select(name for name in BARS if name in table.columns)
        stamping = self.stamping
        if self._within_days:
            stamping = replace(stamping, tz=time_zone(payload) or stamping.tz)
        return stamping.read(bars, name=f"{self.name} {symbol}", symbol=symbol)


@dataclass(frozen=True)
class ActionsOf:
    """Splits and dividends of stocks as dated facts, from the same answers as the adjusted bars.

    `split` is how many shares one became (1 where none did), `dividend` cash a share. Each is stamped
    at the close of its ex-date, and that is the latest that it was known; prices stay as they were
    traded, to be adjusted as of the moment of a decision.
    """

    provider: Provider
    symbols: tuple[str, ...]
    calendar: str = "XNYS"
    table: str = "actions"

    @property
    def name(self) -> str:
        """The provider and what is read."""
        return f"{self.provider.name}:actions"

    @property
    def stamping(self) -> Stamping:
        """Ex-dates are sessions."""
        return Stamping("session", self.calendar)

    def parts(self, since: datetime | None = None) -> tuple[Part, ...]:
        """The questions that adjusted bars ask too."""
        return self._bars.parts(since)

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        """A panel for each symbol of which there are actions."""
        for symbol in self.symbols:
            ((question, _),) = self._bars.questions(symbol, since)
            panel = as_seen(self._bars.answers(question), partial(self._panel_of, symbol))
            happened = (pl.col("split") != 1) | (pl.col("dividend") != 0)
            undone = pl.Series(panel.corrections)
            facts = Panel(panel.table.filter(happened | undone), panel.findings)
            yield from known_after(facts, since)

    @property
    def _bars(self) -> BarsOf:
        return BarsOf(self.provider, self.symbols, "adjusted", calendar=self.calendar)

    def _panel_of(self, symbol: str, payload: Any) -> Panel:
        facts = series_table(payload).select(
            "timestamp",
            split=pl.col("split_coefficient").fill_null(1.0),
            dividend=pl.col("dividend_amount").fill_null(0.0),
        )
        return self.stamping.read(facts, name=f"{self.name} {symbol}", symbol=symbol)


@dataclass(frozen=True)
class SeriesOf:
    """One economic series, such as CPI or TREASURY_YIELD, as observations with a declared lag.

    There are no vintages: a value is as it was last revised when we first asked, which a finding says.
    """

    provider: Provider
    function: str
    stamping: Stamping
    params: Mapping[str, str] = field(default_factory=dict)
    table: str = "observations"

    @property
    def name(self) -> str:
        """The function, and what tells this series from its sisters."""
        return "_".join([self.function, *self.params.values()])

    def parts(self, since: datetime | None = None) -> tuple[Part, ...]:  # noqa: ARG002 (of the role)
        """The one question."""
        return (self.provider.part(self._question),)

    def read(self, since: datetime | None = None) -> Iterator[Panel]:
        """The series, its later revisions as versions of their own."""
        panel = as_seen(self.provider.answers(self._question), self._panel_of)
        yield from known_after(Panel(panel.table, (*panel.findings, no_vintages(self.name))), since)

    @property
    def _question(self) -> Question:
        return Question("/query", {"function": self.function, **self.params})

    def _panel_of(self, payload: Any) -> Panel:
        table = economic_table(payload)
        require_periods(table["timestamp"], self.stamping.calendar, self.name)
        return self.stamping.read(table, name=self.name, symbol=self.name)


def _over(month: date) -> datetime:
    """When nothing of a month changes any more."""
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return datetime(following.year, following.month, 1, tzinfo=UTC) + SETTLED
