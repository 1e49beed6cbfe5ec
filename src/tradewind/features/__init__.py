"""The room where features are computed, read as they were known at each moment.

    computing                        `compute`: the features of every bar of a snapshot, as one table
    spec, families, registry         what a feature is, how those computed together are, which come with us
    seen, windows, runs              for each moment the rows that were known: to look back over, or to step through
    kernels, alpha158/, technical/, realised/    families of one symbol, each with its catalogue
    across/                          families of a whole market, and ranks, scores, residuals among its symbols
    seasons/                         the calendar and the season
    coarser, naming                  a family on longer bars, and how it is named
    calendars, keeping               which calendar each symbol keeps, and which families read it
    expressions, config              one's own features, and which a workspace asks for
    kept/                            carried on from where they were left: in tables, and bar by bar
    bars, labels                     rows to forecast, and what came of them
    alternative, liquidity           what other panels told by then; what trading costs

A value is a function of its declared window alone, or a step from a state that is carried on; so a
history, a refresh and one live moment agree to the bit.
"""

from tradewind.features.computing import compute

__all__ = ["compute"]
