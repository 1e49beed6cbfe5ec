"""What the command line adds to asking a provider: its key, the clock, sleep, and somebody who watches."""

import os
import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tradewind.cli.progress import Stages

if TYPE_CHECKING:
    from tradewind.pipelines.ingesting.asking import Asking, ProviderName

SHORT_S = 1.0  # a shorter wait is not worth a line


def asking(
    provider: "ProviderName",
    key_file: Path | None,
    url: str | None,
    dry_run: bool,
    watch: Stages,
) -> "Asking":
    """A provider at its own address or another, with the key of the environment or of a file."""
    from tradewind.core import SystemClock, stream
    from tradewind.pipelines.ingesting.asking import Asking, address_of

    address = address_of(provider, os.environ, key_file=key_file, url=url, dry_run=dry_run)
    rng = stream(os.getpid(), "retries")  # two who were turned away together come back apart
    return Asking(provider, address, SystemClock(), told_sleep(watch), rng, watch)


def told_sleep(watch: Stages) -> Callable[[float, str], None]:
    """Sleep that says how long it takes, and why.

    >>> from tradewind.cli.progress import SilentStages
    >>> told_sleep(SilentStages())(0.0, "5 questions a minute")
    """

    def sleep(seconds: float, why: str) -> None:
        if seconds >= SHORT_S:
            watch.note(f"waiting {seconds:.0f} s: {why}")
        time.sleep(seconds)

    return sleep


def read_names(text: str) -> tuple[str, ...]:
    """Symbols or series as people list them, each once.

    >>> read_names("AAPL, MSFT,AAPL")
    ('AAPL', 'MSFT')
    """
    return tuple(dict.fromkeys(name.strip() for name in text.split(",")))


def read_month(text: str) -> date:
    """The first day of a month, or of a year.

    >>> read_month("2024-03"), read_month("2006")
    (datetime.date(2024, 3, 1), datetime.date(2006, 1, 1))
    >>> read_month("March")
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: --from 'March' is neither a month nor a year: write 2024-03
    """
    from tradewind.core.errors import BadConfig

    found = re.fullmatch(r"([12]\d{3})(?:-(0[1-9]|1[0-2]))?", text.strip())
    if not found:
        raise BadConfig(f"--from {text!r} is neither a month nor a year", "write 2024-03")
    return date(int(found[1]), int(found[2] or 1), 1)
