"""What a workspace has at hand to explain features with: its families, and its bars or made ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tradewind.core import Panel
from tradewind.core.errors import Misuse, nearest
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import make_market
from tradewind.features.calendars import USUAL
from tradewind.features.coarser import NamedFamily
from tradewind.features.config import FeaturesConfig, every_family
from tradewind.features.naming import on_longer_bars
from tradewind.pipelines.features import kept_calendars
from tradewind.storage.workspace import Workspace

MADE = 20, 500  # symbols and bars of the market that stands in where there are no bars


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars, and where they are from."""

    panel: Panel
    origin: str

    def of(self, symbol: str) -> Panel:
        """The bars of one symbol alone."""
        return Panel(self.panel.table.filter(pl.col("symbol") == symbol))

    def chosen(self, symbol: str | None) -> str:
        """The symbol that is named, or the first.

        >>> made = Bars(make_market("equity", 2, 3).panel, "made")
        >>> made.chosen(None), made.chosen("EQ2")
        ('EQ1', 'EQ2')
        """
        if symbol is None:
            return self.panel.symbols[0]
        if symbol not in self.panel.symbols:
            raise Misuse(f"there are no bars of {symbol!r}", nearest(symbol, self.panel.symbols))
        return symbol


def families_at(
    workspace: Workspace, config: FeaturesConfig, asked: Sequence[str] = ()
) -> tuple[NamedFamily, ...]:
    """Those that come with tradewind, those of the workspace's files over the columns of its bars, and on
    longer bars those that are configured or asked for; of symbols that keep the calendars of its bars."""
    store = _store(workspace)
    columns = store.lake.table("bars").schema if store else ()
    calendars = kept_calendars(store) if store else USUAL
    families = every_family(config, workspace.path, columns, calendars)
    return (*families, *on_longer_bars(asked, families, calendars))


def bars_at(workspace: Workspace) -> Bars:
    """The bars of a workspace, or made ones."""
    if store := _store(workspace):
        panel = store.read("bars")
        return Bars(panel, f"On {panel.findings[0].detail} of {workspace.path.name}.")
    made = make_market("equity", *MADE, seed=7).panel
    return Bars(made, "On a made market: there are no bars here.")


def _store(workspace: Workspace) -> MarketStore | None:
    """Where the bars of a workspace lie, if it is one and has any."""
    if not workspace.marker.exists():
        return None
    store = MarketStore(workspace.path)
    return store if "bars" in store.tables else None
