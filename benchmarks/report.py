"""From runs to what is published: one JSON for machines, one Markdown table for people."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks.harness import Case
from benchmarks.intervals import exponent_of, median_of, ratio_of

Runs = Sequence[
    Sequence[Sequence[float]]
]  # (pairs, 2 of ours and reference, 2 of wall_s and cpu_s)
CLOCKS = ("wall_s", "cpu_s")
HEAD = (
    "| case | size | wall ms | CPU ms | wall, ours / reference | CPU, ours / reference | peak MB "
    "| CPU grows as size to the | demanded |"
)


def summarise(case: Case, runs: Mapping[int, Runs], memory: Mapping[int, Any]) -> dict[str, Any]:
    """What the runs of a case say, with every interval."""
    rng = np.random.default_rng(7)
    rows = []
    for size, pairs in runs.items():
        row: dict[str, Any] = {"size": size, "pairs": len(pairs), **memory[size]}
        for clock, name in enumerate(CLOCKS):
            ours = [pair[0][clock] for pair in pairs]
            reference = [pair[1][clock] for pair in pairs]
            row[name] = asdict(median_of(ours, rng))
            row[f"reference_{name}"] = asdict(median_of(reference, rng))
            row[f"{name[:-2]}_ratio"] = asdict(ratio_of(ours, reference, rng))
        rows.append(row)
    told: dict[str, Any] = {"case": case.name, "what": case.what, "dial": case.dial}
    told |= {"reference": case.reference_is, "sizes": rows}
    if len(runs) > 1:
        cpu = {size: [pair[0][1] for pair in pairs] for size, pairs in runs.items()}
        told["cpu_exponent"] = asdict(exponent_of(cpu, rng))
    if case.demand:
        last, clock = [*runs.values()][-1], CLOCKS.index(case.demand.clock)
        measured = float(np.quantile([pair[0][clock] for pair in last], case.demand.share))
        met = measured <= case.demand.seconds
        told["demand"] = {**asdict(case.demand), "measured": measured, "met": met}
    return told


def markdown(machine: Mapping[str, Any], cases: Sequence[Mapping[str, Any]], made: str) -> str:
    """The table, under what it was measured on."""
    facts = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in machine.items())
    rows = [line for case in cases for line in _lines(case)]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Measured on {made} by `make bench`: {facts}.",
            "",
            "Medians with intervals of 95 %. Ours and the reference ran in pairs of random order after",
            "one untimed run of each; the ratios are paired. Peak MB is the whole process, the",
            "interpreter and the input included.",
            "",
            HEAD,
            "|---|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            *(f"- `{case['case']}`: {_words(case)}" for case in cases),
            "",
        ]
    )


def _words(case: Mapping[str, Any]) -> str:
    if "failed" in case:
        return f"not measured, {case['failed']}"
    size = f"; the size counts {case['dial']}" if len(case["sizes"]) > 1 else ""
    return f"{case['what']}{size}; the reference is {case['reference']}"


def _lines(case: Mapping[str, Any]) -> list[str]:
    """One line a size; growth and the demand stand with the largest."""
    rows = case.get("sizes", [])
    lines = []
    for row in rows:
        last = row is rows[-1]
        growth = _figure(case["cpu_exponent"]) if last and "cpu_exponent" in case else ""
        cells = [
            f"`{case['case']}`",
            f"{row['size']:,}",
            *(_figure(row[clock], 1000) for clock in CLOCKS),
            *(_figure(row[ratio]) for ratio in ("wall_ratio", "cpu_ratio")),
            f"{row['peak_mb']:,.0f}",
            growth,
            _demand(case["demand"]) if last and "demand" in case else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _demand(demand: Mapping[str, Any]) -> str:
    clock = {"wall_s": "wall", "cpu_s": "CPU"}[demand["clock"]]
    verdict = "met" if demand["met"] else "**not met**"
    if (share := demand.get("share", 0.5)) == 0.5:
        return f"<= {demand['seconds'] * 1000:g} ms {clock}: {verdict}"
    told = f"{demand['measured'] * 1000:.3g} ms"
    return f"<= {demand['seconds'] * 1000:g} ms {clock} of {share:.0%}: {told}, {verdict}"


def _figure(estimate: Mapping[str, float], scale: float = 1) -> str:
    value, low, high = (estimate[name] * scale for name in ("value", "low", "high"))
    return f"{value:.3g} [{low:.3g}, {high:.3g}]"
