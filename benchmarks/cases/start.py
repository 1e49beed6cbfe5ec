"""How long a person waits before anything happens: `tradewind --help`, and importing the nouns."""

import subprocess
import sys
from pathlib import Path

from benchmarks.harness import Case, Demand


def nothing(size: int) -> int:
    """There is nothing to prepare."""
    return size


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def ask_for_help(_: int) -> None:
    """The command line's first answer."""
    command = Path(sys.executable).with_name("tradewind")
    subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)


def import_core(_: int) -> None:
    """The nouns, in a fresh interpreter."""
    _python("import tradewind.core")


def start_python(_: int) -> None:
    """The interpreter alone."""
    _python("pass")


def import_numpy_and_polars(_: int) -> None:
    """What the nouns stand on."""
    _python("import numpy, polars")


CASES = (
    Case(
        name="help",
        what="tradewind --help",
        prepare=nothing,
        run=ask_for_help,
        reference=start_python,
        reference_is="python -c pass",
        demand=Demand("cpu_s", 0.25),
        apart=True,
    ),
    Case(
        name="import",
        what="import tradewind.core in a fresh interpreter",
        prepare=nothing,
        run=import_core,
        reference=import_numpy_and_polars,
        reference_is="import numpy, polars",
        apart=True,
    ),
)
