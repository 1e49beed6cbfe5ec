"""From a forecast to target weights: long what is likelier to rise than not, capped."""

from dataclasses import dataclass, field

import numpy as np

from tradewind.core import Decision, Forecast, Ledger
from tradewind.core.arrays import Floats
from tradewind.core.errors import BadConfig


@dataclass(frozen=True)
class CappedLong:
    """An Allocator: weights in proportion to the edge over `threshold`, none above `cap`, never short.

    Gross exposure is at most `gross`, and what is held in symbols that are not forecast now counts
    towards it. What is wished for is left as it is held while the two differ by less than a share
    `band` of it, so that costs are not paid for noise; what is not wished for is sold. A row that
    abstains gets no weight.

    >>> edges = np.array([0.01, 0.03, 0.0])
    >>> CappedLong(cap=0.5).share_out(edges, room=1.0).tolist()
    [0.25, 0.5, 0.0]
    """

    threshold: float = field(default=0.5, metadata={"doc": "hold what is likelier than this"})
    cap: float = field(default=0.1, metadata={"doc": "most of the equity in one symbol"})
    gross: float = field(default=1.0, metadata={"doc": "most of the equity in all of them"})
    band: float = field(default=0.2, metadata={"doc": "share of a weight not worth a trade"})

    def __post_init__(self) -> None:
        sane = 0 < self.cap <= self.gross <= 1 and 0 <= self.band < 1 and 0 <= self.threshold <= 1
        if not sane:
            raise BadConfig(
                f"a cap of {self.cap}, a gross of {self.gross}, a band of {self.band} and a threshold of "
                f"{self.threshold}",
                "keep 0 < cap <= gross <= 1, and band and threshold in 0 to 1",
            )

    def __call__(self, forecast: Forecast, book: Ledger) -> Decision:
        codes = book.codes_of(forecast.table["symbol"])
        held = book.weights[codes]
        room = max(0.0, self.gross - float(np.abs(np.delete(book.weights, codes)).sum()))
        up = np.where(forecast.table["abstains"].to_numpy(), 0.0, forecast.probability("up"))
        wished = self.share_out(np.maximum(up - self.threshold, 0.0), room)
        near = np.abs(wished - held) < self.band * wished
        patient = np.where(near, np.minimum(held, self.cap), wished)
        fits = patient * min(1.0, room / max(float(patient.sum()), 1e-12))
        decision = Decision.of(
            forecast.table, wished, by="CappedLong", why=f"a probability above {self.threshold:g}"
        )
        return decision.revised(
            fits, by="CappedLong", why=f"less than {self.band:.0%} from what is held"
        )

    def share_out(self, edge: Floats, room: float) -> Floats:
        """Weights in proportion to the edges, capped; what a cap takes is not given to others."""
        total = edge.sum()
        if total <= 0:
            return np.zeros_like(edge)
        return np.asarray(np.minimum(edge / total * room, self.cap))
