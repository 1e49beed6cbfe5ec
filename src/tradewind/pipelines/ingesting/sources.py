"""What is brought in: a request knows its sources, and a plan is told before anybody is asked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

from tradewind.core.errors import Misuse
from tradewind.data.sources.batches import kind_of
from tradewind.data.sources.declared import Part, Source, plan
from tradewind.data.sources.files import FileSource
from tradewind.data.sources.sqlite import SqliteDatabase
from tradewind.data.sources.stamping import Stamping
from tradewind.storage.workspace import Workspace

Kind = Literal["csv", "parquet", "sqlite"]


class Request(Protocol):
    """What to bring in: from which sources, since when, and what to do with rows in error."""

    @property
    def since(self) -> datetime | None: ...

    @property
    def strict(self) -> bool: ...

    @property
    def dry_run(self) -> bool: ...

    def sources(self, workspace: Workspace) -> tuple[Source, ...]:
        """One source a table; nothing is read and nobody is asked yet."""
        ...


def file_sources(
    kind: Kind,
    path: Path,
    stamping: Stamping,
    symbol: str | None = None,
    columns: Mapping[str, str] | None = None,
    table: str = "bars",
) -> tuple[Source, ...]:
    """A file is one table, its columns by the names that are said; a database is as many as it has.

    >>> [source.table for source in file_sources("csv", Path("prices.csv"), Stamping())]
    ['bars']
    """
    if kind == "sqlite" and columns:
        raise Misuse(
            f"{path.name} is no CSV or Parquet file, and columns were named for it",
            "drop the option --column",
        )
    if kind == "sqlite":
        return SqliteDatabase(path).sources(stamping)
    return (FileSource(path, stamping, table, symbol, columns=columns or {}),)


def require_there(kind: Kind, path: Path) -> None:
    """Refuse a file that is not there, before anything is made for it."""
    if kind == "sqlite":
        file_sources(kind, path, Stamping())
    else:
        kind_of(path)


def plans(sources: Iterable[Source], since: datetime | None) -> tuple[str, ...]:
    """What each source would read, and where somebody is asked, how much that is and how long it takes."""
    made = [plan(source, since) for source in sources]
    questions = {part.what: part for one in made for part in one.parts if part.apart_s is not None}
    told = [_questions(list(questions.values()))] if questions else []
    return (*map(str, made), *told)


def _questions(parts: Sequence[Part]) -> str:
    """How many questions there are, each counted once, and how long it takes to ask them.

    >>> _questions([Part("A", apart_s=12, kept=True), Part("B", apart_s=12), Part("C", apart_s=12)])
    '3 questions: 1 kept, 2 to ask, about 0:00:12 at 5 a minute'
    """
    ask = [part.apart_s for part in parts if part.apart_s is not None and not part.kept]
    counted = f"{len(parts):,} questions: {len(parts) - len(ask):,} kept, {len(ask):,} to ask"
    if not ask:
        return counted
    takes = f"about {timedelta(seconds=round(sum(ask[1:])))}" if ask[1:] else "at once"
    return f"{counted}, {takes} at {60 / ask[0]:g} a minute"
