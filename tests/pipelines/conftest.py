"""A market small enough for tests, and a watcher who keeps what it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tradewind.evaluation.splits import PurgedWalkForward
from tradewind.models.lightgbm_forecaster import TreesConfig
from tradewind.pipelines.config import SyntheticConfig, UpConfig
from tradewind.storage.workspace import Workspace


@dataclass
class Notes:
    """A Tell that writes down the stages."""

    stages: list[str] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.stages.append(name)
        yield

    def progress(self, done: int, of: int) -> None:
        assert 0 < done <= of

    def note(self, line: str) -> None:
        self.stages.append(line)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "market").create()


def small(information_coefficient: float = 0.15, **changes: object) -> UpConfig:
    """Twenty symbols over 360 days, with 5 % of the bars corrected later."""
    return UpConfig(
        synthetic=SyntheticConfig(
            symbols=20, periods=360, information_coefficient=information_coefficient
        ),
        split=PurgedWalkForward(folds=2),
        trees=TreesConfig(trees=40),
        **changes,  # type: ignore[arg-type]
    )
