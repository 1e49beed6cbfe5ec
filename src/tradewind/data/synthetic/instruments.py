"""The names of a market, and what each is like: its sector, its volatility, its spread, its size."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse
from tradewind.core.rng import stream
from tradewind.data.synthetic.kinds import Kind


@dataclass(frozen=True)
class Roster:
    """Each symbol's lasting traits, all (symbols,); volatilities are those of one session."""

    kind: Kind
    names: tuple[str, ...]
    sector: npt.NDArray[np.intp]
    beta: Floats
    own_vol: Floats
    half_spread: Floats  # as a share of the price
    price: Floats
    volume: Floats

    @property
    def market_vol(self) -> float:
        return self.kind.market_vol / sqrt(self.kind.sessions_a_year)

    @property
    def sector_vol(self) -> float:
        return self.kind.sector_vol / sqrt(self.kind.sessions_a_year)

    @cached_property
    def symbols(self) -> pl.Series:
        """The names as an Enum in their order."""
        return pl.Series("symbol", self.names, dtype=pl.Enum(self.names))

    @property
    def table(self) -> pl.DataFrame:
        """What may be known of them: symbol, kind, sector."""
        sectors = pl.Series(self.kind.sectors).gather(self.sector)
        return pl.DataFrame({"symbol": self.symbols, "kind": self.kind.name, "sector": sectors})


def make_roster(kind: Kind, symbols: int | Sequence[str], seed: int) -> Roster:
    """A count of made-up names, or the names given."""
    names = _names(kind, symbols)
    rng, count = stream(seed, "instruments"), len(names)
    own = kind.own_vol / sqrt(kind.sessions_a_year)
    return Roster(
        kind,
        names,
        sector=rng.integers(0, len(kind.sectors), count).astype(np.intp),
        beta=np.clip(1 + 0.2 * rng.standard_normal(count), 0.4, 1.6),
        own_vol=own * np.exp(0.3 * rng.standard_normal(count)),
        half_spread=kind.spread_bps / 2e4 * np.exp(0.4 * rng.standard_normal(count)),
        price=kind.price * np.exp(kind.price_range * rng.standard_normal(count)),
        volume=kind.volume * np.exp(rng.standard_normal(count)),
    )


def _names(kind: Kind, symbols: int | Sequence[str]) -> tuple[str, ...]:
    """
    >>> from tradewind.data.synthetic.kinds import find_kind
    >>> _names(find_kind("fx"), 2)
    ('FX1', 'FX2')
    """
    if isinstance(symbols, str):
        raise Misuse(f"symbols is the text {symbols!r}", "give a count or a list of names")
    if isinstance(symbols, int | np.integer):
        if symbols < 1:
            raise Misuse(f"a market of {symbols} symbols", "ask for 1 or more")
        width = len(str(symbols))
        return tuple(f"{kind.prefix}{number:0{width}}" for number in range(1, symbols + 1))
    names = tuple(symbols)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise Misuse(f"symbols {names!r}", "give a count or a list of names, each some text")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Misuse(f"the symbol {twice!r} is named twice", "name each once")
    return names
