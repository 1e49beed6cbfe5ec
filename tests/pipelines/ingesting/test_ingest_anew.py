"""What comes under a key that came before: the same adds nothing, other content is told, a mended row comes in."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.data.quality.conftest import at, bars, walk
from tests.pipelines.conftest import Notes
from tradewind.core.errors import BadTable
from tradewind.data.store import MarketStore
from tradewind.pipelines.holdings.examining import examine
from tradewind.pipelines.holdings.setting_aside import Chosen, decided
from tradewind.pipelines.ingesting.ingest import IngestRequest, IngestResult, quarantine_of, run
from tradewind.storage.workspace import Workspace

NOW = datetime(2026, 1, 2, tzinfo=UTC)
GOOD = bars(walk(40))
BAD = GOOD.with_columns(at(20, "high", 1.0))
WORSE = GOOD.with_columns(at(20, "high", 2.0))


def ingest(table: pl.DataFrame, workspace: Workspace, strict: bool = False) -> IngestResult:
    file = workspace.path.parent / "bars.csv"
    table.write_csv(file)
    return run(IngestRequest("csv", file, strict=strict), workspace, Notes())


def counted(told: IngestResult) -> Mapping[str, Any]:
    return {name: told.tables[0][name] for name in ("clean", "quarantined", "aside", "added")}


def found(told: IngestResult, check: str) -> list[str]:
    return [one.detail for one in told.findings if one.check == check]


def close_of(workspace: Workspace, row: int) -> list[float]:
    table = MarketStore(workspace.path).read().table
    return table.filter(session=GOOD["date"][row])["close"].to_list()


def test_a_stored_row_with_other_values_is_set_aside_with_both(workspace: Workspace) -> None:
    ingest(GOOD, workspace)
    before = MarketStore(workspace.path).content_hash()
    told = ingest(GOOD.with_columns(at(3, "volume", 7.0)), workspace)
    assert counted(told) == {"clean": 39, "quarantined": 0, "aside": 1, "added": 0}
    assert quarantine_of(workspace).list().select("check", "reason").rows() == [
        (
            "row.key",
            "it is stored with other content: volume is 1000.0, and now 7.0; give it its own known_at",
        )
    ]
    assert MarketStore(workspace.path).content_hash() == before


def test_the_same_change_again_is_told_again_and_kept_once(workspace: Workspace) -> None:
    ingest(GOOD, workspace)
    told = [ingest(GOOD.with_columns(at(3, "volume", 7.0)), workspace) for _ in range(2)]
    assert [len(found(one, "source.aside")) for one in told] == [1, 1]
    assert len(quarantine_of(workspace).list()) == 1


def test_a_strict_ingest_refuses_other_values_for_stored_rows(workspace: Workspace) -> None:
    ingest(GOOD, workspace)
    with pytest.raises(
        BadTable, match=r"1 rows of table 'bars' are there with other content.*now 7"
    ):
        ingest(GOOD.with_columns(at(3, "volume", 7.0)), workspace, strict=True)
    assert len(quarantine_of(workspace).list()) == 0


def test_a_price_that_is_gone_is_other_content(workspace: Workspace) -> None:
    ingest(GOOD, workspace)
    none = pl.when(pl.int_range(pl.len()) != 3).then("volume").alias("volume")
    assert ingest(GOOD.with_columns(none), workspace).tables[0]["aside"] == 1


def test_a_row_that_was_set_aside_comes_in_mended(workspace: Workspace) -> None:
    assert counted(ingest(BAD, workspace))["quarantined"] == 1
    told = ingest(GOOD, workspace)
    assert counted(told) == {"clean": 40, "quarantined": 0, "aside": 0, "added": 1}
    assert close_of(workspace, 20) == [GOOD["close"][20]]
    assert counted(ingest(GOOD, workspace))["added"] == 0


def test_a_row_that_was_dropped_comes_in_mended(workspace: Workspace) -> None:
    ingest(BAD, workspace)
    decided(workspace, "drop", Chosen(), NOW)
    assert counted(ingest(GOOD, workspace))["added"] == 1
    assert quarantine_of(workspace).list()["state"].to_list() == ["dropped"]


def test_a_row_that_is_mended_badly_is_judged_by_what_it_says(workspace: Workspace) -> None:
    ingest(BAD, workspace)
    told = ingest(WORSE, workspace)
    assert counted(told) == {"clean": 39, "quarantined": 1, "aside": 0, "added": 0}
    assert quarantine_of(workspace).list("held")["high"].to_list() == [1.0, 2.0]
    assert counted(ingest(GOOD, workspace))["added"] == 1


def test_a_row_that_is_set_aside_adds_nothing_when_it_comes_again(workspace: Workspace) -> None:
    for table in (BAD, WORSE, BAD, GOOD, WORSE, BAD):
        told = ingest(table, workspace)
    assert counted(told) == {"clean": 40, "quarantined": 0, "aside": 0, "added": 0}
    assert len(quarantine_of(workspace).list()) == 2


def test_a_mended_row_is_examined_and_found_out_like_any(workspace: Workspace) -> None:
    """Once as it is stored, and once when the day after shows that it was a spike."""
    ingest(BAD[:21], workspace)
    spike = [
        at(20, name, float(GOOD["close"][20] * 3)) for name in ("open", "high", "low", "close")
    ]
    mended = GOOD.with_columns(spike)
    ingest(mended[:21], workspace)
    assert "bars.jump" in {one.check for one in examine(workspace).findings}
    assert ingest(mended[:23], workspace).tables[0]["withdrawn"] == 1
    assert close_of(workspace, 20) == [mended["close"][20], None]


def test_fewer_columns_for_stored_rows_say_nothing(workspace: Workspace) -> None:
    ingest(GOOD[:30], workspace)
    told = ingest(GOOD.drop("volume"), workspace, strict=True)
    assert counted(told) == {"clean": 40, "quarantined": 0, "aside": 0, "added": 10}
    assert MarketStore(workspace.path).read().table["volume"].null_count() == 10


def test_more_columns_for_stored_rows_are_told_each_time(workspace: Workspace) -> None:
    ingest(GOOD[:30], workspace)
    wider = GOOD.with_columns(vwap=pl.lit(5.0))
    detail = "there are values for rows that are stored without, 30 of vwap; they add nothing"
    for added in (10, 0):
        told = ingest(wider, workspace)
        assert found(told, "source.more") == [detail]
        assert counted(told) == {"clean": 40, "quarantined": 0, "aside": 0, "added": added}
    assert MarketStore(workspace.path).read().table["vwap"].null_count() == 30


def test_rows_older_than_what_is_stored_are_told(workspace: Workspace) -> None:
    assert found(ingest(GOOD[10:20], workspace), "source.late") == []
    assert found(ingest(GOOD[20:], workspace), "source.late") == []
    [detail] = found(ingest(GOOD, workspace), "source.late")
    assert detail.startswith(
        "10 rows were known before rows of their symbol that are stored already"
    )


@pytest.mark.parametrize(
    "name", ["check", "reason", "quarantined_at", "state", "decided_at", "written"]
)
def test_a_column_with_a_name_of_the_quarantine_is_refused(workspace: Workspace, name: str) -> None:
    rule = (
        rf"bars cannot have a column '{name}': the quarantine keeps check, reason, .* there: name"
    )
    with pytest.raises(BadTable, match=rule):
        ingest(GOOD.with_columns(pl.lit(1.0).alias(name)), workspace)
    assert MarketStore(workspace.path).tables == ()


def test_the_duplicates_of_the_playbook_say_what_it_quotes(tmp_path: Path) -> None:
    from tools.rooms import ROOT

    text = (ROOT / "docs/playbook.md").read_text(encoding="utf-8")
    section = text.split("## Duplicates with other content\n")[1].split("\n## ")[0]
    quoted = re.findall(r"^    (error.*|warning.*)$", section, re.MULTILINE)
    workspace = Workspace(tmp_path / "market").create()
    days = pl.DataFrame({"date": ["2024-01-02", "2024-01-03"], "symbol": "A", "close": [1.0, 1.1]})
    changed = days.with_columns(close=pl.Series([1.0, 1.5]))
    ingest(days, workspace)
    said = [str(one) for one in ingest(changed, workspace).findings if one.severity == "error"]
    with pytest.raises(BadTable) as refused:
        ingest(changed, workspace, strict=True)
    said.append(f"error: {refused.value}")
    wider = ingest(days.with_columns(vwap=pl.lit(1.0)), workspace)
    said += [str(one) for one in wider.findings if one.check == "source.more"]
    other = Workspace(tmp_path / "other" / "market").create()
    twins = ingest(
        pl.concat([days, days[1:].with_columns(close=2.0)]).with_columns(
            close=pl.col("close").replace(1.1, 1.0)
        ),
        other,
    )
    said += [str(one) for one in twins.findings if one.severity == "error"]
    assert said == quoted
