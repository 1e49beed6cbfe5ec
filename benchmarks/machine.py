"""The machine that a figure was measured on, without which it means little."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("numpy", "polars", "pyarrow", "numba", "lightgbm", "typer")


def describe_machine() -> dict[str, str | float]:
    """Processor, cores, memory, load, interpreter, and the packages that do the work.

    >>> describe_machine()["python"] == platform.python_version()
    True
    """
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()
