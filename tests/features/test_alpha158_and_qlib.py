"""Where qlib is installed: the 158 are those of its Alpha158, but for what `docs/features.md` says."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewind.core import Panel
from tradewind.core.arrays import Floats
from tradewind.data.synthetic import make_market
from tradewind.data.synthetic.kinds import find_kind
from tradewind.features.alpha158.kernel import INPUTS, NAMES
from tradewind.features.computing import compute

SYMBOLS, ROWS = 4, 600
KINDS = ("equity", "crypto", "fx")
BITS = {"32": (1e-4, 1e-4, 5e-4), "64": (1e-4, 1e-4, 1e-4)}
"""How far the two may be apart, in standard deviations of the feature, of each kind: qlib takes returns
of 32 bits, and those of currencies are small. Told to reckon in 64, it may be 1e-4 apart everywhere."""


@pytest.fixture
def begun(tmp_path: Path) -> None:
    """qlib, with files of the bars that both are given."""
    qlib = pytest.importorskip("qlib", reason="compares with qlib, where there is one")
    written(tmp_path)
    quiet = {"kernels": 1, "logging_level": 40, "expression_cache": None, "dataset_cache": None}
    qlib.init(provider_uri=str(tmp_path), region="cn", **quiet)


def bars() -> pl.DataFrame:
    """Bars of three kinds of markets, in 32 bits, so that both read the same."""
    panels = []
    for kind in KINDS:
        rows = make_market(kind, SYMBOLS, ROWS, "1d", seed=9).panel.table
        typical = (pl.col("high") + pl.col("low") + pl.col("close")) / 3
        rows = rows.with_columns(vwap=typical, symbol=pl.col("symbol").cast(pl.String))
        panels.append(rows.with_columns(pl.col(INPUTS).cast(pl.Float32).cast(pl.Float64)))
    return pl.concat(panels, how="diagonal")


def written(root: Path) -> None:
    """The bars as qlib keeps them: a calendar, the instruments, a file for each column of each."""
    days = pl.date_range(pl.date(2000, 1, 1), pl.date(2010, 1, 1), eager=True)[:ROWS].cast(
        pl.String
    )
    for folder in ("calendars", "instruments", "features"):
        (root / folder).mkdir()
    (root / "calendars" / "day.txt").write_text("\n".join(days) + "\n")
    lines = []
    for (symbol,), rows in bars().group_by("symbol"):
        lines.append(f"{symbol}\t{days[0]}\t{days[-1]}\n")
        (root / "features" / str(symbol).lower()).mkdir()
        for name in INPUTS:
            kept = np.append(0, rows[name].to_numpy()).astype("<f4")
            kept.tofile(root / "features" / str(symbol).lower() / f"{name}.day.bin")
    (root / "instruments" / "all.txt").write_text("".join(lines))


def of_qlib() -> tuple[list[str], Floats]:
    """Its names, and (features, rows), by symbol and time."""
    from qlib.contrib.data.loader import Alpha158DL
    from qlib.data import D

    price = {"windows": [0], "feature": ["OPEN", "HIGH", "LOW", "VWAP"]}
    fields, names = Alpha158DL.get_feature_config({"kbar": {}, "price": price, "rolling": {}})
    table = D.features(D.instruments("all"), fields, freq="day").sort_index()
    return names, table.to_numpy().T


def reckon_in_64_bits(patch: pytest.MonkeyPatch) -> None:
    """qlib's expressions over the same bars, as doubles from the file on."""
    from qlib.data.storage.file_storage import FileFeatureStorage

    read = FileFeatureStorage.__getitem__
    patch.setattr(FileFeatureStorage, "__getitem__", lambda kept, i: read(kept, i).astype("<f8"))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("bits", BITS)
def test_they_are_qlibs_alpha158(bits: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if bits == "64":
        reckon_in_64_bits(monkeypatch)
    table = bars().sort("symbol", "timestamp")
    panel = Panel(
        table.with_columns(pl.col("symbol").cast(pl.Enum(table["symbol"].unique().sort())))
    )
    ours, (names, theirs) = compute(panel, "alpha158"), of_qlib()
    assert {*names} == {*NAMES}
    assert theirs.shape == (158, len(KINDS) * SYMBOLS * ROWS)
    kinds = panel.table["symbol"].cast(pl.String).str.head(2).to_numpy()
    compared = 0
    for name, values in zip(names, theirs, strict=True):
        said = ours[name].fill_null(np.nan).to_numpy()
        known = ~np.isnan(said)
        assert np.isfinite(values[known]).all(), name
        compared += int(known.sum())
        for kind, apart in zip(KINDS, BITS[bits], strict=True):
            mine = known & (kinds == find_kind(kind).prefix)
            gap = np.abs(said - values)[mine].max() / values[mine].std()
            assert gap < apart, (kind, name)
    assert compared == 1_094_981
