"""Markets whose truth is known: made to the bit by a seed, in the sizes asked.

    kinds, grid          what kind of market, and when its bars are complete
    regimes, returns     the hidden path, and the exact law of each next return
    episodes             shapes that recur, and the drift that follows each
    trading, bars        bounce, halts and limits; open, high, low, volume, spread
    plants, leaks, faults, versions    what is put there to be found
    facts, turnover      splits and dividends, names that come and go
    sales                individual homes beside a regional index
    tables, market       arrays to tables; `make_market`

Whoever claims to find an edge, a leak or a fault can be tried here, where the answer is written down.
"""

from tradewind.data.synthetic.faults import Fault
from tradewind.data.synthetic.leaks import Leak
from tradewind.data.synthetic.market import make_market
from tradewind.data.synthetic.plants import Actions, Episodes, LeadLag, Revisions, Signal, Turnover

__all__ = [
    "Actions",
    "Episodes",
    "Fault",
    "LeadLag",
    "Leak",
    "Revisions",
    "Signal",
    "Turnover",
    "make_market",
]
