"""Episodes that recur: a shape in a name's price, and the drift that follows it, all written down.

Whether an episode is under way never depends on a return, so given that, each return is still Normal: the
outlook holds its part, and stays exact.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tradewind.core.arrays import Flags, Floats
from tradewind.core.errors import Misuse
from tradewind.core.rng import Rng
from tradewind.data.synthetic.plants import Episodes

Bars = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Template:
    """A shape of so many bars that ends where it began, so no momentum gives it away.

    The price falls by twice the height and comes back, `waves` times; it rises first where `upside_down`.
    The drift that follows is `drift` times the one asked for.
    """

    name: str
    bars: int
    waves: int
    upside_down: bool
    drift: float

    def steps(self, size: float) -> Floats:
        """(bars,) the returns of the shape, in sd of a bar.

        >>> steps = TEMPLATES[0].steps(1.0)
        >>> bool(abs(steps.sum()) < 1e-12), float(steps.cumsum().min().round(1))  # -2 sqrt(24)
        (True, -9.8)
        """
        turn = np.cos(2 * np.pi * self.waves * np.arange(self.bars + 1) / self.bars)
        height = size * np.sqrt(self.bars)
        return np.asarray(np.diff(turn) * (-height if self.upside_down else height))


TEMPLATES = (
    Template("valley", 24, 1, upside_down=False, drift=1.0),
    Template("summit", 32, 1, upside_down=True, drift=-1.0),
    Template("double_bottom", 40, 2, upside_down=False, drift=0.5),
    Template("double_top", 48, 2, upside_down=True, drift=-0.5),
)
NAMES = pl.Enum([template.name for template in TEMPLATES])


@dataclass(frozen=True)
class Told:
    """Where the episodes are, all (episodes,) by symbol and then by time, and what they add."""

    config: Episodes
    symbol: Bars
    template: Bars
    start: Bars  # the first bar of the shape
    end: Bars  # its last
    added: Floats  # (symbols, periods + 1) to the mean of the return into each bar

    @property
    def drift(self) -> Floats:
        """What is added to each return that follows, in its sd."""
        return self.config.drift * np.array([one.drift for one in TEMPLATES])[self.template]


def make_episodes(config: Episodes, sd: Floats, rng: Rng) -> Told:
    """Episodes of names whose returns into each bar have these sd, (symbols, periods + 1)."""
    placed = _placed(config, len(sd), sd.shape[1] - 1, rng)
    symbol, template, start = np.array(placed, dtype=np.intp).reshape(-1, 3).T
    end = start + np.array([one.bars for one in TEMPLATES])[template] - 1
    told = Told(config, symbol, template, start, end, np.zeros_like(sd))
    steps = [one.steps(config.size) for one in TEMPLATES]
    for row, kind, first, last, drift in zip(symbol, template, start, end, told.drift, strict=True):
        told.added[row, first : last + 1] = steps[kind]
        told.added[row, last + 1 : last + 1 + config.horizon] = drift
    np.multiply(told.added, sd, out=told.added)
    return told


def _placed(config: Episodes, symbols: int, periods: int, rng: Rng) -> list[tuple[int, int, int]]:
    """(symbol, template, first bar) of whole episodes, one after another in each name."""
    longest = max(template.bars for template in TEMPLATES) + config.horizon
    if periods <= longest:
        raise Misuse(
            f"there is no room for episodes of up to {longest} bars in {periods}",
            "ask for more periods, or a shorter horizon",
        )
    placed = []
    for symbol in range(symbols):
        after = 0
        while after < periods:
            template = int(rng.integers(len(TEMPLATES)))
            start = after + int(rng.geometric(1 / config.every))
            after = start + TEMPLATES[template].bars + config.horizon
            if after <= periods:
                placed.append((symbol, template, start))
    return placed


def episodes_table(told: Told, halted: Flags, symbols: pl.Series, ends: pl.Series) -> pl.DataFrame:
    """When each was, which template, and the log return that was planted to follow it.

    `start` and `end` are the closes before its first bar and of its last, `until` that of the last bar of
    the drift. `mean` is what was added to the returns over (end, until]: nothing to halted bars.
    """
    added = np.where(halted, 0.0, told.added)
    after = told.end[:, None] + 1 + np.arange(told.config.horizon)  # (episodes, horizon)
    named = pl.Series("template", NAMES.categories, dtype=NAMES)
    return pl.DataFrame(
        {
            "symbol": symbols.gather(told.symbol * len(ends)),
            "template": named.gather(told.template),
            "start": ends.gather(told.start - 1),
            "end": ends.gather(told.end),
            "until": ends.gather(told.end + told.config.horizon),
            "drift": told.drift,
            "mean": added[told.symbol[:, None], after].sum(axis=1),
        }
    )
