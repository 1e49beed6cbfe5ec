"""Set-up with a stand-in for Python, uv and pip that writes down what it was asked."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.rooms import ROOT

STAND_IN = """#!/bin/bash
echo "$(basename "$0") $*" >>"$ASKED"
case "$*" in
-V) echo "Python $VERSION" ;;
*version_info*) [ "$VERSION" != 3.9.2 ] ;;
*ensurepip*) [ "$VERSION" != 3.11.0 ] ;;
"-m venv --clear "*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" && echo "$4" >"$4/bin/activate" ;;
*"config get global.find-links") printf '/wheels /more\\n' ;;
*"config get"*) exit 1 ;;
*" uv") [ -z "$NO_UV" ] && cp "$0" "$(dirname "$0")/uv" ;;
*" -e "*) env | grep ^UV_ >>"$ASKED"; [ -z "$FAILS" ] ;;
esac
"""


class Place:
    """A folder with what set-up reads, and a log of what was asked there."""

    def __init__(self, root: Path) -> None:
        self.root, self.log, self.stand_in = root, root / "asked", root / "python3"
        (root / "tools").mkdir()
        for name in ("tools/setup.sh", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, root / name)
        self.stand_in.write_text(STAND_IN)
        self.stand_in.chmod(0o755)

    def set_up(self, want: str = "core", python: str = "", **settings: str) -> tuple[int, str]:
        """The exit code, and what was said."""
        told = {"PATH": "/usr/bin:/bin", "ASKED": str(self.log), "VERSION": "3.11.2", **settings}
        told["PYTHON"] = python or str(self.stand_in)
        command = [self.root / "tools" / "setup.sh", want]
        done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    def asked(self) -> str:
        """What was asked since the last time."""
        text = self.log.read_text() if self.log.exists() else ""
        self.log.unlink(missing_ok=True)
        return text


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A fresh folder."""
    return Place(tmp_path)


def test_uv_installs_with_the_pins_and_the_find_links_of_pip(place: Place) -> None:
    code, said = place.set_up()
    assert code == 0
    assert re.search(r"installing \. with uv \.\.\. \d+ s", said)
    asked = place.asked()
    assert "-c constraints.txt -e .\n" in asked
    assert "UV_FIND_LINKS=/wheels,/more" in asked


def test_an_index_of_pip_is_handed_to_uv_and_one_told_to_uv_is_kept(place: Place) -> None:
    place.set_up(PIP_INDEX_URL="https://one.test", PIP_FIND_LINKS="/a", UV_FIND_LINKS="/b")
    asked = place.asked()
    assert "UV_DEFAULT_INDEX=https://one.test" in asked
    assert "UV_FIND_LINKS=/b" in asked


def test_further_indexes_are_searched_as_pip_searches_them(place: Place) -> None:
    place.set_up(PIP_EXTRA_INDEX_URL="https://one.test https://two.test")
    asked = place.asked()
    assert "UV_INDEX=https://one.test https://two.test" in asked
    assert "UV_INDEX_STRATEGY=unsafe-best-match" in asked


def test_pip_takes_the_place_of_a_uv_that_cannot_be_had(place: Place) -> None:
    code, said = place.set_up(NO_UV="1")
    assert code == 0
    assert "uv cannot be had: pip takes its place" in said
    assert re.search(r"installing \. with pip \.\.\. \d+ s", said)


def test_what_is_installed_is_not_installed_again(place: Place) -> None:
    place.set_up("dev")
    place.asked()
    assert place.set_up("dev") == place.set_up("core") == (0, "")
    assert place.asked() == "python -c import tradewind\n" * 2


def test_a_further_set_keeps_the_earlier_ones(place: Place) -> None:
    place.set_up("dev")
    place.set_up("neural")
    assert "-e .[dev,neural]\n" in place.asked()
    assert place.set_up("dev") == (0, "")


def test_new_pins_are_installed(place: Place) -> None:
    place.set_up("dev")
    (place.root / "constraints.txt").write_text("numpy==2.4.6\n")
    code, said = place.set_up()
    assert code == 0
    assert "installing .[dev] with uv" in said
    assert "making .venv" not in said


def test_a_set_up_that_fails_does_not_count_as_one(place: Place) -> None:
    code, said = place.set_up(FAILS="1")
    assert code == 1
    assert "installing . with uv ... failed" in said
    assert re.search(r"installing \. with uv \.\.\. \d+ s", place.set_up()[1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"python": "/nowhere/python3"},
            "there is no /nowhere/python3 here: apt-get install python3",
        ),
        ({"VERSION": "3.9.2"}, "is too old for tradewind: make PYTHON=/path/to/python3.11 up"),
        ({"VERSION": "3.11.0"}, "cannot make a virtual environment: apt-get install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_refused(
    place: Place, settings: dict[str, str], message: str
) -> None:
    code, said = place.set_up(**settings)
    assert code == 2
    assert message in said
    assert not (place.root / ".venv").exists()
