"""JSON that every reader can read: no NaN, no infinity, no half characters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson


def to_json(value: Any) -> bytes:
    """The value as one line of JSON; a number that is none becomes null, a path its text.

    A file name that is not UTF-8 reaches Python with half characters in it, and the standard encoder
    would pass them on to break the reader:

    >>> to_json({"skill": float("nan"), "of": (1, float("inf")), "file": "prices\\udcff.csv"})
    b'{"skill":null,"of":[1,null],"file":"prices\\\\\\\\udcff.csv"}'
    """
    try:
        return _encode(value)
    except orjson.JSONEncodeError:
        return _encode(_whole(value))


def _encode(value: Any) -> bytes:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON: make it plain values first")


def _whole(value: Any) -> Any:
    """The same value with half characters spelled out."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Path):
        return _whole(str(value))
    if isinstance(value, Mapping):
        return {_whole(key): _whole(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(one) for one in value]
    return value
