"""A CSV or Parquet file as frames of bounded size, with the messages that a person needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from tradewind.core.errors import BadTable, nearest
from tradewind.core.reading import with_known_names

KINDS = {".csv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet"}
BLANK = ("", "na", "n/a", "nan", "null", "none", "-")
TEXT = ("symbol", "timestamp", "known_at", "session")


def batches(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """The file in frames of at most about `rows` rows, in its order; whatever is wrong with it is told.

    What is a number is decided by the first frame, and holds for the file:

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "bars.csv")
    ...     _ = file.write_text("date,close\\n2024-01-02,1.5\\n2024-01-03,n/a\\n")
    ...     [frame["close"].to_list() for frame in batches(file, rows=1000)]
    [[1.5, None]]
    """
    kind = kind_of(path)
    empty = True
    with readable(path, kind):
        for frame in _csv(path, rows) if kind == "csv" else _parquet(path, rows):
            empty = False
            yield frame
    if empty:
        raise BadTable(f"{path.name}: the table is empty", "give it at least one row")


def kind_of(path: Path) -> str:
    """csv or parquet; a path that is neither is refused with the nearest that is."""
    kind = KINDS.get(path.suffix.lower())
    if not path.exists():
        raise BadTable(f"there is no file {path}", _near(path))
    if path.is_dir() or kind is None:
        raise BadTable(
            f"{path} is no CSV or Parquet file", "give a file that ends in .csv or .parquet"
        )
    return kind


@contextmanager
def readable(path: Path, kind: str) -> Iterator[None]:
    """Whatever the reader says about the file inside, a panic of its threads included, as our error."""
    try:
        yield
    except pl.exceptions.NoDataError as error:
        raise BadTable(f"{path.name} is empty", "give it a header and at least one row") from error
    except (
        pl.exceptions.PolarsError,
        pl.exceptions.PanicException,
        OSError,
        UnicodeError,
    ) as error:
        said = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise BadTable(f"{path.name} cannot be read as {kind}: {said}", "repair it") from error


def _parquet(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    for frame in pl.scan_parquet(path, glob=False).collect_batches(chunk_size=rows):
        if len(frame):
            yield frame


def _csv(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """Text first, so that nothing is guessed: 007 stays a symbol, and 1e5 becomes a number."""
    numbers: frozenset[str] | None = None
    text = pl.scan_csv(path, infer_schema=False, glob=False)
    for frame in text.collect_batches(chunk_size=rows):
        if not len(frame):
            continue
        read = _with_numbers(frame, numbers, path.name)
        if numbers is None:
            numbers = frozenset(name for name, dtype in read.schema.items() if dtype.is_float())
        yield read


def _with_numbers(frame: pl.DataFrame, numbers: frozenset[str] | None, file: str) -> pl.DataFrame:
    """Columns as numbers: those that must be, or on the first frame those that can be."""
    named = with_known_names(frame)
    read: list[pl.Series] = []
    for name, column in zip(named.columns, frame.iter_columns(), strict=True):
        if name in TEXT or (numbers is not None and column.name not in numbers):
            continue
        number = as_numbers(column)
        if number is not None:
            read.append(number)
        elif numbers is not None:
            raise BadTable(
                f"column {column.name!r} of {file} holds numbers first and later {_odd(column)!r}",
                "make it numbers, or leave it empty where there is none",
            )
    return frame.with_columns(read)


def as_numbers(column: pl.Series) -> pl.Series | None:
    """Text as float64 where every value is a number or one of the ways to write none; or None.

    >>> as_numbers(pl.Series(["1.5", " 2 ", "N/A"])).to_list()
    [1.5, 2.0, None]
    >>> as_numbers(pl.Series(["1.5", "cheap"])) is None
    True
    """
    number = column.cast(pl.Float64, strict=False)
    rest = (number.is_null() & column.is_not_null()).arg_true()
    if not len(rest):
        return number
    text = column[rest].str.strip_chars()
    blank = text.str.to_lowercase().is_in(BLANK)
    spaced = text.set(blank, None).cast(pl.Float64, strict=False)
    return number.scatter(rest, spaced) if spaced.null_count() == blank.sum() else None


def _odd(column: pl.Series) -> str:
    """The first value that is no number."""
    text = column.drop_nulls()
    return str(text.filter(text.cast(pl.Float64, strict=False).is_null())[0])


def _near(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} either"
    files = [file.name for file in folder.iterdir() if file.suffix.lower() in KINDS]
    return nearest(path.name, files) if files else f"{folder} holds no CSV or Parquet file"
