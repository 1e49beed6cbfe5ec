"""What the tests of the command line share: a stand-in for the main job, and an empty folder."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.cli import stand_in


@pytest.fixture(autouse=True)
def job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module that does the job, in this process and for this test."""
    monkeypatch.setitem(sys.modules, "tradewind.pipelines.up", ModuleType("replaced"))
    monkeypatch.chdir(tmp_path)
    return stand_in.installed()
