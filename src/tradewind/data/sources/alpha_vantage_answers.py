"""What Alpha Vantage answers: its refusals, which come with status 200, and its tables.

A series is `{"Meta Data": {...}, "Time Series (Daily)": {"2024-01-02": {"1. open": "1.0", ...}}}`, the
name of the second key varying by function; an economic series is `{"name", "interval", "unit", "data":
[{"date": "2024-01-01", "value": "308.4"}]}`, with "." where there is none. In place of either stand
`{"Error Message": ...}` for what does not exist, `{"Note": ...}` or `{"Information": ...}` for too many
questions or for what has to be paid for.
"""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from tradewind.core.errors import BadConfig, Misuse, WorkspaceError
from tradewind.data.sources.csv_blocks import as_numbers
from tradewind.data.sources.patience import Busy

A_MINUTE_S = 60.0
NUMBERED = re.compile(r"^\d+[a-z]?\.\s*")
IN_CURRENCY = re.compile(r"\s*\([A-Z]+\)$")


def judge(payload: Any) -> None:
    """Refuse what is no data, and tell what helps: waiting, another day, or another question.

    >>> judge({"Error Message": "Invalid API call."})
    Traceback (most recent call last):
    tradewind.core.errors.Misuse: Alpha Vantage refuses: Invalid API call.: check the symbol ...
    """
    if not isinstance(payload, Mapping) or not payload:
        raise Misuse("Alpha Vantage has nothing under that name", "check the symbol")
    if message := payload.get("Error Message"):
        raise _refused(str(message), "check the symbol and what is asked of it")
    if note := payload.get("Note"):
        raise Busy(str(note), A_MINUTE_S)
    if information := payload.get("Information"):
        _judge_information(str(information))
    if _series_key(payload) is None and not isinstance(payload.get("data"), list):
        raise WorkspaceError(
            f"an answer of Alpha Vantage has only {', '.join(map(str, payload))[:200]}",
            "look whether its documentation has changed",
        )
    _require_readable(payload)


def _require_readable(payload: Mapping[str, Any]) -> None:
    """An answer without rows, or one that cannot be read, is not worth keeping."""
    key = _series_key(payload)
    if not payload[key or "data"]:
        raise Misuse("Alpha Vantage has no rows of that", "check the symbol, and since when it is")
    try:
        _ = economic_table(payload) if key is None else series_table(payload)
    except (AttributeError, TypeError, pl.exceptions.PolarsError) as error:
        raise WorkspaceError(
            "an answer of Alpha Vantage has rows of another shape",
            "look whether its documentation has changed",
        ) from error


def _refused(said: str, remedy: str) -> Misuse:
    if "apikey is invalid" in said.lower():
        return BadConfig(f"Alpha Vantage refuses the key: {said}", "copy the key again, whole")
    return Misuse(f"Alpha Vantage refuses: {said}", remedy)


def _judge_information(said: str) -> None:
    lower = said.lower()
    if "spreading out" in lower or "per second" in lower or "per minute" in lower:
        raise Busy(said, A_MINUTE_S)
    if "per day" in lower:
        raise WorkspaceError(
            f"Alpha Vantage answers no more today: {said}",
            "go on tomorrow; what was answered already is kept and not asked again",
        )
    if "outputsize=full" in lower:
        raise _refused(said, "ask --since a day of the last hundred, or with a premium key")
    raise _refused(said, "ask for what the key may have")


def time_zone(payload: Mapping[str, Any]) -> str | None:
    """The zone of its clock, which the answer names."""
    meta = payload.get("Meta Data") or {}
    return next((zone for name, zone in meta.items() if name.endswith("Time Zone")), None)


def series_table(payload: Mapping[str, Any]) -> pl.DataFrame:
    """Text stamps and numbers, by plain names; of prices in two currencies, those of the market.

    >>> day = {"1. open": "1.5", "5. adjusted close": "1.2", "8. split coefficient": "2.0"}
    >>> series_table({"Time Series (Daily)": {"2024-01-02": day}}).row(0, named=True)
    {'timestamp': '2024-01-02', 'open': 1.5, 'adjusted_close': 1.2, 'split_coefficient': 2.0}
    """
    rows = payload[_series_key(payload) or ""]
    names: dict[str, str] = {}
    for raw in dict.fromkeys(name for row in rows.values() for name in row):
        names.setdefault(_plain(raw), raw)
    columns = {name: [row.get(raw) for row in rows.values()] for name, raw in names.items()}
    table = pl.DataFrame({"timestamp": [*rows], **columns}, strict=False)
    return table.with_columns(_number(table[name]) for name in columns)


def economic_table(payload: Mapping[str, Any]) -> pl.DataFrame:
    """(timestamp, value) without the dates that have none.

    >>> economic_table({"data": [{"date": "2024-01-01", "value": "."}, {"date": "2023-12-01", "value": "3.1"}]}).rows()
    [('2023-12-01', 3.1)]
    """
    dates = [str(row.get("date")) for row in payload["data"]]
    values = [None if row.get("value") == "." else row.get("value") for row in payload["data"]]
    table = pl.DataFrame({"timestamp": dates, "value": pl.Series(values, dtype=pl.String)})
    return table.with_columns(_number(table["value"])).drop_nulls("value")


def _series_key(payload: Mapping[str, Any]) -> str | None:
    return next(
        (key for key, one in payload.items() if "Time Series" in key and isinstance(one, Mapping)),
        None,
    )


def _plain(name: str) -> str:
    return IN_CURRENCY.sub("", NUMBERED.sub("", name)).strip().replace(" ", "_").lower()


def _number(column: pl.Series) -> pl.Series:
    number = as_numbers(column.cast(pl.String))
    if number is None:
        raise WorkspaceError(
            f"Alpha Vantage gives {column.name!r} as words, such as {column.drop_nulls()[0]!r}",
            "look whether its documentation has changed",
        )
    return number
