"""What is told of regimes follows the bars, and never knew more than they did."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from shutil import copytree
from typing import Any

import polars as pl
import pytest

from tests.pipelines.conftest import Notes
from tests.pipelines.regimes.conftest import CONFIG, Told
from tradewind.context.regimes import models
from tradewind.context.regimes.models import NEWEST
from tradewind.core import Panel, SystemClock
from tradewind.core.errors import Misuse, WorkspaceError
from tradewind.data.store import MarketStore
from tradewind.pipelines.regimes.config import RegimesConfig
from tradewind.pipelines.regimes.fitting import fit, models_of
from tradewind.pipelines.regimes.refreshing import RefreshResult, refresh
from tradewind.storage.documents import Documents
from tradewind.storage.workspace import Workspace


def lying(workspace: Workspace, result: RefreshResult) -> list[pl.DataFrame]:
    store = MarketStore(workspace.path)
    return [store.read(one.table).table for one in result.models]


def in_one_run(
    panel: Panel, until: datetime, folder: Workspace, notes: Notes
) -> list[pl.DataFrame]:
    """The same model, and all of these bars at once."""
    MarketStore(folder.path).append(panel)
    fit(folder, CONFIG, notes, SystemClock(), until)
    return lying(folder, refresh(folder, CONFIG, notes, SystemClock()))


def test_day_by_day_it_tells_to_the_bit_what_one_run_tells(
    learnt: Workspace, told: Told, panel: Panel, known: list[datetime], tmp_path: Path, notes: Notes
) -> None:
    assert all(one.whole for one in told().models)
    for at in [*known[201:206], known[250], known[-1]]:
        result = told(panel.until(at))
        assert not any(one.whole for one in result.models)
    other = Workspace(tmp_path / "other").create()
    once = in_one_run(panel, known[200], other, notes)
    for ours, whole in zip(lying(learnt, result), once, strict=True):
        assert ours.equals(whole)


@pytest.mark.parametrize("cut", [210, 240, 275])
def test_a_market_cut_at_a_moment_told_what_the_whole_says_was_told_then(
    learnt: Workspace,
    told: Told,
    panel: Panel,
    known: list[datetime],
    cut: int,
    tmp_path: Path,
    notes: Notes,
) -> None:
    whole = lying(learnt, told(panel))
    other = Workspace(tmp_path / "other").create()
    then = in_one_run(panel.until(known[cut]), known[200], other, notes)
    for ours, short in zip(whole, then, strict=True):
        assert ours.filter(pl.col("known_at") <= known[cut]).equals(short)


def test_what_a_model_says_of_bars_that_it_learnt_from_is_known_since_it_was_learnt(
    learnt: Workspace, told: Told, panel: Panel, known: list[datetime]
) -> None:
    for table in lying(learnt, told(panel)):
        assert table["known_at"].min() == known[200]
        assert (table["known_at"] >= table["timestamp"]).all()
        later = table.filter(pl.col("timestamp") > known[200])
        assert (later["known_at"] == later["timestamp"]).all()


def test_a_refresh_that_finds_nothing_new_adds_nothing(told: Told) -> None:
    first = told()
    again = told()
    assert [one.rows for one in again.models] == [0, 0]
    assert [one.table for one in again.models] == [one.table for one in first.models]


def test_a_correction_that_comes_later_changes_nothing_that_was_said(
    learnt: Workspace, told: Told, panel: Panel, known: list[datetime]
) -> None:
    told(panel.until(known[250]))
    row = panel.until(known[250]).table.filter(pl.col("timestamp") == known[100]).head(1)
    late = row.with_columns(
        pl.col("close", "high") * 3, known_at=pl.lit(known[250]) + timedelta(hours=1)
    )
    before = lying(learnt, told())
    result = told(Panel(late.cast(dict(row.schema))))
    assert [one.rows for one in result.models] == [0, 0]
    assert all(a.equals(b) for a, b in zip(before, lying(learnt, result), strict=True))


def test_where_the_past_was_another_the_telling_begins_again(
    learnt: Workspace, told: Told, panel: Panel, known: list[datetime]
) -> None:
    gone = panel.symbols[0]
    some = panel.until(known[220]).table.filter(
        pl.col("symbol") == gone, pl.col("timestamp") < known[205]
    )
    hole = pl.col("timestamp").is_in(some["timestamp"].tail(3).implode()) & (
        pl.col("symbol") == gone
    )
    MarketStore(learnt.path).append(
        Panel(panel.until(known[230]).table.filter(~hole | (pl.col("timestamp") <= known[200])))
    )
    first = told()
    result = told(panel)
    assert all(one.whole for one in result.models)
    assert [one.table for one in result.models] == [f"{one.table}_2" for one in first.models]
    assert all(len(table) for table in lying(learnt, first))


def test_a_symbol_that_is_new_is_told_and_the_others_go_on(
    workspace: Workspace, panel: Panel, known: list[datetime], notes: Notes
) -> None:
    only = RegimesConfig(detector="hmm", states=2, of=("symbol",))
    new = pl.col("symbol") == panel.symbols[-1]
    MarketStore(workspace.path).append(Panel(panel.until(known[220]).table.filter(~new)))
    fit(workspace, only, notes, SystemClock())
    refresh(workspace, only, notes, SystemClock())
    MarketStore(workspace.path).append(Panel(panel.until(known[230]).table.filter(new)))
    [one] = refresh(workspace, only, notes, SystemClock()).models
    assert not one.whole
    assert one.rows > 200


def test_the_newest_of_each_symbol_is_a_document(
    learnt: Workspace, told: Told, panel: Panel, known: list[datetime]
) -> None:
    market, symbols = lying(learnt, told(panel))
    documents = Documents(MarketStore(learnt.path).lake.control)
    found = {one["symbol"]: one for one in documents.find(NEWEST)}
    assert [*found] == [*panel.symbols, "MARKET"]
    last = market.row(-1, named=True)
    assert found["MARKET"]["regime"] == last["regime"]
    assert found["MARKET"]["probabilities"]["low_vol"] == last["low_vol"]
    assert found["MARKET"]["at"] == known[-1].isoformat()
    assert symbols["model"].unique().to_list() == [found[panel.symbols[0]]["model"]]


def test_a_model_whose_file_was_changed_is_refused_and_a_lost_state_is_told_anew(
    learnt: Workspace, told: Told
) -> None:
    first = told()
    for left in (learnt.path / "regimes").glob("*_*_*.*.json"):
        left.write_bytes(left.read_bytes()[:-9])
    again = told()
    assert [one.table for one in again.models] == [f"{one.table}_2" for one in first.models]
    [model] = (learnt.path / "regimes").glob("market-*.json")
    model.write_bytes(model.read_bytes().replace(b"0.6", b"0.5"))
    with pytest.raises(WorkspaceError, match="is not the model that was kept: fit it again"):
        told()


def test_nothing_can_be_told_before_it_was_learnt(
    workspace: Workspace, panel: Panel, notes: Notes
) -> None:
    MarketStore(workspace.path).append(panel)
    with pytest.raises(Misuse, match="no regimes were learnt here: learn them with `tradewind reg"):
        refresh(workspace, CONFIG, notes, SystemClock())


def test_rules_are_told_and_go_on_too(
    workspace: Workspace, panel: Panel, known: list[datetime], notes: Notes
) -> None:
    rules = RegimesConfig(detector="rules")
    MarketStore(workspace.path).append(panel.until(known[200]))
    fit(workspace, rules, notes, SystemClock())
    refresh(workspace, rules, notes, SystemClock())
    MarketStore(workspace.path).append(panel)
    result = refresh(workspace, rules, notes, SystemClock())
    assert not any(one.whole for one in result.models)
    assert lying(workspace, result)[0]["regime"].null_count() < 100
    assert models_of(workspace).required("market").names == ("low_vol", "normal", "high_vol")


def cut_before(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """From now on, what would be written for the so many-th time stops the run instead."""
    left = iter(range(step + 1))

    def stopping(write: Callable[..., object]) -> Callable[..., object]:
        def stopped(*given: object, **named: object) -> object:
            if next(left, None) == step:
                raise KeyboardInterrupt
            return write(*given, **named)

        return stopped

    for where, name in (
        (MarketStore, "append"),
        (Documents, "put_all"),
        (models, "publish"),
        (Path, "unlink"),
    ):
        monkeypatch.setattr(where, name, stopping(getattr(where, name)))


def test_a_refresh_that_was_cut_off_anywhere_is_gone_on_with_as_if_it_had_not_been(
    learnt: Workspace, panel: Panel, known: list[datetime], tmp_path: Path, notes: Notes
) -> None:
    only = RegimesConfig(detector="hmm", states=2, of=("symbol",))
    refresh(learnt, only, notes, SystemClock())
    MarketStore(learnt.path).append(panel.until(known[230]))
    whole = Workspace(copytree(learnt.path, tmp_path / "whole"))
    undisturbed = lying(whole, refresh(whole, only, notes, SystemClock()))
    for step in count():
        cut = Workspace(copytree(learnt.path, tmp_path / f"cut{step}"))
        with pytest.MonkeyPatch.context() as patched:
            cut_before(patched, step)
            try:
                refresh(cut, only, notes, SystemClock())
                break
            except KeyboardInterrupt:
                pass
        again = lying(cut, refresh(cut, only, notes, SystemClock()))
        assert all(one.equals(other) for one, other in zip(again, undisturbed, strict=True))
        assert standing(cut) == standing(whole)
    assert step >= 6


def standing(workspace: Workspace) -> list[dict[str, Any]]:
    documents = Documents(MarketStore(workspace.path).lake.control)
    return [dict(one) for one in documents.find(NEWEST)]


def test_what_a_run_that_was_cut_off_left_lying_goes_with_the_next(
    learnt: Workspace, told: Told, panel: Panel, known: list[datetime]
) -> None:
    told()
    [left] = (learnt.path / "regimes").glob("regimes_market_*.*.json")
    left.with_name(f"{left.name.split('.')[0]}.01234567.json").write_text("{}")
    told(panel.until(known[230]))
    assert len([*(learnt.path / "regimes").glob("regimes_market_*.*.json")]) == 1
