"""The rules hold in the source as it is."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import tradewind.core
from tools import rules
from tools.rooms import ROOT, main, read_house
from tools.source import read_modules

PACKAGE = ROOT / "src" / "tradewind"
HOUSE = read_house(ROOT)
WHAT_NOUNS_ARE_MADE_OF = {"numpy", "polars"}
MODULES = read_modules(PACKAGE)
NEEDED_UNSEEN = {
    "tzdata": "zoneinfo reads it where the machine has no time zones",
}
IMPORTED_AS = {"pyyaml": "yaml"}


def test_every_folder_is_a_declared_room() -> None:
    assert rules.stray_folders(PACKAGE, HOUSE) == []


def test_nothing_is_imported_by_name() -> None:
    assert rules.dynamic_imports(PACKAGE) == []


def test_every_vendor_is_imported_where_the_table_says() -> None:
    assert rules.stray_vendors(PACKAGE, HOUSE) == []


def test_no_stage_reads_the_clock() -> None:
    assert rules.raw_clocks(PACKAGE, HOUSE.stopwatches) == []


def test_no_randomness_is_global() -> None:
    assert rules.global_randomness(PACKAGE) == []


def test_nothing_that_carries_code_is_loaded() -> None:
    assert rules.code_bearing_loaders(PACKAGE) == []


def test_every_module_says_what_it_is() -> None:
    assert rules.missing_docstrings(PACKAGE) == []


def test_contracts_and_map_are_what_the_room_table_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("check") == 0
    assert ".importlinter and docs/architecture.md are what tools/rooms.toml says" in str(
        capsys.readouterr()
    )


def test_core_exports_exactly_what_it_imports() -> None:
    tree = ast.parse((PACKAGE / "core" / "__init__.py").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    names = [alias.asname or alias.name for node in imports for alias in node.names]
    assert tradewind.core.__all__ == sorted(names)


def imported_by(room: str, file: str = "") -> set[str]:
    """The packages that a room, or one file of it, imports or loads."""
    return {
        name
        for module in MODULES
        if module.room == room and module.place.endswith(file)
        for _, name in rules.vendors_of(module)
    }


def test_every_dependency_is_imported_by_some_room() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[\[<>=~!]", line)[0] for line in project["dependencies"]}
    imported = {package for room in HOUSE.built for package in imported_by(room)}
    idle = {name for name in declared if IMPORTED_AS.get(name, name) not in imported}
    assert idle == set(NEEDED_UNSEEN)


@pytest.mark.parametrize("room", HOUSE.built)
def test_a_room_imports_what_the_table_grants_it(room: str) -> None:
    granted = HOUSE.rooms[room]
    assert set(granted.packages) - imported_by(room) <= WHAT_NOUNS_ARE_MADE_OF
    for file, packages in granted.vendors.items():
        assert set(packages) <= imported_by(room, f"{room}/{file}")


def test_every_stopwatch_is_a_file() -> None:
    assert [place for place in HOUSE.stopwatches if not Path(PACKAGE, place).is_file()] == []
