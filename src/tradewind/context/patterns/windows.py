"""`windows`: stretches of a symbol's bars in which nothing need have happened, one after so many bars.

What followed an episode is what follows a moment at which one was recognised, and no other moment is like
that: a moment of now is compared with these (docs/retrieval.md).
"""

import numpy as np

from tradewind.context.patterns.detector import described
from tradewind.context.patterns.embedding import LONGEST, SHORTEST
from tradewind.context.patterns.found import KINDS, Found
from tradewind.context.patterns.scales import Scale, suited
from tradewind.context.patterns.walk import walked
from tradewind.core import Panel, Patterns
from tradewind.core.errors import Misuse
from tradewind.core.pattern import KEYS

WINDOW = KINDS.index("window")
WINDOWS = frozenset({"window"})  # among which a moment is compared


def windows(
    panel: Panel, scale: Scale, bars: int = 64, every: int = 10, calendar: str = "XNYS"
) -> Patterns:
    """The last so many bars of each symbol, as they were after its first so many and then at every tenth.

    >>> import polars as pl
    >>> days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 3, 31), eager=True).cast(pl.String)
    >>> wave = pl.DataFrame({"date": days, "ACME": 10 + np.sin(np.arange(91) / 5)})
    >>> found = windows(Panel.from_frame(wave, calendar="24/7"), "1d", calendar="24/7").table
    >>> found["kind"].unique().to_list(), found["end"].dt.date().cast(pl.String).to_list()
    (['window'], ['2024-03-05', '2024-03-15', '2024-03-25'])
    """
    if not SHORTEST <= bars <= LONGEST:
        raise Misuse(f"windows of {bars} bars", f"give {SHORTEST} to {LONGEST}")
    if every < 1:
        raise Misuse(f"a window every {every} bars", "give 1 or more")
    walk = walked(suited(panel, scale), scale, calendar)
    ends = [
        np.arange(span.start + bars - 1, span.stop, every, dtype=np.int64)
        for span in walk.segments.values()
    ]
    last = np.concatenate([np.empty(0, np.int64), *ends])
    none = np.zeros(len(last), dtype=np.int64)
    found = Found(none + WINDOW, last - bars + 1, last, none, np.ones(len(last)))
    return Patterns(described(walk, found).sort(KEYS))
