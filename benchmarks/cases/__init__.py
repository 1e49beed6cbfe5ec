"""The cases, one file for each thing measured. They import what they measure only when they run."""

from benchmarks.cases import alignment, as_of, features, labels, make_market, panel, start, store
from benchmarks.harness import Case

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        *panel.CASES,
        *as_of.CASES,
        *alignment.CASES,
        *labels.CASES,
        *features.CASES,
        *make_market.CASES,
        *store.CASES,
        *start.CASES,
    )
}
