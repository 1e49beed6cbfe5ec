"""Features: a family over a history, one bar online, and one day of 800 symbols refreshed."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.bars import made_bars, revised_bars
from benchmarks.harness import Case, Demand

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tradewind.core import Panel
    from tradewind.features.families import CarriedFamily
    from tradewind.storage.workspace import Workspace

BARS, SYMBOLS = 3_000, (50, 200, 800)
PUSHED = 1_000
REFRESHED, HISTORY, DAYS = 800, 300, 80


def made(symbols: int, bars: int) -> "npt.NDArray[np.float64]":
    """(6, symbols x bars) of prices that walk, and volumes."""
    import numpy as np

    from tradewind.core import stream

    rng = stream(7, "bars")
    close = 50 * np.exp(rng.normal(0, 0.02, (symbols, bars)).cumsum(axis=1)).ravel()
    volume = rng.lognormal(10, 0.5, close.size)
    return np.vstack([close * 0.999, close * 1.01, close * 0.99, close, volume, close * 1.001])


@dataclass(frozen=True)
class History:
    """Bars of symbols one after the other, as a kernel takes them, and the windows to compute."""

    bars: "npt.NDArray[np.float64]"
    symbols: int
    windows: tuple[int, ...] = (5, 10, 20, 30, 60)


def of_symbols(symbols: int) -> History:
    return History(made(symbols, BARS), symbols)


def of_bars(bars: int) -> History:
    return History(made(100, bars), 100)


def of_windows(window: int) -> History:
    return History(made(100, BARS), 100, (window,))


def alpha158_of(history: History) -> Any:
    """The family over every row."""
    import numpy as np

    from tradewind.features.alpha158 import kernel as alpha158

    rows = history.bars.shape[1]
    offsets = np.linspace(0, rows, history.symbols + 1).astype(np.int64)
    out = np.empty((13 + 29 * len(history.windows), rows))
    windows = np.array(history.windows)
    alpha158.over_segments(history.bars, offsets, offsets[:-1], windows, out)
    return out


def thirty_by_polars(history: History) -> Any:
    """The mean, deviation, extremes and fifths of the closes in each window: six of the 29 measures."""
    import numpy as np
    import polars as pl

    rows = history.bars.shape[1]
    table = pl.DataFrame(
        {"close": history.bars[3], "symbol": np.arange(rows) * history.symbols // rows}
    )
    close = pl.col("close")
    measures = [
        measure.over("symbol").alias(f"{place} {n}")
        for n in history.windows
        for place, measure in enumerate(
            (
                close.rolling_mean(n),
                close.rolling_std(n),
                close.rolling_max(n),
                close.rolling_min(n),
                close.rolling_quantile(0.8, window_size=n),
                close.rolling_quantile(0.2, window_size=n),
            )
        )
    ]
    return table.select(measures)


def carried() -> "tuple[CarriedFamily, ...]":
    """The registered families that go on bar by bar."""
    from tradewind.features.families import CarriedFamily
    from tradewind.features.registry import FAMILIES

    return tuple(one for one in FAMILIES.values() if isinstance(one, CarriedFamily))


def ready(_: int) -> Any:
    """A symbol with 250 hours of bars, and the bars that follow."""
    from datetime import UTC, datetime, timedelta

    from tradewind.features.kept.online import Online

    names = ("open", "high", "low", "close", "volume", "vwap")
    columns = made(1, 250 + PUSHED).T.tolist()
    start = datetime(2010, 1, 4, tzinfo=UTC)
    hours = [start + timedelta(hours=hour) for hour in range(len(columns))]
    told = [
        ("ACME", at, {**dict(zip(names, column, strict=True)), "session": at.date()})
        for at, column in zip(hours, columns, strict=True)
    ]
    online = Online(carried())
    for one in told[:250]:
        online.push(*one)
    return online, told[250:]


def pushed(given: Any) -> None:
    """Bar after bar, all features of each; stamps move on so that no run meets a bar twice."""
    from datetime import timedelta

    online, told = given
    ahead = timedelta(days=PUSHED // 24 + 1)
    for place, (symbol, at, bar) in enumerate(told):
        online.push(symbol, at, bar)
        bar["session"] += ahead
        told[place] = (symbol, at + ahead, bar)


def anew(given: Any) -> None:
    """The families on the last 61 bars, for each bar, as one would without anything carried."""
    import numpy as np

    from tradewind.features.registry import ALPHA158
    from tradewind.features.registry import BARS as OURS

    _, told = given
    columns = np.array([[*bar.values()][:6] for _, _, bar in told]).T.copy()
    offsets, first = np.array([0, 61]), np.array([0])
    for end in range(61, PUSHED + 1):
        window = columns[:, end - 61 : end].copy()
        ALPHA158.kernel(window, offsets, first)
        OURS.kernel(window[:5].copy(), offsets, first)


def panel_of(symbols: int, bars: int = 750) -> "Panel":
    """Daily bars of symbols."""
    from tradewind.core import Panel

    return Panel(made_bars(symbols, bars))


def panel_of_bars(bars: int) -> "Panel":
    return panel_of(20, bars)


def computed(family: str, panel: "Panel") -> Any:
    """A family over every bar."""
    from tradewind.features.computing import compute

    return compute(panel, family)


class Nobody:
    """Tells nobody."""

    def stage(self, _: str) -> Any:
        return nullcontext()

    def progress(self, done: int, of: int) -> None:
        pass


@dataclass
class Kept:
    """A workspace whose features are up to date, and the days that will come."""

    folder: "TemporaryDirectory[str]"
    panel: "Panel"
    days: Iterator["Panel"]

    @property
    def workspace(self) -> "Workspace":
        from tradewind.storage.workspace import Workspace

        return Workspace(Path(self.folder.name))


def kept(symbols: int) -> Kept:
    """800 symbols with a year of bars, of which one in twenty is corrected."""
    from tradewind.core import Panel
    from tradewind.data.store import MarketStore

    panel = Panel(revised_bars(symbols, HISTORY + DAYS))
    moments = panel.moments
    coming = (
        Panel(panel.arrivals(one, other))
        for one, other in zip(moments[HISTORY:], moments[HISTORY + 1 :], strict=False)
    )
    there = Kept(TemporaryDirectory(), panel, coming)
    MarketStore(there.folder.name).append(panel.until(moments[HISTORY]))
    refreshed(there)
    return there


def refreshed(there: Kept) -> None:
    """Bring all families up to date."""
    from tradewind.core import SystemClock
    from tradewind.pipelines.features import refresh

    refresh(there.workspace, carried(), Nobody(), SystemClock())


def one_day(there: Kept) -> None:
    """A day arrives, with the corrections of that day, and the features follow."""
    from tradewind.data.store import MarketStore

    MarketStore(there.folder.name).append(next(there.days))
    refreshed(there)


def everything(there: Kept) -> None:
    """All of it computed, and nothing written."""
    from tradewind.features.kept.materialising import materialised, no_states

    for family in carried():
        materialised(family, there.panel, no_states(family))


_alpha158 = partial(
    Case, run=alpha158_of, reference=thirty_by_polars, reference_is="polars, six of the 29 measures"
)
_realised = partial(
    Case,
    run=partial(computed, "realised"),
    reference=partial(computed, "alpha158"),
    reference_is="the 158 features of the same bars",
)
CASES = (
    _alpha158(
        name="alpha158",
        what=f"158 features of {BARS:,} bars of each symbol",
        prepare=of_symbols,
        dial="symbols",
        sizes=SYMBOLS,
        demand=Demand("cpu_s", 2.5),
    ),
    _alpha158(
        name="alpha158_bars",
        what="158 features of 100 symbols",
        prepare=of_bars,
        dial="bars of each symbol",
        sizes=(188, 750, 3_000),
    ),
    _alpha158(
        name="alpha158_window",
        what=f"29 measures of one window, of 100 symbols with {BARS:,} bars",
        prepare=of_windows,
        dial="bars in the window",
        sizes=(8, 32, 128),
    ),
    _realised(
        name="realised",
        what="the realised family, 750 bars of each symbol",
        prepare=panel_of,
        dial="symbols",
        sizes=(10, 40, 160),
    ),
    _realised(
        name="realised_bars",
        what="the realised family, 20 symbols",
        prepare=panel_of_bars,
        dial="bars of each symbol",
        sizes=(188, 750, 3_000),
    ),
    Case(
        name="cross_asset",
        what="each of 250 bars of each symbol against all others, as known at each moment",
        prepare=partial(panel_of, bars=250),
        run=partial(computed, "cross_asset"),
        reference=partial(computed, "market_wide"),
        reference_is="what all do together: the same bars side by side",
        dial="symbols",
        sizes=(10, 40, 160),
    ),
    Case(
        name="online",
        what=f"{PUSHED:,} bars of one symbol pushed, all features of each",
        prepare=ready,
        run=pushed,
        reference=anew,
        reference_is="the kernels over the last 61 bars, nothing carried",
        demand=Demand("cpu_s", 0.030),
    ),
    Case(
        name="refresh",
        what=f"one day of {REFRESHED} symbols arrives: its bars appended, all features refreshed",
        prepare=kept,
        run=one_day,
        reference=everything,
        reference_is=f"all {HISTORY + DAYS} days computed, nothing written",
        sizes=(REFRESHED,),
        demand=Demand("wall_s", 1.0),
    ),
)
