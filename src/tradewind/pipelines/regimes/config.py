"""The section `regimes` of tradewind.yaml: which detector, what it reads, of whom, and how it speaks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tradewind.context.regimes import (
    GaussianHMM,
    GaussianMixture,
    Hysteresis,
    JumpModel,
    KMeans,
)
from tradewind.context.regimes.fitted import MOST, Recipe
from tradewind.context.regimes.model import Of
from tradewind.core.errors import BadConfig, nearest
from tradewind.features.registry import FAMILIES, spec_named

Detector = Literal["hmm", "jump", "gmm", "kmeans", "rules", "choose"]
OF: tuple[Of, ...] = ("market", "symbol")
MADE: Mapping[str, type[GaussianHMM | JumpModel | GaussianMixture | KMeans]] = {
    "hmm": GaussianHMM,
    "jump": JumpModel,
    "gmm": GaussianMixture,
    "kmeans": KMeans,
}
WITH_MEMORY = (
    "hmm",
    "jump",
)  # the others are what these have to beat: each of their rows speaks for itself


@dataclass(frozen=True)
class RegimesConfig:
    """Which regimes are learnt, and of whom.

    >>> RegimesConfig(detector="jump").recipes
    (JumpModel(states=3, ...),)
    >>> RegimesConfig(of=("markets",))
    Traceback (most recent call last):
    tradewind.core.errors.BadConfig: nothing has regimes of its 'markets': did you mean 'market'?
    """

    detector: Detector = field(
        default="choose", metadata={"doc": "hmm, jump, gmm, kmeans, rules, or choose: hmm or jump"}
    )
    states: int = field(default=3, metadata={"doc": "how many, or at most where one is chosen"})
    features: tuple[str, ...] = field(
        default=("observed",), metadata={"doc": "families or features to tell them apart by"}
    )
    of: tuple[str, ...] = field(
        default=OF, metadata={"doc": "the market as a whole, each symbol, or both"}
    )
    margin: float = field(
        default=0.6, metadata={"doc": "by which another regime must lead to be said"}
    )
    rows: int = field(default=10, metadata={"doc": "or the bars for which it must"})

    def __post_init__(self) -> None:
        if not 1 <= self.states <= MOST:
            raise BadConfig(f"{self.states} states", f"give a number from 1 to {MOST}")
        if not self.of or not self.features:
            raise BadConfig("regimes of nobody, or of nothing", "name one or more")
        for name in self.of:
            if name not in OF:
                raise BadConfig(f"nothing has regimes of its {name!r}", nearest(name, OF))
        for name in self.features:
            if name not in FAMILIES:
                spec_named(name)
        self.hysteresis  # noqa: B018 (refuses a margin or a number of rows that there is none of)

    @property
    def hysteresis(self) -> Hysteresis:
        """How they are said."""
        return Hysteresis(self.margin, self.rows)

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """Those to learn by; of several the best is chosen. None where rules are to tell."""
        if self.detector == "choose":
            return every_recipe(self.states, WITH_MEMORY)
        return (MADE[self.detector](self.states),) if self.detector in MADE else ()


def every_recipe(states: int, kinds: Iterable[str] = MADE) -> tuple[Recipe, ...]:
    """Each kind, of two to so many states."""
    counts = range(min(2, states), states + 1)
    return tuple(MADE[kind](count) for kind in kinds for count in counts)
