"""The cases, one file for each thing measured. They import what they measure only when they run."""

from benchmarks.cases import (
    alignment,
    as_of,
    features,
    first_call,
    ingest,
    labels,
    make_market,
    panel,
    pattern_library,
    patterns,
    regimes,
    retrieval,
    start,
    store,
    technical,
)
from benchmarks.harness import Case

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        *panel.CASES,
        *as_of.CASES,
        *alignment.CASES,
        *labels.CASES,
        *regimes.CASES,
        *features.CASES,
        *first_call.CASES,
        *technical.CASES,
        *patterns.CASES,
        *make_market.CASES,
        *retrieval.CASES,
        *store.CASES,
        *ingest.CASES,
        *pattern_library.CASES,
        *start.CASES,
    )
}
