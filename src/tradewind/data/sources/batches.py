"""A CSV or Parquet file as frames of bounded size, with the messages that a person needs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from tradewind.core.errors import BadTable, nearest
from tradewind.data.sources.csv_blocks import csv_frames
from tradewind.data.sources.parquet_rows import parquet_frames

KINDS = {".csv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet"}
FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, UnicodeError)
NOT_PLAIN = (
    (b"\x1f\x8b", "compressed by gzip", "unpack it"),
    (b"PK\x03\x04", "a zip archive, or a spreadsheet", "unpack it, or save the sheet as CSV"),
    (b"\xff\xfe", "UTF-16", "save it as UTF-8"),
    (b"\xfe\xff", "UTF-16", "save it as UTF-8"),
)
SEPARATORS = {b";": "semicolons", b"\t": "tabs", b"|": "bars"}
FRAMES = {"csv": csv_frames, "parquet": parquet_frames}


def batches(
    path: Path, rows: int, columns: Mapping[str, str] | None = None
) -> Iterator[pl.DataFrame]:
    """The file in frames of at most about `rows` rows, in its order; whatever is wrong with it is told.

    Columns have the names that were said of them from the start. What is a number is decided by the first frame, and holds for the file:

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "bars.csv")
    ...     _ = file.write_text("date,close\\n2024-01-02,1.5\\n2024-01-03,n/a\\n")
    ...     [frame["close"].to_list() for frame in batches(file, rows=1000)]
    [[1.5, None]]
    """
    kind = kind_of(path)
    if kind == "csv":
        _require_plain(path)
    empty = True
    with readable(path, kind):
        for frame in FRAMES[kind](path, rows, columns or {}):
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


def _require_plain(path: Path) -> None:
    """Refuse what is no plain CSV by what it is: another reader would say that it has odd columns."""
    with readable(path, "csv"), path.open("rb") as file:
        begin = file.read(4096)
    for mark, what, remedy in NOT_PLAIN:
        if begin.startswith(mark):
            raise BadTable(f"{path.name} is {what}", remedy)
    header = begin.partition(b"\n")[0]
    for separator, what in SEPARATORS.items():
        if separator in header and b"," not in header:
            raise BadTable(
                f"{path.name} is separated by {what}",
                "write it with commas, and numbers with points: 1234.5",
            )


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


def _near(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} either"
    files = [file.name for file in folder.iterdir() if file.suffix.lower() in KINDS]
    return nearest(path.name, files) if files else f"{folder} holds no CSV or Parquet file"
