"""The service says what the batch wrote, goes on from it row by row, and runs no job."""

from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tradewind.core import Panel, SystemClock
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.store import MarketStore
from tradewind.data.synthetic import Revisions, make_market
from tradewind.features import compute
from tradewind.pipelines.regimes.config import RegimesConfig
from tradewind.pipelines.regimes.fitting import fit
from tradewind.pipelines.regimes.labels import labels
from tradewind.pipelines.regimes.picturing import pictured
from tradewind.pipelines.regimes.refreshing import refresh
from tradewind.service.regimes import RegimeDetectionService
from tradewind.storage.workspace import Workspace

CONFIG = RegimesConfig(detector="hmm", states=2)
PANEL = make_market("equity", 3, 260, seed=4, plants=[Revisions(0.05)]).panel
KNOWN = PANEL.table["known_at"].unique().sort().to_list()


class Nobody:
    """Watches nothing."""

    def stage(self, name: str) -> nullcontext[None]:
        return nullcontext()

    def progress(self, done: int, of: int) -> None:
        pass


def batch(folder: Path, panel: Panel, *, learn: bool = False) -> Workspace:
    workspace = Workspace(folder).create()
    MarketStore(folder).append(panel)
    if learn:
        fit(workspace, CONFIG, Nobody(), SystemClock(), KNOWN[200])
    refresh(workspace, CONFIG, Nobody(), SystemClock())
    return workspace


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace that was told of all but the last bars."""
    return batch(tmp_path_factory.mktemp("regimes"), PANEL.until(KNOWN[240]), learn=True)


def test_it_tells_the_regime_how_sure_since_when_and_what_it_was_learnt_from(
    there: Workspace,
) -> None:
    service = RegimeDetectionService(there)
    assert service.symbols == ("MARKET", *PANEL.symbols)
    for symbol in service.symbols:
        now = service.current(symbol)
        last = service.history(symbol).row(-1, named=True)
        assert (now.at, now.regime) == (KNOWN[240], last["regime"])
        assert now.since is not None
        assert now.since <= now.at
        assert sum(one or 0.0 for one in now.probabilities.values()) == pytest.approx(1.0)
        assert now.calibration.until == KNOWN[200]
    assert now.to_dict()["probability"] == now.probability


def test_its_history_as_of_a_moment_is_what_was_told_then(there: Workspace) -> None:
    service = RegimeDetectionService(there)
    whole = service.history("MARKET")
    then = service.history("MARKET", as_of=KNOWN[220])
    assert len(service.history("MARKET", as_of=KNOWN[100])) == 0
    assert then.equals(whole.filter(pl.col("known_at") <= KNOWN[220]))


def test_the_next_bars_are_classified_as_the_next_batch_tells_them(tmp_path: Path) -> None:
    bars = make_market("equity", 2, 260, seed=4).panel
    moments, symbol = bars.moments, bars.symbols[1]
    workspace = batch(tmp_path, bars.until(moments[240]), learn=True)
    service = RegimeDetectionService(workspace)
    later = bars.table.filter(pl.col("symbol") == symbol, pl.col("timestamp") > moments[240])
    said = [
        service.classify_bar(symbol, row["timestamp"], row) for row in later.iter_rows(named=True)
    ]
    batch(tmp_path, bars)
    service.reload()
    told = service.history(symbol).tail(19).select(service.model("symbol").names)
    assert [one.probabilities for one in said] == told.to_dicts()


def test_what_is_said_of_the_next_rows_is_what_the_batch_says_of_them(tmp_path: Path) -> None:
    bars = make_market("equity", 2, 400, seed=4).panel
    workspace = batch(tmp_path, bars.until(bars.moments[220]), learn=True)
    service = RegimeDetectionService(workspace)
    model = service.model("symbol")
    rows = compute(bars, model.features).filter(pl.col("timestamp") > bars.moments[220])
    said = {
        (row["symbol"], row["timestamp"]): service.classify(
            row["symbol"], row["timestamp"], {name: row[name] for name in model.features}
        )
        for row in rows.sort("timestamp", "symbol").iter_rows(named=True)
    }
    batch(tmp_path, bars)
    service.reload()
    led = 0
    for symbol in bars.symbols:
        for row in service.history(symbol).tail(179).iter_rows(named=True):
            one = said[symbol, row["timestamp"]]
            assert one.regime == row["regime"]
            assert one.since is not None
            assert one.since.isoformat(timespec="microseconds") == row["since"]
            led += one.regime != max(one.probabilities, key=lambda name: one.probabilities[name])
    assert led > 0  # what leads is not always what is said


def test_a_row_of_the_market_goes_on_from_the_batch(there: Workspace, tmp_path: Path) -> None:
    service = RegimeDetectionService(there)
    names = service.model("market").features
    at = KNOWN[241]
    row = service.classify("MARKET", at, dict.fromkeys(names, 0.0))
    assert row.regime in service.model("market").names
    with pytest.raises(Misuse, match="give each row once, in its order"):
        service.classify("MARKET", at, dict.fromkeys(names, 0.0))
    with pytest.raises(Misuse, match="no feature 'observd_range' is read for a regime: did you"):
        service.classify("MARKET", at + timedelta(days=1), {"observd_range": 0.0})


def test_a_missing_value_tells_nothing_and_is_no_error(there: Workspace) -> None:
    service = RegimeDetectionService(there)
    said = service.classify(PANEL.symbols[0], KNOWN[241], {})
    assert sum(one or 0.0 for one in said.probabilities.values()) == pytest.approx(1.0)


def test_what_is_not_there_is_said_with_what_to_do(there: Workspace, tmp_path: Path) -> None:
    service = RegimeDetectionService(there)
    with pytest.raises(Misuse, match="there is no regime of 'MARKT': did you mean 'MARKET'"):
        service.current("MARKT")
    empty = RegimeDetectionService(Workspace(tmp_path / "empty").create())
    with pytest.raises(Misuse, match="no regimes were learnt here: learn them with `tradewind reg"):
        empty.current()
    with pytest.raises(Misuse, match="no regimes of the market were learnt: learn them with"):
        empty.model("market")
    MarketStore(tmp_path / "empty").append(PANEL)
    fit(Workspace(tmp_path / "empty"), CONFIG, Nobody(), SystemClock())
    empty.reload()
    with pytest.raises(Misuse, match="no regimes are told here: tell them with `tradewind reg"):
        empty.current()
    with pytest.raises(WorkspaceError, match="is not a workspace"):
        RegimeDetectionService(Workspace(tmp_path / "nowhere"))


def test_what_was_told_is_told_until_a_model_that_was_learnt_anew_has_told(tmp_path: Path) -> None:
    workspace = batch(tmp_path, PANEL.until(KNOWN[240]), learn=True)
    service = RegimeDetectionService(workspace)
    before, labelled = service.current("EQ1"), labels(workspace)
    for until in (KNOWN[230], KNOWN[235]):
        fit(workspace, CONFIG, Nobody(), SystemClock(), until)
    service.reload()
    assert service.current("EQ1").to_dict() == before.to_dict()
    assert len(service.history("EQ1")) > 0
    assert labels(workspace) == labelled
    assert [one.check for one in service.findings] == ["regimes.untold"] * 2
    assert "a new model was learnt at" in str(service.findings[0])
    assert "a new model was learnt at" in pictured(workspace).read_text()
    refresh(workspace, CONFIG, Nobody(), SystemClock())
    service.reload()
    assert service.current("EQ1").calibration.until == KNOWN[235]
    assert service.findings == ()


def test_it_does_not_go_on_from_a_state_that_is_lost(tmp_path: Path) -> None:
    workspace = batch(tmp_path, PANEL.until(KNOWN[230]), learn=True)
    for left in (tmp_path / "regimes").glob("*_*_*.*.json"):
        left.unlink()
    with pytest.raises(Misuse, match="it is not known where the symbol was left: tell its regimes"):
        RegimeDetectionService(workspace).classify(PANEL.symbols[0], KNOWN[231], {})
