"""What leaves as JSON can be read by anybody."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from tradewind.storage.json_text import to_json


def test_no_number_that_is_none_leaves() -> None:
    values = {"a": float("nan"), "b": [np.float64("inf")], "c": np.array([1.0, np.nan])}
    assert json.loads(to_json(values)) == {"a": None, "b": [None], "c": [1.0, None]}


def test_half_characters_are_spelled_out() -> None:
    broken = "\udcff"
    values = {"a": [broken, (Path(f"{broken}.csv"),)], broken: 1.0, "m": MappingProxyType({})}
    told = json.loads(to_json(values))
    assert told == {"a": ["\\udcff", ["\\udcff.csv"]], "\\udcff": 1.0, "m": {}}


def test_paths_and_moments_are_text() -> None:
    told = json.loads(to_json({"page": Path("a/b"), "at": datetime(2024, 1, 2, tzinfo=UTC)}))
    assert told == {"page": "a/b", "at": "2024-01-02T00:00:00+00:00"}


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        to_json({"a": object()})
