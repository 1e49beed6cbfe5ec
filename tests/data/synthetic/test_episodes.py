"""Episodes recur as they were asked to, the truth says where and what follows, and nothing else changes."""

import numpy as np
import polars as pl
import pytest

from tradewind.core import Market
from tradewind.core.arrays import Floats
from tradewind.core.errors import Misuse
from tradewind.data.synthetic import Episodes, Revisions, Turnover, make_market
from tradewind.data.synthetic.episodes import TEMPLATES

BY_NAME = {template.name: template for template in TEMPLATES}


def both(kind: str, freq: str, plant: Episodes, periods: int = 1500) -> tuple[Market, Market]:
    """The market without the episodes, and with them."""
    one, other = (make_market(kind, 6, periods, freq, 3, plants=p) for p in ([], [plant]))
    return one, other


def added(plain: Market, planted: Market) -> pl.DataFrame:
    """What the episodes add to the mean of each next return, by symbol and moment."""
    keys = ["symbol", "timestamp"]
    rows = planted.truth.outlook.join(plain.truth.outlook, on=keys, suffix="_without")
    return rows.select(*keys, "sd", added=pl.col("mean") - pl.col("mean_without"))


@pytest.mark.parametrize(("kind", "freq"), [("equity", "1d"), ("equity", "1m"), ("fx", "1h")])
def test_the_outlook_moves_by_the_shape_and_the_drift_and_by_nothing_elsewhere(
    kind: str, freq: str
) -> None:
    plain, planted = both(kind, freq, Episodes(every=40))
    rows = added(plain, planted)
    assert len(rows) == len(planted.truth.outlook)
    spans = planted.truth.episodes.select("symbol", "start", "end", "until", "mean")
    within = rows.join_where(
        spans.rename({"symbol": "of"}),
        pl.col("symbol").cast(pl.String) == pl.col("of").cast(pl.String),
        pl.col("timestamp") >= pl.col("start"),
        pl.col("timestamp") < pl.col("until"),
    )
    outside = rows.join(within, on=["symbol", "timestamp"], how="anti")
    assert len(within) + len(outside) == len(rows)
    assert outside["added"].abs().max() == 0
    follows = (
        within.filter(pl.col("timestamp") >= pl.col("end"))
        .group_by("symbol", "end", "mean")
        .agg(pl.col("added").sum())
    )
    assert len(follows) == len(spans)
    assert (follows["added"] - follows["mean"]).abs().max() < 1e-12


def test_each_bar_that_follows_drifts_by_so_many_sd_of_its_template() -> None:
    plain, planted = both("crypto", "1d", Episodes(drift=0.4, horizon=7))
    rows = added(plain, planted)
    for one in planted.truth.episodes.iter_rows(named=True):
        ahead = rows.filter(
            pl.col("symbol") == one["symbol"],
            pl.col("timestamp").is_between(one["end"], one["until"], closed="left"),
        )
        assert len(ahead) == 7
        assert np.allclose(ahead["added"] / ahead["sd"], 0.4 * BY_NAME[one["template"]].drift)
        assert one["drift"] == 0.4 * BY_NAME[one["template"]].drift


def windows(market: Market) -> list[tuple[str, Floats]]:
    """Each episode's template and its log prices, standardised."""
    price = {}
    for (name,), rows in market.panel.table.group_by("symbol"):
        price[name] = (rows["timestamp"], rows["close"].log().to_numpy())
    found = []
    for one in market.truth.episodes.iter_rows(named=True):
        stamps, level = price[one["symbol"]]
        path = level[stamps.search_sorted(one["start"]) : stamps.search_sorted(one["end"]) + 1]
        found.append((one["template"], (path - path.mean()) / path.std()))
    return found


def test_a_shape_is_recognised_among_the_four() -> None:
    market = make_market("crypto", 10, 3000, seed=2, plants=["episodes"])
    right, alike = [], []
    for name, path in windows(market):
        shapes = {
            t.name: np.interp(
                np.linspace(0, 1, len(path)),
                np.linspace(0, 1, t.bars + 1),
                np.append(0, t.steps(1.0).cumsum()),
            )
            for t in TEMPLATES
        }
        fits = {name: np.corrcoef(shape, path)[0, 1] for name, shape in shapes.items()}
        right.append(max(fits, key=lambda name: fits[name]) == name)
        alike.append(fits[name])
    assert len(right) > 100
    assert np.mean(right) > 0.95
    assert np.mean(alike) > 0.8


def test_returns_after_an_episode_drift_as_it_says() -> None:
    market = make_market("crypto", 30, 4000, seed=5, plants=[Episodes(every=50)])
    price = market.panel.table.select("symbol", "timestamp", level=pl.col("close").log())
    rows = (
        market.truth.episodes.join(
            price, left_on=["symbol", "end"], right_on=["symbol", "timestamp"]
        )
        .join(price, left_on=["symbol", "until"], right_on=["symbol", "timestamp"], suffix="_until")
        .with_columns(followed=pl.col("level_until") - pl.col("level"))
    )
    slope, _ = np.polyfit(rows["mean"].to_numpy(), rows["followed"].to_numpy(), 1)
    assert len(rows) > 900
    assert abs(slope - 1) < 0.15


def test_episodes_change_prices_and_neither_how_much_is_traded_nor_in_which_regime() -> None:
    plain, planted = both("crypto", "1h", Episodes())
    kept = ["symbol", "timestamp", "volume", "spread_bps"]
    assert planted.panel.table.select(kept).equals(plain.panel.table.select(kept))
    assert planted.truth.regimes.equals(plain.truth.regimes)
    assert planted.truth.outlook["sd"].equals(plain.truth.outlook["sd"])
    assert not planted.panel.table["close"].equals(plain.panel.table["close"])
    assert plain.truth.episodes.is_empty()


def test_before_the_first_episode_of_a_name_its_prices_are_those_without() -> None:
    plain, planted = both("fx", "1d", Episodes())
    first = planted.truth.episodes.group_by("symbol").agg(pl.col("start").min())
    same = 0
    for symbol, start in first.rows():
        before = (pl.col("symbol") == symbol) & (pl.col("timestamp") <= start)
        rows = [one.panel.table.filter(before) for one in (plain, planted)]
        assert rows[0].equals(rows[1])
        same += len(rows[0])
    assert same > 100


def test_episodes_are_whole_and_apart_and_as_frequent_as_asked() -> None:
    told = make_market("crypto", 20, 5000, "1h", 4, plants=[Episodes(every=60)]).truth.episodes
    gap = (pl.col("start") - pl.col("until").shift(1)).over("symbol").dt.total_hours() + 1
    gaps = told.select(gap.alias("gap")).drop_nulls()["gap"]
    assert gaps.min() >= 1
    assert abs(gaps.mean() - 60) < 4 * 60 / len(gaps) ** 0.5
    lengths = told.select("template", bars=(pl.col("end") - pl.col("start")).dt.total_hours())
    assert set(lengths.unique().rows()) == {(t.name, t.bars) for t in TEMPLATES}
    assert told["template"].value_counts()["count"].min() > len(told) / 4 * 0.8


def test_episodes_are_the_same_for_a_seed_and_however_many_names_follow() -> None:
    few, more = (make_market("fx", names, 600, seed=1, plants=["episodes"]).truth.episodes
                 for names in (["A", "B"], ["A", "B", "C"]))  # fmt: skip
    of_the_few = more.filter(pl.col("symbol").cast(pl.String) != "C")
    assert few.drop("symbol", "mean").equals(of_the_few.drop("symbol", "mean"))
    other = make_market("fx", ["A", "B"], 600, seed=2, plants=["episodes"]).truth.episodes
    assert not other.equals(few)


def test_episodes_stand_beside_corrections_and_comings_and_goings() -> None:
    plants = [Episodes(), Revisions(0.05), Turnover()]
    market = make_market("equity", 10, 500, seed=1, plants=plants)
    assert market.panel.revised > 0
    assert market.truth.episodes.equals(
        make_market("equity", 10, 500, seed=1, plants=plants[:1]).truth.episodes
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"every": 0.5}, "0.5 bars between episodes: give 1 or more"),
        ({"size": 0}, "episodes of size 0: give a number above 0 and up to 3"),
        ({"drift": -1}, "a drift of -1 sd a bar after an episode: give a number between -1 and 1"),
        ({"horizon": 0}, "0 bars after an episode: give 1 or more"),
    ],
)
def test_episodes_that_cannot_be_are_refused(asked: dict[str, float], message: str) -> None:
    with pytest.raises(Misuse, match=message):
        Episodes(**asked)  # type: ignore[arg-type]


def test_a_market_of_which_none_happens_to_be_has_an_empty_truth() -> None:
    told = make_market("fx", 2, 60, plants=[Episodes(every=1e6)]).truth.episodes
    assert told.is_empty()
    assert told.columns == ["symbol", "template", "start", "end", "until", "drift", "mean"]


def test_a_market_too_short_for_any_is_refused() -> None:
    with pytest.raises(Misuse, match="no room for episodes of up to 58 bars in 58: ask for more"):
        make_market("fx", 2, 58, plants=["episodes"])
