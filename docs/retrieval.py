"""Ask the library what followed, on markets whose truth is known and on shares, and write what that saved
into docs/retrieval.md:

    python docs/retrieval.py FOLDER

FOLDER has equities/equity_daily_us_adjusted.parquet, of which the 60 longest are taken.
"""

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from tradewind.context.library import PatternStorageEngine
from tradewind.context.patterns import MultiScalePatternDetector, resolve, windows
from tradewind.context.retrieval import Query, retrieve
from tradewind.core import Panel, Pattern, Patterns, Score, stream
from tradewind.core.arrays import Floats
from tradewind.data.files import read_bars
from tradewind.data.synthetic import Episodes, make_market
from tradewind.evaluation.resemblance import retrieval_scores

PAGE = Path(__file__).parent / "retrieval.md"
MARKS = "<!-- usefulness -->"
AHEAD, BARS, EVERY, K = 10, 64, 10, 64
HORIZON = timedelta(days=AHEAD)
COINS, DAYS, SEED = 24, 2500, 2
SHARES = 60
Asked = dict[str, tuple[Score, int]]


def usefulness(panel: Panel, calendar: str) -> Asked:
    """Who is asked among whom -> the CRPS saved by it, and of how many queries in the later half."""
    plain = resolve(windows(panel, "1d", BARS, EVERY, calendar), panel, (AHEAD,), calendar)
    named = MultiScalePatternDetector(("1d",), calendar)(panel)
    named = resolve(named, panel, (AHEAD,), calendar)
    return {
        "windows among windows": saved(plain, plain),
        "what was recognised among its like": saved(named, named),
        "windows among what was recognised": saved(plain, named),
    }


def saved(queries: Patterns, kept: Patterns) -> tuple[Score, int]:
    """Each query of the later half is asked when it was known; climatology is of its own like."""
    past = list(queries)
    later = past[len(past) // 2 :]
    with TemporaryDirectory() as folder:
        library = PatternStorageEngine(folder)
        library.add(kept)

        def ask(one: Pattern) -> tuple[Floats, Floats]:
            found = retrieve(library, Query(one.embedding, one.known_at, HORIZON, K))
            return found.outcomes, found.weights

        skill, _ = retrieval_scores(ask, later, past, HORIZON, stream(SEED, "bootstrap"))
    return skill, len(later)


def coins(*plants: Episodes, symbols: int = COINS, days: int = DAYS) -> Panel:
    """A made market of coins."""
    return make_market("crypto", symbols, days, seed=SEED, plants=plants).panel


def shares(folder: Path) -> Panel:
    """The shares of which there are the most days."""
    panel = read_bars(folder / "equities" / "equity_daily_us_adjusted.parquet", calendar="XNYS")
    counted = panel.table["symbol"].cast(pl.String).value_counts()
    longest = counted.sort("count", "symbol", descending=[True, False])["symbol"].head(SHARES)
    return Panel(panel.table.filter(pl.col("symbol").cast(pl.String).is_in(longest.implode())))


def markets(folder: Path) -> Iterator[tuple[str, Panel, str]]:
    """(name, bars, calendar)."""
    yield "episodes, drift 0.4 sd a bar", coins(Episodes(60, drift=0.4)), "24/7"
    yield "episodes, drift 0.25 sd a bar", coins(Episodes(60, drift=0.25)), "24/7"
    yield "episodes, no drift after them", coins(Episodes(60, drift=0.0)), "24/7"
    yield "nothing planted", coins(), "24/7"
    yield "60 US shares, 2012 to 2016", shares(folder), "XNYS"


def table(folder: Path) -> str:
    """The table of the page."""
    lines: list[str] = []
    for name, panel, calendar in markets(folder):
        told = usefulness(panel, calendar)
        if not lines:
            lines += [f"| market | {' | '.join(told)} |", "|---|" + "---|" * len(told)]
        cells = [
            f"{100 * skill.value:.1f} % [{100 * (skill.low or 0):.1f}, {100 * (skill.high or 0):.1f}]"
            for skill, _ in told.values()
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(folder: Path) -> None:
    """Put the table in its place."""
    page = PAGE.read_text()
    made = f"{MARKS}\n{table(folder)}\n{MARKS}"
    PAGE.write_text(re.sub(f"{MARKS}.*{MARKS}", lambda _: made, page, flags=re.DOTALL))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
