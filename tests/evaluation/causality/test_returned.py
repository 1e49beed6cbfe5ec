"""Rows that come back without a word on whose they are are told apart, or refused."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from tradewind.core import stream
from tradewind.core.errors import BadTable
from tradewind.data.synthetic import make_market
from tradewind.evaluation.causality.audit import Audit, audit
from tradewind.evaluation.causality.catalogue import HONEST
from tradewind.evaluation.causality.frames import FrameSubject

KEYS = ["symbol", "timestamp"]
TABLE = make_market("equity", 3, 60, seed=5).panel.table.select(
    pl.col("symbol").cast(pl.String), "timestamp", "close"
)


def audited(make: Callable[[Any], Any], frame: Any) -> Audit:
    return audit(FrameSubject("make", make, frame), stream(2), cuts=8)


def sorted_by(*by: str, ahead: int) -> Callable[[Any], Any]:
    """A column alone, of rows in an order of the function's own, numbered anew."""

    def make(rows: Any) -> Any:
        rows = rows.sort_values([*by]).reset_index(drop=True)
        return rows.assign(x=rows.groupby("symbol")["close"].shift(ahead))[["x"]]

    return make


@pytest.mark.parametrize("by", [KEYS, KEYS[::-1]], ids=["symbols", "moments"])
@pytest.mark.parametrize("given", [KEYS, KEYS[::-1]], ids=["given_symbols", "given_moments"])
@pytest.mark.parametrize(("ahead", "verdict"), [(1, "causal"), (-1, "leaking")])
def test_a_function_that_sorts_and_says_nothing_is_read_in_the_order_in_which_it_sorts(
    by: list[str], given: list[str], ahead: int, verdict: str
) -> None:
    assert audited(sorted_by(*by, ahead=ahead), TABLE.sort(given).to_pandas()).verdict == verdict


@pytest.mark.parametrize(("ahead", "verdict"), [(1, "causal"), (-1, "leaking")])
def test_so_is_one_of_polars_frames(ahead: int, verdict: str) -> None:
    def make(rows: pl.DataFrame) -> pl.DataFrame:
        moved = pl.col("close").shift(ahead).over("symbol")
        return rows.sort("timestamp", "symbol").select(x=moved)

    assert audited(make, TABLE).verdict == verdict


def test_rows_that_are_dropped_keep_their_labels_or_are_refused() -> None:
    def complete(rows: Any) -> Any:
        mean = rows.groupby("symbol")["close"].transform(lambda of: of.rolling(5).mean())
        return rows.assign(x=mean).dropna()[["x"]]

    assert audited(complete, TABLE.to_pandas()).verdict == "causal"
    with pytest.raises(
        BadTable, match="make returned 168 rows for 180, and no column says of when"
    ):
        audited(lambda rows: complete(rows).reset_index(drop=True), TABLE.to_pandas())


def test_labels_that_a_function_makes_up_are_no_column() -> None:
    def labelled(rows: Any) -> Any:
        return rows[["close"]].set_axis([f"row {i}" for i in range(len(rows))])

    assert audited(labelled, TABLE.to_pandas()).verdict == "causal"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda rows: rows["close"].to_numpy(), "make returned a ndarray: let it return a pandas"),
        (lambda rows: None, "make returned a NoneType: let it return a pandas or polars frame"),
        (lambda rows: rows["close"].mean(), "make returned a float64: let it return a pandas"),
        (
            lambda rows: rows.iloc[:, [0, 1, 1]],
            "make returned a frame that cannot be read: .*: give each column a name of its own",
        ),
    ],
)
def test_what_is_no_frame_is_refused(make: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(BadTable, match=message):
        audited(make, TABLE.to_pandas())


def test_lazy_frames_are_answers_too() -> None:
    ahead = pl.col("close").shift(-1).over("symbol")
    found = audited(lambda rows: rows.lazy().with_columns(x=ahead), TABLE)
    assert [leak.column for leak in found.leaks] == ["x"]


def test_a_function_that_keeps_what_it_saw_is_found_to_depend_on_when_it_was_asked() -> None:
    seen: list[pl.DataFrame] = []

    def remembers(rows: pl.DataFrame) -> pl.DataFrame:
        seen.append(rows)
        return rows.with_columns(x=pl.lit(len(seen)))

    assert audited(remembers, TABLE).verdict == "could not tell"


@pytest.mark.parametrize("name", [name for name, one in HONEST.items() if one.package == "pandas"])
def test_numbers_of_rows_are_no_feature_and_say_whose_a_row_is(name: str) -> None:
    found = audited(HONEST[name].make, TABLE.to_pandas())
    assert found.verdict == "causal"
    assert not {"index", "level_1"} & {one.where for one in found.card.findings}


@pytest.mark.parametrize("flat", [False, True])
def test_a_leak_in_rows_that_carry_their_numbers_is_found_in_its_own_column(flat: bool) -> None:
    def ahead(rows: Any) -> Any:
        means = rows.groupby("symbol")[["close"]].apply(lambda own: own.rolling(3).mean().shift(-3))
        return means.reset_index() if flat else means

    assert [leak.column for leak in audited(ahead, TABLE.to_pandas()).leaks] == ["close"]


@pytest.mark.parametrize("of", [lambda index: range(len(index))[::-1], lambda index: index[::-1]])
def test_a_count_of_rows_that_is_not_their_number_is_a_feature(of: Callable[[Any], Any]) -> None:
    found = audited(lambda rows: rows.assign(left=of(rows.index)), TABLE.to_pandas())
    assert [leak.column for leak in found.leaks] == ["left"]


@pytest.mark.parametrize(("ahead", "verdict"), [(1, "causal"), (-1, "leaking")])
def test_columns_with_two_rows_of_names_are_read_under_both(ahead: int, verdict: str) -> None:
    def wide(rows: Any) -> Any:
        table = rows.pivot(index="timestamp", columns="symbol", values=["close"])
        return table.shift(ahead)

    data = TABLE.to_pandas()
    one = data["symbol"][0]
    found = audited(wide, data)
    assert found.verdict == verdict
    assert not found.leaks or found.leaks[0].column == f"close_{one}"


def test_numbered_rows_with_two_rows_of_names_get_no_column_that_nobody_made() -> None:
    def spread(rows: Any) -> Any:
        table = rows.groupby("symbol")[["close"]].transform("cummax")
        return type(rows)(
            {("close", "high"): table["close"], ("close", "twice"): table["close"] * 2}
        )

    found = audited(spread, TABLE.to_pandas())
    assert (found.verdict, found.card.scores[1].value) == ("causal", 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda rows: rows.assign(x=[1, "a"] * (len(rows) // 2)),
            "a frame that cannot be read: Could not convert",
        ),
        (lambda rows: rows.assign(x=1j), "a frame that cannot be read|a column 'x' of objects"),
    ],
)
def test_what_no_column_can_hold_is_not_blamed_on_an_error_of_the_function(
    make: Callable[[Any], Any], message: str
) -> None:
    with pytest.raises(BadTable, match=f"make returned .*({message})"):
        audited(make, TABLE.to_pandas())
