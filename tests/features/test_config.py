"""Families are named in tradewind.yaml, and files of one's own become families."""

from pathlib import Path

import pytest

from tradewind.core.errors import BadConfig, Misuse
from tradewind.features.config import FeaturesConfig, every_family, families_of
from tradewind.features.registry import FAMILIES

MINE = """
import polars as pl
from tradewind.features.expressions import feature

@feature(lookback=20, units="ratio")
def {name}(close: pl.Expr) -> pl.Expr:
    "how far the close is from its mean"
    return close / close.rolling_mean(20) - 1
"""


def test_a_file_becomes_a_family_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE.format(name="distance"))
    config = FeaturesConfig(families=("alpha158",), files=("mine.py",))
    assert [family.name for family in families_of(config, tmp_path)] == ["alpha158", "mine"]
    assert [family.name for family in every_family(config, tmp_path)] == [*FAMILIES, "mine"]


def test_a_family_of_ones_own_may_be_named_among_the_others(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE.format(name="distance"))
    config = FeaturesConfig(("mine", "bars", "mine@1w"), ("mine.py",))
    assert [family.name for family in families_of(config, tmp_path)] == ["mine", "bars", "mine@1w"]


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE.format(name="return_5"))
    with pytest.raises(Misuse, match="'return_5' of 'mine' is one of 'bars' too: rename yours"):
        families_of(FeaturesConfig(("alpha158",), ("mine.py",)), tmp_path)
    (tmp_path / "bars.py").write_text(MINE.format(name="distance"))
    with pytest.raises(Misuse, match="there is a family 'bars' already: rename your file"):
        families_of(FeaturesConfig(("bars",), ("bars.py",)), tmp_path)


def test_what_a_feature_lacks_is_said_once_and_without_the_import(tmp_path: Path) -> None:
    text = MINE.format(name="nodoc").replace('    "how far the close is from its mean"\n', "")
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(Misuse) as refused:
        families_of(FeaturesConfig(files=("mine.py",)), tmp_path)
    said = "the feature 'nodoc' has no docstring: say in one line what it is"
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "mine.py declares no feature: from tradewind.features.expressions import"),
        ("1 / 0", "cannot be imported: ZeroDivisionError: division by zero: make it run by itself"),
        (None, "there is no file .*mine.py: check the path"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "mine.py").write_text(text)
    with pytest.raises(Misuse, match=said):
        families_of(FeaturesConfig(files=("mine.py",)), tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sla_s": 0.0}, "a refresh within 0.0 s: give a time above zero"),
        ({"files": ("my features.py",)}, "'my features.py' is no file of features: name it"),
        ({"families": ("bars",) * 2}, "the family 'bars' is named twice: keep one of them"),
        ({"files": ("my.py",) * 2}, "the family 'my' is named twice: keep one of them"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadConfig, match=said):
        FeaturesConfig(**changes)  # type: ignore[arg-type]
