"""What providers are asked for: bars with their actions, or economic series."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import get_args

from tradewind.core.errors import BadConfig, nearest
from tradewind.data.sources.alpha_vantage import ActionsOf, BarsOf, Interval, Kind, SeriesOf
from tradewind.data.sources.bls import BlsSeries
from tradewind.data.sources.declared import Source
from tradewind.data.sources.fred import FredSeries
from tradewind.data.sources.stamping import Stamping
from tradewind.pipelines.ingesting.asking import Asking, Wanted
from tradewind.storage.workspace import Workspace

YEARS = 20  # of a series of BLS, where nobody says since when
SERIES_INTERVALS = ("daily", "weekly", "monthly", "quarterly", "semiannual", "annual")


@dataclass(frozen=True)
class BarsRequest:
    """Bars of Alpha Vantage; of kind `adjusted` the splits and dividends come with them, as `actions`."""

    asking: Asking
    symbols: tuple[str, ...]
    kind: Kind = "daily"
    interval: str | None = None
    first_month: date | None = None
    calendar: str | None = None
    since: datetime | None = None
    strict: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        _require_names(self.symbols, "symbols", "AAPL,MSFT or EUR/USD")
        within_days = self.kind.endswith("intraday")
        if self.interval and not within_days:
            raise BadConfig(
                f"--interval {self.interval} is of bars within days, and these are {self.kind}",
                "ask for --kind intraday, fx_intraday or crypto_intraday, or drop it",
            )
        if self.interval and self.interval not in get_args(Interval):
            raise BadConfig(
                f"there are no bars of {self.interval!r}",
                nearest(self.interval, get_args(Interval)),
            )
        if (self.kind == "intraday") != (self.first_month is not None):
            raise BadConfig(
                "bars within days are asked for by the month, and others whole",
                "give the first month with --kind intraday --from 2024-01, and with no other kind",
            )

    def sources(self, workspace: Workspace) -> tuple[Source, ...]:
        """The bars, and the actions that came in the same answers."""
        interval = next(one for one in get_args(Interval) if one == (self.interval or "5min"))
        bars = partial(
            BarsOf,
            symbols=self.symbols,
            kind=self.kind,
            interval=interval,
            first_month=self.first_month,
            calendar=self.calendar,
        )
        actions = partial(ActionsOf, symbols=self.symbols, calendar=self.calendar or "XNYS")
        wanted: tuple[Wanted, ...] = (bars, actions) if self.kind == "adjusted" else (bars,)
        return self.asking.sources(workspace, *wanted)


@dataclass(frozen=True)
class SeriesRequest:
    """Economic series of one provider, all in the periods of one calendar.

    With vintages (FRED) each value is known from its publication. Without, nothing but the calendar says
    when it was known, so it must be declared with its lag.
    """

    asking: Asking
    series: tuple[str, ...]
    calendar: str | None = None
    vintages: bool = True
    first_year: int | None = None
    interval: str | None = None
    since: datetime | None = None
    strict: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        _require_names(self.series, "series", "CPIAUCSL,UNRATE")
        if self.interval not in (None, *SERIES_INTERVALS):
            raise BadConfig(
                f"there are no series of {self.interval!r}",
                nearest(str(self.interval), SERIES_INTERVALS),
            )
        if self.calendar is None and not self._has_vintages:
            raise BadConfig(
                f"{', '.join(self.series)} would come without vintages, and nothing says how long after "
                "its period a value was published",
                "declare it with --calendar month+15d, quarter+30d, or 24/7 for days",
            )

    def sources(self, workspace: Workspace) -> tuple[Source, ...]:
        """FRED's series together, those of the others one by one."""
        stamping = Stamping("session", self.calendar or "month")
        return self.asking.sources(workspace, *self._wanted(stamping))

    @property
    def _has_vintages(self) -> bool:
        return self.vintages and self.asking.provider == "fred"

    def _wanted(self, stamping: Stamping) -> tuple[Wanted, ...]:
        if self.asking.provider == "fred":
            together = partial(
                FredSeries, series=self.series, stamping=stamping, vintages=self.vintages
            )
            return (together,)
        if self.asking.provider == "bls":
            first = self.first_year or self.asking.clock.now().year - YEARS + 1
            return tuple(
                partial(BlsSeries, series=one, first_year=first, stamping=stamping)
                for one in self.series
            )
        params = {"interval": self.interval} if self.interval else {}
        return tuple(
            partial(SeriesOf, function=one, stamping=stamping, params=params) for one in self.series
        )


def _require_names(names: tuple[str, ...], of: str, example: str) -> None:
    if not names or not all(names):
        raise BadConfig(f"the list of {of} is empty, or has a hole in it", f"write {example}")
