"""The tables of a workspace for those who think in SQL, and how much of their past is kept."""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import polars as pl

from tradewind.data.store import MarketStore
from tradewind.data.views import catalogue_of, listed
from tradewind.storage.files import publish
from tradewind.storage.json_text import to_json
from tradewind.storage.retention import Retained
from tradewind.storage.workspace import Workspace

Layout = Literal["csv", "parquet"]


def asked(workspace: Workspace, query: str, most: int | None = None) -> pl.DataFrame:
    """The answer to one SELECT over the tables of the store and their views, or its first rows."""
    return catalogue_of(MarketStore(workspace.path)).query(query, most)


def offered(workspace: Workspace) -> tuple[Mapping[str, Any], ...]:
    """What a query may name: each table and view, what is in it, and its columns with their types."""
    store = MarketStore(workspace.path)
    catalogue = catalogue_of(store)
    says = {view.called: view.says for view in catalogue.views} | {"tables": "this list, as rows"}
    says |= {row["name"]: _extent(row) for row in listed(store).iter_rows(named=True)}
    columns = catalogue.columns().rows_by_key("name", named=True)
    return tuple(
        {
            "name": name,
            "says": says[name],
            "columns": {one["column"]: one["type"] for one in columns[name]},
        }
        for name in catalogue.names
    )


def compacted(
    workspace: Workspace, table: str, versions: int | None, since: datetime | None
) -> Retained:
    """A table written anew into few files, and what is then left of its past."""
    store = MarketStore(workspace.path)
    store.compact(table)
    return store.retain(table, versions, since)


def _extent(row: Mapping[str, Any]) -> str:
    span = f", {row['first']:%Y-%m-%d} to {row['last']:%Y-%m-%d}" if row["first"] else ""
    size = f"{row['bytes'] / 1e6:,.1f} MB"
    return f"a table of {row['rows']:,} rows{span}, {size}, version {row['version']}"


def published(answer: pl.DataFrame, path: Path, layout: Layout) -> None:
    """Put an answer into a file, whole or not at all."""
    written = BytesIO()
    if layout == "parquet":
        answer.write_parquet(written)
    else:
        flat(answer).write_csv(written)
    publish(path, written.getvalue())


def flat(answer: pl.DataFrame) -> pl.DataFrame:
    """An answer for a format that has no lists: they are written as JSON.

    >>> flat(pl.DataFrame({"near": [[1, 2], None]}))["near"].to_list()
    ['[1,2]', None]
    """
    nested = [name for name, dtype in answer.schema.items() if dtype.is_nested()]
    return answer.with_columns(
        pl.Series(
            name,
            [None if one is None else to_json(one).decode() for one in answer[name].to_list()],
            pl.String,
        )
        for name in nested
    )
