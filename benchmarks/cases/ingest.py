"""From a CSV of minutes to bars kept for good, beside what people do with such a file: pandas to Parquet."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import Case

SYMBOLS = 100

OURS = """
import sys
from pathlib import Path
from tradewind.cli.progress import SilentStages
from tradewind.pipelines.ingesting.ingest import IngestRequest, run
from tradewind.storage.workspace import Workspace
request = IngestRequest(
    "csv", Path(sys.argv[1]), stamps="end", calendar="24/7", tz="UTC", columns={"ts": "timestamp"}
)
told = run(request, Workspace(Path(sys.argv[2])).create(), SilentStages())
assert told.tables[0]["read"] == told.tables[0]["clean"] + told.tables[0]["quarantined"]
"""
PANDAS = """
import sys
import pandas
pandas.read_csv(sys.argv[1], parse_dates=["ts"]).to_parquet(sys.argv[2])
"""


@dataclass
class Minutes:
    """A CSV of bars, and the folder that it lies in, which goes with it."""

    file: Path
    folder: TemporaryDirectory[str]


def minutes(thousands: int) -> Minutes:
    """A hundred symbols, ten minutes of each for every thousand rows; written a symbol at a time, since
    what this process holds counts as the memory of those it starts."""
    from datetime import datetime, timedelta

    import numpy as np
    import polars as pl

    from tradewind.core import stream

    folder = TemporaryDirectory()
    file = Path(folder.name, "minutes.csv")
    count = 10 * thousands
    rng, first = stream(61, "minutes"), datetime(2024, 1, 1)  # noqa: DTZ001 (as people's files are)
    stamps = pl.datetime_range(first, first + timedelta(minutes=count - 1), "1m", eager=True)
    with file.open("wb") as lines:
        for nth in range(SYMBOLS):
            close = 20 * np.exp(np.cumsum(rng.normal(0, 0.002, count)))
            opened = close * np.exp(rng.normal(0, 0.0008, count))
            wick = np.exp(np.abs(rng.normal(0, 0.0006, (2, count))))
            bars = {
                "open": opened,
                "high": np.maximum(opened, close) * wick[0],
                "low": np.minimum(opened, close) / wick[1],
                "close": close,
            }
            rows = pl.DataFrame({"symbol": [f"SYM{nth:03}"] * count, "ts": stamps, **bars})
            rows = rows.with_columns(
                pl.col(bars).round(4), volume=rng.lognormal(13, 0.5, count).astype(int)
            )
            rows.write_csv(lines, include_header=nth == 0, datetime_format="%Y-%m-%d %H:%M:%S")
    return Minutes(file, folder)


def ingest(made: Minutes) -> None:
    """Read, judged, set aside and appended, in a process and a workspace of its own."""
    with TemporaryDirectory(dir=made.folder.name) as workspace:
        _run(OURS, made.file, Path(workspace))


def convert(made: Minutes) -> None:
    """Read and written, in a process of its own."""
    with TemporaryDirectory(dir=made.folder.name) as folder:
        _run(PANDAS, made.file, Path(folder, "minutes.parquet"))


def _run(code: str, *arguments: Path) -> None:
    subprocess.run([sys.executable, "-c", code, *arguments], check=True)


def _case(name: str, what: str, dial: str, sizes: tuple[int, ...]) -> Case:
    return Case(
        name=name,
        what=what,
        prepare=minutes,
        run=ingest,
        reference=convert,
        reference_is="pandas read_csv and to_parquet, unchecked, unsynced",
        dial=dial,
        sizes=sizes,
        apart=True,
    )


CASES = (
    _case("ingest", "a CSV of a million minutes through the gate into the store", "", (1_000,)),
    _case("ingest_large", "the same up to ten million", "thousand rows", (625, 2_500, 10_000)),
)
