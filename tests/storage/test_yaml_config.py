"""The configuration: what is not understood is refused by its name and line, with the nearest remedy."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from tradewind.core.errors import BadConfig, Misuse, WorkspaceError
from tradewind.storage.yaml_config import default_config, read_config


@dataclass(frozen=True)
class Everything:
    count: int = 3
    share: float = field(default=0.5, metadata={"doc": "of equity"})
    name: str = "ACME: the best"
    on: bool = True
    symbols: tuple[str, ...] = ("A", "B")
    kind: Literal["equity", "fx"] = "equity"
    cap: float | None = None
    level: int | None = 7

    def __post_init__(self) -> None:
        if self.count < 0:
            raise Misuse(f"a count of {self.count}", "give 0 or more")


@dataclass(frozen=True)
class Other:
    port: int = 8000


@dataclass(frozen=True)
class Clock:
    zone: str = "UTC"


@dataclass(frozen=True)
class Part:
    name: str
    lag: timedelta | None = None
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        if self.name == "bars":
            raise Misuse(f"a part called {self.name!r}", "give it another name")


@dataclass(frozen=True)
class Parts:
    parts: tuple[Part, ...] = ()


SECTIONS: dict[str, type] = {"everything": Everything, "other": Other}


def read(tmp_path: Path, text: str) -> dict[str, object]:
    path = tmp_path / "tradewind.yaml"
    path.write_text(text)
    return read_config(path, SECTIONS)


@pytest.mark.parametrize("text", ["", "# nothing", "everything:", "everything: {}\nother:\n"])
def test_what_is_not_said_keeps_its_default(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == {"everything": Everything(), "other": Other()}
    assert read_config(tmp_path / "no.yaml", SECTIONS)["other"] == Other()


def test_what_is_said_is_read_as_its_type(tmp_path: Path) -> None:
    text = """
everything:
  count: 4
  share: 1
  name: "1.5"
  on: no
  symbols: [A, "7"]
  kind: fx
  cap: 1.0e-3
  level: ~
other: {port: 1}
"""
    wanted = Everything(4, 1.0, "1.5", False, ("A", "7"), "fx", 0.001, None)
    assert read(tmp_path, text) == {"everything": wanted, "other": Other(1)}


def read_parts(tmp_path: Path, text: str) -> Parts:
    path = tmp_path / "tradewind.yaml"
    path.write_text(text)
    return read_config(path, {"side": Parts})["side"]


def test_a_list_of_mappings_is_read_as_its_parts(tmp_path: Path) -> None:
    text = """
side:
  parts:
    - name: one
      lag: 45d
      clock: {zone: Asia/Tokyo}
    - {name: two, lag: 90m, clock: }
"""
    one = Part("one", timedelta(days=45), Clock("Asia/Tokyo"))
    assert read_parts(tmp_path, text).parts == (one, Part("two", timedelta(hours=1.5)))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ("[{nam: one}]", "2: there is no key 'side.parts.nam': did you mean 'name'?"),
        ("[{lag: 1d}]", "2: 'side.parts' has no key 'name': write `name: value`"),
        ("[~]", "2: 'side.parts' has no key 'name': write `name: value`"),
        ("[one]", "2: 'side.parts' is not a list of keys: write one `key: value` a line"),
        ("{name: one}", "2: 'side.parts' is not a list: write [one, another]"),
        (
            "[{name: a, lag: 45}]",
            "2: 'side.parts.lag' is '45', not a length of time: write it with",
        ),
        ("[{name: a, lag: monthly}]", "2: 'side.parts.lag' is 'monthly', not a length of time"),
        ("[{name: a, clock: {zon: UTC}}]", "2: there is no key 'side.parts.clock.zon': did you"),
        ("[{name: bars}]", "yaml: side.parts: a part called 'bars': give it another name"),
    ],
)
def test_what_is_wrong_in_a_part_is_told_by_name_and_line(
    tmp_path: Path, parts: str, message: str
) -> None:
    with pytest.raises(BadConfig, match=re.escape(message)):
        read_parts(tmp_path, f"side:\n  parts: {parts}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "everythin:\n  count: 1",
            "1: there is no section 'everythin': did you mean 'everything'?",
        ),
        (
            "other:\n  port: 1\n  prot: 2",
            "3: there is no key 'other.prot': did you mean 'port'?",
        ),
        ("other: 3", "1: 'other' is not a list of keys: write one `key: value` a line"),
        ("- other", "1: the file is not a list of keys: write one `section: value` a line"),
        ("other:\n  port: 1\n  port: 2", "3: 'other.port' is given twice: keep one of them"),
        ("other:\n  port: eighty", "2: 'other.port' is 'eighty', not a whole number: write digits"),
        ("other:\n  port: 1.5", "2: 'other.port' is '1.5', not a whole number: write digits"),
        ("other:\n  port: true", "2: 'other.port' is 'true', not a whole number"),
        ("other:\n  port:", "2: 'other.port' is '', not a whole number"),
        ("other:\n  port: [1]", "2: 'other.port' holds several values: give it one"),
        ("other:\n  port: !!python/object:os.system 1", "2: 'other.port' has the tag 'tag:yaml"),
        ("everything:\n  share: .nan", "2: 'everything.share' is '.nan', not a number: write it"),
        ("everything:\n  share: .inf", "2: 'everything.share' is '.inf', not a number"),
        ("everything:\n  share: 1e5", "is '1e5', not a number: write it with a point, such as"),
        ("everything:\n  name: 2024-01-02", "is '2024-01-02', not text: put it in quotes"),
        ("everything:\n  name: on", "is 'on', not text: put it in quotes"),
        ("everything:\n  on: maybe", "is 'maybe', not true or false: write true or false"),
        ("everything:\n  symbols: A", "'everything.symbols' is not a list: write [one, another]"),
        ("everything:\n  symbols: [A, 7]", "'everything.symbols' is '7', not text"),
        ("everything:\n  kind: equty", "'everything.kind' is 'equty': did you mean 'equity'?"),
        ("everything:\n  cap: high", "'everything.cap' is 'high', not a number"),
        ("everything:\n  count: -1", "yaml: everything: a count of -1: give 0 or more"),
        ("other: {port: 1", "is not YAML (expected ',' or '}'"),
        ("a: b\n---\nc: d", "2 is not YAML (but found another document): mend that line"),
        ("[" * 5000, "tradewind.yaml is not YAML: write it as UTF-8 text"),
        ("other: \x00", "tradewind.yaml is not YAML: write it as UTF-8 text"),
    ],
)
def test_what_is_not_understood_is_refused_by_name_and_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(BadConfig, match=re.escape(message)):
        read(tmp_path, text)


def test_an_alias_that_grows_without_end_is_refused_without_being_grown(tmp_path: Path) -> None:
    laughs = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    with pytest.raises(BadConfig, match="there is no section 'a0'"):
        read(tmp_path, "\n".join(["a0: &a0 [lol]", *laughs]))


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="it is a folder, not a file: give the path of a file"):
        read_config(tmp_path, SECTIONS)
    (tmp_path / "tradewind.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadConfig, match="is not YAML: write it as UTF-8 text"):
        read_config(tmp_path / "tradewind.yaml", SECTIONS)


def test_the_default_file_says_every_key_and_means_the_defaults(tmp_path: Path) -> None:
    text = default_config(SECTIONS)
    assert "  # share: 0.5  # of equity" in text
    defaults = {"everything": Everything(), "other": Other()}
    assert read(tmp_path, text) == defaults
    assert read(tmp_path, re.sub(r"(?m)^  # ", "  ", text)) == defaults
    assert len(re.findall(r"(?m)^  # \w+:", text)) == 9
