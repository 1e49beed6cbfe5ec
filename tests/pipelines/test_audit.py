"""Every feature that is registered is causal, and one that were not would be told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.pipelines.conftest import Notes
from tradewind.core.vendors import load_function
from tradewind.features.registry import BARS, FAMILIES
from tradewind.features.seen import Floats, Ints
from tradewind.pipelines.audit import audit_features, package_of

NOT_WITHIN_HOURS = {f"{of}limit_{way}" for of in ("", "regime_") for way in ("up", "down")}
"""Limit bands are of bars of five minutes or less, and the made market has hours."""


@pytest.mark.parametrize("name", FAMILIES)
def test_every_registered_feature_is_causal_and_reads_what_it_declares(
    name: str, notes: Notes
) -> None:
    [found] = audit_features(8, 7, notes, [FAMILIES[name]]).audits
    assert found.verdict == "causal", found.summary
    assert {finding.where for finding in found.card.findings} <= NOT_WITHIN_HOURS
    assert found.card.score("columns").value == len(FAMILIES[name].specs)
    assert notes.stages == [name]


def peeking(bars: Floats, offsets: Ints, first: Ints) -> Floats:
    """Our features, each a bar too early."""
    return np.roll(BARS.kernel(bars, offsets, first), -1, axis=1)


def forgetful(bars: Floats, offsets: Ints, first: Ints) -> Floats:
    """A feature more of the first than it declares."""
    out = BARS.kernel(bars, offsets, first)
    out[0] = out[3]
    return out


@pytest.mark.parametrize(
    ("kernel", "verdict", "column"),
    [(peeking, "leaking", "return_1"), (forgetful, "breaks its word", "return_1")],
)
def test_a_family_that_peeks_or_reads_more_than_it_declares_is_told(
    kernel: Callable[..., Floats], verdict: str, column: str, notes: Notes
) -> None:
    [found] = audit_features(8, 7, notes, [replace(BARS, kernel=kernel)]).audits
    assert found.verdict == verdict
    assert column in [finding.where for finding in found.card.findings]


def make_in_pandas(rows: "pandas.DataFrame") -> Any: ...  # type: ignore[name-defined]  # noqa: F821
def make_in_polars(rows: "pl.DataFrame") -> Any: ...  # type: ignore[name-defined]  # noqa: F821
def make_in_either(rows): ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize(
    ("function", "package"),
    [(make_in_pandas, "pandas"), (make_in_polars, "polars"), (make_in_either, "polars")],
)
def test_a_function_is_given_the_frames_that_it_says_it_takes(
    function: Callable[[Any], Any], package: str
) -> None:
    assert package_of(function) == package


def test_a_function_that_says_nothing_is_given_the_frames_that_its_file_imports(
    tmp_path: Any,
) -> None:
    file = tmp_path / "only_pandas.py"
    file.write_text("import pandas as pd\ndef make(rows): return rows")
    assert package_of(load_function(f"{file}:make")) == "pandas"
