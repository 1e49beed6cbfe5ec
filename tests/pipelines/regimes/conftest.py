"""A revised market, and workspaces that hold some of it."""

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.pipelines.conftest import Notes
from tradewind.core import Panel, SystemClock
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.pipelines.regimes.config import RegimesConfig
from tradewind.pipelines.regimes.fitting import fit
from tradewind.pipelines.regimes.refreshing import RefreshResult, refresh
from tradewind.storage.workspace import Workspace

CONFIG = RegimesConfig(detector="hmm", states=2)
Told = Callable[..., RefreshResult]


@pytest.fixture(scope="session")
def panel() -> Panel:
    """Three symbols over 300 days, 5 % of whose bars are corrected later."""
    return make_market("equity", 3, 300, seed=4, plants=[Revisions(0.05)]).panel


@pytest.fixture(scope="session")
def known(panel: Panel) -> list[datetime]:
    """The moments at which something came to be known."""
    return panel.table["known_at"].unique().sort().to_list()


@pytest.fixture
def learnt(workspace: Workspace, panel: Panel, known: list[datetime], notes: Notes) -> Workspace:
    """A workspace whose regimes were learnt from the first bars."""
    MarketStore(workspace.path).append(panel.until(known[200]))
    fit(workspace, CONFIG, notes, SystemClock())
    return workspace


@pytest.fixture
def told(learnt: Workspace, notes: Notes) -> Told:
    """Append bars to that workspace, and tell its regimes."""

    def run(rows: Panel | None = None) -> RefreshResult:
        if rows is not None:
            MarketStore(learnt.path).append(rows)
        return refresh(learnt, CONFIG, notes, SystemClock())

    return run
