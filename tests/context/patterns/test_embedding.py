"""128 numbers of what the last bars look like, the same for an episode found and for a query of now."""

import numpy as np
import polars as pl
import pytest

from tests.context.patterns.charts import days, minutes
from tradewind.context.patterns import MultiScalePatternDetector, embed
from tradewind.context.patterns.embedding import SHAPE, embeddings
from tradewind.core import Panel, stream
from tradewind.core.errors import Misuse

COUNT = 400


def bars(seed: int = 1) -> np.ndarray:  # type: ignore[type-arg]
    """(5, bars) of one symbol."""
    rng = stream(seed, "bars")
    made = np.full((5, COUNT), np.nan)
    made[3] = 100 + np.cumsum(rng.standard_normal(COUNT))
    made[4] = rng.lognormal(5, 1, COUNT)
    return made


def of(made: np.ndarray, first: int = 250, last: int = 320) -> np.ndarray:  # type: ignore[type-arg]
    return embeddings(made, *(np.array([place]) for place in (0, first, last)))[0]


def test_an_embedding_has_unit_length() -> None:
    assert abs(np.linalg.norm(of(bars())) - 1) < 1e-6


def test_neither_the_price_nor_the_volume_has_a_scale() -> None:
    scaled = bars() * np.array([[1], [1], [1], [16], [1024]])
    assert np.array_equal(of(bars()), of(scaled))
    assert np.abs(of(bars()) - of(bars() * 3.7)).max() < 1e-6


def test_no_bar_after_the_last_and_none_long_before_matters() -> None:
    cut = bars()
    cut[:, 321:] = np.nan
    cut[:, : 250 - 2 * 70 - 1] = 7.0
    assert np.array_equal(of(bars()), of(cut))


def test_without_volume_its_block_is_zero_and_the_rest_is_as_alike_as_before() -> None:
    silent = bars()
    silent[4] = np.nan
    vector = of(silent)
    assert not vector[SHAPE : SHAPE + 24].any()
    assert abs(np.linalg.norm(vector) - 1) < 1e-6
    assert vector @ of(bars()) > 0.85


def test_one_shape_in_noise_is_nearer_to_itself_than_to_others() -> None:
    rng = stream(3, "shapes")
    wave = np.sin(np.linspace(0, 6, 71)) * 10
    made = [bars(seed) for seed in range(2, 6)]
    for one in made[:2]:
        one[3, 250:321] = one[3, 250] + wave + rng.standard_normal(71)
    vectors = np.array([of(one) for one in made])
    alike = vectors @ vectors.T
    assert alike[0, 1] > 0.7
    assert alike[0, 1] > alike[0, 2:].max()


def test_a_query_is_the_same_now_and_in_a_history() -> None:
    panel = minutes(3, 4000, seed=8)
    times = panel.moments[1000::600]
    history = embed(panel, "5m", times)
    assert len(history) == 3 * len(times)
    for at in times:
        assert embed(panel.until(at), "5m", [at]).equals(history.filter(pl.col("at") == at))


def test_a_short_episode_is_what_a_query_of_32_bars_sees_at_its_last() -> None:
    panel = minutes(1, 6000, seed=9)
    table = MultiScalePatternDetector(("5m",))(panel).table
    table = table.filter((pl.col("end") - pl.col("start")).dt.total_minutes() <= 5 * 31)
    assert len(table) > 5
    for row in table.iter_rows(named=True):
        query = embed(panel, "5m", [row["known_at"]], bars=32)
        assert query["embedding"][0].to_list() == row["embedding"]


def test_where_nothing_moves_there_is_nothing_to_ask_for() -> None:
    panel = days(A=[5.0] * 100, B=[1.0, 2.0, 1.5] * 33 + [1.0], C=[None] * 90 + [1.0, 2.0] * 5)
    assert embed(panel, "1d", panel.moments[-1:])["symbol"].to_list() == ["B"]
    assert len(embed(Panel(panel.table.clear()), "1d", panel.moments[-1:])) == 0


def test_a_query_has_as_many_bars_as_an_episode_may_have() -> None:
    with pytest.raises(Misuse, match="a query of 5 bars: give 32 to 256"):
        embed(days(A=[1.0]), "1d", [], bars=5)
