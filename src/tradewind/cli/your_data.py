"""What a person says of a file of bars: the options of the verbs that read one."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

import typer

YOUR_DATA = "Your own data"
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

Sessions = Annotated[
    str | None,
    typer.Option(
        help="Whose sessions they are: XNYS (unless said), 24/7, ...", rich_help_panel=YOUR_DATA
    ),
]
StampsOf = Annotated[
    Literal["session", "start", "end"] | None,
    typer.Option(help="What a time stamp is of its bar.", rich_help_panel=YOUR_DATA),
]
BarLength = Annotated[
    str | None, typer.Option(help="How long a bar is: 5m, 1h, 1d.", rich_help_panel=YOUR_DATA)
]
Zone = Annotated[
    str | None, typer.Option(help="The zone of stamps that name none.", rich_help_panel=YOUR_DATA)
]
OnlySymbol = Annotated[
    str | None,
    typer.Option(help="What a file without a symbol column is of.", rich_help_panel=YOUR_DATA),
]


def require_none(of_data: Mapping[str, str | None]) -> None:
    """Refuse what says how to read a file when there is no file, rather than forget it.

    >>> require_none({"stamps": None, "tz": "UTC"})
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: --tz UTC is of a file, and there is none: give it with --data
    """
    from tradewind.core.errors import BadConfig

    for name, value in of_data.items():
        if value is not None:
            raise BadConfig(
                f"--{name} {value} is of a file, and there is none", "give it with --data"
            )


def read_length(text: str) -> timedelta:
    """How long a bar is, as people write it.

    >>> read_length("90m") == read_length("1.5h")
    True
    >>> read_length("daily")
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: --bar 'daily' is not a length of time: write 5m, 1h or 1d
    """
    from tradewind.core.errors import BadConfig

    found = re.fullmatch(r"(\d{1,4}(?:\.\d+)?)([smhd])", text.strip())
    if not found or float(found[1]) == 0:
        raise BadConfig(f"--bar {text!r} is not a length of time", "write 5m, 1h or 1d")
    return timedelta(**{UNITS[found[2]]: float(found[1])})
