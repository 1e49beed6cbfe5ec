"""The first call of each family: with nothing compiled, and with all; what is imported is imported before.

Each run is a process of its own, forked from one that has imported everything and called nothing: what
numba compiles, or loads, it does there.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.harness import Case, Demand

FAMILIES = (
    "alpha158",
    "technical",
    "realised",
    "regime20",
    "seasonal",
    "bars",
    "observed",
    "cross_asset",
    "market_wide",
)
SYMBOLS, DAYS = 2, 150
IMPORTS = "import exchange_calendars, numba, tradewind.features.computing"


def imported(_: int) -> Any:
    """Everything is imported, and the folder is empty in which numba keeps what it compiles."""
    kept = TemporaryDirectory()
    os.environ["NUMBA_CACHE_DIR"] = kept.name
    import exchange_calendars  # noqa: F401
    import numba  # noqa: F401

    import tradewind.features.computing  # noqa: F401

    return kept


def warmed(family: str, size: int) -> Any:
    """The same, once the family is compiled."""
    kept = imported(size)
    called(family, kept)
    return kept


def called(family: str, _: Any) -> None:
    """A family over a few bars, which are made there too: polars must not have run before a fork."""
    child = os.fork()
    if not child:
        failed = 1
        try:
            _compute(family)
            failed = 0
        finally:
            os._exit(failed)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError(f"the first call of {family} failed")


def _compute(family: str) -> None:
    from benchmarks.bars import made_bars
    from tradewind.core import Panel
    from tradewind.features.computing import compute

    compute(Panel(made_bars(SYMBOLS, DAYS)), family)


def called_cold(family: str, kept: Any) -> None:
    """With nothing compiled."""
    for folder in os.scandir(kept.name):
        rmtree(folder)
    called(family, kept)


def imports(_: Any) -> None:
    """What comes before any first call."""
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)


def _cases() -> Iterator[Case]:
    for family in FAMILIES:
        yield Case(
            name=f"first_call_cold_{family}",
            what=f"the first call of {family} with nothing compiled, all imported",
            prepare=imported,
            run=partial(called_cold, family),
            reference=imports,
            reference_is=IMPORTS,
            demand=Demand("cpu_s", 4.0),
            apart=True,
            least=2,
        )
        yield Case(
            name=f"first_call_warm_{family}",
            what=f"the first call of {family} with all compiled and imported",
            prepare=partial(warmed, family),
            run=partial(called, family),
            reference=imports,
            reference_is=IMPORTS,
            demand=Demand("cpu_s", 0.5),
            apart=True,
        )


CASES = tuple(_cases())
