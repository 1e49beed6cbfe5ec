"""Kernels are compiled wherever the program is installed, whoever may write there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tradewind.cli.compiled import PACKAGE, keep_compiled, places, writable

COMPILES = """
import os
from tradewind.cli.compiled import keep_compiled
keep_compiled()
print(os.environ.get("NUMBA_CACHE_DIR"))
from tradewind.features.windows import windows_of
"""


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """An environment in which neither the package nor its user has a folder to write in."""
    copy = shutil.copytree(
        PACKAGE, tmp_path / "tradewind", ignore=shutil.ignore_patterns("__pycache__")
    )
    (copy / "features" / "__pycache__").write_text("in the way")
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "HOME": "/dev/null"}
    env.pop("XDG_CACHE_HOME", None)
    env.pop("NUMBA_CACHE_DIR", None)
    return {**env, "PYTHONDONTWRITEBYTECODE": "1"}


def test_without_a_folder_to_write_in_there_is_one_for_the_run(nowhere: dict[str, str]) -> None:
    command = [sys.executable, "-c", COMPILES]
    ran = subprocess.run(command, env=nowhere, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    folder = Path(ran.stdout.strip())
    assert folder.name.startswith("tradewind-compiled-")
    assert not folder.exists()


def test_numba_alone_would_have_stopped_there(nowhere: dict[str, str]) -> None:
    code = "from tradewind.features.windows import windows_of"
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, env=nowhere, capture_output=True, text=True, check=False)
    assert "cannot cache function" in ran.stderr


def test_a_place_that_can_be_written_is_left_to_numba(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    keep_compiled()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "kept")
    assert places()[0] == tmp_path / "kept"
    assert writable(tmp_path / "kept" / "deep")
