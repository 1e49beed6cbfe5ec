"""`python -m benchmarks [--case NAME] [--quick]`: measure, and write one JSON and one Markdown table.

A whole run replaces benchmarks/results/latest.*; part of one, or a quick one, goes to results/local/.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES
from benchmarks.harness import Case
from benchmarks.machine import describe_machine
from benchmarks.report import markdown, summarise

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SECONDS, QUICK_SECONDS = 8.0, 0.5  # for the pairs of one case at one size


class NotMeasured(Exception):
    """A case whose process failed; the last line it said."""


def ask_child(case: Case, size: int, seconds: float) -> Any:
    """What a fresh process measured."""
    command = [sys.executable, "-m", "benchmarks.child", case.name, str(size), str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMeasured((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    return json.loads(done.stdout)


def measure_case(case: Case, seconds: float) -> dict[str, Any]:
    """All sizes of a case, each in processes of their own; or why it could not be measured."""
    runs, memory = {}, {}
    try:
        for size in case.sizes:
            _tell(f"{case.name} at {size:,}: {case.what}")
            memory[size] = ask_child(case, size, 0)
            runs[size] = ask_child(case, size, seconds)
    except NotMeasured as error:
        _tell(f"{case.name} is not measured: {error}")
        return {"case": case.name, "failed": str(error)}
    return summarise(case, runs, memory)


def publish(cases: Sequence[dict[str, Any]], machine: dict[str, Any], folder: Path) -> str:
    """Write both files and return the table."""
    made = datetime.now(UTC).date().isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    told = {"made": made, "machine": machine, "cases": cases}
    table = markdown(machine, cases, made)
    (folder / "latest.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    (folder / "latest.md").write_text(table, encoding="utf-8")
    return table


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for; 1 if some case could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--case", choices=sorted(CASES), help="this case alone")
    parser.add_argument("--quick", action="store_true", help="few pairs: does it run at all?")
    asked = parser.parse_args(arguments)
    machine = describe_machine()
    chosen = [CASES[asked.case]] if asked.case else list(CASES.values())
    cases = [measure_case(case, QUICK_SECONDS if asked.quick else SECONDS) for case in chosen]
    partial = asked.case or asked.quick
    print(publish(cases, machine, RESULTS / "local" if partial else RESULTS))
    return 1 if any("failed" in case for case in cases) else 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
