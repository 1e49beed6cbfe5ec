"""A frame is a source, whichever library made it."""

import polars as pl
import pytest

from tradewind.data.sources.battery import check_source
from tradewind.data.sources.frames import FrameSource
from tradewind.data.sources.stamping import Stamping
from tradewind.data.synthetic import make_market

PANEL = make_market("etf", 3, 30, "1d", 7, ["revisions"]).panel
PRICES = ["timestamp", "known_at", "open", "high", "low", "close", "volume"]


@pytest.mark.parametrize("library", ["polars", "pandas", "arrow"])
def test_a_frame_of_any_library_is_the_same_source(library: str) -> None:
    frames = {"polars": PANEL.table, "pandas": PANEL.to_pandas(), "arrow": PANEL.to_arrow()}
    source = FrameSource(frames[library], Stamping())
    [panel] = source.read()
    assert panel.table.select(PRICES).equals(PANEL.table.select(PRICES))
    assert check_source(source) == ()


def test_a_wide_frame_has_a_symbol_in_each_column() -> None:
    wide = pl.DataFrame({"date": ["2024-01-02"], "A": [1.0], "B": [2.0]})
    [panel] = FrameSource(wide, Stamping("session")).read()
    assert panel.symbols == ("A", "B")
