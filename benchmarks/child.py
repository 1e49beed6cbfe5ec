"""One measurement in a process of its own: `python -m benchmarks.child CASE SIZE SECONDS`.

With 0 seconds it takes one run and answers with its peak memory. It tells its result as JSON and loads
nothing but the case, since what a process has loaded counts as its memory.
"""

import json
import random
import sys
from dataclasses import astuple

from benchmarks.cases import CASES
from benchmarks.harness import measure, peak_memory


def main(name: str, size: str, seconds: str) -> None:
    """Measure, and tell."""
    case = CASES[name]
    if not float(seconds):
        print(json.dumps(peak_memory(case, int(size))))
        return
    pairs = measure(case, int(size), float(seconds), random.Random(f"{name} {size}"))
    print(json.dumps([[astuple(took) for took in pair] for pair in pairs]))


if __name__ == "__main__":
    main(*sys.argv[1:])
