"""The main job with alternative data: skill where there is some, none where it came too late."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.pipelines.conftest import Notes, small
from tradewind.core import Market, Panel, stream
from tradewind.core.errors import BadConfig
from tradewind.data.alternative.connector import AlternativeDataConnector
from tradewind.data.alternative.spec import AlternativeDataConfig, AlternativeDataSpec
from tradewind.data.sources.stamping import Stamping
from tradewind.evaluation.scoring import forecast_scores
from tradewind.features.labels import with_outcome
from tradewind.pipelines.config import SECTIONS, SyntheticConfig
from tradewind.pipelines.gathering import Gathered, gather_synthetic, with_alternative
from tradewind.pipelines.up import UpRequest, recipes, run
from tradewind.pipelines.walk_forward import fit_schedule
from tradewind.storage.workspace import Workspace
from tradewind.storage.yaml_config import default_config, read_config

MOOD = AlternativeDataSpec(
    "mood",
    "sentiment",
    "mood.parquet",
    ("signal",),
    entity="symbol",
    stamping=Stamping("end"),
    stale_after=timedelta(days=200),
)


def gathered_with_mood(folder: Path, lag: timedelta) -> Gathered:
    """A market whose planted signal is no column of its bars, but a file that is published so late."""
    gathered = gather_synthetic(
        SyntheticConfig(symbols=20, periods=400, information_coefficient=0.15), 3
    )
    bars = gathered.market.panel
    first = bars.table.filter(~pl.Series(bars.corrections))
    first.select("symbol", "timestamp", "signal").write_parquet(folder / "mood.parquet")
    market = Market({"bars": Panel(bars.table.drop("signal"))})
    config = AlternativeDataConfig((replace(MOOD, lag=lag),))
    return with_alternative(
        replace(gathered, market=market), AlternativeDataConnector(config, folder)
    )


@pytest.mark.parametrize(("lag", "found"), [(timedelta(), True), (timedelta(days=90), False)])
def test_a_source_adds_skill_where_it_leads_and_none_where_it_is_known_too_late(
    tmp_path: Path, lag: timedelta, found: bool
) -> None:
    gathered, config = gathered_with_mood(tmp_path, lag), small()
    rows = gathered.reader(gathered.market, gathered.times)
    rows = with_outcome(rows, gathered.market, 5, "peers").resolved
    assert rows.table["mood_signal"].is_not_null().mean() > 0.8
    model, floor = recipes(gathered.reader, config)
    times = gathered.times[200:]
    forecasts = [
        fit_schedule(recipe, rows, config.split, 3).forecast(gathered.market, times)
        for recipe in (model, floor)
    ]
    scored = replace(rows, table=rows.table.filter(pl.col("decided_at") >= times[0]))
    skill, *_ = forecast_scores(*forecasts, scored, stream(3, "intervals"))
    assert skill.name == "log_loss_skill"
    assert skill.low is not None
    assert (skill.low > 0) == found


def test_what_is_switched_on_is_joined_and_its_coverage_told(
    workspace: Workspace, notes: Notes
) -> None:
    (workspace.path / "cpi.csv").write_text(
        "date,value\n"
        + "\n".join(f"{y}-{m:02d}-01,{y + m}" for y in range(2010, 2026) for m in range(1, 13))
    )
    workspace.config.write_text(
        """
alternative_data:
  sources:
    - name: cpi
      kind: macro
      source: cpi.csv
      values: [value]
      stamping: {calendar: month}
      lag: 15d
    - {name: spare, kind: macro, source: nowhere.csv, values: [value], enabled: false}
"""
    )
    given = read_config(workspace.config, {"alternative_data": AlternativeDataConfig})
    result = run(UpRequest(config=small(**given)), workspace, notes)
    told = [one for one in result.card.findings if one.check == "alternative.coverage"]
    assert [(one.severity, one.where) for one in told] == [("info", "cpi.value")]
    assert "100% of" in told[0].detail
    assert "cpi.value" in result.page.read_text()
    assert "contract.decider" not in {one.check for one in result.card.findings}
    card = json.loads((workspace.reports / "up" / "scorecard.json").read_text())
    assert len(card["facts"]["cpi sha256"]) == 64


def test_a_joined_column_is_among_those_that_may_know_too_much(tmp_path: Path) -> None:
    gathered = gathered_with_mood(tmp_path, timedelta())
    assert gathered.foreign == ("mood_signal",)


def test_a_joined_column_that_knows_the_next_return_is_told(
    workspace: Workspace, notes: Notes
) -> None:
    spec = replace(MOOD, lag=timedelta())
    request = UpRequest(config=small(alternative_data=AlternativeDataConfig((spec,))))
    bars = gather_synthetic(request.config.synthetic, request.seed).market.panel
    first = bars.table.filter(~pl.Series(bars.corrections))
    ahead = (pl.col("close").shift(-1) / pl.col("close") - 1).over("symbol")
    knowing = first.select("symbol", "timestamp", signal=ahead)
    knowing.drop_nulls().write_parquet(workspace.path / "mood.parquet")
    card = run(request, workspace, notes).card
    told = [one.where for one in card.findings if one.check == "columns.foretells"]
    assert told == ["mood_signal"]


def test_a_source_called_as_a_panel_of_the_market_is_refused(workspace: Workspace) -> None:
    (workspace.path / "sales.csv").write_text("date,value\n2020-01-01,1.0\n")
    homes = gather_synthetic(SyntheticConfig(kind="property", symbols=2, periods=200), 1)
    spec = AlternativeDataSpec("sales", "macro", "sales.csv", ("value",), lag=timedelta())
    connector = AlternativeDataConnector(AlternativeDataConfig((spec,)), workspace.path)
    with pytest.raises(
        BadConfig, match="the market has a panel 'sales' already: rename the source"
    ):
        with_alternative(homes, connector)


def test_the_example_in_a_new_workspace_can_be_read(tmp_path: Path) -> None:
    text = default_config({"alternative_data": SECTIONS["alternative_data"]})
    example = re.search(r"such as (\[.*\])", text)
    assert example
    file = tmp_path / "tradewind.yaml"
    file.write_text(f"alternative_data:\n  sources: {example[1]}\n")
    config = read_config(file, {"alternative_data": AlternativeDataConfig})["alternative_data"]
    assert config.enabled[0].source == "fred:CPIAUCSL"
    assert config.enabled[0].stale_after == timedelta(days=100)
