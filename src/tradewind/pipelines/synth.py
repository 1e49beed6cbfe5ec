"""Made markets as files, for whoever wants to try a tool on data whose truth is known."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tradewind.data.synthetic import make_market
from tradewind.data.writing import write_market


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


def run(request: SynthRequest, out: Path) -> dict[str, Any]:
    """Make the market and write it; what is returned tells what is there."""
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
