"""A leak is found, named and traced to the row it comes from; what does not leak is left in peace."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import stream
from tradewind.core.errors import Misuse
from tradewind.evaluation.causality.anew import Anew
from tradewind.evaluation.causality.audit import TRACED, Audit, audit
from tradewind.evaluation.causality.catalogue import LEAKY
from tradewind.evaluation.causality.frames import FrameSubject
from tradewind.evaluation.causality.subject import Claim

DAYS = [date(2024, 1, 1) + timedelta(days=i) for i in range(60)]
CLOSE = pl.col("close")


def bars(symbols: int = 2) -> pl.DataFrame:
    rng = stream(4, "bars")
    closes = 50 * np.exp(rng.normal(0, 0.02, (symbols, len(DAYS))).cumsum(axis=1))
    names = [f"S{i}" for i in range(symbols)]
    return pl.DataFrame(
        {"symbol": np.repeat(names, len(DAYS)), "date": DAYS * symbols, "close": closes.ravel()}
    )


def audited(
    make: Callable[[pl.DataFrame], pl.DataFrame], data: pl.DataFrame | None = None
) -> Audit:
    return audit(FrameSubject("make", make, bars() if data is None else data), stream(1), cuts=10)


def each(**columns: pl.Expr) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """A function that adds these columns, symbol by symbol."""
    return lambda rows: rows.with_columns(
        value.over("symbol").alias(name) for name, value in columns.items()
    )


def test_only_the_columns_that_leak_are_named() -> None:
    found = audited(each(ahead=CLOSE.shift(-2), mean=CLOSE.rolling_mean(5), past=CLOSE.shift(2)))
    assert found.verdict == "leaking"
    assert [leak.column for leak in found.leaks] == ["ahead"]
    assert not found.card.passed


@pytest.mark.parametrize("bars_ahead", [1, 3, 7])
def test_a_leak_is_traced_to_the_first_value_and_to_the_row_it_reads(bars_ahead: int) -> None:
    [leak] = audited(each(ahead=CLOSE.shift(-bars_ahead))).leaks
    assert (leak.value, leak.of) == ("S0 at 2024-01-01", f"S0 at {DAYS[bars_ahead]}")


def test_a_warm_up_filled_from_after_it_is_traced_to_the_bar_it_is_filled_from() -> None:
    [leak] = audited(each(x=CLOSE.rolling_mean(6).backward_fill())).leaks
    assert (leak.value, leak.of) == ("S0 at 2024-01-01", "S0 at 2024-01-02")


def test_the_row_to_blame_may_be_of_another_symbol() -> None:
    def make(rows: pl.DataFrame) -> pl.DataFrame:
        other = rows.filter(symbol="S1").select("date", x=CLOSE.shift(-1))
        return rows.join(other, on="date", how="left", maintain_order="left")

    [leak] = audited(make).leaks
    assert leak.of == "S1 at 2024-01-02"


def test_a_newest_row_that_is_another_than_it_will_be_is_found_and_no_row_is_blamed() -> None:
    newest = pl.int_range(pl.len()) == pl.len() - 1
    [leak] = audited(each(x=pl.when(newest).then(-CLOSE).otherwise(CLOSE))).leaks
    assert leak.of is None
    assert leak.cuts == {"removed": 10, "replaced": 0}
    assert "depends on what comes later at all" in str(leak)


def test_a_leak_that_acts_on_rare_moves_alone_is_found_by_garbling() -> None:
    move = (CLOSE.shift(-1) / CLOSE - 1).abs()
    [leak] = audited(each(x=(move > 0.2).fill_null(False))).leaks
    assert leak.cuts["removed"] == 0
    assert leak.cuts["replaced"] >= 1


def test_rows_that_exist_because_of_later_ones_are_told_as_such() -> None:
    found = audited(lambda rows: each(x=CLOSE.shift(-1))(rows).drop_nulls())
    assert [leak.column for leak in found.leaks] == ["(the rows themselves)", "x"]


def test_what_is_random_is_called_random_and_not_leaking() -> None:
    rng = stream(9)
    found = audited(lambda rows: rows.with_columns(x=pl.Series(rng.random(len(rows)))))
    assert (found.verdict, found.leaks) == ("could not tell", ())
    assert "x: is another when asked for twice" in str(found.card.findings[0])


def test_many_leaking_columns_are_all_named_and_some_are_traced() -> None:
    found = audited(each(**{f"x{i}": CLOSE.shift(-1) * i for i in range(1, 12)}))
    errors = [one for one in found.card.findings if one.severity == "error"]
    assert (len(found.leaks), len(errors)) == (TRACED, 11)


def test_a_correction_read_before_it_was_made_is_found_by_when_it_was_known() -> None:
    first = bars(1).with_columns(known_at=pl.col("date"))
    later = first[30].with_columns(CLOSE * 2, known_at=pl.col("date") + timedelta(days=4))
    data = pl.concat([first, later])

    def latest(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.unique(["symbol", "date"], keep="last", maintain_order=True).drop("known_at")

    found = audit(FrameSubject("latest", latest, data), stream(1), cuts=60)
    [leak] = found.leaks
    assert (leak.column, leak.value, leak.of) == ("close", "S0 at 2024-01-31", "S0 at 2024-01-31")


def test_a_function_that_fails_on_all_of_the_data_is_refused_with_what_it_said() -> None:
    with pytest.raises(Misuse, match=r"make raised ColumnNotFoundError: .*open.*: make it work"):
        audited(lambda rows: rows.select("open"))


def test_a_function_that_fails_on_little_data_is_told_with_the_cut_and_judged_by_the_rest() -> None:
    def make(rows: pl.DataFrame) -> pl.DataFrame:
        if len(rows) < 20:
            raise ValueError("too few rows")
        return each(x=CLOSE.shift(1))(rows)

    found = audited(make)
    assert found.verdict == "causal"
    said = [str(one) for one in found.card.findings if one.check == "causality.failed"]
    assert "it raised ValueError: too few rows when what came after 2024-01-" in said[0]


def test_a_function_that_fails_at_most_cuts_could_not_be_told() -> None:
    def make(rows: pl.DataFrame) -> pl.DataFrame:
        if rows["close"].sum() != bars()["close"].sum():
            raise ValueError("another sum")
        return rows

    assert audited(make).verdict == "could not tell"


def test_a_function_that_fails_whenever_the_future_is_away_could_not_be_told() -> None:
    def make(rows: pl.DataFrame) -> pl.DataFrame:
        if len(rows) < len(bars()):
            raise ValueError("too few rows")
        return each(x=CLOSE.shift(1))(rows)

    found = audited(make)
    assert found.verdict == "could not tell"
    assert "(it failed with later rows removed: 10 of 10 cuts)" in found.summary


def test_one_column_and_one_cut_are_told_in_the_singular() -> None:
    found = audit(FrameSubject("make", lambda rows: rows, bars().head(2)), stream(1))
    assert "make: causal (1 column, 1 cut, " in found.summary


def test_a_column_without_a_value_is_warned_of() -> None:
    found = audited(lambda rows: rows.select("symbol", "date", x=pl.lit(None)))
    assert found.verdict == "could not tell"
    assert "never has a finite value" in found.card.findings[0].detail


def test_of_what_is_infinite_throughout_nothing_can_be_told() -> None:
    found = audited(each(x=CLOSE / 0))
    assert found.verdict == "could not tell"
    assert "never has a finite value" in found.card.findings[0].detail


def test_how_far_back_a_column_reads_is_told() -> None:
    columns = {"mean": CLOSE.rolling_mean(7), "sum": CLOSE.cum_sum(), "now": CLOSE * 2}
    told = {one.where: one.detail for one in audited(each(**columns)).card.findings}
    assert told == {"mean": "reads 7 bars", "sum": "reads all that came before it"}


def test_columns_that_read_other_symbols_or_depend_on_their_order_are_told() -> None:
    def make(rows: pl.DataFrame) -> pl.DataFrame:
        rank = CLOSE.rank().over("date")
        before = pl.col("symbol").rle_id().cast(pl.Float64)
        return rows.with_columns(rank=rank, place=before)

    found = audited(make).card.findings
    assert {(one.check, one.where) for one in found} >= {
        ("causality.company", "rank"),
        ("causality.order", "place"),
    }


def test_the_same_seed_gives_the_same_audit() -> None:
    make = each(x=CLOSE.shift(-1))
    assert audited(make).to_dict() == audited(make).to_dict()


def test_data_without_a_stamp_or_with_holes_in_it_is_refused() -> None:
    with pytest.raises(Misuse, match="no column says when: the columns are close"):
        audited(lambda rows: rows, pl.DataFrame({"close": [1.0, 2.0]}))
    with pytest.raises(Misuse, match="row 1 has no timestamp: drop or fill such rows"):
        audited(lambda rows: rows, pl.DataFrame({"date": [DAYS[0], None], "close": [1.0, 2.0]}))
    with pytest.raises(Misuse, match="all rows are of one moment: give it data of at least two"):
        audited(lambda rows: rows, bars().head(1))


def test_data_that_does_not_come_in_the_order_of_time_is_told() -> None:
    found = audited(each(x=CLOSE.shift(1)), bars().reverse())
    assert found.verdict == "leaking"
    told = [one.detail for one in found.card.findings if one.check == "causality.order"]
    assert "do not come in the order of their moments" in told[0]


def test_a_function_that_returns_nothing_but_keys_could_not_be_told() -> None:
    found = audited(lambda rows: rows.select("symbol", "date"))
    assert found.verdict == "could not tell"
    assert "no column besides symbol and timestamp" in found.card.findings[0].detail


def test_a_column_without_a_value_beside_what_the_data_had_could_not_be_told() -> None:
    found = audited(lambda rows: rows.with_columns(x=pl.lit(None)))
    assert found.verdict == "could not tell"


def test_a_column_without_a_value_beside_good_ones_is_named_in_the_verdict() -> None:
    found = audited(lambda rows: rows.with_columns(x=pl.lit(None), y=CLOSE * 2))
    assert (found.verdict, found.untold) == ("causal", ("x",))
    assert found.summary.startswith("make: causal, but could not tell of x (")
    assert found.to_dict()["untold"] == ["x"]


@pytest.mark.parametrize("name", ["fitted_once", "remembered"])
def test_a_leak_behind_what_a_function_keeps_is_found_if_it_is_loaded_anew(name: str) -> None:
    data = bars().rename({"date": "timestamp"})
    anew = LEAKY[name].make
    assert isinstance(anew, Anew)
    assert audited(anew, data).verdict == "leaking"
    assert audited(anew.load(), data).verdict == "causal"


def test_lookbacks_beyond_the_data_are_named_as_not_tried() -> None:
    class Claiming(FrameSubject):
        def claim(self, column: str) -> Claim:
            return Claim(lookback={"mean": 5, "sum": 900}.get(column))

    make = each(mean=CLOSE.rolling_mean(5), sum=CLOSE.cum_sum())
    found = audit(Claiming("make", make, bars()), stream(1), cuts=4)
    told = [str(one) for one in found.card.findings if one.check == "causality.untried"]
    assert "so these lookbacks were not tried: sum (900)" in told[0]
    assert "mean" not in told[0]
