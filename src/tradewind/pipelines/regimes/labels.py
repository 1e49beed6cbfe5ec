"""`labels`: what the models of a workspace have told of the market and of its symbols; `names`: what they
can say. A model speaks once it has told; until then the one before it does."""

import polars as pl

from tradewind.context.regimes.model import RegimeModel
from tradewind.context.regimes.models import Models
from tradewind.core import Panel
from tradewind.data.store import MarketStore
from tradewind.pipelines.regimes.config import OF
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace

KEYS = ("symbol", "timestamp", "known_at", "session", "regime")


def labels(workspace: Workspace) -> Panel | None:
    """Every regime that was said, known from the moment when its bar was and its model was learnt; None
    where nothing was told."""
    store = MarketStore(workspace.path)
    models = Models(workspace.path, Documents(store.lake.control))
    current = _current(models)
    tables = [models.told(model).table for model in current]
    told = [store.read(table).table for table in tables if table in store.tables]
    if not told:
        return None
    rows = [table.select(pl.col("symbol").cast(pl.String), *KEYS[1:]) for table in told]
    whole = pl.concat(rows)
    names = pl.Enum(whole["symbol"].unique().sort())
    return Panel(whole.with_columns(pl.col("symbol").cast(names)).sort(KEYS[:3]))


def names(workspace: Workspace) -> tuple[str, ...]:
    """Every regime that one of these models tells apart."""
    models = Models(workspace.path, Documents(MarketStore(workspace.path).lake.control))
    return tuple(sorted({name for model in _current(models) for name in model.names}))


def _current(models: Models) -> list[RegimeModel]:
    return [model for of in OF if (model := models.telling(of) or models.get(of))]
