"""A source says what it is, or is refused with what would mend it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tradewind.core.errors import BadConfig, Misuse
from tradewind.data.alternative.spec import AlternativeDataConfig, AlternativeDataSpec
from tradewind.data.sources.stamping import Stamping


def spec(**changes: Any) -> AlternativeDataSpec:
    given = {"name": "cpi", "kind": "macro", "source": "cpi.csv", "values": ("value",)}
    return AlternativeDataSpec(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "CPI all"}, "a source cannot be called 'CPI all': give lower-case letters"),
        ({"name": "bars"}, "a source cannot be called 'bars': give lower-case letters"),
        ({"kind": "macros"}, "'cpi' is of the kind 'macros': did you mean 'macro'?"),
        ({"values": ()}, "no column of 'cpi' is joined: name at least one"),
        ({"stale_after": timedelta()}, "'cpi' is stale after 0:00:00: give an age above zero"),
        ({"source": "cpi.xlsx"}, "'cpi' is read from 'cpi.xlsx': give a path that ends in .csv"),
        ({"source": "side.db"}, "'side.db', table None: name the table of a database"),
        ({"table": "t"}, "'cpi.csv', table 't': name the table of a database, and of nothing"),
        (
            {"source": "store:macro", "timestamp": "day"},
            "'cpi' names its time columns, and 'store:macro' has them by name: drop timestamp",
        ),
        (
            {"source": "store:macro", "stamping": Stamping(calendar="month")},
            "'cpi' says how stamps are read, and 'store:macro' was read already: drop stamping",
        ),
        ({"source": "store:macro", "entity": "coin"}, "from 'coin': the rows of a table are of"),
        ({"source": "fred:CPI", "of": "CPI"}, "one series of FRED, which holds for the whole"),
        ({"of": "CPI"}, "'cpi' is of 'CPI', and no column says which rows are: name it: entity"),
    ],
)
def test_what_cannot_be_followed_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Misuse, match=re.escape(message)):
        spec(**changes)


def test_two_sources_of_one_name_are_refused() -> None:
    with pytest.raises(BadConfig, match="two sources are called 'cpi': rename one of them"):
        AlternativeDataConfig((spec(), spec(source="other.csv")))


def test_a_source_that_is_switched_off_is_not_among_the_enabled() -> None:
    on, off = spec(), spec(name="rate", enabled=False)
    assert AlternativeDataConfig((on, off)).enabled == (on,)
