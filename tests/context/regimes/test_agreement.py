"""Regimes found online are those that were planted."""

import pytest

from tests.context.regimes.agreement import agreement
from tradewind.data.synthetic import make_market


@pytest.mark.parametrize(("kind", "seed"), [("equity", 2), ("crypto", 5), ("fx", 6)])
def test_online_regimes_agree_with_the_planted_ones_nearly_as_well_as_the_truth_would(
    kind: str, seed: int
) -> None:
    found = agreement(make_market(kind, 10, 4000, seed=seed))
    assert found.told.mean() > 0.9
    assert found.share >= 0.95
