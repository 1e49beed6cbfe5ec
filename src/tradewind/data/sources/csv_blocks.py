"""CSV as frames: blocks of whole lines, read as text first, so that nothing is guessed.

The streaming reader of polars would do, but it ends in silence where one of its threads panics, and
then half a file looks whole. Blocks are read one by one, and what fails is raised.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import polars as pl

from tradewind.core.errors import BadTable
from tradewind.core.reading import BARS, with_known_names
from tradewind.data.sources.renaming import renamed

BLANK = ("", "na", "n/a", "nan", "null", "none", "-")
TEXT = ("symbol", "timestamp", "known_at", "session")
SAMPLE = 65_536


def csv_frames(path: Path, rows: int, columns: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    """The file in frames of about `rows` rows. Which columns are numbers is decided by the first."""
    numbers: frozenset[str] | None = None
    with path.open("rb") as file:
        head = _whole_line(file)
        _require_names_apart(head, path.name)
        for block in _blocks(file, rows):
            text = renamed(pl.read_csv(head + block, infer_schema=False), columns, path.name)
            frame = _with_numbers(text, numbers, path.name)
            if numbers is None:
                numbers = frozenset(
                    name for name, dtype in frame.schema.items() if dtype.is_float()
                )
            yield frame


def _whole_line(file: BinaryIO) -> bytes:
    """The header, over as many lines as its quotes keep open."""
    head = line = file.readline()
    while line and head.count(b'"') % 2:
        line = file.readline()
        head += line
    if not head.strip():
        raise pl.exceptions.NoDataError("no header")
    return head if head.endswith(b"\n") else head + b"\n"


def _require_names_apart(head: bytes, file: str) -> None:
    """Refuse a name that stands for two columns: the reader would make up one for the second."""
    names = pl.read_csv(head, has_header=False, infer_schema=False).row(0)
    for place, name in enumerate(names):
        if name is not None and name in names[:place]:
            raise BadTable(f"{file} has two columns {name!r}", "drop or rename one of them")


def _blocks(file: BinaryIO, rows: int) -> Iterator[bytes]:
    """The rest of the file in blocks of about `rows` rows, each cut where a row ends."""
    start = file.tell()
    sample = file.read(SAMPLE)
    size = max(rows * len(sample) // max(sample.count(b"\n"), 1), 1)
    file.seek(start)
    rest = b""
    while read := file.read(size):
        block = rest + read
        end = _end_of_row(block)
        if block[:end].strip():
            yield block[:end]
        rest = block[end:]
    if rest.strip():
        yield rest


def _end_of_row(block: bytes) -> int:
    """Just after the last line end that is not inside quotes, in one pass back over the block."""
    end = block.rfind(b"\n") + 1
    quotes = block.count(b'"', 0, end)
    while end and quotes % 2:
        before = block.rfind(b"\n", 0, end - 1) + 1
        quotes -= block.count(b'"', before, end)
        end = before
    return end


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
        elif numbers is not None and name not in BARS:
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
