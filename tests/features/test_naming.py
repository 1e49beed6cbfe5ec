"""A family on longer bars is named after both, wherever a family is named."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.features.test_config import MINE
from tradewind.core import Panel
from tradewind.core.errors import Misuse
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features import compute
from tradewind.features.calendars import Calendars
from tradewind.features.coarser import Coarser
from tradewind.features.config import FeaturesConfig, every_family, families_of
from tradewind.features.registry import BARS, FAMILIES
from tradewind.features.seen import Seen

PANEL = make_market("equity", 3, 200, seed=2).panel
CARRIED = ("bars", "alpha158", "technical", "realised", "regime20", "observed", "seasonal")


@pytest.mark.parametrize("name", CARRIED)
def test_each_family_of_single_symbols_is_computed_on_longer_bars_by_its_name(name: str) -> None:
    table = compute(PANEL, f"{name}@1w").drop("symbol", "timestamp")
    assert table.columns == [f"{spec.name}_1w" for spec in FAMILIES[name].specs]
    assert any(column.count() for column in table)


@pytest.mark.parametrize("name", ["bars@1w", "technical@1mo"])
def test_each_value_is_that_of_a_snapshot_taken_at_its_bar(name: str) -> None:
    panel = make_market("equity", 3, 200, seed=2, plants=[Revisions(0.05)]).panel
    known = panel.as_of(max(panel.table["known_at"]))
    whole, [family] = compute(known, name), families_of(FeaturesConfig((name,)), Path())
    for when in known.table["timestamp"].unique().sort()[60::13]:
        bars = Panel(known.table.filter(pl.col("timestamp") <= when))
        assert_frame_equal(compute(bars, name), whole.filter(pl.col("timestamp") <= when))
        at_once = Panel(bars.table.with_columns(known_at="timestamp"))
        told = family.values(Seen(at_once, [when]))
        row = whole.filter(pl.col("timestamp") == when).drop("symbol", "timestamp")
        assert np.array_equal(told.T, row.fill_null(np.nan).to_numpy(), equal_nan=True)


def test_a_feature_is_named_so_too_and_its_column_as_it_may_be_in_sql() -> None:
    table = compute(PANEL, ["rsi_14@1w", "return_5@1w", "return_5"])
    assert table.columns[2:] == ["rsi_14_1w", "return_5_1w", "return_5"]


def test_weeks_are_those_of_the_calendar_that_is_given() -> None:
    coins = make_market("crypto", 1, 60).panel
    usual, own = (
        compute(coins, "bars@1w", [Coarser(BARS, "1w", Calendars(name))])["return_1_1w"]
        for name in ("XNYS", "24/7")
    )
    assert usual.count() > 40
    assert not usual.equals(own)
    assert compute(coins, "bars@1w")["return_1_1w"].equals(usual)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bars@2w", "'bars' on bars of '2w': choose from 15m, 1d"),
        ("bars@1W", "'bars' on bars of '1W': did you mean '1w'?"),
        ("bars@", "'bars' on bars of ''"),
        ("bars@1w@1mo", "'bars' on bars of '1w@1mo'"),
        ("cross_asset@1w", "'cross_asset' on longer bars: it reads all symbols at once"),
    ],
)
def test_bars_of_no_known_length_are_refused_and_so_are_families_of_whole_markets(
    name: str, said: str
) -> None:
    with pytest.raises(Misuse, match=said):
        families_of(FeaturesConfig((name,)), Path())
    with pytest.raises(Misuse, match=said):
        compute(PANEL, name)


def test_a_family_that_is_not_there_is_not_there_on_longer_bars() -> None:
    with pytest.raises(Misuse, match="no family of features 'bar': did you mean 'bars'"):
        families_of(FeaturesConfig(("bar@1w",)), Path())
    with pytest.raises(Misuse, match="named 'bar@1w': did you mean"):
        compute(PANEL, "bar@1w")


def test_one_s_own_family_is_named_so_too(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE.format(name="distance"))
    config = FeaturesConfig(("bars", "mine@1w"), ("mine.py",))
    assert [family.name for family in families_of(config, tmp_path)] == ["bars", "mine@1w", "mine"]
    assert [one.name for one in every_family(config, tmp_path)][-2:] == ["mine", "mine@1w"]


def test_a_file_may_not_be_called_as_the_table_of_longer_bars(tmp_path: Path) -> None:
    (tmp_path / "bars_1w.py").write_text(MINE.format(name="distance"))
    with pytest.raises(Misuse, match="there is a family 'bars_1w' already: rename your file"):
        families_of(FeaturesConfig(("bars@1w",), ("bars_1w.py",)), tmp_path)
