"""A person's own function is found in a person's own file, and what is wrong with the file is told."""

from pathlib import Path

import pytest

from tradewind.core.errors import Misuse
from tradewind.core.vendors import load_function


def test_a_file_finds_what_lies_beside_it_and_shadows_no_package(tmp_path: Path) -> None:
    (tmp_path / "beside_it.py").write_text("FACTOR = 3")
    (tmp_path / "json.py").write_text(
        "from beside_it import FACTOR\ndef make(value): return FACTOR * value"
    )
    assert load_function(f"{tmp_path}/json.py:make")(2) == 6
    import json

    assert json.loads("[1]") == [1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def make(:", "cannot be imported: SyntaxError"),
        ("import no_such_package", "cannot be imported: ModuleNotFoundError"),
        ("make = 3", "has no function 'make'"),
        ("", "has no function 'make': there is none to choose from"),
        ("def mak(rows): ...", "has no function 'make': did you mean 'mak'?"),
    ],
)
def test_a_file_without_the_function_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(Misuse, match=message.replace("?", r"\?")):
        load_function(f"{tmp_path}/mine.py:make")
