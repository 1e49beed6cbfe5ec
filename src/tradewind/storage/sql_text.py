"""What a table and a view are in SQL, as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from tradewind.storage.delta_tables import LakeTable

KINDS: dict[object, str] = {
    pl.Boolean: "BOOLEAN",
    pl.Int8: "TINYINT",
    pl.Int16: "SMALLINT",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.Float32: "FLOAT",
    pl.Float64: "DOUBLE",
    pl.String: "VARCHAR",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMPTZ",
}


@dataclass(frozen=True)
class View:
    """A SELECT that has a name; one with a parameter is called with it.

    >>> View("late", "closes from a moment on", "select * from bars where known_at >= moment", "moment").called
    'late(moment)'
    """

    name: str
    says: str
    select: str
    parameter: str = ""

    @property
    def called(self) -> str:
        """How a query writes it."""
        return f"{self.name}({self.parameter})" if self.parameter else self.name

    @property
    def statement(self) -> str:
        """What makes it."""
        if self.parameter:
            return f"CREATE MACRO views.{self.called} AS TABLE {self.select}"
        return f"CREATE VIEW views.{self.name} AS {self.select}"


def table_statement(table: "LakeTable", paths: Sequence[str]) -> str:
    """What makes a view of exactly these files, in the types of the table; a column that a file lacks
    is null in its rows, and what a name looks like (a pattern, a partition) means nothing."""
    kinds = {name: kind_of(dtype) for name, dtype in table.schema.items()}
    head = f"CREATE VIEW main.{quoted(table.name)} AS SELECT"
    if not paths:
        nulls = [f"NULL::{kind} AS {quoted(name)}" for name, kind in kinds.items()]
        return f"{head} {', '.join(nulls)} WHERE false"
    columns = [
        f"{text(name)}: {{name: {text(name)}, type: {text(kind)}, default_value: NULL}}"
        for name, kind in kinds.items()
    ]
    schema = f"MAP {{{', '.join(columns)}}}"
    return (
        f"{head} * FROM read_parquet({texts(paths)}, hive_partitioning = false, schema = {schema})"
    )


def kind_of(dtype: pl.DataType) -> str:
    """A type of a column as SQL has it.

    >>> kind_of(pl.Array(pl.Float32, 3)), kind_of(pl.Datetime("us", "UTC"))
    ('FLOAT[3]', 'TIMESTAMPTZ')
    """
    if isinstance(dtype, pl.Array):
        return f"{KINDS[dtype.inner.base_type()]}[{dtype.size}]"
    if isinstance(dtype, pl.List):
        return f"{KINDS[dtype.inner.base_type()]}[]"
    return KINDS[dtype.base_type()]


def text(value: str) -> str:
    """A text as a literal.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def texts(values: Sequence[str]) -> str:
    """A list of texts as a literal."""
    return f"[{', '.join(map(text, values))}]"


def quoted(name: str) -> str:
    """A name that may be any word, as a name, whatever is in it.

    >>> print(quoted('series"; DROP TABLE assets; --'))
    "series""; DROP TABLE assets; --"
    """
    return '"' + name.replace('"', '""') + '"'
