"""`RegimeModel`: a fitted detector with what it was calibrated on; named by the digest of its own text."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from tradewind.context.regimes.choosing import RAREST
from tradewind.context.regimes.keeping import document, restored
from tradewind.context.regimes.saying import Hysteresis
from tradewind.core import Finding
from tradewind.core.roles import RegimeDetector
from tradewind.storage.json_text import to_json
from tradewind.storage.objects import digest

Of = Literal["market", "symbol"]


@dataclass(frozen=True)
class Calibration:
    """What a detector learnt from: the span of its bars, when the last of them was known, how many, and
    of what share of them each regime is said (nothing, where that was not counted)."""

    first: datetime
    last: datetime
    until: datetime
    rows: int
    symbols: int
    occupancy: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        at = {name: getattr(self, name).isoformat() for name in ("first", "last", "until")}
        shares = {"occupancy": dict(self.occupancy)} if self.occupancy else {}
        return {**at, "rows": self.rows, "symbols": self.symbols, **shares}

    @classmethod
    def restored(cls, document: Mapping[str, Any]) -> "Calibration":
        """The one that a document was made of."""
        moments = (document[name] for name in ("first", "last", "until"))
        first, last, until = map(datetime.fromisoformat, moments)
        counts = document["rows"], document["symbols"]
        return cls(first, last, until, *counts, document.get("occupancy", {}))


@dataclass(frozen=True, eq=False)
class RegimeModel:
    """Who it tells of, the detector, what is read of each bar, and how its regimes are said.

    >>> from tradewind.context.regimes.hmm import GaussianHMM
    >>> from tradewind.context.regimes.trial import START, two_regimes
    >>> rows = two_regimes()
    >>> regimes = GaussianHMM(states=2).fit(rows)
    >>> on = Calibration(START, START, START, len(rows), 1)
    >>> model = RegimeModel("symbol", regimes, rows.features, Hysteresis(), on)
    >>> RegimeModel.restored(model.to_dict()).fingerprint == model.fingerprint
    True
    """

    of: Of
    detector: RegimeDetector
    features: tuple[str, ...]
    hysteresis: Hysteresis
    calibration: Calibration

    @property
    def names(self) -> tuple[str, ...]:
        """The regimes that it tells apart."""
        return self.detector.names

    @property
    def findings(self) -> tuple[Finding, ...]:
        """That its regimes are one in effect, where they are: whatever never changes is stable."""
        shares = self.calibration.occupancy
        occupied = [name for name, share in shares.items() if share >= RAREST]
        if not shares or len(occupied) > 1:
            return ()
        told = f"only {occupied[0]!r} is" if occupied else "none is"
        return (
            Finding(
                "regimes.vacuous",
                "warning",
                self.of,
                f"of {', '.join(self.names)} {told} said of {RAREST:.0%} of the bars or more",
                "learn from more bars, or name features that move under `regimes:` in tradewind.yaml",
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """All that it is."""
        return {
            "of": self.of,
            "detector": document(self.detector),
            "features": [*self.features],
            "hysteresis": asdict(self.hysteresis),
            "calibration": self.calibration.to_dict(),
        }

    @classmethod
    def restored(cls, document: Mapping[str, Any]) -> "RegimeModel":
        """The model that a document was made of."""
        return cls(
            document["of"],
            restored(document["detector"]),
            tuple(document["features"]),
            Hysteresis(**document["hysteresis"]),
            Calibration.restored(document["calibration"]),
        )

    @cached_property
    def text(self) -> bytes:
        """As it is kept."""
        return to_json(self.to_dict())

    @cached_property
    def fingerprint(self) -> str:
        """Two models that say anything different have different ones."""
        return digest(self.text)
