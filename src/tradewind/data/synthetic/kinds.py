"""Kinds of market, and the frequencies at which each is observed."""

from collections.abc import Iterable, Mapping
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

KINDS = {
    kind.name: kind
    for kind in (
        Kind("equity", "XNYS", "EQ", SECTORS, 252, 0.16, 0.06, 0.25, 0.25, 0.6, 5, 50, 0.6, 1e6),
        Kind("etf", "XNYS", "ETF", FUNDS, 252, 0.14, 0.03, 0.08, 0.25, 0.6, 2, 100, 0.4, 5e6),
        Kind("crypto", "24/7", "CR", COINS, 365, 0.50, 0.15, 0.50, 0.0, 0.2, 5, 100, 2.0, 1e6),
        Kind("fx", "24/5", "FX", MONEYS, 260, 0.06, 0.02, 0.06, 0.1, -0.4, 1, 1.2, 0.5, 5e4),
        Kind(
            "property", "month+45d", "RG", PLACES, 12, 0.03, 0.02, 0.03, 0.0, 0.0, 0, 100, 0.0, 300,
            freqs=("1mo",),
        ),
    )
}  # fmt: skip

ALIASES = {
    "equity": ("equities", "stock", "stocks", "share", "shares"),
    "etf": ("etfs", "fund", "funds"),
    "crypto": ("cryptos", "coin", "coins", "cryptocurrency", "cryptocurrencies"),
    "fx": ("forex", "currency", "currencies"),
    "property": ("properties", "real_estate", "housing", "house_prices"),
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
    for kind, others in ALIASES.items():
        if name.lower() in (kind, *others):
            return KINDS[kind]
    known = [*ALIASES, *_flat(ALIASES)]
    close = nearest(name.lower(), known)
    remedy = close if close.startswith("did you mean") else nearest(name, ALIASES)
    raise Misuse(f"no kind of market is called {name!r}", remedy)


def find_freq(name: str, kind: Kind) -> Freq:
    """The frequency of that name. Property is monthly, so the default of one day is read as that.

    >>> find_freq("daily", find_kind("fx")), find_freq("1d", find_kind("property"))
    ('1d', '1mo')
    """
    found: Freq | None = None
    for freq, others in FREQS.items():
        if name in (freq, *others):
            found = freq
    if not found:
        raise Misuse(f"no frequency is called {name!r}", nearest(name, FREQS))
    if found == "1d" and not kind.trades_continuously:
        return "1mo"
    if found not in kind.freqs:
        raise Misuse(f"{kind.name} has no bars of {found}", "choose from " + ", ".join(kind.freqs))
    return found


def _flat(groups: Mapping[str, Iterable[str]]) -> list[str]:
    return [name for names in groups.values() for name in names]
