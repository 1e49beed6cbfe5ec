"""Cuts lie where leaks show, and the data that is shown is the data but for what was changed."""

import numpy as np
import polars as pl

from tradewind.core import stream
from tradewind.evaluation.causality import futures
from tradewind.evaluation.causality.subject import Rows

DAYS = np.arange(1000)
ROWS = Rows(pl.Series(["A"] * 1000), DAYS, DAYS, 0 * DAYS)
TWO = Rows(pl.Series(["B", "A"] * 5), DAYS[:10] // 2, DAYS[:10] // 2, 0 * DAYS[:10])


def test_cuts_are_distinct_and_begin_with_the_last_but_one_moment() -> None:
    cuts = futures.drawn_cuts(ROWS, 20, stream(1))
    assert cuts[0] == 998
    assert len(set(cuts.tolist())) == 20


def test_cuts_crowd_towards_the_beginning_and_reach_everywhere() -> None:
    cuts = np.concatenate([futures.drawn_cuts(ROWS, 20, stream(seed)) for seed in range(50)])
    assert 0.1 < (cuts < 20).mean() < 0.3  # 20 of 1000 moments
    assert 0.1 < (cuts >= 700).mean() < 0.35


def test_a_cut_removes_what_was_known_later_and_replaces_nothing_else() -> None:
    assert futures.removed(TWO, 2).rows.tolist() == [0, 1, 2, 3, 4, 5]
    noise = futures.replaced(TWO, 2, stream(1))
    assert noise.rows.tolist() == list(range(10))
    assert noise.source[:6].tolist() == [0, 1, 2, 3, 4, 5]
    assert (noise.factor[:, :6] == 1).all()
    assert (noise.factor[:, 6:] != 1).all()
    assert (noise.source % 2 == np.arange(10) % 2).all()  # each symbol draws from its own


def test_orders_keep_the_rows_of_each_symbol_in_theirs() -> None:
    for shown in futures.orders(TWO, stream(3)):
        for symbol in (0, 1):
            own = shown.rows[shown.rows % 2 == symbol]
            assert (np.diff(own) > 0).all()


def test_bars_are_counted_from_where_the_data_begins_to_what_was_known() -> None:
    rows = Rows(pl.Series(["A"] * 4), np.array([1, 2, 3, 3]), np.array([1, 5, 3, 9]), DAYS[:4])
    keys = pl.DataFrame({"symbol": ["A", "A"], "at": [4, 9]})
    assert futures.bars_since(rows, 2, keys).tolist() == [1, 2]
