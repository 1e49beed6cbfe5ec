"""Kinds of market, and the frequencies at which each is observed."""

from dataclasses import dataclass
from typing import Literal

from tradewind.core.errors import Misuse, nearest

Freq = Literal["1d", "1h", "1m", "1mo"]


@dataclass(frozen=True)
class Kind:
    """What makes a share differ from a currency: hours, volatilities a year, spread, typical sizes.

    `closed` is the share of a session's variance that falls while the market is shut (the opening
    gap); `smile` how much busier the edges of a session are than its middle (negative: quieter).

    >>> share, coin = find_kind("stocks"), find_kind("crypto")
    >>> share.calendar, coin.calendar, coin.closed
    ('XNYS', '24/7', 0.0)
    """

    name: str
    calendar: str
    prefix: str
    sectors: tuple[str, ...]
    sessions_a_year: int
    market_vol: float
    sector_vol: float
    own_vol: float
    closed: float
    smile: float
    spread_bps: float
    price: float
    price_range: float  # sd of the log of the first price
    volume: float  # a session
    freqs: tuple[Freq, ...] = ("1d", "1h", "1m")

    @property
    def trades_continuously(self) -> bool:
        """Whether it has quotes and bars; property has an index once a month."""
        return self.name != "property"

    @property
    def has_limits(self) -> bool:
        """Whether its exchange halts a name and restricts it after a fall."""
        return self.calendar == "XNYS"


SECTORS = (
    "Energy", "Materials", "Industrials", "Consumer Discretionary", "Consumer Staples",
    "Health Care", "Financials", "Information Technology", "Communication Services", "Utilities",
    "Real Estate",
)  # fmt: skip
FUNDS = ("Broad", "Growth", "Value", "Bonds", "Commodities", "International")
COINS = ("Currency", "Platform", "Finance", "Infrastructure", "Games")
MONEYS = ("Dollar bloc", "Europe", "Asia", "Emerging")
PLACES = ("City", "Suburb", "Town", "Country")

EQUITY = Kind(
    "equity", "XNYS", "EQ", SECTORS, sessions_a_year=252,
    market_vol=0.16, sector_vol=0.06, own_vol=0.25, closed=0.25, smile=0.6,
    spread_bps=5, price=50, price_range=0.6, volume=1e6,
)  # fmt: skip
ETF = Kind(
    "etf", "XNYS", "ETF", FUNDS, sessions_a_year=252,
    market_vol=0.14, sector_vol=0.03, own_vol=0.08, closed=0.25, smile=0.6,
    spread_bps=2, price=100, price_range=0.4, volume=5e6,
)  # fmt: skip
CRYPTO = Kind(
    "crypto", "24/7", "CR", COINS, sessions_a_year=365,
    market_vol=0.5, sector_vol=0.15, own_vol=0.5, closed=0.0, smile=0.2,
    spread_bps=5, price=100, price_range=2.0, volume=1e6,
)  # fmt: skip
FX = Kind(
    "fx", "24/5", "FX", MONEYS, sessions_a_year=260,
    market_vol=0.06, sector_vol=0.02, own_vol=0.06, closed=0.1, smile=-0.4,
    spread_bps=1, price=1.2, price_range=0.5, volume=5e4,
)  # fmt: skip
PROPERTY = Kind(
    "property", "month+45d", "RG", PLACES, sessions_a_year=12,
    market_vol=0.03, sector_vol=0.02, own_vol=0.03, closed=0.0, smile=0.0,
    spread_bps=0, price=100, price_range=0.0, volume=300, freqs=("1mo",),
)  # fmt: skip

ALIASES: dict[Kind, tuple[str, ...]] = {
    EQUITY: ("equities", "stock", "stocks", "shares"),
    ETF: ("etfs", "funds"),
    CRYPTO: ("coins", "cryptocurrencies"),
    FX: ("forex", "currencies"),
    PROPERTY: ("properties", "housing", "real_estate"),
}

FREQS: dict[Freq, tuple[str, ...]] = {
    "1d": ("d", "D", "1D", "day", "daily"),
    "1h": ("h", "H", "1H", "60m", "60min", "hour", "hourly"),
    "1m": ("m", "T", "1T", "min", "1min", "minute"),
    "1mo": ("mo", "M", "1M", "ME", "MS", "month", "monthly"),
}


def find_kind(name: str) -> Kind:
    """The kind of that name, by its singular, its plural or what else people call it.

    >>> find_kind("forex").name
    'fx'
    """
    known = {alias: kind for kind, others in ALIASES.items() for alias in (kind.name, *others)}
    if name.lower() not in known:
        raise Misuse(f"no kind of market is called {name!r}", nearest(name.lower(), known))
    return known[name.lower()]


def find_freq(name: str, kind: Kind) -> Freq:
    """The frequency of that name. Property is monthly, so the default of one day is read as that.

    >>> find_freq("daily", find_kind("fx")), find_freq("1d", find_kind("property"))
    ('1d', '1mo')
    """
    known = {alias: freq for freq, others in FREQS.items() for alias in (freq, *others)}
    if name not in known:
        raise Misuse(f"no frequency is called {name!r}", nearest(name, FREQS))
    found = known[name]
    if found == "1d" and not kind.trades_continuously:
        return "1mo"
    if found not in kind.freqs:
        raise Misuse(f"{kind.name} has no bars of {found}", "choose from " + ", ".join(kind.freqs))
    return found
