"""Who belonged to a universe, as it was known then: nobody is a member for surviving."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Dataset, Market, Membership, Panel, stream
from tradewind.core.errors import BadTable

UTC_TIME = pl.Datetime("us", "UTC")
START = datetime(2024, 1, 1, tzinfo=UTC)
Row = tuple[str, int, int | None, int]


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def universe(*rows: Row) -> pl.DataFrame:
    """Rows of (symbol, start, end, known_at), in days."""
    schema = {"symbol": pl.String, "start": UTC_TIME, "end": UTC_TIME, "known_at": UTC_TIME}
    dated = [
        (name, day(start), None if end is None else day(end), day(known))
        for name, start, end, known in rows
    ]
    return pl.DataFrame(dated, schema=schema, orient="row")


def test_a_member_is_one_from_its_start_up_to_its_end() -> None:
    one = Membership(universe(("A", 2, None, 2), ("A", 2, 5, 5)))
    assert [bool(one.members(day(n))) for n in range(7)] == [False] * 2 + [True] * 3 + [False] * 2


def test_an_entry_or_an_exit_that_is_known_late_counts_from_then() -> None:
    one = Membership(universe(("A", 2, None, 4), ("A", 2, 6, 8)))
    assert [n for n in range(10) if one.members(day(n))] == [4, 5, 6, 7]


def test_who_comes_back_is_a_member_again() -> None:
    rows = universe(("A", 0, None, 0), ("A", 0, 2, 2), ("A", 5, None, 5))
    assert [n for n in range(8) if Membership(rows).members(day(n))] == [0, 1, 5, 6, 7]


def test_a_shorter_spell_inside_a_longer_one_ends_nothing() -> None:
    rows = universe(("A", 0, None, 0), ("A", 2, 3, 2))
    assert [n for n in range(5) if Membership(rows).members(day(n))] == [0, 1, 2, 3, 4]


def test_a_membership_that_never_was_is_taken_back() -> None:
    rows = universe(("A", 0, None, 0), ("A", 0, 0, 3))
    assert [n for n in range(5) if Membership(rows).members(day(n))] == [0, 1, 2]


@pytest.mark.parametrize("seed", range(3))
def test_one_at_a_time_or_all_at_once_it_is_the_plain_rule(seed: int) -> None:
    rows = made(seed)
    symbols, moments = list("ABCD") * 40, [day(n) for n in range(40) for _ in "ABCD"]
    told = Membership(rows).holds(pl.Series(symbols), pl.Series(moments))
    expected = [plainly(rows, *asked) for asked in zip(symbols, moments, strict=True)]
    assert told.to_list() == expected
    assert 20 < sum(expected) < 140
    assert [n for n, at in enumerate(moments) if symbols[n] in Membership(rows).members(at)] == (
        np.flatnonzero(expected).tolist()
    )


@pytest.mark.parametrize("seed", range(3))
def test_what_becomes_known_later_changes_no_answer(seed: int) -> None:
    rows = made(seed)
    bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "symbol": "A", "close": 1.0}))
    market = Market({"bars": bars}, universe=rows)
    for n in range(0, 40, 3):
        then = market.as_of(day(n)).membership
        assert then is not None
        assert then.members(day(n)) == Membership(rows).members(day(n))


def test_a_dataset_keeps_the_rows_of_members() -> None:
    keys = {"decided_at": UTC_TIME, "symbol": pl.Enum(["A", "B"])}
    table = pl.DataFrame(
        {"decided_at": [day(1), day(1), day(3)], "symbol": ["A", "B", "A"], "mom": [1.0, 2.0, 3.0]},
        schema_overrides=keys,
    )
    members = Membership(universe(("A", 0, None, 0), ("A", 0, 2, 2), ("B", 1, None, 1)))
    assert members.of(Dataset(table, ("mom",))).table["mom"].to_list() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (universe().drop("end"), "universe has no column 'end': give it symbol, start, end"),
        (universe().drop("symbol"), "universe has no column 'symbol': give it symbol, start"),
        (universe().drop("known_at"), "universe has no column 'known_at'"),
        (universe(("A", 3, 1, 3)), "'A' left the universe at 2024-01-02 .*, before it joined at"),
    ],
)
def test_a_universe_that_breaks_its_contract_is_refused(table: pl.DataFrame, message: str) -> None:
    bars = Panel.from_frame(pl.DataFrame({"date": ["2024-01-02"], "symbol": "A", "close": 1.0}))
    with pytest.raises(BadTable, match=message):
        Market({"bars": bars}, universe=table)


def made(seed: int) -> pl.DataFrame:
    """Spells of four symbols at random, some of them corrected once or twice, and known late."""
    rng, rows = stream(seed, "spells"), list[Row]()
    for name in "ABCD":
        for start in rng.choice(36, 2, replace=False).tolist():
            known = start + int(rng.integers(0, 4))
            rows.append((name, start, None, known))
            if rng.random() < 0.7:
                end = start + int(rng.integers(0, 12))
                rows.append((name, start, end, known + int(rng.integers(1, 12))))
    return universe(*rows)


def plainly(rows: pl.DataFrame, symbol: str, at: datetime) -> bool:
    """Of each (symbol, start) the last row known; a member if it holds the moment."""
    known = rows.filter(pl.col("symbol") == symbol, pl.col("known_at") <= at).sort("known_at")
    last = dict(known.select("start", "end").iter_rows())
    return any(start <= at and (end is None or at < end) for start, end in last.items())
