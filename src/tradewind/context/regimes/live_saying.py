"""`LiveSaying`: what is said of one row of one symbol at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from tradewind.context.regimes.saying import NOBODY, Hysteresis, SayingState, say
from tradewind.core.arrays import Floats, Ints
from tradewind.core.clock import EPOCH, micros_of

ONE_ROW = np.array([0, 1])


class LiveSaying:
    """A hysteresis in the loop of a service: it changes in place, and says what a history says.

    >>> from tradewind.context.regimes.hmm import GaussianHMM
    >>> from tradewind.context.regimes.live import Live
    >>> from tradewind.context.regimes.trial import two_regimes
    >>> rows, hysteresis = two_regimes(), Hysteresis()
    >>> regimes = GaussianHMM(states=2).fit(rows)
    >>> live, aloud = Live(regimes), LiveSaying(hysteresis, regimes.names)
    >>> said = [aloud.push("S0", at, live.push("S0", at, row), observed=True)
    ...     for at, row in zip(rows.table["decided_at"].to_list(), rows.matrix)]
    >>> said == hysteresis(regimes.filter(rows)).table.select("regime", "since").rows()
    True
    """

    def __init__(
        self, hysteresis: Hysteresis, names: Sequence[str], state: SayingState | None = None
    ) -> None:
        self._hysteresis, self._names = hysteresis, names
        self._before = state or SayingState()
        self._spoken: dict[str, Ints] = {}

    def push(
        self, symbol: str, at: datetime, probabilities: Floats, *, observed: bool
    ) -> tuple[str | None, datetime | None]:
        """The regime that is said once a row has these (states,) probabilities, and since when; None
        where nothing can be said yet. Rows are given in their order, as to `Live`."""
        if symbol not in self._spoken:
            self._before.require_before({symbol: at})
            self._spoken[symbol] = np.array([self._before.after.get(symbol, NOBODY)])
        said, since = np.empty(1, dtype=np.int64), np.empty(1, dtype=np.int64)
        say(
            probabilities.reshape(1, -1),
            np.array([observed]),
            ONE_ROW,
            np.array([micros_of(at)]),
            self._hysteresis.margin,
            self._hysteresis.rows,
            self._spoken[symbol],
            said,
            since,
        )
        if said[0] < 0:
            return None, None
        return self._names[said[0]], EPOCH + timedelta(microseconds=int(since[0]))
