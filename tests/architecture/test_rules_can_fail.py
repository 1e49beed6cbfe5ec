"""A rule that cannot fail proves nothing: each is shown one small package that breaks it."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import rules
from tools.rooms import ROOT, House, Room, complaints

HOUSE = House(
    order=(("data",), ("core",)),
    stopwatches=("data/timed.py",),
    rooms={
        "core": Room("nouns", (), True, ("numpy",)),
        "data": Room("sources", (), True, ("numpy",), {"calendars.py": ("pandas",)}),
    },
)
Plant = Callable[[str, str], Path]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Writes one file into a small, well-kept package."""
    for place in ("__init__.py", "core/__init__.py", "data/__init__.py"):
        _write(tmp_path / place, '"""Kept."""\n')
    return lambda place, text: _write(tmp_path / place, f'"""Planted."""\n{text}\n')


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


CHECKS: dict[str, Callable[[Path], list[str]]] = {
    "folders": lambda package: rules.stray_folders(package, HOUSE),
    "dynamic": rules.dynamic_imports,
    "vendors": lambda package: rules.stray_vendors(package, HOUSE),
    "clocks": lambda package: rules.raw_clocks(package, HOUSE.stopwatches),
    "random": rules.global_randomness,
    "code": rules.code_bearing_loaders,
    "docstrings": rules.missing_docstrings,
}

OFFENCES = [
    ("folders", "attic/__init__.py", "", "attic is no declared room: name it in tools/rooms.toml"),
    ("folders", "data/deep/a.py", "", "data/deep has code and no __init__.py: give it one"),
    ("dynamic", "data/a.py", "import importlib", "a.py:2 uses importlib: import it plainly"),
    ("dynamic", "data/a.py", "from runpy import run_path", "uses runpy.run_path"),
    ("dynamic", "cli/a.py", "from importlib.util import module_from_spec", "uses importlib.util"),
    ("dynamic", "data/a.py", "__import__('numpy')", "uses builtins.__import__"),
    ("dynamic", "data/a.py", "f = eval", "uses builtins.eval"),
    ("dynamic", "data/a.py", "exec('1')", "uses builtins.exec"),
    (
        "dynamic",
        "core/a.py",
        "from importlib.metadata import entry_points",
        "uses importlib.metadata.entry_points",
    ),
    (
        "vendors",
        "data/a.py",
        "import pandas as pd",
        "data/a.py:2 imports pandas: use the file that",
    ),
    ("vendors", "core/a.py", "def f():\n    from scipy import stats", "core/a.py:3 imports scipy"),
    ("vendors", "a.py", "import numpy", "a.py:2 imports numpy"),
    (
        "vendors",
        "data/a.py",
        "from tradewind.core.vendors import load\nload('faiss', 'vectors')",
        "data/a.py:3 imports faiss",
    ),
    (
        "vendors",
        "data/a.py",
        "from tradewind.core import vendors\nvendors.load(name, 'vectors')",
        "imports a package named at run time",
    ),
    (
        "clocks",
        "data/a.py",
        "from datetime import datetime as d\nd.now()",
        "uses datetime.datetime.now: take the moment as an argument, or a tradewind.core Clock",
    ),
    ("clocks", "data/a.py", "import datetime\nx = datetime.date.today()", "datetime.date.today"),
    ("clocks", "data/a.py", "from time import time", "uses time.time"),
    ("clocks", "data/timed.py", "import time\ntime.time()", "uses time.time"),
    (
        "clocks",
        "data/a.py",
        "import time\ntime.perf_counter()",
        "uses time.perf_counter: only the stopwatches of tools/rooms.toml time work",
    ),
    (
        "random",
        "data/a.py",
        "import numpy as np\nnp.random.default_rng()",
        "numpy.random.default_rng: take an rng as an argument; tradewind.core.stream makes one",
    ),
    ("random", "data/a.py", "from random import choice", "uses random.choice"),
    ("code", "data/a.py", "import pickle", "uses pickle: keep arrays in safetensors"),
    ("code", "data/a.py", "import torch as t\nt.load('m.pt')", "uses torch.load"),
    ("code", "data/a.py", "from joblib import load", "uses joblib.load"),
    (
        "code",
        "data/a.py",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "data/a.py:3 calls numpy.load with pickles",
    ),
]

INNOCENT = [
    ("folders", "data/templates/page.html", ""),
    ("dynamic", "core/vendors.py", "import importlib\nimportlib.import_module('json')"),
    ("dynamic", "core/vendors.py", "from importlib.util import spec_from_file_location"),
    ("dynamic", "core/calendar.py", "from importlib.metadata import entry_points"),
    ("dynamic", "data/a.py", "from importlib.metadata import version\nlists.list.eval(1)"),
    ("vendors", "data/calendars.py", "import json, numpy, pandas.tseries\nimport tradewind.core"),
    (
        "vendors",
        "core/a.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas",
    ),
    ("clocks", "core/clock.py", "from datetime import datetime\ndatetime.now()"),
    ("clocks", "data/timed.py", "import time\ntime.perf_counter()"),
    ("clocks", "data/a.py", "from datetime import datetime, time\ndatetime(2024, 1, 1), time(0)"),
    ("random", "data/a.py", "import numpy as np\ndef f(rng: np.random.Generator): rng.normal()"),
    ("random", "core/rng.py", "import numpy as np\nnp.random.PCG64(1)"),
    ("code", "data/a.py", "import json, yaml\njson.load(f); yaml.load(f, yaml.SafeLoader)"),
]


@pytest.mark.parametrize(("check", "place", "text", "message"), OFFENCES)
def test_a_planted_offence_is_reported(
    plant: Plant, tmp_path: Path, check: str, place: str, text: str, message: str
) -> None:
    assert CHECKS[check](tmp_path) == []
    plant(place, text)
    assert any(message in found for found in CHECKS[check](tmp_path))


@pytest.mark.parametrize(("check", "place", "text"), INNOCENT)
def test_what_is_allowed_is_not_reported(
    plant: Plant, tmp_path: Path, check: str, place: str, text: str
) -> None:
    plant(place, text)
    assert CHECKS[check](tmp_path) == []


def test_a_file_without_a_docstring_is_reported(tmp_path: Path) -> None:
    _write(tmp_path / "a.py", "x = 1\n")
    assert rules.missing_docstrings(tmp_path) == [
        "a.py has no docstring: say what it is and why it is so"
    ]


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    """The source and the room table, where they may be spoilt."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for place in (".importlinter", "tools/rooms.toml", "docs/architecture.md"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / place, tmp_path / place)
    return tmp_path


def test_a_contract_or_a_map_that_is_stale_is_reported(copy_of_the_house: Path) -> None:
    assert complaints(copy_of_the_house) == []
    (copy_of_the_house / ".importlinter").write_text("")
    table = copy_of_the_house / "tools/rooms.toml"
    table.write_text(table.read_text().replace("built = false", "built = true", 1))
    assert complaints(copy_of_the_house) == [
        "tools/rooms.toml says that rl is built, and is no package: change `built`, or the folder",
        ".importlinter is not what tools/rooms.toml says: run `python -m tools.rooms write`",
        "docs/architecture.md is not what tools/rooms.toml says: run `python -m tools.rooms write`",
    ]


def test_a_map_without_a_place_for_the_table_is_refused(copy_of_the_house: Path) -> None:
    (copy_of_the_house / "docs/architecture.md").write_text("# Architecture\n")
    with pytest.raises(SystemExit, match="has no place for the table: put <!-- rooms -->"):
        complaints(copy_of_the_house)


def lint_imports(root: Path) -> str:
    """What import-linter says of the source at `root`."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    paths = {"PYTHONPATH": str(root / "src"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=root, env=paths, capture_output=True, text=True, check=False)
    return f"{done.stdout} {done.stderr} exit {done.returncode}"


def test_import_linter_accepts_the_house_as_it_is(copy_of_the_house: Path) -> None:
    said = lint_imports(copy_of_the_house)
    assert "BROKEN" not in said
    assert "exit 0" in said


@pytest.mark.parametrize(
    ("place", "text", "message"),
    [
        ("core/a.py", "import tradewind.data", "core imports no other room BROKEN"),
        (
            "trading/a.py",
            "import tradewind.data",
            "trading imports core and evaluation alone BROKEN",
        ),
        ("attic/__init__.py", "", "every child of every container must be declared as a layer"),
    ],
)
def test_import_linter_refuses_a_planted_import_or_room(
    copy_of_the_house: Path, place: str, text: str, message: str
) -> None:
    _write(copy_of_the_house / "src/tradewind" / place, text)
    said = lint_imports(copy_of_the_house)
    assert message in said
    assert "exit 1" in said
