"""Made markets as files, for whoever wants to try a tool on data whose truth is known."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tradewind.core.errors import Misuse
from tradewind.data.synthetic import make_market
from tradewind.data.writing import write_market

PEAK_BYTES = {"parquet": 650, "csv": 750, "sqlite": 1_100}  # measured, a bar of the largest kinds


@dataclass(frozen=True)
class SynthRequest:
    """Which market to make, what to plant in it, and as what to write it."""

    kind: str
    symbols: int
    periods: int
    freq: str
    seed: int
    plants: tuple[str, ...]
    faults: tuple[str, ...]
    leaks: tuple[str, ...]
    layout: Literal["csv", "parquet", "sqlite"]


def require_room(request: SynthRequest, memory_bytes: int) -> None:
    """Refuse a market that would not fit into memory, before any of it is made.

    >>> huge = SynthRequest("equity", 10**9, 750, "1d", 7, (), (), (), "csv")
    >>> require_room(huge, memory_bytes=16 * 10**9)
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: 1,000,000,000 symbols of 750 bars take about 562,500.0 GB of memory, of
    which there are 16.0: make at most 21,333,333 bars in all
    """
    a_bar = PEAK_BYTES[request.layout]
    wanted = request.symbols * request.periods * a_bar
    if wanted > memory_bytes:
        raise Misuse(
            f"{request.symbols:,} symbols of {request.periods:,} bars take about "
            f"{wanted / 1e9:,.1f} GB of memory, of which there are {memory_bytes / 1e9:,.1f}",
            f"make at most {memory_bytes // a_bar:,} bars in all",
        )


def run(request: SynthRequest, out: Path, memory_bytes: int) -> dict[str, Any]:
    """Make the market and write it, where memory allows; what is returned tells what is there."""
    require_room(request, memory_bytes)
    market = make_market(
        request.kind,
        request.symbols,
        request.periods,
        request.freq,
        request.seed,
        plants=request.plants,
        faults=request.faults,
        leaks=request.leaks,
    )
    files = write_market(market, out, request.layout)
    return {
        "files": [str(file) for file in files],
        "layout": request.layout,
        "kind": request.kind,
        "seed": request.seed,
        "rows": len(market.panel),
        "symbols": len(market.panel.symbols),
        "corrections": market.panel.revised,
    }
