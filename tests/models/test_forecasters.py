"""A fitted forecaster is the same wherever and however it is asked."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Dataset, Score, stream
from tradewind.core.errors import Misuse
from tradewind.core.roles import Learner
from tradewind.evaluation.contracts import check_forecaster
from tradewind.evaluation.suspicion import too_good
from tradewind.models.climatology import ClimatologyLearner
from tradewind.models.lightgbm_forecaster import Trees, TreesLearner

NAMES = pl.Enum(["A", "B", "C"])


def rows(moments: int = 800, strength: float = 1.0) -> Dataset:
    rng = stream(5, "rows")
    n = moments * 3
    start = datetime(2024, 1, 1, tzinfo=UTC)
    x = rng.normal(size=n)
    table = pl.DataFrame(
        {
            "decided_at": [start + timedelta(hours=i // 3) for i in range(n)],
            "symbol": ["A", "B", "C"] * moments,
            "x": x,
            "gap": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
            "up": (strength * x + rng.normal(size=n) > 0).astype(float),
        },
        schema_overrides={"symbol": NAMES},
    ).with_columns(pl.col("gap").fill_nan(None))
    table = table.with_columns(resolved_at=pl.col("decided_at") + pl.duration(hours=1))
    return Dataset(table, ("x", "gap"), "up")


@pytest.mark.parametrize("learner", [ClimatologyLearner(1), TreesLearner(1)])
def test_every_forecaster_passes_its_battery(learner: Learner) -> None:
    assert check_forecaster(learner(rows(), stream(1, "fit")), rows()) == ()


def test_the_same_rows_and_seed_give_the_same_trees() -> None:
    one, other = (TreesLearner(1)(rows(), stream(1, "fit")) for _ in range(2))
    assert one == other


def test_trees_survive_being_written_and_read() -> None:
    trees = TreesLearner(1)(rows(), stream(1, "fit"))
    again = Trees(str(trees.text), trees.features, trees.target, trees.horizon)
    assert again(rows(), None) == trees(rows(), None)


def test_trees_refuse_other_features_than_they_learned() -> None:
    trees = TreesLearner(1)(rows(), stream(1, "fit"))
    with pytest.raises(Misuse, match="fitted on 2 features were given 1"):
        trees(Dataset(rows().table, ("x",)), None)


@pytest.mark.parametrize("learner", [ClimatologyLearner(1), TreesLearner(1)])
def test_rows_without_outcomes_cannot_be_learned_from(learner: Learner) -> None:
    unknown = rows().table.with_columns(up=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(Misuse, match="2400 of 2400 rows to learn from have no outcome"):
        learner(Dataset(unknown, ("x",), "up"), stream(1, "fit"))


def test_climatology_is_never_certain() -> None:
    table = rows().table.with_columns(up=pl.lit(1.0))
    assert ClimatologyLearner(1)(Dataset(table, ("x",), "up"), stream(1, "x")).up < 1


def test_skill_that_nobody_has_is_an_error_that_names_the_column() -> None:
    finding = too_good(Score("log_loss_skill", 0.3, 0.25, 0.35, ""), rows(strength=5.0), ["x"])[0]
    assert finding.severity == "error"
    assert finding.where.startswith("x (0.9")
    alone = too_good(Score("log_loss_skill", 0.3, 0.25, 0.35, ""), rows(strength=5.0), [])[0]
    assert alone.severity == "warning"
