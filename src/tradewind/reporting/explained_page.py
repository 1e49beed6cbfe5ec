"""`render(explained)`: one feature as a page, drawn under the price."""

from typing import Any

import numpy as np

from tradewind.reporting.curves import finite
from tradewind.reporting.explained import Explained
from tradewind.reporting.explained_chart import feature_chart
from tradewind.reporting.figures import count, day, figure, percent
from tradewind.reporting.filling import filled

WIDE, NARROW = 900.0, 358.0


def render(explained: Explained) -> str:
    """The page as one string, which asks for nothing from outside."""
    return filled("explained.html", seen(explained))


def seen(explained: Explained) -> dict[str, Any]:
    """Everything the template shows, as text and drawings."""
    return {
        "subject": explained.name,
        "doc": explained.doc,
        "facts": explained.facts,
        "origin": explained.origin,
        "words": words(explained),
        "silent": silent(explained),
        "wide": feature_chart(explained, WIDE),
        "narrow": feature_chart(explained, NARROW),
    }


def words(explained: Explained) -> str:
    """Where the values lie, and how many there are.

    >>> from datetime import UTC, datetime
    >>> import polars as pl
    >>> rows = pl.DataFrame({"timestamp": [datetime(2024, 1, d, tzinfo=UTC) for d in (2, 3)],
    ...     "close": [1.0, 2.0], "value": [None, 0.693]}).cast({"timestamp": pl.Datetime("us", "UTC")})
    >>> words(Explained("return_1", "", "", 2, False, {}, "ACME", "", rows))
    'Of 2 bars of ACME, 2 Jan 2024 to 3 Jan 2024, 50.0 % have a value; it lies between 0.693 and 0.693.'
    """
    rows = explained.rows
    if not len(rows):
        return f"There are no bars of {explained.symbol}."
    values = finite(rows["value"])
    known = values[~np.isnan(values)]
    span = f"{day(rows['timestamp'][0])} to {day(rows['timestamp'][-1])}"
    told = f"Of {count(len(rows), 'bar', 'bars')} of {explained.symbol}, {span}, {percent(len(known) / len(rows))}"
    told += " have a value"
    if not len(known):
        return told + "."
    low, lower, upper, high = (figure(end) for end in np.quantile(known, (0, 0.25, 0.75, 1)))
    half = f", half of the time between {lower} and {upper}" if len(known) > 3 else ""
    return f"{told}; it lies between {low} and {high}{half}."


def silent(explained: Explained) -> list[tuple[str, str]]:
    """How many bars have no value for each reason, the commonest first."""
    reasons = explained.rows["why"].drop_nulls().value_counts(sort=True, name="bars")
    return [(count(bars, "bar", "bars"), why) for why, bars in reasons.iter_rows()]
