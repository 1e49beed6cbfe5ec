"""How a moment is typed: `--at`, `--as-of`, `--until` mean the same everywhere."""

from datetime import datetime
from typing import Annotated

import typer

When = Annotated[
    str | None,
    typer.Option(
        metavar="WHEN",
        help="A moment in UTC, 2024-03-01T15:30, or the end of a day, 2024-03-01; now, unless told.",
    ),
]


def read_moment(option: str, text: str | None) -> datetime | None:
    """A moment as people write it, in UTC unless it names a zone; a date is the end of its day, when its
    session is over.

    >>> str(read_moment("--at", "2024-03-01")), str(read_moment("--at", "2024-03-01T10:00+02:00"))
    ('2024-03-02 00:00:00+00:00', '2024-03-01 08:00:00+00:00')
    >>> read_moment("--at", "March")
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: --at 'March' is not a moment: write 2024-03-01 or 2024-03-01T15:30
    """
    from datetime import UTC, timedelta

    if text is None:
        return None
    try:
        told = datetime.fromisoformat(text)
        if len(text) <= len("2024-03-01"):
            told += timedelta(days=1)
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        from tradewind.core.errors import BadConfig

        raise BadConfig(
            f"{option} {text!r} is not a moment", "write 2024-03-01 or 2024-03-01T15:30"
        ) from None
