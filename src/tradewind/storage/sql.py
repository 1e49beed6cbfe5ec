"""Tables as SQL, to be read and nothing else. The only file that knows DuckDB."""

import re
from collections.abc import Callable, Sequence

import duckdb
import polars as pl

from tradewind.core.errors import Misuse

CLOSED = ("SET enable_external_access=false", "SET python_enable_replacements=false")


def query(text: str, tables: Sequence[str], read: Callable[[str], pl.DataFrame]) -> pl.DataFrame:
    """The answer to one SELECT over these tables; only those that it names are read.

    >>> bars = pl.DataFrame({"symbol": ["ACME", "ACME"], "close": [1.0, 2.0]})
    >>> query("select symbol, max(close) as top from bars group by symbol", ["bars"], lambda _: bars).rows()
    [('ACME', 2.0)]

    Whatever else a query may ask of the machine is refused:

    >>> query("select * from read_csv('/etc/passwd')", ["bars"], lambda _: bars)
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: the query cannot be answered (Permission Error: Cannot access file ...
    """
    with duckdb.connect() as session:
        try:
            _require_one_select(session, text)
            for name in tables:
                if re.search(rf"\b{re.escape(name)}\b", text):
                    session.register(name, read(name).to_arrow())
            for setting in (*CLOSED, "SET lock_configuration=true"):
                session.execute(setting)
            answer = pl.from_arrow(session.sql(text).to_arrow_table())
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            listed = ", ".join(tables) or "none yet"
            raise Misuse(
                f"the query cannot be answered ({said})", f"the tables are: {listed}"
            ) from None
    assert isinstance(answer, pl.DataFrame)
    return answer


def _require_one_select(session: duckdb.DuckDBPyConnection, text: str) -> None:
    statements = session.extract_statements(text)
    if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
        raise Misuse(
            f"{len(statements)} statements, or one that is no SELECT",
            "ask one question: select ...",
        )
