"""Parquet as frames, through the one reader that says so when a page is broken.

The streaming reader of polars ends in silence where one of its threads panics, and then half a file
looks whole.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.data.sources.renaming import renamed


def parquet_frames(path: Path, rows: int, columns: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    """The file in frames of at most `rows` rows.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "bars.parquet")
    ...     pl.DataFrame({"close": [1.0, 2.0, 3.0]}).write_parquet(file)
    ...     [len(frame) for frame in parquet_frames(file, 2, {})], parquet_length(file)
    ([2, 1], 3)
    """
    from pyarrow.parquet import ParquetFile

    with _as_polars_errors(), ParquetFile(path, memory_map=True, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=rows):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            if len(frame):
                yield renamed(frame, columns, path.name)


def parquet_length(path: Path) -> int:
    """How many rows the footer says there are."""
    from pyarrow.parquet import read_metadata

    with _as_polars_errors():
        return int(read_metadata(path).num_rows)


def parquet_in_pandas(path: Path) -> Any:
    """The whole file as a pandas frame, with the index that it was written with."""
    from pyarrow.parquet import read_table

    with _as_polars_errors():
        return read_table(path).to_pandas()


@contextmanager
def _as_polars_errors() -> Iterator[None]:
    """What pyarrow raises, as what everybody else here catches."""
    from pyarrow import ArrowException

    try:
        yield
    except ArrowException as error:
        raise pl.exceptions.ComputeError(str(error)) from error
