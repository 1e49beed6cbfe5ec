"""What is published: every figure with its interval, and a demand that is not met says so."""

from dataclasses import replace

from benchmarks.harness import Case, Demand
from benchmarks.machine import describe_machine
from benchmarks.report import markdown, summarise

CASE = Case(
    name="sorting",
    what="sort numbers",
    prepare=range,
    run=sorted,
    reference=list,
    reference_is="copying them",
    dial="numbers",
    sizes=(1, 4, 16),
    demand=Demand("cpu_s", 0.1),
)
RUNS = {size: [[(0.02 * size, 0.01 * size), (0.01 * size, 0.01 * size)]] * 5 for size in CASE.sizes}
MEMORY = {size: {"prepared_mb": 20.0, "peak_mb": 30.0} for size in CASE.sizes}


def test_a_demand_that_is_not_met_says_so() -> None:
    told = summarise(CASE, RUNS, MEMORY)
    demand = {"clock": "cpu_s", "seconds": 0.1, "share": 0.5}
    assert told["demand"] == {**demand, "measured": 0.16, "met": False}
    assert "<= 100 ms CPU: **not met**" in markdown({}, [told], "2026-01-02")


def test_a_demand_on_nearly_all_runs_is_held_against_the_slow_ones() -> None:
    slow = [[(0.01 * place, 0.01), (0.01, 0.01)] for place in range(1, 22)]
    case = replace(CASE, sizes=(1,), demand=Demand("wall_s", 0.15, share=0.95))
    told = summarise(case, {1: slow}, {1: MEMORY[1]})
    assert told["sizes"][0]["wall_s"]["value"] < 0.15
    assert "<= 150 ms wall of 95%: 200 ms, **not met**" in markdown({}, [told], "2026-01-02")


def test_a_line_tells_the_figures_of_its_size() -> None:
    table = markdown({"cores": 2}, [summarise(CASE, RUNS, MEMORY)], "2026-01-02")
    assert "Measured on 2026-01-02 by `make bench`: cores 2." in table
    figures = "320 [320, 320] | 160 [160, 160] | 2 [2, 2] | 1 [1, 1] | 30 | 1 [1, 1] |"
    assert f"| `sorting` | 16 | {figures}" in table
    assert "- `sorting`: sort numbers; the size counts numbers; the reference is copying" in table


def test_a_case_that_was_not_measured_says_why() -> None:
    table = markdown({}, [{"case": "sorting", "failed": "ImportError: no numbers"}], "2026-01-02")
    assert "- `sorting`: not measured, ImportError: no numbers" in table


def test_the_machine_is_described_without_naming_it() -> None:
    told = describe_machine()
    assert {"processor", "cores", "memory_gb", "python", "numpy", "polars"} <= set(told)
    assert not any("/" in str(value) for value in told.values())
