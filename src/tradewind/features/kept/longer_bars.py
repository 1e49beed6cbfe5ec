"""`LongerBars`: the bars of one symbol gathered into longer ones, as they come."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from tradewind.core.clock import EPOCH, micros_of
from tradewind.core.coarser import BY_SESSION, Every, end_of, gathered
from tradewind.core.panel import NEVER
from tradewind.core.tables import micros
from tradewind.features.bar_length import BY_CLOCK
from tradewind.features.kept.telling import NEVER_YET

Bar = Mapping[str, Any]


class LongerBars:
    """Told bar after bar, it answers with the longer bars that are complete with this one, or other than
    before: what `Coarser` makes of all of them, each once.

    >>> from datetime import UTC
    >>> weeks = LongerBars("1w", "XNYS", ["close", "volume"])
    >>> for day in (4, 5, 8, 4):  # Thursday, Friday, Monday, and Thursday again
    ...     bar = {"close": float(day), "volume": 1.0}
    ...     close = datetime(2024, 1, day, 21, tzinfo=UTC)
    ...     told = weeks.push(close, weeks.end_at(close), bar)
    ...     print([(f"{end:%d}", week["close"], week["volume"]) for end, week in told])
    []
    [('05', 5.0, 2.0)]
    []
    [('05', 5.0, 2.0)]
    """

    def __init__(self, every: Every, calendar: str, columns: Sequence[str]) -> None:
        self._every, self._calendar = every, calendar
        self._schema = {"session": pl.Date, **dict.fromkeys(columns, pl.Float64)}
        self._bars: dict[int, dict[int, Bar]] = {}  # by their end, of each its bars by theirs
        self._newest = self._open = NEVER_YET
        self._step = BY_CLOCK.get(every, 0)
        self._short = (
            NEVER_YET if every in BY_SESSION else NEVER
        )  # from which end on bars are as short

    def begin(self, rows: pl.DataFrame, ends: Iterable[int]) -> None:
        """With these bars told already, which belong to longer ones that end then."""
        columns = [name for name in self._schema if name in rows.columns]
        stamps = micros(rows["timestamp"]).tolist()
        for stamp, end, bar in zip(stamps, ends, rows.select(columns).to_dicts(), strict=True):
            self._bars.setdefault(end, {})[stamp] = bar
            self._newest, self._open = stamp, end
            self._measure(end)

    def end_at(self, timestamp: datetime) -> int:
        """The end of the longer bar to which a bar belongs."""
        if self._newest < micros_of(timestamp) <= self._open:
            return self._open
        return micros_of(end_of(timestamp, self._every, self._calendar))

    def push(self, timestamp: datetime, end: int, bar: Bar) -> list[tuple[datetime, Bar]]:
        """With a bar of the longer one that ends then: the end of each longer bar that changes, and the bar."""
        stamp = micros_of(timestamp)
        changed = {end, self._open} if self._newest < self._open else {end}
        self._bars.setdefault(end, {})[stamp] = bar
        if stamp > self._newest:
            self._newest, self._open = stamp, end
        self._measure(end)
        return [
            (EPOCH + timedelta(microseconds=one), self._gathered(self._bars[one]))
            for one in sorted(changed)
            if self._short <= one <= self._newest
        ]

    def _measure(self, end: int) -> None:
        """Whether a longer bar has two bars, or touches the one before or after it."""
        if len(self._bars[end]) > 1 or end - self._step in self._bars:
            self._short = min(self._short, end)
        elif end + self._step in self._bars:
            self._short = min(self._short, end + self._step)

    def _gathered(self, bars: Mapping[int, Bar]) -> Bar:
        """What is missing of a bar is null, as it is in a panel."""
        rows = [[bars[stamp].get(name) for name in self._schema] for stamp in sorted(bars)]
        table = pl.DataFrame(rows, self._schema, orient="row", strict=False).fill_nan(None)
        names = [name for name in self._schema if name != "session"]
        return (
            table.group_by(pl.lit(0), maintain_order=True).agg(gathered(names)).row(0, named=True)
        )
