"""What tests of every room share."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # speed is a benchmark, never a timed test
settings.load_profile("unhurried")

SAMPLES = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of sample data beside the repository; without it the test is skipped."""
    if not SAMPLES.is_dir():
        pytest.skip(f"needs sample data in a folder {SAMPLES.name!r} beside the repository")
    return SAMPLES
