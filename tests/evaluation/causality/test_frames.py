"""A function is asked in the frames that it knows, and its answer is told apart row by row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from tradewind.core import stream
from tradewind.core.errors import BadTable
from tradewind.evaluation.causality.audit import Audit, audit
from tradewind.evaluation.causality.frames import FrameSubject
from tradewind.evaluation.causality.futures import replaced
from tradewind.evaluation.causality.subject import Shown

TABLE = pl.DataFrame(
    {
        "symbol": ["A"] * 20 + ["B"] * 20,
        "timestamp": [f"2024-03-{day:02}" for day in range(1, 21)] * 2,
        "open": np.linspace(10, 20, 40),
        "close": np.linspace(11, 21, 40),
        "volume": range(40),
    }
)
LONG = TABLE.to_pandas()
INDEXED = TABLE.filter(symbol="A").drop("symbol").to_pandas().set_index("timestamp")
MULTI = LONG.set_index(["timestamp", "symbol"])


def audited(make: Callable[[Any], Any], frame: Any) -> Audit:
    return audit(FrameSubject("make", make, frame), stream(2), cuts=8)


@pytest.mark.parametrize("frame", [LONG, INDEXED, MULTI], ids=["long", "indexed", "multi"])
def test_pandas_frames_are_shown_as_they_are_and_a_leak_in_them_is_found(frame: Any) -> None:
    def ahead(rows: Any) -> Any:
        assert list(rows.index.names) == list(frame.index.names)
        assert (rows.dtypes == frame.dtypes).all()
        return rows.assign(x=rows["close"].iloc[::-1].cummax().iloc[::-1])

    found = audited(ahead, frame)
    assert "x" in [leak.column for leak in found.leaks]


@pytest.mark.parametrize("frame", [LONG, INDEXED, MULTI], ids=["long", "indexed", "multi"])
def test_pandas_functions_that_do_not_leak_are_causal(frame: Any) -> None:
    keys = "symbol" if "symbol" in [*frame.columns, *frame.index.names] else lambda _: 0
    found = audited(lambda rows: rows.assign(x=rows.groupby(keys)["close"].cumsum()), frame)
    assert found.verdict == "causal"


def test_columns_keep_the_names_that_people_gave_them() -> None:
    data = TABLE.rename({"timestamp": "Date", "symbol": "ticker"})
    ahead = pl.col("close").shift(-1).over("ticker")
    found = audited(lambda rows: rows.with_columns(vol=ahead, last=ahead, period=ahead), data)
    assert sorted(leak.column for leak in found.leaks) == ["last", "period", "vol"]


def test_a_series_is_an_answer_too_and_labels_say_which_rows_it_is_of() -> None:
    assert audited(lambda rows: rows["close"].sort_values()[rows["close"] > 12], LONG).leaks == ()


def test_the_frame_of_the_caller_is_never_written_to() -> None:
    def spoil(rows: Any) -> Any:
        rows["close"] = 0.0
        return rows

    before = LONG.copy()
    audited(spoil, LONG)
    assert LONG.equals(before)


def test_weekly_answers_are_compared_by_their_own_stamps() -> None:
    def weekly(label: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
        return lambda rows: (
            rows.with_columns(pl.col("timestamp").str.to_date())
            .group_by_dynamic("timestamp", every="1w", group_by="symbol", label=label)
            .agg(pl.col("close").last())
        )

    assert audited(weekly("right"), TABLE).verdict == "causal"
    assert audited(weekly("left"), TABLE).verdict == "leaking"


def test_an_answer_that_cannot_be_told_apart_is_refused() -> None:
    with pytest.raises(BadTable, match="make returned 3 rows for 40, and no column says of when"):
        audited(lambda rows: rows.select("close").head(3), TABLE)


def test_garbled_bars_keep_their_keys_their_order_of_prices_and_what_is_missing() -> None:
    table = TABLE.with_columns(note=pl.when(pl.col("volume") % 2 == 0).then(pl.lit("even")))
    shown: list[pl.DataFrame] = []
    subject = FrameSubject("keep", lambda rows: shown.append(rows) or rows, table)
    for seed in range(20):
        subject(replaced(subject.rows, int(subject.rows.moments[9]), stream(seed)))
    keys = ["symbol", "timestamp"]
    for garbled in shown:
        late = garbled["timestamp"] > "2024-03-10"
        assert garbled.select(keys).equals(table.select(keys))
        assert garbled.filter(~late).equals(table.filter(~late))
        assert (garbled["open"] < garbled["close"]).all()
        assert (garbled["note"].is_null() == (garbled["volume"] % 2 == 1)).all()
    moves = [abs(np.log(one["close"][10] / one["close"][9])) for one in shown]
    assert min(moves) < 0.05
    assert max(moves) > 0.5


def test_rows_are_shown_in_the_order_that_is_asked_for() -> None:
    subject = FrameSubject("keep", lambda rows: rows, TABLE)
    answer = subject(Shown.only(np.array([25, 3])))
    assert answer.keys["symbol"].to_list() == ["B", "A"]
    assert answer.values["volume"].to_list() == [25, 3]
