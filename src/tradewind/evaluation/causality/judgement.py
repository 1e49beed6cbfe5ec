"""What the audit finds of leaks that are known, and what it makes up of functions that do not leak."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from tradewind.core import Rng
from tradewind.core.arrays import Flags
from tradewind.evaluation.causality import futures
from tradewind.evaluation.causality.catalogue import Entry
from tradewind.evaluation.causality.frames import FrameSubject
from tradewind.evaluation.causality.inquiry import WAYS, Inquiry

BUDGETS = (1, 5, 20)


def judge(
    entries: Mapping[str, Entry], bars: Sequence[Mapping[str, pl.DataFrame]], rng: Rng
) -> pl.DataFrame:
    """For each function, over all of these bars: the share of single cuts that show a change, by rows
    removed and by rows replaced, the share of audits that do within so many cuts, and how many cuts find
    it in 95 of 100 (null where none did).

    `bars` maps what a function reads (bars, reports, revised) to the frame to try it on.
    """
    rows = []
    for name, entry in entries.items():
        shown: Flags = np.array([_shown(entry, frames[entry.reads], rng) for frames in bars])
        either = np.asarray(shown.any(axis=2))
        within = {
            f"within_{count}": float(either[:, :count].any(axis=1).mean()) for count in BUDGETS
        }
        removed, replaced = (float(shown[:, :, way].mean()) for way in range(len(WAYS)))
        rows.append(
            {
                "function": name,
                "what it does": entry.detail,
                "removed": removed,
                "replaced": replaced,
                **within,
                "cuts for 95 %": cuts_for(float(either.mean())),
            }
        )
    return pl.DataFrame(rows, schema_overrides={"cuts for 95 %": pl.Int64})


def cuts_for(share: float, sure: float = 0.95) -> int | None:
    """How many cuts find what a share of them shows, in so many of all cases.

    >>> cuts_for(1.0), cuts_for(0.5), cuts_for(0.005), cuts_for(0.0)
    (1, 5, 598, None)
    """
    if share in (0.0, 1.0):
        return int(share) or None
    return math.ceil(math.log(1 - sure) / math.log(1 - share))


def _shown(entry: Entry, frame: pl.DataFrame, rng: Rng) -> list[list[bool]]:
    """(cuts, ways) whether anything changes."""
    shown = frame.to_pandas() if entry.package == "pandas" else frame
    inquiry = Inquiry(FrameSubject("x", entry.make, shown), int(rng.integers(2**32)))
    cuts = futures.drawn_cuts(inquiry.subject.rows, max(BUDGETS), rng)
    return [[bool(inquiry.at_cut(int(cut), how)) for how in WAYS] for cut in cuts]
